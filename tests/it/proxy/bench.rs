//! A bench of two servers that tells what it was asked.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use erpnext_github::api::Proxy;
use erpnext_github::config::{TrustedProxies, bench_servers, trusted_proxies};
use futures_util::StreamExt as _;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

/// What the test and the bench tell each other.
#[derive(Default)]
pub(super) struct Signals {
    /// The bench has the first part of an upload.
    pub(super) begun: Notify,
    /// The test has the first part of a download.
    pub(super) read: Notify,
}

/// Python's and node's servers, played.
pub(super) struct TestBench {
    web: SocketAddr,
    node: SocketAddr,
    pub(super) signals: Arc<Signals>,
}

impl TestBench {
    pub(super) async fn start() -> Self {
        let signals = Arc::new(Signals::default());
        let (begun, read) = (Arc::clone(&signals), Arc::clone(&signals));
        let web = Router::new()
            .route("/upload", any(move |body: Body| upload(body, Arc::clone(&begun))))
            .route("/download", any(move || std::future::ready(download(Arc::clone(&read)))))
            .route(
                "/missing",
                any(async || {
                    (
                        StatusCode::NOT_FOUND,
                        [("x-of-the-bench", "1"), ("connection", "x-secret"), ("x-secret", "1")],
                        "gone",
                    )
                }),
            )
            .route("/cut", any(cut))
            .fallback(tell);
        let node = Router::new().route("/socket.io/", any(socket)).fallback(tell);
        Self {
            web: serve(web).await,
            node: serve(node).await,
            signals,
        }
    }

    /// The sidecar of `mirror`'s site in front of it.
    pub(super) async fn behind(&self, mirror: &Mirror, trusted: &str) -> Desk {
        let trusted = match trusted {
            "" => TrustedProxies::default(),
            named => trusted_proxies(Some(named), &[].into_iter().collect()).expect("proxies"),
        };
        let servers = bench_servers(&self.web_url(), Some(&format!("http://{}", self.node)), 1).expect("servers");
        let site = mirror.site().name().to_owned();
        let site_of = move |host: &str| (host == "127.0.0.1" || host == "erp.example.com").then(|| site.clone());
        Desk::with(mirror, |end| Some(Proxy::new(servers, trusted, site_of, end))).await
    }

    pub(super) fn web_url(&self) -> String {
        format!("http://{}", self.web)
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, service).await });
    address
}

/// Tells the request as it came.
async fn tell(ConnectInfo(_): ConnectInfo<SocketAddr>, request: Request) -> Json<Value> {
    let headers = headers(request.headers());
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.expect("a body");
    Json(json!({ "method": method, "target": target, "headers": headers, "body": String::from_utf8_lossy(&body) }))
}

fn headers(headers: &HeaderMap) -> Value {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.to_str().expect("text"))));
    Value::Object(pairs.collect::<Map<String, Value>>())
}

/// Counts what comes, and says when the first part is there.
async fn upload(body: Body, signals: Arc<Signals>) -> String {
    let (mut parts, mut length) = (body.into_data_stream(), 0);
    while let Some(part) = parts.next().await {
        length += part.expect("a part").len();
        signals.begun.notify_one();
    }
    length.to_string()
}

/// The second half comes only once the first one was read.
fn download(signals: Arc<Signals>) -> Response {
    let halves = futures_util::stream::unfold(0, move |half| {
        let signals = Arc::clone(&signals);
        async move {
            match half {
                0 => Some((Ok::<_, std::io::Error>("first "), 1)),
                1 => {
                    signals.read.notified().await;
                    Some((Ok("second"), 2))
                }
                _ => None,
            }
        }
    });
    Body::from_stream(halves).into_response()
}

/// Ends the connection before an answer.
async fn cut() -> Response {
    panic!("the bench of a test ends a connection")
}

/// Leaves HTTP and says everything twice.
async fn socket(mut request: Request) -> Response {
    if !request.headers().contains_key(UPGRADE) {
        return tell(ConnectInfo(([127, 0, 0, 1], 1).into()), request).await.into_response();
    }
    let told = headers(request.headers()).to_string();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgraded.await.expect("upgraded"));
        stream.write_all(format!("{told}\n").as_bytes()).await.expect("written");
        let mut byte = [0];
        while stream.read(&mut byte).await.is_ok_and(|read| read == 1) {
            stream.write_all(&[byte[0], byte[0]]).await.expect("written");
        }
    });
    (
        StatusCode::SWITCHING_PROTOCOLS,
        [(CONNECTION, "Upgrade"), (UPGRADE, "websocket")],
    )
        .into_response()
}
