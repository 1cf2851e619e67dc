//! One scratch MariaDB for all tests of a process.
//!
//! It is never dropped, being static; a small shell ends it when this process ends (see `sim::mariadb`). With one process for all
//! tests (`cargo test`) there is one server; with one for each (nextest) a start costs a few tenths of a second, because the
//! initialised data directory is copied from the target folder.

use std::path::Path;

use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use tokio::sync::OnceCell;

static SERVER: OnceCell<ScratchServer> = OnceCell::const_new();

/// The server, started on the first call.
pub(crate) async fn server() -> &'static ScratchServer {
    SERVER
        .get_or_init(|| async { ScratchServer::start(server_options()).await.expect("a scratch MariaDB") })
        .await
}

/// How a test starts a server of its own, for what touches the whole server.
pub(crate) fn server_options() -> ServerOptions {
    ServerOptions {
        template_cache: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("mariadb-templates")),
        ..ServerOptions::default()
    }
}
