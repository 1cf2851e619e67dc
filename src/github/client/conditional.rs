//! Asking only for what changed: an answer "not modified" costs no point.

use chrono::{DateTime, Utc};
use url::Url;

use super::{Client, Request};
use crate::github::error::GithubError;
use crate::github::origin::same_origin;

/// What a conditional request brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conditional {
    /// The same as when the tag was given out.
    NotModified {
        /// GitHub's clock.
        date: DateTime<Utc>,
    },
    /// Something else, or no tag was sent.
    Changed(RawAnswer),
}

/// An answer before it is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// JSON text.
    pub body: Vec<u8>,
    /// Tag to send the next time, with the same address and credential.
    pub etag: Option<String>,
    /// GitHub's clock.
    pub date: DateTime<Utc>,
    /// A further page follows.
    pub has_next: bool,
}

impl Client {
    /// Reads `path` (with its query, starting at `/`) unless it is still what `etag` stands for.
    ///
    /// # Errors
    /// As any read; a path that leads away from the REST address is [`ErrorKind::Setup`](crate::github::ErrorKind::Setup).
    pub async fn get_conditional(&self, path: &str, etag: Option<&str>) -> Result<Conditional, GithubError> {
        let url = self.joined(path).ok_or_else(|| {
            let reason = format!("`{path}` is not a path of GitHub's REST interface");
            GithubError::setup(reason, "report this: the request was ours")
        })?;
        let request = Request::get(url).unless(etag);
        self.read(&request, |answer| {
            if answer.is_not_modified() {
                return Ok(Conditional::NotModified { date: answer.date() });
            }
            // Only that it is whole JSON is checked here, so that a cut body is read again.
            answer.json::<serde::de::IgnoredAny>()?;
            Ok(Conditional::Changed(RawAnswer {
                body: answer.body.clone(),
                etag: answer.etag(),
                date: answer.date(),
                has_next: answer.links().next.is_some(),
            }))
        })
        .await
    }

    /// `path` below the REST address; none where dots, a scheme or a host would lead out of it.
    fn joined(&self, path: &str) -> Option<Url> {
        let api = &self.inner.hosts.api;
        let base = api.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}{path}")).ok()?;
        let below = format!("{}/", api.path().trim_end_matches('/'));
        let within =
            path.starts_with('/') && same_origin(&url, api) && url.path().starts_with(&below) && url.username().is_empty();
        within.then_some(url)
    }
}

impl Conditional {
    /// The new answer, if there is one.
    #[must_use]
    pub fn changed(self) -> Option<RawAnswer> {
        match self {
            Self::NotModified { .. } => None,
            Self::Changed(answer) => Some(answer),
        }
    }
}
