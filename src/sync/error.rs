//! What ends a run early.

use chrono::{DateTime, Utc};

use crate::frappe::db::DbError;
use crate::github::GithubError;
use crate::store::lease::Holder;

/// Why a run, or a part of it, could not go on. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// GitHub refused or could not be reached.
    #[error("{0}")]
    Github(#[source] GithubError),
    /// The database refused or could not be reached.
    #[error("{0}")]
    Db(#[from] DbError),
    /// Another process is at it.
    #[error(
        "{repository} is being synced by {owner}, last heard from {idle_seconds} s ago: wait for it, or stop that process; if it is gone \
         already, the repository is free by itself at {} UTC", .free_at.format("%H:%M:%S")
    )]
    Busy {
        /// Name of the repository.
        repository: String,
        /// Who holds the lease.
        owner: String,
        /// Seconds since its heartbeat.
        idle_seconds: i64,
        /// When the lease ends if the holder gives no further sign of life.
        free_at: DateTime<Utc>,
    },
    /// We were asked to stop.
    #[error("stopped before the end; what was stored so far stays, the next run goes on")]
    Stopped,
    /// Somebody gave a Repository a name that none can have.
    #[error(
        "`{0}` is not a repository name: make a Repository named OWNER/NAME, for example frappe/erpnext, and delete this one"
    )]
    NoName(String),
    /// GitHub does not show the repository any more.
    #[error(
        "GitHub no longer shows {0}: it was deleted, or the token may not see it any more; restore the token's access, or switch the Repository off"
    )]
    Gone(String),
}

impl From<GithubError> for SyncError {
    fn from(error: GithubError) -> Self {
        if error.is_stopped() {
            Self::Stopped
        } else {
            Self::Github(error)
        }
    }
}

impl SyncError {
    /// Another process is at `repository`.
    pub(super) fn busy(repository: &str, holder: Holder) -> Self {
        Self::Busy {
            repository: repository.to_owned(),
            owner: holder.owner,
            idle_seconds: holder.idle_seconds,
            free_at: holder.free_at,
        }
    }

    /// True when nothing else of this run can succeed either.
    pub(super) fn ends_the_run(&self) -> bool {
        match self {
            Self::Github(error) => error.is_outage(),
            Self::Db(error) => error.is_outage() || matches!(error, DbError::Fenced { .. }),
            Self::Busy { .. } | Self::Stopped | Self::NoName(_) | Self::Gone(_) => true,
        }
    }
}
