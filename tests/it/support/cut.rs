//! A way to the database that breaks off after so many messages: to the site it is as if the process had been killed there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How many messages of clients have gone through, and when it ends.
struct Budget {
    used: AtomicUsize,
    limit: usize,
}

/// The way.
pub(crate) struct Cut {
    port: u16,
    budget: Arc<Budget>,
    _listening: JoinSet<()>,
}

impl Cut {
    /// To the server at `port`, for `limit` messages from clients. After that all connections are closed: for an even limit when
    /// the last message has gone out and no answer came, for an odd one when the answer came.
    pub(crate) async fn after(limit: usize, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let own_port = listener.local_addr().expect("an address").port();
        let budget = Arc::new(Budget {
            used: AtomicUsize::new(0),
            limit,
        });
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, port, Arc::clone(&budget)));
        Self {
            port: own_port,
            budget,
            _listening: listening,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Messages that clients sent, up to the end.
    pub(crate) fn used(&self) -> usize {
        self.budget.used.load(Ordering::SeqCst).min(self.budget.limit)
    }
}

async fn listen(listener: TcpListener, port: u16, budget: Arc<Budget>) {
    // Connections end with the listener.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        if budget.used.load(Ordering::SeqCst) < budget.limit
            && let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await
        {
            connections.spawn(connect(client, server, Arc::clone(&budget)));
        }
    }
}

async fn connect(client: TcpStream, server: TcpStream, budget: Arc<Budget>) {
    client.set_nodelay(true).expect("an option");
    server.set_nodelay(true).expect("an option");
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    // Whichever ends first ends the connection, both ways.
    tokio::select! {
        () = forward(client_read, server_write, &budget) => {}
        () = back(server_read, client_write) => {}
    }
}

async fn forward(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, budget: &Budget) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(size @ 1..) = client.read(&mut buffer).await {
        let number = budget.used.fetch_add(1, Ordering::SeqCst) + 1;
        if number > budget.limit || server.write_all(&buffer[..size]).await.is_err() {
            return;
        }
        if number == budget.limit && number.is_multiple_of(2) {
            return;
        }
    }
}

async fn back(mut server: OwnedReadHalf, mut client: OwnedWriteHalf) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(size @ 1..) = server.read(&mut buffer).await {
        if client.write_all(&buffer[..size]).await.is_err() {
            return;
        }
    }
}
