//! How a scratch server is run, and the command line that follows from it.

use std::path::{Path, PathBuf};

use super::folder::RunFolder;

/// How a scratch server is run. `ServerOptions::default()` suits tests: quick to start and forgetful.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Keep MariaDB's own durability (log flushed at each commit, doublewrite, synchronous files): for measurements.
    pub durable: bool,
    /// InnoDB's buffer pool, in MiB.
    pub buffer_pool_mib: u32,
    /// InnoDB's redo log, in MiB.
    pub redo_log_mib: u32,
    /// Largest packet that the server takes, in bytes; none leaves MariaDB's default of 16 MiB.
    pub max_allowed_packet: Option<u64>,
    /// Folder that keeps initialised data directories, so that the next start copies one (0.1 s) instead of making it
    /// (1 to 2 s). None makes one each time.
    pub template_cache: Option<PathBuf>,
    /// More options for the server's command line; they come last and win.
    pub extra: Vec<String>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            durable: false,
            buffer_pool_mib: 64,
            redo_log_mib: 16,
            max_allowed_packet: None,
            template_cache: None,
            extra: Vec::new(),
        }
    }
}

impl ServerOptions {
    /// A server for measurements: durable, with a buffer pool of `buffer_pool_mib` MiB and a redo log of half that.
    #[must_use]
    pub fn durable(buffer_pool_mib: u32) -> Self {
        Self {
            durable: true,
            buffer_pool_mib,
            redo_log_mib: (buffer_pool_mib / 2).max(16),
            ..Self::default()
        }
    }

    /// The server's arguments. `--no-defaults` comes first, as it must: no file of this machine is read.
    pub(super) fn arguments(&self, folder: &RunFolder, port: u16, as_root: bool) -> Vec<String> {
        let path = |option: &str, path: &Path| format!("--{option}={}", path.display());
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            path("datadir", &folder.data()),
            path("socket", &folder.socket()),
            path("pid-file", &folder.pid_file()),
            path("log-error", &folder.log()),
            path("tmpdir", &folder.tmp()),
            path("init-file", &folder.init_file()),
            format!("--port={port}"),
            format!("--innodb-buffer-pool-size={}M", self.buffer_pool_mib.max(8)),
            format!("--innodb-log-file-size={}M", self.redo_log_mib.max(4)),
        ];
        arguments.extend(FIXED.iter().map(|&option| option.to_owned()));
        let flavour = if self.durable { DURABLE } else { FORGETFUL };
        arguments.extend(flavour.iter().map(|&option| option.to_owned()));
        if as_root {
            // MariaDB refuses to run as root unless it is told so.
            arguments.push("--user=root".to_owned());
        }
        arguments.extend(self.max_allowed_packet.map(|bytes| format!("--max-allowed-packet={bytes}")));
        arguments.extend(self.extra.iter().cloned());
        arguments
    }
}

/// Holds for every scratch server. The SQL mode is MariaDB's own, as Frappe expects.
const FIXED: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--max-connections=400",
    "--loose-aria-pagecache-buffer-size=8M",
    "--key-buffer-size=4M",
    "--log-warnings=1",
];

/// Nothing is worth a wait for the disk. One tablespace for all tables and no syncing of `.frm` files and DDL log: a site's
/// tables are made and dropped several times faster. `loose` lets a server that no longer knows an option start without it.
const FORGETFUL: &[&str] = &[
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--loose-innodb-file-per-table=OFF",
    "--loose-innodb-autoextend-increment=8",
    "--loose-sync-frm=OFF",
    "--loose-debug-no-sync",
];

/// As a site's own server would be run.
const DURABLE: &[&str] = &["--innodb-flush-log-at-trx-commit=1", "--loose-innodb-file-per-table=ON"];
