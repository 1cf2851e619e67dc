//! Why a hook cannot be managed.

use crate::frappe::db::DbError;
use crate::github::GithubError;
use crate::webhook::secrets::SecretsError;

/// Why a hook is not as it should be. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// An address or an event that cannot be.
    #[error("{0}")]
    Invalid(String),
    /// Something is missing that somebody has to enter.
    #[error("{0}")]
    NotReady(String),
    /// Somebody else is at the same hook.
    #[error("another process is at the webhook of {0} just now; look again in a moment")]
    Busy(String),
    /// GitHub does not show whether it is still there.
    #[error(
        "GitHub does not show the webhooks of {0} to the credential that is used for it, so that ours may still be there: have an account that manages them \
         reach it here again, or delete the webhook on GitHub, in the settings of {0} under Webhooks; nobody looks for it any more after three weeks"
    )]
    NotShown(String),
    /// GitHub refuses or does not answer.
    #[error("{0}")]
    Github(#[from] GithubError),
    /// The database cannot be used.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl From<SecretsError> for HookError {
    fn from(error: SecretsError) -> Self {
        match error {
            SecretsError::Db(error) => Self::Db(error),
            other => Self::NotReady(other.to_string()),
        }
    }
}
