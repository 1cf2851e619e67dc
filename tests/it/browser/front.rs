//! The address of the site as a browser sees it: the desk for tests, the few calls that a bench would answer, and before all of
//! them the sidecar for its own paths, as nginx does it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use erpnext_github::frappe::site::Site;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::bench;
use super::chromium::{modules, root};
use crate::frappe::redis_server::RedisServer;

/// What stands on the way to the sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing.
    Open,
    /// nginx is there and the sidecar is not.
    BadGateway,
    /// nginx sends the calls to the bench, which knows no such method.
    ToTheBench,
    /// A development server that knows no such path.
    NotFound,
}

/// The running front; it ends with the test.
pub(super) struct Front {
    base: String,
    way: Arc<Mutex<Way>>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Stand {
    site: Site,
    sidecar: String,
    redis: String,
    http: reqwest::Client,
    way: Arc<Mutex<Way>>,
}

impl Front {
    /// Before the sidecar at `sidecar` and the tables of `site`.
    pub(super) async fn start(site: &Site, sidecar: &str, redis: &RedisServer) -> Self {
        let way = Arc::new(Mutex::new(Way::Open));
        let stand = Stand {
            site: site.clone(),
            sidecar: sidecar.to_owned(),
            redis: redis.url(),
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            way: way.clone(),
        };
        let router = Router::new()
            .route("/app", get(elsewhere))
            .route("/login", get(elsewhere))
            .route("/app/{*route}", get(page))
            .route("/assets/{file}", get(asset))
            .route("/realtime", get(realtime))
            .route("/desk/scripts", get(scripts))
            .route("/api/method/{method}", any(method))
            .route("/integrations/github", any(ours))
            .route("/integrations/github/{*page}", any(ours))
            .route("/integrations/github/", any(ours))
            .with_state(stand);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self { base, way, serving }
    }

    /// Its address.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Puts something into the way to the sidecar, or takes it out.
    pub(super) fn set_way(&self, way: Way) {
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = way;
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The session's id that came along.
fn sid(headers: &HeaderMap) -> String {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
    let mut pairs = cookies
        .unwrap_or_default()
        .split("; ")
        .filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(name, _)| *name == "sid")
        .map(|(_, sid)| sid.to_owned())
        .unwrap_or_default()
}

fn html(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

/// A form or a list: the address says which.
async fn page(State(stand): State<Stand>, Path(route): Path<String>, headers: HeaderMap) -> Response {
    let template = std::fs::read_to_string(root().join("tests/browser/desk/index.html")).expect("the page");
    let (slug, name) = match route.split_once('/') {
        Some((slug, name)) => (slug, Some(name)),
        None => (route.as_str(), None),
    };
    let mut boot = bench::boot(&stand.site, &sid(&headers)).await;
    boot["route"] = json!([bench::doctype_of(&stand.site, slug).await, name]);
    html(template.replace("{{boot}}", &boot.to_string().replace("</", "<\\/")))
}

/// A page of Frappe's own.
async fn elsewhere() -> Response {
    html(
        "<!doctype html><html lang=\"en\"><title>Frappe</title><link rel=\"icon\" href=\"data:,\"><h1>Frappe</h1></html>"
            .to_owned(),
    )
}

async fn asset(Path(file): Path<String>) -> Response {
    let path = match file.as_str() {
        "jquery.js" => modules().join("node_modules/jquery/dist/jquery.js"),
        file => root().join("tests/browser/desk").join(file),
    };
    match std::fs::read(path) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The texts of the Client Scripts, as the site has them.
async fn scripts(State(stand): State<Stand>, Query(query): Query<Value>) -> Response {
    let doctype = query["doctype"].as_str().unwrap_or_default();
    axum::Json(bench::scripts(&stand.site, doctype).await).into_response()
}

/// What is told to this user, or to everybody who has a document open, from now on.
async fn realtime(State(stand): State<Stand>, headers: HeaderMap) -> Response {
    let user = format!("user:{}", bench::user_of(&stand.site, &sid(&headers)).await);
    let client = redis::Client::open(stand.redis).expect("an address");
    let mut listener = client.get_async_pubsub().await.expect("it answers");
    listener.subscribe("events").await.expect("subscribed");
    let events = listener.into_on_message().filter_map(move |message| {
        let told: Value = serde_json::from_slice(message.get_payload_bytes()).expect("JSON");
        let room = told["room"].as_str().unwrap_or_default();
        let hears = room == user || room.starts_with("doc:");
        let line = hears.then(|| json!({"event": told["event"], "data": told["message"]}));
        std::future::ready(line.map(|line| Ok::<_, std::io::Error>(Bytes::from(format!("data: {line}\n\n")))))
    });
    let begun = futures_util::stream::once(std::future::ready(Ok(Bytes::from(": begun\n\n"))));
    let body = Body::from_stream(begun.chain(events));
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// Any method: the sidecar's own go to it, the others are the bench's.
async fn method(State(stand): State<Stand>, Path(method): Path<String>, request: Request) -> Response {
    if !method.starts_with("erpnext_github_integration.") {
        return bench::answer(&stand.site, &method, request).await;
    }
    let way = *stand.way.lock().unwrap_or_else(PoisonError::into_inner);
    match way {
        Way::Open => forward(&stand, request).await,
        Way::BadGateway => (StatusCode::BAD_GATEWAY, "<html><h1>502 Bad Gateway</h1></html>").into_response(),
        Way::NotFound => (StatusCode::NOT_FOUND, "<html><h1>Not Found</h1></html>").into_response(),
        Way::ToTheBench => bench::refusal(
            StatusCode::EXPECTATION_FAILED,
            "ValidationError",
            &format!("Failed to get method for command {method} with No module named 'erpnext_github_integration'"),
        ),
    }
}

/// The sidecar's own pages.
async fn ours(State(stand): State<Stand>, request: Request) -> Response {
    forward(&stand, request).await
}

async fn forward(stand: &Stand, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let mut onward = stand.http.request(head.method, format!("{}{path}", stand.sidecar)).body(body);
    for name in ["cookie", "content-type", "accept", "x-frappe-csrf-token", "x-requested-with"] {
        if let Some(value) = head.headers.get(name) {
            onward = onward.header(name, value.clone());
        }
    }
    let answer = onward
        .header("x-frappe-site-name", stand.site.name())
        .send()
        .await
        .expect("the sidecar answers");
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if !["transfer-encoding", "connection", "content-length"].contains(&name.as_str()) {
            response = response.header(name, value);
        }
    }
    let body = answer.bytes().await.expect("a body");
    response.body(Body::from(body)).expect("a response")
}
