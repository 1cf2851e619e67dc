//! Listening, and ending in good order.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Proxy;

/// Requests under way get this long to end after shutdown was asked for; supervisors kill after 30 s.
const GRACE: Duration = Duration::from_secs(20);

/// Why nobody listens.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address} ({reason}); give another one with --listen IP:PORT")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// The system's words.
        reason: std::io::Error,
    },
    /// Listening broke.
    #[error("the server on {address} stopped ({reason})")]
    Stopped {
        /// Where it listened.
        address: SocketAddr,
        /// The system's words.
        reason: std::io::Error,
    },
}

/// An address that is listened on.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    bench: Option<Proxy>,
}

impl Server {
    /// Takes the address; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address cannot be taken.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        let failed = |reason| ServeError::Bind { address, reason };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            bench: None,
        })
    }

    /// The same, passing on to a bench what the routes do not answer.
    #[must_use]
    pub fn in_front_of(self, bench: Option<Proxy>) -> Self {
        Self { bench, ..self }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is cancelled and the requests under way are done, or their time is over.
    ///
    /// # Errors
    /// When listening breaks.
    pub async fn run(self, router: Router, shutdown: CancellationToken) -> Result<(), ServeError> {
        let address = self.address;
        let asked = shutdown.clone();
        let router = match self.bench {
            Some(bench) => bench.behind(router),
            None => router,
        };
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(async move { asked.cancelled().await });
        tokio::select! {
            ended = async { serving.await } => ended.map_err(|reason| ServeError::Stopped { address, reason }),
            () = async { shutdown.cancelled().await; tokio::time::sleep(GRACE).await; } => {
                tracing::warn!(wait_ms = u64::try_from(GRACE.as_millis()).unwrap_or(u64::MAX), "requests were cut off at shutdown");
                Ok(())
            }
        }
    }
}
