//! Why somebody's own connection cannot be used. Each is one sentence that says what to do.

use crate::frappe::db::DbError;
use crate::frappe::vault::VaultError;
use crate::github::GithubError;
use crate::github::oauth::{OAuthError, Refusal};

use super::WayError;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// He never connected, or disconnected.
    #[error("{0} is not connected with GitHub: connect GitHub first")]
    NotConnected(String),
    /// He may not sign in any more.
    #[error("{0} is disabled: nothing is done on GitHub in his name")]
    Disabled(String),
    /// His User says nothing of that account any more, or another one.
    #[error("{user} is not {login} on GitHub any more, as his User says: connect GitHub again")]
    NotHe {
        /// Whose connection it was.
        user: String,
        /// The account.
        login: String,
    },
    /// It was taken back on GitHub.
    #[error("the connection of {0} was taken back on GitHub: connect GitHub again")]
    Revoked(String),
    /// Its tokens are spent.
    #[error(
        "the connection of {0} with GitHub cannot be renewed: it was taken back on GitHub, GitHub's last answer got lost, or it was not used for too long: connect GitHub again"
    )]
    Lost(String),
    /// It was made with another GitHub or another App than there is now.
    #[error("the connection of {user} was made with {bound} or another App, and this is {asked}: connect GitHub again")]
    ForOther {
        /// Whose it is.
        user: String,
        /// The GitHub that it is good for.
        bound: String,
        /// The GitHub there is now.
        asked: String,
    },
    /// Somebody else is that account.
    #[error(
        "{login} is the GitHub account of {other} already: sign in to GitHub with your own account, or have {other} disconnect it and an administrator clear it on his User"
    )]
    Taken {
        /// The account.
        login: String,
        /// Whose it is.
        other: String,
    },
    /// Another process renews it, and takes long.
    #[error("the connection of {0} with GitHub is being renewed: try again in a moment")]
    Busy(String),
    /// His User cannot be written just now.
    #[error("{0}")]
    NotReady(String),
    /// What is stored cannot be opened.
    #[error("{0}{hint}", hint = if matches!(.0, VaultError::DoesNotOpen(_)) { ": connect GitHub again" } else { "" })]
    Sealed(#[from] VaultError),
    /// Who comes back is not who set out.
    #[error("{0}")]
    Way(#[from] WayError),
    /// GitHub gives no tokens.
    #[error("{0}")]
    OAuth(#[from] OAuthError),
    /// GitHub does not answer.
    #[error("{0}")]
    Github(#[from] GithubError),
    /// The database.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl GrantError {
    /// As an error of the call that was to be made: what GitHub did not answer is that, what passes by itself says so, and anything else that there is
    /// nothing to act with.
    #[must_use]
    pub fn of_call(self) -> GithubError {
        match self {
            Self::Github(error) | Self::OAuth(OAuthError::NotDone(error) | OAuthError::Unknown(error)) => error,
            Self::Busy(_) | Self::NotReady(_) | Self::Db(_) => GithubError::grant_not_ready(self.to_string()),
            other => GithubError::no_grant(other.to_string()),
        }
    }

    /// True where he has to connect again, and nothing else helps.
    #[must_use]
    pub fn needs_connecting(&self) -> bool {
        match self {
            Self::NotConnected(_) | Self::NotHe { .. } | Self::Revoked(_) | Self::Lost(_) | Self::ForOther { .. } => true,
            Self::Sealed(error) => matches!(error, VaultError::DoesNotOpen(_)),
            Self::OAuth(error) => matches!(error.refusal(), Some(Refusal::BadRefreshToken | Refusal::BadVerificationCode)),
            _ => false,
        }
    }
}
