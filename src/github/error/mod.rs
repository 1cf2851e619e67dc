//! What can go wrong between us and GitHub, by what the reader can do about it.

mod kind;
mod refusal;
mod words;

use std::fmt;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;

use super::retry::{Api, RetryAdvice};

pub use kind::{ErrorKind, Scopes};
pub(super) use refusal::{graphql_refusal, is_overload, refusal, scope_list};
pub(super) use words::tidy;

/// A failed call. It knows the call, GitHub's own words and what to do; it never knows the token, a query string or a body.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct GithubError(Box<Failure>);

#[derive(Debug, Clone)]
struct Failure {
    kind: ErrorKind,
    advice: RetryAdvice,
    call: Call,
    answer: Option<Seen>,
    attempts: u32,
}

/// What was being asked.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) api: Api,
    pub(super) method: &'static str,
    /// Path without host and query; for GraphQL with the operation's name.
    pub(super) path: String,
}

/// What is known of the answer.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) status: StatusCode,
    /// GitHub's sentence, cut.
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    /// GitHub's clock.
    pub(super) date: DateTime<Utc>,
}

impl GithubError {
    /// An error of a call that got no answer.
    pub(super) fn unanswered(call: Call, kind: ErrorKind) -> Self {
        Self::new(call, kind, None)
    }

    /// A POST to `path` that was not sent, because of `kind`.
    pub(super) fn not_asked(path: String, kind: ErrorKind) -> Self {
        let call = Call {
            api: Api::Rest,
            method: "POST",
            path,
        };
        Self::new(call, kind, None)
    }

    /// A call that cannot be made as we are set up.
    pub(super) fn setup(reason: impl Into<String>, action: &'static str) -> Self {
        let nowhere = Call {
            api: Api::Rest,
            method: "GET",
            path: "/".to_owned(),
        };
        let reason = reason.into();
        Self::new(nowhere, ErrorKind::Setup { reason, action }, None)
    }

    /// A call in the name of a person whose connection cannot be used; `sentence` says why, and what to do.
    #[must_use]
    pub fn no_grant(sentence: String) -> Self {
        Self::of_nowhere(ErrorKind::NoGrant { sentence })
    }

    /// The same of a connection that can be used again in a moment, without anybody's doing.
    #[must_use]
    pub fn grant_not_ready(sentence: String) -> Self {
        Self::of_nowhere(ErrorKind::GrantNotReady { sentence })
    }

    fn of_nowhere(kind: ErrorKind) -> Self {
        let nowhere = Call {
            api: Api::Rest,
            method: "GET",
            path: "/".to_owned(),
        };
        Self::new(nowhere, kind, None)
    }

    /// An error of a call that was answered; the advice follows from the kind.
    pub(super) fn answered(call: Call, kind: ErrorKind, seen: Seen) -> Self {
        Self::new(call, kind, Some(seen))
    }

    fn new(call: Call, kind: ErrorKind, answer: Option<Seen>) -> Self {
        let advice = kind.advice(call.api);
        Self(Box::new(Failure {
            kind,
            advice,
            call,
            answer,
            attempts: 1,
        }))
    }

    fn with_advice(mut self, advice: RetryAdvice) -> Self {
        self.0.advice = advice;
        self
    }

    /// The same failure, better understood.
    pub(super) fn told_as(mut self, kind: ErrorKind) -> Self {
        self.0.advice = kind.advice(self.0.call.api);
        self.0.kind = kind;
        self
    }

    pub(super) fn after_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Whether another try is worth it, when, and how.
    #[must_use]
    pub fn advice(&self) -> RetryAdvice {
        self.0.advice
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What the reader can do, as the second half of a sentence.
    #[must_use]
    pub fn action(&self) -> String {
        self.0.action()
    }

    /// Which of GitHub's interfaces was asked; each has a rate limit of its own.
    #[must_use]
    pub fn api(&self) -> Api {
        self.0.call.api
    }

    /// HTTP verb.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.0.call.method
    }

    /// Path without host and query; for GraphQL with the operation's name.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.call.path
    }

    /// Status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.answer.as_ref().map(|seen| seen.status.as_u16())
    }

    /// GitHub's own sentence, cut at 500 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.answer.as_ref()?.message.as_deref()
    }

    /// The id under which GitHub's support finds the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.answer.as_ref()?.request_id.as_deref()
    }

    /// When GitHub will answer again, if this is a rate limit.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self.0.kind {
            ErrorKind::RateLimited { until, .. } | ErrorKind::KeptForPeople { until, .. } | ErrorKind::Paced { until } => {
                Some(until)
            }
            _ => None,
        }
    }

    /// GitHub's clock at the answer.
    pub(super) fn date(&self) -> Option<DateTime<Utc>> {
        self.0.answer.as_ref().map(|seen| seen.date)
    }

    /// True when the thing asked for is not there, or not for us: 404, 410 or 451.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::NotFound(_) | ErrorKind::Gone | ErrorKind::UnavailableForLegalReasons
        )
    }

    /// True when GitHub could not be reached, or did not answer in time.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Unreachable { .. } | ErrorKind::Timeout)
    }

    /// True when it lies in the moment: a limit, an outage, a stop.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.advice() != RetryAdvice::No || self.is_stopped() || self.is_not_ready()
    }

    /// True when GitHub was not asked because something of ours does not answer just now.
    #[must_use]
    pub fn is_not_ready(&self) -> bool {
        matches!(self.0.kind, ErrorKind::NoBudget { .. } | ErrorKind::GrantNotReady { .. })
    }

    /// True when it is no failure: somebody asked us to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Stopped)
    }

    /// True when further calls with the same credential fail as well, so that there is no point in going on just now.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Unauthorized
                | ErrorKind::RateLimited { .. }
                | ErrorKind::KeptForPeople { .. }
                | ErrorKind::Paced { .. }
                | ErrorKind::NoBudget { .. }
                | ErrorKind::Unreachable { .. }
                | ErrorKind::Setup { .. }
                | ErrorKind::AppRefused
                | ErrorKind::RenewedInVain
                | ErrorKind::Suspended { .. }
                | ErrorKind::NotInstalled { .. }
                | ErrorKind::NotGranted { .. }
                | ErrorKind::NotSelected { .. }
                | ErrorKind::NoGrant { .. }
                | ErrorKind::GrantNotReady { .. }
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.what())?;
        if matches!(self.kind, ErrorKind::NoGrant { .. } | ErrorKind::GrantNotReady { .. }) {
            return Ok(());
        }
        if !matches!(self.kind, ErrorKind::Setup { .. }) {
            write!(f, " ({} {}", self.call.method, self.call.path)?;
            if let Some(seen) = &self.answer {
                write!(f, ": {}", seen.status.as_u16())?;
                if let Some(message) = &seen.message {
                    write!(f, ", GitHub says: {message}")?;
                }
                if let Some(id) = &seen.request_id {
                    write!(f, ", request {id}")?;
                }
            }
            if self.attempts > 1 {
                write!(f, ", tried {} times", self.attempts)?;
            }
            f.write_str(")")?;
        }
        write!(f, "; {}", self.action())
    }
}

impl Failure {
    fn action(&self) -> String {
        let writes = self.call.api == Api::Rest && self.call.method != "GET";
        self.kind
            .action_of_write()
            .filter(|_| writes)
            .unwrap_or_else(|| self.kind.action())
    }
}
