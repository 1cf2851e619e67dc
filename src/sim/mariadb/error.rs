//! What can go wrong with a server of our own; each sentence says what to do.

use std::path::PathBuf;

/// Why the scratch MariaDB cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// A program is not installed.
    #[error(
        "MariaDB's `{program}` was found neither in PATH nor in /usr/sbin or /usr/libexec; install it with \
         `apt-get install {debian}` (Debian, Ubuntu) or `dnf install {fedora}` (Fedora, RHEL)"
    )]
    Missing {
        /// Name of the program.
        program: &'static str,
        /// Package of Debian and Ubuntu.
        debian: &'static str,
        /// Package of Fedora and its kin.
        fedora: &'static str,
    },
    /// The server that was found is another one.
    #[error("{path} is no MariaDB (it says: {version}); install MariaDB's server, package mariadb-server")]
    NotMariaDb {
        /// The program.
        path: PathBuf,
        /// What it says of itself.
        version: String,
    },
    /// A program of MariaDB failed.
    #[error("{what} failed: {reason}")]
    Failed {
        /// What was being done.
        what: &'static str,
        /// What the program or its log said last.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{what} {path}: {source}")]
    File {
        /// What was being done: a verb such as "reading".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The server refused a statement.
    #[error("{what}: {source}")]
    Sql {
        /// What was being done.
        what: &'static str,
        /// The driver's words.
        source: Box<mysql_async::Error>,
    },
}

impl ScratchError {
    /// Wraps an error of the driver.
    pub(crate) fn sql(what: &'static str) -> impl FnOnce(mysql_async::Error) -> Self {
        move |source| Self::Sql {
            what,
            source: Box::new(source),
        }
    }

    /// Wraps an error of the file system.
    pub(crate) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File {
            what,
            path: path.into(),
            source,
        }
    }

    /// Wraps the failure of a task that blocks.
    pub(crate) fn task(what: &'static str) -> impl FnOnce(tokio::task::JoinError) -> Self {
        move |error| Self::Failed {
            what,
            reason: error.to_string(),
        }
    }
}
