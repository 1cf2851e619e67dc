//! Searching for people.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::github::client::{Client, Request};
use crate::github::error::GithubError;

/// What a search for accounts found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccounts {
    /// How many in all, as GitHub counts.
    pub total: u64,
    /// The first of them, organisations left out.
    pub logins: Vec<String>,
    /// How many searches are left in this minute, as GitHub says.
    pub left: SearchesLeft,
}

/// How much of GitHub's limit for searches (30 a minute) is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SearchesLeft {
    /// Searches; none where GitHub does not say.
    pub remaining: Option<u64>,
    /// When all come back.
    pub reset: Option<DateTime<Utc>>,
}

impl SearchesLeft {
    /// How long the next search has to wait at `now`: not at all while one is left, else until all come back, a minute at most.
    #[must_use]
    pub fn pause(&self, now: DateTime<Utc>) -> Duration {
        const MINUTE: Duration = Duration::from_secs(60);
        match (self.remaining, self.reset) {
            (Some(0), Some(reset)) => (reset - now).to_std().unwrap_or_default().min(MINUTE),
            (Some(0), None) => MINUTE,
            _ => Duration::ZERO,
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    total_count: u64,
    items: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Client {
    /// Accounts that show `address` in their profile. GitHub searches public addresses alone, and guesses: a hit may show another
    /// address, which only [`Client::public_emails`] tells.
    ///
    /// # Errors
    /// As any read; a search has a rate limit of its own, 30 a minute.
    pub async fn accounts_with_address(&self, address: &str) -> Result<FoundAccounts, GithubError> {
        let query = format!("{address} in:email");
        let request = Request::get(self.rest_url(&["search", "users"], &[("q", &query), ("per_page", "10")]));
        self.read(&request, |answer| {
            let found: Answer = answer.json()?;
            let number = |name| answer.header(name).and_then(|text| text.parse::<u64>().ok());
            let reset = number("x-ratelimit-reset").and_then(|seconds| i64::try_from(seconds).ok());
            let people = found
                .items
                .into_iter()
                .filter(|one| one.kind.as_deref() != Some("Organization"));
            Ok(FoundAccounts {
                total: found.total_count,
                logins: people.map(|account| account.login).collect(),
                left: SearchesLeft {
                    remaining: number("x-ratelimit-remaining"),
                    reset: reset.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
                },
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d6_11_searches_go_on_until_none_is_left_and_then_wait_for_the_minute_to_end() {
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().expect("a moment");
        let pause = |remaining, seconds: Option<i64>| {
            let reset = seconds.map(|seconds| now + chrono::TimeDelta::seconds(seconds));
            SearchesLeft { remaining, reset }.pause(now).as_secs()
        };
        assert_eq!(pause(Some(29), Some(60)), 0);
        assert_eq!(pause(Some(1), Some(2)), 0);
        assert_eq!(pause(Some(0), Some(17)), 17);
        assert_eq!(pause(Some(0), Some(-5)), 0, "over already");
        assert_eq!(pause(Some(0), Some(3_600)), 60, "a clock that is wrong");
        assert_eq!(pause(Some(0), None), 60);
        assert_eq!(pause(None, None), 0);
    }
}
