//! A server whose answers are put down beforehand, in order, by path (or, for GraphQL, by operation).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use erpnext_github::clock::FixedClock;
use erpnext_github::github::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// GitHub's clock in these tests.
pub(crate) const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// An answer that lies ready.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Shelf {
    replies: Mutex<HashMap<String, VecDeque<Reply>>>,
    asked: Mutex<Vec<Asked>>,
    unforeseen: Mutex<Vec<String>>,
}

/// The server; it stops when it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    shelf: Arc<Shelf>,
    task: JoinHandle<()>,
}

impl Reply {
    pub(crate) fn json(value: &Value) -> Self {
        Self::raw(200, value.to_string())
    }

    pub(crate) fn raw(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![
                ("date".to_owned(), DATE.to_owned()),
                ("x-github-request-id".to_owned(), "ABCD:1".to_owned()),
            ],
            body: body.into(),
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn status(status: u16, message: &str) -> Self {
        Self::raw(status, json!({ "message": message }).to_string())
    }

    /// A redirect to `target`.
    pub(crate) fn to(status: u16, target: &str) -> Self {
        Self::status(status, "Moved Permanently").header("location", target)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn late(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shelf = Arc::new(Shelf::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shelf));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self { url, shelf, task }
    }

    /// Lays `reply` down for the next request of `path` (without query), or of the GraphQL operation of that name.
    pub(crate) fn on(&self, path: &str, reply: Reply) -> &Self {
        let mut replies = self.shelf.replies.lock().expect("lock");
        replies.entry(path.to_owned()).or_default().push_back(reply);
        self
    }

    pub(crate) fn client(&self) -> Client {
        super::client_at(&self.url, super::options())
    }

    /// One whose time goes on as `clock` is told.
    pub(crate) fn client_by(&self, clock: Arc<FixedClock>) -> Client {
        super::client_by(&self.url, super::options(), clock)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shelf.asked.lock().expect("lock").clone()
    }

    /// Checks that every answer was fetched and nothing else was asked.
    pub(crate) fn finish(&self) {
        assert_eq!(
            *self.shelf.unforeseen.lock().expect("lock"),
            Vec::<String>::new(),
            "nobody foresaw these"
        );
        let replies = self.shelf.replies.lock().expect("lock");
        let left: Vec<_> = replies
            .iter()
            .filter(|(_, queue)| !queue.is_empty())
            .map(|(path, _)| path)
            .collect();
        assert!(left.is_empty(), "nobody asked for {left:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let place = match body.get("operationName").and_then(Value::as_str) {
        Some(operation) if uri.path() == "/graphql" => operation.to_owned(),
        _ => uri.path().to_owned(),
    };
    shelf.asked.lock().expect("lock").push(Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    });
    let reply = shelf
        .replies
        .lock()
        .expect("lock")
        .get_mut(&place)
        .and_then(VecDeque::pop_front);
    let reply = reply.unwrap_or_else(|| {
        shelf.unforeseen.lock().expect("lock").push(place.clone());
        Reply::status(404, &format!("no answer lies ready for {place}"))
    });
    tokio::time::sleep(reply.delay).await;
    let mut response = Response::builder().status(StatusCode::from_u16(reply.status).expect("status"));
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).expect("an answer")
}
