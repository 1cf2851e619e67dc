//! `/healthz` and `/readyz`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::health::Verdict;

use super::ApiState;

/// The answer of `/healthz`.
#[derive(Serialize)]
struct Alive {
    status: &'static str,
    version: &'static str,
}

/// The process runs and answers; nothing else is asked, so that a database that is away restarts nobody.
pub(super) async fn alive() -> impl IntoResponse {
    Json(Alive {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// 200 when at least one site can be worked on, else 503; the reasons site by site.
pub(super) async fn ready(State(state): State<ApiState>) -> impl IntoResponse {
    let report = state.readiness.report().await;
    let status = match report.status {
        Verdict::Ready | Verdict::Degraded => StatusCode::OK,
        Verdict::NotReady => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(&*report).into_response())
}
