//! The HTTP surface. For now what supervisors ask: is the process alive, can it work, what has it counted.
//!
//! These three paths are for the machine itself; the site's nginx does not pass them on.

mod metrics;
mod probes;
mod server;

pub use metrics::MetricsHandle;
pub use server::{ServeError, Server};

use axum::Router;
use axum::middleware;
use axum::routing::get;

use crate::health::Readiness;

/// What the handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// Answers `/readyz`.
    pub readiness: Readiness,
    /// Answers `/metrics`.
    pub metrics: MetricsHandle,
}

/// All routes.
pub fn router(state: ApiState) -> Router {
    Router::new()
        .route("/healthz", get(probes::alive))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(metrics::render))
        .route_layer(middleware::from_fn(metrics::count))
        .with_state(state)
}
