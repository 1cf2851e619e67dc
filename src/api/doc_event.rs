//! `/internal/doc-event/<site>`: a worker of the bench tells that something was saved in the desk. It only hastens what is looked for
//! every few seconds anyway, so that its words are not needed, only its signature.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::actions::{Services, saved};
use crate::frappe::signature::{HEADER, is_signed};
use crate::frappe::site::Site;

use super::ApiState;
use super::turns::Turns;

/// Largest body, in bytes: what the bench sends has three short fields.
const LARGEST_EVENT: usize = 64 * 1024;

/// Answers 202 before anything is done: the bench's worker waits five seconds at most, and a thousand saves are one look.
pub(super) async fn told(State(state): State<ApiState>, Path(name): Path<String>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_EVENT).await else {
        return answer(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or broke off");
    };
    let signature = head.headers.get(HEADER).and_then(|value| value.to_str().ok());
    let services = state.desk.services();
    let Some(site) = authentic(&**services, &name, &body, signature.unwrap_or_default()).await else {
        // Which sites there are is nothing to tell to those who cannot sign.
        return answer(StatusCode::UNAUTHORIZED, "the signature does not fit");
    };
    let looks = state.desk.looks();
    looks.take(site.name(), || {
        services.go_on(Box::pin(look(services.clone(), looks.clone(), site.clone())));
    });
    answer(StatusCode::ACCEPTED, "ok")
}

/// The site, if its own secret signed the body.
async fn authentic(services: &dyn Services, name: &str, body: &[u8], signature: &str) -> Option<Site> {
    let site = services.site(name).await;
    let site = site
        .inspect_err(|error| tracing::debug!(error = %error, "a save in a desk was told, and not taken"))
        .ok()?;
    let secrets = services.doc_event_secrets(&site).await;
    let secrets = secrets
        .inspect_err(
            |error| tracing::warn!(site = site.name(), error = %error, "saves in the desk are told, and cannot be checked"),
        )
        .ok()?;
    is_signed(&secrets, body, signature).then_some(site)
}

async fn look(services: Arc<dyn Services>, looks: Turns, site: Site) {
    loop {
        if let Err(error) = saved::look(&*services, &site).await {
            // The next look by the schedule tells it where it lasts.
            tracing::debug!(site = site.name(), error = %error, "what was saved in the desk waits");
        }
        if !looks.again(site.name()) {
            return;
        }
    }
}

fn answer(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
