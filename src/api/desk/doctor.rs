//! What `doctor` asks: who answers here, for which site, and whether cookies arrive.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;

use crate::actions::ActionError;
use crate::api::ApiState;
use crate::frappe::auth;
use crate::frappe::instance::FILE_KEY;
use crate::frappe::site::Site;
use crate::health::way::{Question, Seen, SessionSeen, reply};

use super::request::Incoming;
use super::{Desk, envelope, request};

/// Answers those alone who know the site's instance id; nobody else learns anything.
pub(in crate::api) async fn doctor(
    State(state): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (head, _body) = request.into_parts();
    let asked = head
        .headers
        .get(Question::header_name())
        .and_then(|value| value.to_str().ok());
    let answered = match request::read(&head, &Bytes::new(), peer, &state.desk.proxies) {
        Ok(incoming) => answer(&state.desk, &incoming, asked.unwrap_or_default(), peer).await,
        Err(error) => Err(error),
    };
    match answered.and_then(|seen| serde_json::to_value(seen).map_err(|error| ActionError::Invalid(error.to_string()))) {
        Ok(seen) => envelope::success(&seen),
        Err(error) => envelope::failure(&error, false),
    }
}

async fn answer(desk: &Desk, incoming: &Incoming, asked: &str, peer: SocketAddr) -> Result<Seen, ActionError> {
    let site = desk.services.site(incoming.site.as_deref().unwrap_or_default()).await?;
    let instance = site.config().text(FILE_KEY).unwrap_or_default();
    let nonce = Question::genuine(asked, &instance).filter(|_| !instance.is_empty());
    let nonce = nonce
        .ok_or_else(|| ActionError::Forbidden("only `erpnext-github doctor` in the site's own bench asks this".to_owned()))?;
    Ok(Seen {
        site: site.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        peer: peer.ip().to_canonical(),
        is_trusted: desk.proxies.contains(peer.ip()),
        session: session(&site, incoming).await,
        reply: reply(&instance, nonce),
    })
}

async fn session(site: &Site, incoming: &Incoming) -> SessionSeen {
    if incoming.presented.sid.is_none() {
        return SessionSeen::Missing;
    }
    match auth::identify(site, &incoming.presented).await {
        Ok(_caller) => SessionSeen::Unknown,
        Err(error) => SessionSeen::Unreadable(error.to_string()),
    }
}
