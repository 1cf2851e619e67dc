//! What can go wrong with a site to try things on.

use std::path::PathBuf;

use crate::frappe::site_config::SiteConfigError;
use crate::sim::mariadb::ScratchError;

/// Why a site could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The server under it.
    #[error(transparent)]
    Server(#[from] ScratchError),
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] SiteConfigError),
    /// A file of the bench.
    #[error("{what} {path}: {source}")]
    File {
        /// What was being done: a verb such as "writing".
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// A table description cannot be understood.
    #[error("table description: {0}; correct the file in src/sim/site/tables")]
    Tables(String),
    /// A row names what is not there.
    #[error("{0}")]
    Row(String),
}

impl SiteError {
    /// Wraps an error of the file system.
    pub(super) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File {
            what,
            path: path.into(),
            source,
        }
    }
}
