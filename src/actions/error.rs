//! Why a desk method is refused or failed, in the classes that Frappe's callers know.

use super::grants::GrantError;
use crate::frappe::auth::AuthError;
use crate::frappe::db::DbError;
use crate::frappe::secrets::SecretError;
use crate::frappe::version::VersionError;
use crate::github::GithubError;
use crate::store::project_links::LinkError;
use crate::sync::SyncError;
use crate::webhook::hooks::{AsGithub, HookError};

/// What is told of a database that does not answer.
const AWAY: &str = "The site's database does not answer just now: try again in a moment. An administrator can find out why with: erpnext-github doctor";
/// What is told of one that refuses.
const REFUSED: &str = "The site's database refused this: an administrator finds the reason in the log of `erpnext-github serve`";

/// Why a method gives no answer. The sentence is shown to the person who pressed the button.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// What was asked for makes no sense, or cannot be done as things are (Frappe's `ValidationError`).
    #[error("{0}")]
    Invalid(String),
    /// The caller may not do this (`PermissionError`).
    #[error("{0}")]
    Forbidden(String),
    /// There is no such document (`DoesNotExistError`).
    #[error("{0}")]
    Missing(String),
    /// Nobody is logged in, or the key is not valid (`AuthenticationError`).
    #[error("{0}")]
    Unauthenticated(Box<AuthError>),
    /// The write did not come with the session's token (`CSRFTokenError`).
    #[error("Invalid Request: this page is out of date; reload it and try again")]
    CsrfToken,
    /// GitHub refuses or does not answer.
    #[error("{0}")]
    Github(#[from] GithubError),
    /// The site cannot be worked on just now: switched off, a copy, no token (`ValidationError`, too).
    #[error("{0}")]
    NotReady(String),
    /// The caller has to connect his own account with GitHub first (`ValidationError`, with a mark that forms understand).
    #[error("{0}")]
    ConnectGithub(String),
    /// A sync that could not be done.
    #[error("{0}")]
    Sync(Box<SyncError>),
    /// The database cannot be used.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl From<AuthError> for ActionError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::CsrfToken => Self::CsrfToken,
            other => Self::Unauthenticated(Box::new(other)),
        }
    }
}

impl From<GrantError> for ActionError {
    fn from(error: GrantError) -> Self {
        if error.needs_connecting() {
            return Self::ConnectGithub(error.to_string());
        }
        match error {
            GrantError::Db(error) => Self::Db(error),
            GrantError::Github(error) => Self::Github(error),
            GrantError::Disabled(_) => Self::Forbidden(error.to_string()),
            other => Self::NotReady(other.to_string()),
        }
    }
}

impl From<LinkError> for ActionError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Db(error) => Self::Db(error),
            waits @ LinkError::Cache(_) => Self::NotReady(waits.to_string()),
        }
    }
}

impl From<SyncError> for ActionError {
    fn from(error: SyncError) -> Self {
        Self::Sync(Box::new(error))
    }
}

impl From<HookError> for ActionError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::Db(error) => Self::Db(error),
            HookError::Github(error) => Self::Github(error),
            HookError::NotReady(sentence) => Self::NotReady(sentence),
            other @ (HookError::Invalid(_) | HookError::Busy(_) | HookError::NotShown(_)) => Self::Invalid(other.to_string()),
        }
    }
}

impl AsGithub for ActionError {
    fn as_github(&self) -> Option<&GithubError> {
        match self {
            Self::Github(error) => Some(error),
            _ => None,
        }
    }
}

impl ActionError {
    /// The database's error behind this one, if there is one.
    #[must_use]
    pub fn database(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Sync(error) => match &**error {
                SyncError::Db(error) => Some(error),
                _ => None,
            },
            Self::Unauthenticated(error) => match &**error {
                AuthError::Db(error)
                | AuthError::Version(VersionError::Db(error))
                | AuthError::Secret(SecretError::Db(error)) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the caller is told. Where the database is and what it says is for the log: he may be anybody.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.database() {
            Some(reason) if reason.is_outage() => AWAY.to_owned(),
            Some(_) => REFUSED.to_owned(),
            None => self.to_string(),
        }
    }

    /// A refusal for lack of rights, with what would be needed.
    pub(super) fn forbidden(sentence: impl Into<String>) -> Self {
        Self::Forbidden(sentence.into())
    }

    /// A request that makes no sense, with what would.
    pub(super) fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid(sentence.into())
    }
}
