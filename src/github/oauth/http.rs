//! One request of this room: sent once, its answer read up to a bound, and an honest account of what became of it.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};

use super::{OAuth, OAuthError};
use crate::github::client::{broken, date, read_body};
use crate::github::error::{Call, ErrorKind, GithubError, Seen, refusal, tidy};
use crate::github::retry::Api;

/// Longest time for one request: somebody waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Largest answer, in bytes. They are short; GitHub's pages of errors are not.
const LARGEST: usize = 256 * 1024;

/// An answer of success.
pub(super) struct Received {
    pub(super) body: Vec<u8>,
    call: Call,
    seen: Seen,
}

impl Received {
    /// The error of an answer that is not what GitHub describes. It says nothing of what the answer holds.
    pub(super) fn odd(self) -> OAuthError {
        let kind = ErrorKind::Decode {
            at: ".".to_owned(),
            reason: "it is no answer about a token".to_owned(),
        };
        OAuthError::Unknown(GithubError::answered(self.call, kind, self.seen))
    }
}

impl OAuth {
    /// Sends `request`, which is `method` on `path`, once.
    pub(super) async fn send(&self, method: &'static str, path: &str, request: RequestBuilder) -> Result<Received, OAuthError> {
        let call = Call {
            api: Api::Rest,
            method,
            path: path.to_owned(),
        };
        let began = Instant::now();
        let result = self.attempt(call, request).await;
        let (status, request_id) = match &result {
            Ok(received) => (Some(received.seen.status.as_u16()), received.seen.request_id.as_deref()),
            Err(OAuthError::NotDone(error) | OAuthError::Unknown(error)) => (error.status(), error.request_id()),
            Err(OAuthError::Refused(_)) => (None, None),
        };
        tracing::debug!(
            method,
            path,
            status,
            request_id,
            duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "asked GitHub about a token"
        );
        result
    }

    async fn attempt(&self, call: Call, request: RequestBuilder) -> Result<Received, OAuthError> {
        let request = request.timeout(self.options.timeout.min(TIMEOUT));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let kind = broken(&error, error.url().unwrap_or(&self.hosts.web));
                // Without a connection nothing can have been sent.
                let is_sent = !error.is_connect() && !error.is_builder();
                let error = GithubError::unanswered(call, kind);
                return Err(if is_sent {
                    OAuthError::Unknown(error)
                } else {
                    OAuthError::NotDone(error)
                });
            }
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let seen = self.seen(status, &headers);
        let body = read_body(response, LARGEST, Vec::new()).await;
        if !status.is_success() {
            let body = body.unwrap_or_else(|(_, part)| part);
            let error = refusal(call, seen, &headers, &String::from_utf8_lossy(&body));
            // A gateway that gave up says nothing of what goes on behind it.
            let is_gateway = status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
            return Err(if is_gateway {
                OAuthError::Unknown(error)
            } else {
                OAuthError::NotDone(error)
            });
        }
        match body {
            Ok(body) => Ok(Received { body, call, seen }),
            Err((kind, _)) => Err(OAuthError::Unknown(GithubError::answered(call, kind, seen))),
        }
    }

    fn seen(&self, status: StatusCode, headers: &HeaderMap) -> Seen {
        let request_id = headers.get("x-github-request-id").and_then(|value| value.to_str().ok());
        Seen {
            status,
            message: None,
            request_id: request_id.and_then(tidy),
            date: date(headers).unwrap_or_else(|| self.clock.now()),
        }
    }
}
