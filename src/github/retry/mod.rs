//! Whether, when and how a failed read is worth another try. Pure: status, headers and body in, advice out.

mod limit;
mod policy;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

pub(super) use limit::{Limit, from_headers, limit};
pub use policy::RetryPolicy;

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAdvice {
    /// The same request fails again.
    No,
    /// Try again after this long; zero leaves the length to the caller's own back-off.
    After(Duration),
    /// Try again at this time, which is GitHub's clock.
    At(DateTime<Utc>),
    /// Ask for fewer things in one query.
    Smaller,
}

/// GitHub's two interfaces, which differ in what a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    /// Paths and verbs.
    Rest,
    /// One address and a query.
    GraphQl,
}

impl Api {
    /// Name in logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::GraphQl => "graphql",
        }
    }
}

/// The advice for an answer with a status of 300 and above. A rate limit first (GitHub tells it by 403 or 429, and by headers,
/// or only by its words), then failures of the server. A GraphQL query that ran into GitHub's time limit (502, 504) must shrink:
/// sent again as it is, it fails again and costs extra points.
#[must_use]
pub fn advice(api: Api, status: StatusCode, headers: &HeaderMap, body: &str) -> RetryAdvice {
    if let Some(limit) = limit(status, headers, body) {
        return limit.wait;
    }
    match (status.as_u16(), api) {
        (502 | 504, Api::GraphQl) => RetryAdvice::Smaller,
        (408 | 500..=599, _) => RetryAdvice::After(limit::retry_after(headers).unwrap_or_default()),
        _ => RetryAdvice::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case<'a> = (Api, u16, &'a [(&'static str, &'static str)], &'a str, RetryAdvice);

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(key, value)| {
                (
                    key.parse::<reqwest::header::HeaderName>().expect("name"),
                    value.parse().expect("value"),
                )
            })
            .collect()
    }

    #[test]
    fn advice_by_status_headers_and_words() {
        use Api::{GraphQl, Rest};
        let after = |seconds| RetryAdvice::After(Duration::from_secs(seconds));
        let at = |seconds| RetryAdvice::At(DateTime::from_timestamp(seconds, 0).expect("time"));
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000000")];
        let secondary = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes"}"#;
        let cases: &[Case<'_>] = &[
            (Rest, 401, &[], "Bad credentials", RetryAdvice::No),
            (Rest, 403, &[], "Must have admin rights", RetryAdvice::No),
            (Rest, 403, &[("x-ratelimit-remaining", "12")], "Forbidden", RetryAdvice::No),
            (
                Rest,
                403,
                &used_up,
                "API rate limit exceeded for user ID 1.",
                at(1_700_000_000),
            ),
            (Rest, 429, &used_up, "", at(1_700_000_000)),
            (Rest, 403, &[("retry-after", "30")], secondary, after(30)),
            (Rest, 429, &[("retry-after", "7")], "", after(7)),
            (Rest, 403, &[], secondary, after(60)),
            (Rest, 429, &[], "", after(60)),
            (Rest, 403, &[], "You have triggered an abuse detection mechanism.", after(60)),
            // With points left, the time of the reset has nothing to do with a secondary limit.
            (
                Rest,
                403,
                &[("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", "1700000000")],
                secondary,
                after(60),
            ),
            (Rest, 429, &[("retry-after", "soon")], "", after(60)),
            (Rest, 403, &[("x-ratelimit-remaining", "-")], "No", RetryAdvice::No),
            (
                Rest,
                403,
                &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "never")],
                "",
                after(60),
            ),
            (Rest, 404, &[], "Not Found", RetryAdvice::No),
            (Rest, 404, &used_up, "Not Found", RetryAdvice::No),
            (Rest, 409, &[], "Git Repository is empty.", RetryAdvice::No),
            (Rest, 410, &[], "Issues are disabled", RetryAdvice::No),
            (Rest, 422, &[], "Validation Failed", RetryAdvice::No),
            (Rest, 451, &[], "Blocked", RetryAdvice::No),
            (Rest, 500, &[], "", after(0)),
            (Rest, 502, &[], "", after(0)),
            (Rest, 503, &[("retry-after", "5")], "", after(5)),
            (Rest, 408, &[], "", after(0)),
            (GraphQl, 502, &[], "", RetryAdvice::Smaller),
            (GraphQl, 504, &[], "", RetryAdvice::Smaller),
            (GraphQl, 503, &[], "", after(0)),
            (GraphQl, 403, &[], secondary, after(60)),
        ];
        for (api, status, given, body, expected) in cases {
            let status = StatusCode::from_u16(*status).expect("status");
            assert_eq!(
                advice(*api, status, &headers(given), body),
                *expected,
                "{api:?} {status} {given:?} {body}"
            );
        }
    }

    #[test]
    fn retry_after_may_be_a_date() {
        let given = headers(&[
            ("date", "Tue, 14 Nov 2023 22:13:20 GMT"),
            ("retry-after", "Tue, 14 Nov 2023 22:13:55 GMT"),
        ]);
        let got = advice(Api::Rest, StatusCode::TOO_MANY_REQUESTS, &given, "");
        assert_eq!(got, RetryAdvice::After(Duration::from_secs(35)));
    }
}
