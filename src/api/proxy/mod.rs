//! `serve --proxy`: in front of a bench without nginx, everything that is not ours is passed on to it.
//!
//! Bodies go through as they come, in both directions, and so do connections that change their protocol (web sockets). Nothing is
//! sent twice. What is ours is answered by the routes behind, which learn from here which site is meant.

mod connection;
mod down;
mod headers;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use metrics::counter;
use tokio_util::sync::CancellationToken;

use crate::config::{BenchServers, TrustedProxies, Upstream, paths};

use super::metrics::{REQUESTS, class_of};
use headers::Hop;

/// Which site a host means; none where it cannot be told.
type SiteOf = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The bench behind us. Cheap to clone.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    servers: BenchServers,
    trusted: TrustedProxies,
    site_of: Box<SiteOf>,
    shutdown: CancellationToken,
}

/// The site that a request means, where the proxy found it out: goes over what the request itself says.
#[derive(Debug, Clone)]
pub(super) struct NamedSite(pub(super) String);

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy")
            .field("servers", &self.0.servers)
            .finish_non_exhaustive()
    }
}

impl Proxy {
    /// In front of `servers`, until `shutdown`. `site_of` says which site a host means; `trusted` are those whose word counts.
    pub fn new(
        servers: BenchServers,
        trusted: TrustedProxies,
        site_of: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        shutdown: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner {
            servers,
            trusted,
            site_of: Box::new(site_of),
            shutdown,
        }))
    }

    /// The routes with the bench behind them.
    pub(super) fn behind(self, router: Router) -> Router {
        router.layer(from_fn_with_state(self, pass_on))
    }

    /// Where a path goes, and whether it is one that waits for something to happen.
    fn server(&self, path: &str) -> (&Upstream, bool) {
        let servers = &self.0.servers;
        match path.strip_prefix("/socket.io") {
            Some("") => (&servers.socketio, true),
            Some(rest) if rest.starts_with('/') => (&servers.socketio, true),
            _ => (&servers.web, false),
        }
    }
}

/// Answers what is ours and passes on the rest.
async fn pass_on(
    State(proxy): State<Proxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let hop = Hop::of(request.headers(), peer.ip(), &proxy.0.trusted, &proxy.0.site_of);
    let path = request.uri().path().to_owned();
    // People open the site through us, and are told as little of the process as nginx would tell them.
    if paths::is_ours(&path) && (hop.is_near(&proxy.0.trusted) || !paths::is_of_the_machine(&path)) {
        if let Some(site) = hop.site {
            request.extensions_mut().insert(NamedSite(site));
        }
        return next.run(request).await;
    }
    let (server, waits) = proxy.server(&path);
    let wants_json = down::wants_json(&path, request.headers());
    let sent = connection::exchange(server, request, &hop, &proxy.0.shutdown);
    let answered = if waits {
        // A poll may wait for minutes; the client asks again whoever answers then.
        tokio::select! {
            answered = sent => answered,
            () = proxy.0.shutdown.cancelled() => Err(connection::Broken::Ending),
        }
    } else {
        sent.await
    };
    let response = answered.unwrap_or_else(|broken| {
        tracing::warn!(path, error = %broken.reason(), "the bench did not answer");
        down::page(server, &broken, wants_json)
    });
    counter!(REQUESTS, "route" => "bench", "status" => class_of(response.status())).increment(1);
    response
}
