//! The pages below `/integrations/github/`: where GitHub sends people back to, and how far an installation is.
//!
//! What becomes of somebody `actions/way_back` finds out; [`words`] says it, and [`html`] is the one template. Nothing on a page may be kept, framed,
//! or run but our own script, and no address of them is told to anybody.

mod choices;
mod html;
mod words;

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use rand::Rng as _;
use secrecy::SecretString;
use tokio::sync::oneshot;

use crate::actions::ActionError;
use crate::actions::way_back::{Brought, End, Page, arrive};
use crate::frappe::auth::{self, Forgery};

use super::ApiState;
use super::desk::visit;

/// How far the last installation is.
pub(super) async fn index(state: State<ApiState>, peer: ConnectInfo<SocketAddr>, request: Request) -> Response {
    open(state, peer, request, Some(Page::Index)).await
}

/// One of the others, by its name.
pub(super) async fn named(
    state: State<ApiState>,
    peer: ConnectInfo<SocketAddr>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let page = match name.as_str() {
        "callback" => Some(Page::Callback),
        "setup" => Some(Page::Setup),
        "app-created" => Some(Page::AppCreated),
        _ => None,
    };
    open(state, peer, request, page).await
}

async fn open(
    State(state): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    page: Option<Page>,
) -> Response {
    // A link that somebody looks at beforehand (HEAD) must not use up what it holds.
    if request.method() != Method::GET {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    let Some(page) = page else {
        return shown(&words::no_such_page());
    };
    let (head, _body) = request.into_parts();
    let end = match end(&state, &head, peer, page).await {
        Ok(end) => end,
        Err(ActionError::Unauthenticated(_) | ActionError::CsrfToken) => End::SignIn,
        Err(error) => End::broken(&error, true),
    };
    shown(&words::of(&end))
}

async fn end(state: &ApiState, head: &Parts, peer: SocketAddr, page: Page) -> Result<End, ActionError> {
    let desk = &state.desk;
    let visit = visit(head, peer, desk.proxies())?;
    let services = desk.services();
    let site = services.site(visit.site.as_deref().unwrap_or_default()).await?;
    let caller = auth::identify_or_ask(&site, &visit.presented, Forgery::Harmless).await?;
    let text = |name: &str| visit.arguments.text(name);
    let brought = Brought {
        state: text("state"),
        code: text("code").map(SecretString::from),
        error: text("error"),
        installation_id: text("installation_id"),
        setup_action: text("setup_action"),
    };
    // A way back is used up, and what GitHub gives for it is given once: it is kept also where whoever came closes the window meanwhile.
    let (tell, told) = oneshot::channel();
    let working = services.clone();
    services.go_on(Box::pin(async move {
        // An error means that nobody waits any more.
        let _nobody = tell.send(arrive(&*working, &site, &caller, page, &brought).await);
    }));
    // How far it came nobody knows.
    let stopped = |_| End::Broken {
        reason: "the program was stopped: look in the desk how far it is, and begin again there".to_owned(),
        is_good: false,
    };
    Ok(told.await.unwrap_or_else(stopped))
}

fn shown(text: &html::Text) -> Response {
    let nonce: String = format!("{:032x}", rand::rng().random::<u128>());
    let mut response = Response::new(Body::from(text.page(&nonce)));
    *response.status_mut() = text.status;
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; form-action 'none'; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
