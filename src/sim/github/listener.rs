//! A TCP listener whose connections can be cut on demand, which no HTTP library offers.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Value of a fuse that never blows.
const WHOLE: i64 = i64::MAX;

/// Cuts its connection after some more bytes; handlers get it as connection info.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Fuse(Arc<AtomicI64>);

impl Fuse {
    /// Resets the connection once `bytes` more bytes were written.
    pub(in crate::sim) fn blow_after(&self, bytes: usize) {
        self.0.store(i64::try_from(bytes).unwrap_or(WHOLE), Ordering::SeqCst);
    }
}

/// Accepts connections with a [`Fuse`] each.
#[derive(Debug)]
pub(in crate::sim) struct FusedListener(pub(in crate::sim) TcpListener);

/// A connection with a fuse.
#[derive(Debug)]
pub(in crate::sim) struct FusedStream {
    stream: TcpStream,
    fuse: Fuse,
}

impl Listener for FusedListener {
    type Io = FusedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // Answers are written whole; waiting for more would only slow tests down.
                    let _ = stream.set_nodelay(true);
                    let fuse = Fuse(Arc::new(AtomicI64::new(WHOLE)));
                    return (FusedStream { stream, fuse }, address);
                }
                // Out of descriptors, most likely: others may close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, FusedListener>> for Fuse {
    fn connect_info(stream: IncomingStream<'_, FusedListener>) -> Self {
        stream.io().fuse.clone()
    }
}

impl AsyncRead for FusedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for FusedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.fuse.0.load(Ordering::SeqCst);
        if left == WHOLE {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        }
        let allowed = usize::try_from(left).unwrap_or(0).min(buf.len());
        if allowed == 0 {
            // Without lingering, closing sends a reset instead of an orderly end.
            let _ = self.stream.set_zero_linger();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, &buf[..allowed]))?;
        self.fuse
            .0
            .fetch_sub(i64::try_from(written).unwrap_or(left), Ordering::SeqCst);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
