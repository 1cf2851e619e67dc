//! The methods of the desk, under the paths and with the manners of Frappe.

mod doctor;
mod envelope;
mod multipart;
mod request;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::Method as HttpMethod;
use axum::response::Response;
use secrecy::ExposeSecret;

use crate::actions::{self, ActionError, Call, Method, Services};
use crate::config::TrustedProxies;
use crate::frappe::auth::{self, Caller, Forgery};

use super::ApiState;
use super::turns::Turns;
use request::Incoming;

pub(super) use doctor::doctor;
pub(super) use envelope::{answered, outage, refused};
pub(super) use request::{caller_address, host_name, site_named, visit};

/// Largest body of a call, in bytes; nginx lets 50 MB through, and no method needs more than a list of issues.
const LARGEST_CALL: usize = 10 * 1024 * 1024;

/// What the desk's methods work with. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    services: Arc<dyn Services>,
    proxies: TrustedProxies,
    looks: Turns,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

impl Desk {
    /// Works on the sites of `services`, and believes `proxies`.
    #[must_use]
    pub fn new(services: Arc<dyn Services>, proxies: TrustedProxies) -> Self {
        Self {
            services,
            proxies,
            looks: Turns::default(),
        }
    }

    /// What the process gives.
    pub(super) fn services(&self) -> &Arc<dyn Services> {
        &self.services
    }

    /// Whose word about site and caller counts.
    pub(super) fn proxies(&self) -> &TrustedProxies {
        &self.proxies
    }

    /// Looks at what was saved in desks.
    pub(super) fn looks(&self) -> &Turns {
        &self.looks
    }

    /// Waits for the work that goes on after its call was answered.
    pub async fn ended(&self) {
        self.services.ended().await;
    }
}

/// Answers a method, or says that there is none of that name.
pub(super) async fn method(
    State(state): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let desk = &state.desk;
    // What follows a slash Frappe passes over, a slash alone included.
    let path = path.split('/').next().unwrap_or_default();
    let Some(method) = actions::find(path) else {
        let short: String = path.chars().take(140).collect();
        let error = ActionError::Invalid(format!("Failed to get method for command {short}: there is no such method"));
        return envelope::failure(&error, false);
    };
    let (head, body) = request.into_parts();
    let read = match axum::body::to_bytes(body, LARGEST_CALL).await {
        Ok(body) => request::read(&head, &body, peer, &desk.proxies),
        Err(_) => Err(ActionError::Invalid(format!(
            "the call is larger than {} MB, or broke off: send less at a time",
            LARGEST_CALL / (1024 * 1024)
        ))),
    };
    let answered = match read {
        Ok(incoming) => answer(desk, method, &head.method, &incoming).await,
        Err(error) => Err((error, false)),
    };
    match answered {
        Ok(value) => envelope::success(&value),
        Err((error, session_expired)) => {
            if let Some(reason) = error.database() {
                tracing::warn!(method = method.path, error = %reason, "the database failed a desk method");
            } else {
                tracing::debug!(method = method.path, error = %error, "a desk method was refused or failed");
            }
            envelope::failure(&error, session_expired)
        }
    }
}

/// A refusal, and whether the session that came along is over.
type Refused = (ActionError, bool);

async fn answer(desk: &Desk, method: &Method, verb: &HttpMethod, incoming: &Incoming) -> Result<serde_json::Value, Refused> {
    let early = |error: ActionError| (error, false);
    let name = incoming.site.as_deref().unwrap_or_default();
    let site = if method.is_for_copies() {
        desk.services.site_or_copy(name).await
    } else {
        desk.services.site(name).await
    }
    .map_err(early)?;
    let forgery = if is_read(verb) {
        Forgery::Harmless
    } else {
        Forgery::Token(incoming.csrf_token.as_ref())
    };
    let caller = auth::identify_or_ask(&site, &incoming.presented, forgery)
        .await
        .map_err(|error| early(error.into()))?;
    let refused = |error: ActionError| (error, caller.session_expired);
    let csrf_token = incoming.csrf_token.as_ref().map(ExposeSecret::expose_secret);
    allowed(method, verb, &caller, csrf_token).map_err(refused)?;
    let call = Call {
        services: &*desk.services,
        site: &site,
        caller: &caller,
        arguments: &incoming.arguments,
    };
    actions::call(method, &call).await.map_err(refused)
}

/// Writes are POST only, with the session's token; other verbs than GET need it for reads, too, as in Frappe.
fn allowed(method: &Method, verb: &HttpMethod, caller: &Caller, csrf_token: Option<&str>) -> Result<(), ActionError> {
    if method.writes && *verb != HttpMethod::POST {
        return Err(ActionError::Forbidden(
            "Not permitted: this method changes something, call it by POST".to_owned(),
        ));
    }
    if !is_read(verb) && !caller.csrf_holds(csrf_token) {
        return Err(ActionError::CsrfToken);
    }
    Ok(())
}

/// A request that a strange page may make: it changes nothing.
fn is_read(verb: &HttpMethod) -> bool {
    matches!(*verb, HttpMethod::GET | HttpMethod::HEAD)
}
