//! Credentials that end and are made anew: what the client needs to know of them.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::error::GithubError;
use super::write::Write;

/// What is sent as `Authorization: Bearer ...` for a while.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The token.
    pub secret: SecretString,
    /// Tells it from those before and after it.
    pub number: u64,
}

/// Something that can give a [`Pass`] at any time.
///
/// A request asks for the pass, which is there already but for the first time and near its end. When GitHub refuses it (401), it is told
/// so, and asked once more.
pub trait Renewable: Send + Sync + fmt::Debug {
    /// The pass at `now` by our clock; made anew where there is none, or it is about to end.
    fn pass(&self, now: DateTime<Utc>) -> BoxFuture<'_, Result<Pass, GithubError>>;

    /// GitHub refused the pass of that number; `github` is its clock, `now` ours.
    fn refused(&self, number: u64, github: DateTime<Utc>, now: DateTime<Utc>);

    /// The error as it is told where this credential was used.
    fn explained(&self, error: GithubError) -> GithubError {
        error
    }

    /// For whom requests are made.
    fn acting(&self) -> Acting<'_>;

    /// The same for `write` alone, in the repository of that number where it is known; none where the credential is for all that it may.
    fn for_write(&self, _write: &Write, _repository: Option<u64>) -> Option<Arc<dyn Renewable>> {
        None
    }
}

/// For whom requests are made. GitHub has no account for the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acting<'c> {
    /// A person, or nobody.
    Person,
    /// A GitHub App, which may ask about itself alone.
    App,
    /// An installation of a GitHub App.
    Installation {
        /// Login of the account where it is installed.
        account: &'c str,
    },
}
