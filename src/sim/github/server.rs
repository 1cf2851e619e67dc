//! The server: connections in, answers out, and the handle by which tests hold it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::deliveries::{self, Delivery};
use super::faults::Effect;
use super::incoming::Incoming;
use super::listener::{Fuse, FusedListener};
use super::record::{Counts, RecordedRequest};
use super::state::{Shared, WorldGuard};
use super::world::World;

/// Largest request body; no query of ours comes near it.
const MAX_BODY: usize = 4 << 20;
/// How long [`FakeGithub::stop`] waits for answers on their way.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// A running fake GitHub; it ends when this is dropped.
pub struct FakeGithub {
    shared: Arc<Shared>,
    base: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

impl FakeGithub {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(world: World) -> io::Result<Self> {
        Self::on(world, TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?)
    }

    /// Starts on a listener.
    pub fn on(world: World, listener: TcpListener) -> io::Result<Self> {
        let base = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared::new(world, base.clone()));
        let (stop, mut stopped) = watch::channel(false);
        let router = router(shared.clone());
        let task = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<Fuse>();
            let stopped = async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            axum::serve(FusedListener(listener), service)
                .with_graceful_shutdown(stopped)
                .await
        });
        Ok(Self {
            shared,
            base,
            stop,
            task,
        })
    }

    /// Address of the REST interface, without a slash at its end; GraphQL is at `/graphql` below it.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Address of the GraphQL interface.
    #[must_use]
    pub fn graphql_url(&self) -> String {
        format!("{}/graphql", self.base)
    }

    /// The world, to look at or to change. Requests wait meanwhile: drop it before the next await.
    #[must_use]
    pub fn world(&self) -> WorldGuard<'_> {
        self.shared.world()
    }

    /// What GitHub would deliver for everything that changed since `before`, in no promised order.
    #[must_use]
    pub fn deliveries_since(&self, before: &World) -> Vec<Delivery> {
        deliveries::between(before, &self.shared, None)
    }

    /// What the webhook of the App of that slug would deliver for it: of what it subscribes to in the repositories that it is installed for, with the
    /// installation in each; of its installations as [`Self::deliveries_since`] does.
    #[must_use]
    pub fn deliveries_of_app_since(&self, before: &World, slug: &str) -> Vec<Delivery> {
        deliveries::between(before, &self.shared, Some(slug))
    }

    /// All requests so far, in the order of their arrival (the latest 20,000).
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests()
    }

    /// Sums over the answered requests.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// What was asked for and is not known here: routes, parameters, GraphQL fields. A test should end with none.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        self.shared.unexpected()
    }

    /// What GitHub would complain of: requests at a time, points and content by the minute, requests without a point left.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.shared.referee().complaints()
    }

    /// The most requests of one account that were under way at a time.
    #[must_use]
    pub fn most_under_way(&self) -> usize {
        self.shared.referee().most_under_way()
    }

    /// The shortest time between two writes of one account.
    #[must_use]
    pub fn closest_writes(&self) -> Option<Duration> {
        self.shared.referee().closest_writes()
    }

    /// Forgets requests, sums and what was unexpected.
    pub fn forget_requests(&self) {
        self.shared.forget();
    }

    /// Stops taking connections and closes those that are idle, so that GitHub cannot be reached any more.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let _ = tokio::time::timeout(STOP_WITHIN, &mut self.task).await;
    }
}

impl Drop for FakeGithub {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.task.abort();
    }
}

/// Serves a world until the process ends: for a fake GitHub in a process of its own.
pub async fn serve(world: World, listener: TcpListener) -> io::Result<()> {
    let mut fake = FakeGithub::on(world, listener)?;
    match (&mut fake.task).await {
        Ok(ended) => ended,
        Err(error) => Err(io::Error::other(error)),
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(State(shared): State<Arc<Shared>>, ConnectInfo(fuse): ConnectInfo<Fuse>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let incoming = Incoming::new(&parts, &body);
    let (number, effects, _under_way) = shared.arrive(&incoming);
    for effect in &effects {
        match effect {
            Effect::Held(gate) => gate.pass().await,
            Effect::Delayed(by) => tokio::time::sleep(*by).await,
            _ => {}
        }
    }
    let effect = effects.last();
    if matches!(effect, Some(Effect::Refused)) {
        fuse.blow_after(0);
        return Response::new(Body::empty());
    }
    let answer = shared.answer(number, &incoming, effect);
    if matches!(effect, Some(Effect::Lost)) {
        fuse.blow_after(0);
        return Response::new(Body::empty());
    }
    respond(answer, effect, &fuse)
}

fn respond(answer: Answer, effect: Option<&Effect>, fuse: &Fuse) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let has_type = answer
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let json = ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned());
    let json = (!has_type && answer.status != 204).then_some(json);
    for (name, value) in answer.headers.into_iter().chain(json) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            headers.append(name, value);
        }
    }
    let length = answer.body.len();
    let mut body = answer.body.into_bytes();
    match effect {
        Some(Effect::Truncated) => body.truncate(length / 2),
        Some(Effect::Empty) => body.clear(),
        Some(Effect::Reset) => {
            // What goes before the body, near enough: a status line, `content-length`, and the headers above.
            let head: usize = headers
                .iter()
                .map(|(name, value)| name.as_str().len() + value.len() + 4)
                .sum();
            fuse.blow_after(head + 40 + length / 2);
        }
        _ => {}
    }
    *response.body_mut() = Body::from(body);
    response
}
