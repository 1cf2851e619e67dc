//! Recognising GitHub's rate limits.
//!
//! GitHub says of both kinds "403 or 429". The primary one has no points left and tells when they come back; a secondary one
//! (too many at once, too many a minute, too much computing) has `retry-after`, or nothing but its words, and then at least a
//! minute must pass.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::RetryAdvice;

/// How long to stay away when GitHub does not say: its documents ask for at least a minute.
const UNSAID: Duration = Duration::from_secs(60);
/// Words of a secondary limit, older and newer.
const SECONDARY: [&str; 3] = ["secondary rate limit", "abuse detection", "secondary-rate-limits"];
/// Words of the primary limit.
const PRIMARY: [&str; 2] = ["api rate limit exceeded", "api rate limit already exceeded"];

/// A refusal because of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::github) struct Limit {
    /// A secondary limit, not the points of the hour.
    pub(in crate::github) secondary: bool,
    /// How long to stay away; never `No` or `Smaller`.
    pub(in crate::github) wait: RetryAdvice,
}

/// The limit that an answer tells of, if it does.
pub(in crate::github) fn limit(status: StatusCode, headers: &HeaderMap, body: &str) -> Option<Limit> {
    let body = body.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|text| body.contains(text));
    let is_limit = match status.as_u16() {
        429 => true,
        403 => retry_after(headers).is_some() || is_used_up(headers) || says(&SECONDARY) || says(&PRIMARY),
        _ => false,
    };
    is_limit.then(|| from_headers(headers, says(&SECONDARY)))
}

/// The limit behind an answer that is known to be one; `secondary` where GitHub's words say so.
pub(in crate::github) fn from_headers(headers: &HeaderMap, secondary: bool) -> Limit {
    let reset = number(headers, "x-ratelimit-reset").and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let used_up = is_used_up(headers);
    let wait = match (retry_after(headers), reset) {
        (Some(wait), _) => RetryAdvice::After(wait),
        (None, Some(at)) if used_up => RetryAdvice::At(at),
        _ => RetryAdvice::After(UNSAID),
    };
    Limit {
        secondary: secondary || !used_up,
        wait,
    }
}

/// `Retry-After`, in seconds or as a date (which is measured from the answer's own).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?;
    (until.to_utc() - date(headers)?).to_std().ok()
}

/// GitHub's clock, as the answer tells it.
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

fn is_used_up(headers: &HeaderMap) -> bool {
    number(headers, "x-ratelimit-remaining") == Some(0)
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
