//! The HTTP surface: the desk's methods, what the bench tells of saves, and what supervisors ask (is the process alive, can it work, what has it counted).
//!
//! The site's nginx passes on the methods; the other paths are for the machine itself.

mod desk;
mod doc_event;
mod metrics;
mod pages;
mod probes;
mod proxy;
mod server;
mod turns;
mod webhook;

pub use desk::Desk;
pub use metrics::MetricsHandle;
pub use proxy::Proxy;
pub use server::{ServeError, Server};
pub use webhook::Deliveries;

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware;
use axum::response::Response;
use axum::routing::{any, get, post};

use crate::config::paths;
use crate::health::Readiness;
use crate::health::way::ANSWERED_BY;

/// What the handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// Answers `/readyz`.
    pub readiness: Readiness,
    /// Answers `/metrics`.
    pub metrics: MetricsHandle,
    /// Answers the desk's methods.
    pub desk: Desk,
    /// Takes what GitHub delivers.
    pub deliveries: Deliveries,
}

/// All routes.
pub fn router(state: ApiState) -> Router {
    Router::new()
        .route("/healthz", get(probes::alive))
        .route("/readyz", get(probes::ready))
        .route("/metrics", get(metrics::render))
        .route(paths::DOCTOR, get(desk::doctor))
        .route(paths::WEBHOOK, any(webhook::deliver))
        .route(paths::WEBHOOK_V1, any(webhook::deliver))
        .route("/internal/doc-event/{site}", post(doc_event::told))
        .route(paths::INTEGRATIONS_TYPED, any(pages::index))
        .route(paths::INTEGRATIONS, any(pages::index))
        .route("/integrations/github/{page}", any(pages::named))
        .route("/api/method/{*path}", any(desk::method))
        .route("/api/v1/method/{*path}", any(desk::method))
        .route_layer(middleware::from_fn(metrics::count))
        .layer(middleware::map_response(marked))
        .with_state(state)
}

/// Every answer says who gives it, so that it can be told from one of the bench.
async fn marked(mut response: Response) -> Response {
    let (name, value) = ANSWERED_BY;
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
