//! The HTTP surface: the desk's methods, what the bench tells of saves, and what supervisors ask (is the process alive, can it work, what has it counted).
//!
//! The site's nginx passes on the methods; the other paths are for the machine itself.

mod desk;
mod doc_event;
mod metrics;
mod probes;
mod server;

pub use desk::Desk;
pub use metrics::MetricsHandle;
pub use server::{ServeError, Server};

use axum::Router;
use axum::middleware;
use axum::routing::{any, get, post};

use crate::health::Readiness;

/// What the handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// Answers `/readyz`.
    pub readiness: Readiness,
    /// Answers `/metrics`.
    pub metrics: MetricsHandle,
    /// Answers the desk's methods.
    pub desk: Desk,
}

/// All routes.
pub fn router(state: ApiState) -> Router {
    Router::new()
        .route("/healthz", get(probes::alive))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(metrics::render))
        .route("/internal/doc-event/{site}", post(doc_event::told))
        .route("/api/method/{path}", any(desk::method))
        .route("/api/v1/method/{path}", any(desk::method))
        .route_layer(middleware::from_fn(metrics::count))
        .with_state(state)
}
