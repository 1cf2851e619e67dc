//! One request to the bench over a connection of its own, and the joining of two connections that left HTTP.
//!
//! Python's development server closes after every answer, so that keeping connections would gain nothing.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, Version};
use axum::response::Response;
use hyper::client::conn::http1;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::config::Upstream;

use super::headers::{self, Hop};

/// A bench that takes longer to take a connection is away.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why there is no answer of the bench.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nobody listens there.
    Away(io::Error),
    /// The connection ended before the answer began: what was asked for may have been done.
    Cut(hyper::Error),
    /// We end.
    Ending,
}

impl Broken {
    /// What happened.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Away(error) => error.to_string(),
            Self::Cut(error) => error.to_string(),
            Self::Ending => "erpnext-github is ending".to_owned(),
        }
    }
}

/// Sends `request` on and gives the answer as soon as it begins.
pub(super) async fn exchange(
    server: &Upstream,
    mut request: Request,
    hop: &Hop,
    shutdown: &CancellationToken,
) -> Result<Response, Broken> {
    let wanted = headers::upgrade(request.headers());
    let theirs = wanted.is_some().then(|| hyper::upgrade::on(&mut request));
    hop.apply(request.headers_mut(), wanted.as_ref());
    hop.name_origin(request.headers_mut());
    *request.uri_mut() = target(request.uri());
    *request.version_mut() = Version::HTTP_11;

    let stream = connect(server).await.map_err(Broken::Away)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(Broken::Cut)?;
    // Ends with its one answer, or with what comes after it.
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "a connection to the bench ended badly");
        }
    });
    let mut response = sender.send_request(request).await.map_err(Broken::Cut)?;
    let protocol = headers::upgrade(response.headers());
    if let (StatusCode::SWITCHING_PROTOCOLS, Some(protocol), Some(theirs)) = (response.status(), protocol, theirs) {
        let bench = hyper::upgrade::on(&mut response);
        tokio::spawn(join(theirs, bench, shutdown.clone()));
        return Ok(switched(response, &protocol));
    }
    headers::strip(response.headers_mut());
    Ok(response.map(Body::new))
}

async fn connect(server: &Upstream) -> io::Result<TcpStream> {
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect((server.host.as_str(), server.port)));
    let stream = connected
        .await
        .map_err(|_elapsed| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Path and query as they came: nothing is decoded or tidied on the way.
fn target(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned().map(Uri::from);
    path.unwrap_or_else(|| Uri::from_static("/"))
}

/// The answer that lets the client change its protocol too.
fn switched(response: hyper::Response<hyper::body::Incoming>, protocol: &HeaderValue) -> Response {
    let (mut head, _nothing) = response.into_parts();
    headers::strip(&mut head.headers);
    headers::reconnect(&mut head.headers, protocol);
    Response::from_parts(head, Body::empty())
}

/// Passes bytes both ways until one side ends, or we do.
async fn join(client: OnUpgrade, bench: OnUpgrade, shutdown: CancellationToken) {
    let both = async {
        let (client, bench) = tokio::try_join!(client, bench).map_err(io::Error::other)?;
        tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(bench)).await
    };
    tokio::select! {
        ended = both => if let Err(error) = ended {
            tracing::debug!(%error, "a connection through the proxy ended badly");
        },
        () = shutdown.cancelled() => {}
    }
}
