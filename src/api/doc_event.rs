//! `/internal/doc-event/<site>`: a worker of the bench tells that something was saved in the desk. It only hastens what is looked for
//! every few seconds anyway, so that its words are not needed, only its signature.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::actions::{Services, saved};
use crate::frappe::signature::{HEADER, is_signed};
use crate::frappe::site::Site;

use super::ApiState;

/// Largest body, in bytes: what the bench sends has three short fields.
const LARGEST_EVENT: usize = 64 * 1024;

/// Sites at which somebody looks just now, and whether he is to look again. Clones are the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Looks(Arc<Mutex<BTreeMap<String, bool>>>);

impl Looks {
    /// True when the caller is to look; else whoever is at it looks again.
    fn begin(&self, site: &str) -> bool {
        let mut looks = self.locked();
        match looks.get_mut(site) {
            Some(again) => {
                *again = true;
                false
            }
            None => looks.insert(site.to_owned(), false).is_none(),
        }
    }

    /// True when the caller, who looked, is to do so once more.
    fn again(&self, site: &str) -> bool {
        let mut looks = self.locked();
        let wanted = looks.get_mut(site).is_some_and(std::mem::take);
        if !wanted {
            looks.remove(site);
        }
        wanted
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
    if looks.begin(site.name()) {
        services.go_on(Box::pin(look(services.clone(), looks.clone(), site)));
    }
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

async fn look(services: Arc<dyn Services>, looks: Looks, site: Site) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d15_however_many_are_told_one_looks_and_looks_once_more() {
        let looks = Looks::default();
        assert!(looks.begin("a"));
        assert!(!looks.begin("a") && !looks.begin("a"));
        assert!(looks.begin("b"), "another site");
        assert!(looks.again("a"), "told meanwhile");
        assert!(!looks.again("a"));
        assert!(looks.begin("a"), "over");
    }
}
