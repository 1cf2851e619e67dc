//! Why setup could not do its work; every sentence says what to do.

use crate::frappe::db::DbError;
use crate::frappe::encryption_key::EncryptionKeyError;
use crate::frappe::instance::InstanceError;
use crate::frappe::secrets::SecretError;
use crate::frappe::site_config_file::SiteFileError;
use crate::frappe::version::VersionError;

use super::blueprint::BlueprintError;

/// An error of `install`, `uninstall`, `adopt` or of asking how things are.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The site is such that we must not touch it.
    #[error("site {site}: {}", reasons.join("; "))]
    Refused {
        /// Site folder.
        site: String,
        /// Why, one sentence each, with what to do.
        reasons: Vec<String>,
    },
    /// A table of others was in use the whole time.
    #[error(
        "site {site}: gave up waiting for {table} after {attempts} attempts; in the way: {in_the_way}. Nothing was made visible: end that, or try again later"
    )]
    InUse {
        /// Site folder.
        site: String,
        /// The table.
        table: String,
        /// How often we tried.
        attempts: u32,
        /// Connections and queries that hold it, as well as we can tell.
        in_the_way: String,
    },
    /// The same in the middle of a removal.
    #[error(
        "site {site}: all rows are removed, and then it gave up waiting for {table} after {attempts} attempts; in the way: {in_the_way}. End that and run `erpnext-github uninstall --site {site}` again, which removes the rest"
    )]
    HalfRemoved {
        /// Site folder.
        site: String,
        /// The table.
        table: String,
        /// How often we tried.
        attempts: u32,
        /// Connections and queries that hold it, as well as we can tell.
        in_the_way: String,
    },
    /// MariaDB cannot make the change without locking the table for long.
    #[error("site {site}: {table} cannot be changed while it is in use ({reason}): set maintenance_mode and try again")]
    NotOnline {
        /// Site folder.
        site: String,
        /// The table.
        table: String,
        /// MariaDB's words.
        reason: String,
    },
    /// Frappe is not what we know.
    #[error("{0}")]
    Version(#[from] VersionError),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The site's key.
    #[error("{0}")]
    EncryptionKey(#[from] EncryptionKeyError),
    /// A secret.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// `site_config.json`.
    #[error("{0}")]
    SiteFile(#[from] SiteFileError),
    /// The instance id.
    #[error("{0}")]
    Instance(#[from] InstanceError),
    /// This binary.
    #[error("{0}")]
    Blueprint(#[from] BlueprintError),
}

impl SetupError {
    /// What it is when the rows of an installation are removed already.
    pub(super) fn in_removal(self) -> Self {
        match self {
            Self::InUse {
                site,
                table,
                attempts,
                in_the_way,
            } => Self::HalfRemoved {
                site,
                table,
                attempts,
                in_the_way,
            },
            other => other,
        }
    }
}
