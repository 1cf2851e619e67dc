//! What is sent and what comes back.

use std::fmt;

use chrono::{DateTime, Utc};
use reqwest::header::{ETAG, HeaderMap};
use secrecy::zeroize::Zeroize as _;
use serde::Deserialize;
use url::Url;

use crate::github::error::{Call, ErrorKind, GithubError, Seen};
use crate::github::link::Links;
use crate::github::retry::Api;

/// A read: `GET`, or the `POST` of a GraphQL query.
#[derive(Debug, Clone)]
pub(in crate::github) struct Request {
    pub(super) call: Call,
    pub(super) url: Url,
    /// Sent as `If-None-Match`; only then is a 304 an answer.
    pub(super) etag: Option<String>,
    /// Body of a GraphQL query, or of another `POST`.
    pub(super) query: Option<Vec<u8>>,
    /// The caller can ask for less, so "smaller" is his to act on.
    pub(super) may_shrink: bool,
    /// The answer holds a secret.
    pub(super) is_secret: bool,
}

impl Request {
    /// `GET url`.
    pub(in crate::github) fn get(url: Url) -> Self {
        let call = Call {
            api: Api::Rest,
            method: "GET",
            path: url.path().to_owned(),
        };
        Self {
            call,
            url,
            etag: None,
            query: None,
            may_shrink: false,
            is_secret: false,
        }
    }

    /// `POST url` with a JSON body, which may be sent again: that it was done twice makes no difference.
    pub(in crate::github) fn post(url: Url, body: Vec<u8>) -> Self {
        let mut request = Self::get(url);
        request.call.method = "POST";
        request.query = Some(body);
        request
    }

    /// The same with an answer that holds a secret.
    pub(in crate::github) fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The GraphQL query `operation`, whose whole body is `query`.
    pub(in crate::github) fn query(url: Url, operation: &str, query: Vec<u8>, may_shrink: bool) -> Self {
        let call = Call {
            api: Api::GraphQl,
            method: "POST",
            path: format!("{} {operation}", url.path()),
        };
        Self {
            call,
            url,
            etag: None,
            query: Some(query),
            may_shrink,
            is_secret: false,
        }
    }

    /// Asks for the body only if it is no longer the one of `etag`.
    pub(in crate::github) fn unless(mut self, etag: Option<&str>) -> Self {
        self.etag = etag.map(str::to_owned);
        self
    }
}

/// An answer of success, or "not modified".
pub(in crate::github) struct Answer {
    pub(super) call: Call,
    pub(super) seen: Seen,
    pub(super) headers: HeaderMap,
    /// Where the answer came from, after redirects.
    pub(super) url: Url,
    pub(super) body: Vec<u8>,
    /// The body holds a secret, and is wiped after use.
    pub(super) is_secret: bool,
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.is_secret {
            self.body.zeroize();
        }
    }
}

impl Answer {
    pub(in crate::github) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(in crate::github) fn url(&self) -> &Url {
        &self.url
    }

    /// GitHub's clock.
    pub(in crate::github) fn date(&self) -> DateTime<Utc> {
        self.seen.date
    }

    pub(in crate::github) fn links(&self) -> Links {
        Links::of(&self.headers, &self.url)
    }

    pub(in crate::github) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(in crate::github) fn etag(&self) -> Option<String> {
        self.header(ETAG.as_str()).map(str::to_owned)
    }

    /// True for an answer that has no body (204).
    pub(in crate::github) fn is_no_content(&self) -> bool {
        self.seen.status.as_u16() == 204
    }

    pub(in crate::github) fn is_not_modified(&self) -> bool {
        self.seen.status.as_u16() == 304
    }

    /// Reads the body as `T`, which may borrow from it.
    pub(in crate::github) fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, GithubError> {
        serde_json::from_slice(&self.body).map_err(|error| self.malformed(&error))
    }

    /// The error for a body that is not JSON, or not of the expected form. JSON that ends too soon was cut on its way.
    fn malformed(&self, error: &serde_json::Error) -> GithubError {
        let kind = if error.is_eof() {
            ErrorKind::Truncated {
                reason: format!("the JSON ends at byte {}", self.body.len()),
            }
        } else {
            ErrorKind::Decode {
                at: ".".to_owned(),
                reason: error.to_string(),
            }
        };
        self.fail(kind)
    }

    /// An error about this answer.
    pub(in crate::github) fn fail(&self, kind: ErrorKind) -> GithubError {
        GithubError::answered(self.call.clone(), kind, self.seen.clone())
    }

    pub(in crate::github) fn call(&self) -> &Call {
        &self.call
    }

    pub(in crate::github) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("call", &self.call)
            .field("status", &self.seen.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
