//! From GitHub's refusals to typed errors. GitHub says why in headers and body; both are read.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;

use super::words::{message, tidy};
use super::{Call, ErrorKind, GithubError, Scopes, Seen};
use crate::github::retry::{Limit, RetryAdvice, advice, from_headers, limit};

/// The error for an answer with a status that is none of success; `body` may be cut.
pub(in crate::github) fn refusal(call: Call, mut seen: Seen, headers: &HeaderMap, body: &str) -> GithubError {
    seen.message = message(body);
    let advice = advice(call.api, seen.status, headers, body);
    let kind = match (limit(seen.status, headers, body), seen.status.as_u16()) {
        (Some(limit), _) => limited(limit, seen.date),
        (None, 401) => ErrorKind::Unauthorized,
        (None, 403) if says(&seen, "installation has been suspended") => ErrorKind::Suspended { url: None },
        (None, 403) => of_whom(forbidden(headers), &seen),
        (None, 404) => ErrorKind::NotFound(scopes(headers)),
        (None, 408) => ErrorKind::Timeout,
        (None, 409) => ErrorKind::Conflict,
        (None, 410) => ErrorKind::Gone,
        (None, 422) => ErrorKind::Invalid,
        (None, 451) => ErrorKind::UnavailableForLegalReasons,
        (None, 500..=599) => ErrorKind::Server,
        _ => ErrorKind::Unexpected,
    };
    GithubError::answered(call, kind, seen).with_advice(advice)
}

/// The error for a GraphQL query that failed as a whole, which GitHub tells in a 200. `kind` and `text` are those of its first error.
pub(in crate::github) fn graphql_refusal(call: Call, mut seen: Seen, headers: &HeaderMap, kind: &str, text: &str) -> GithubError {
    seen.message = tidy(text);
    let lower = text.to_ascii_lowercase();
    if kind.starts_with("RATE_LIMIT") || lower.contains("secondary rate limit") {
        let limit = from_headers(headers, lower.contains("secondary"));
        let kind = limited(limit, seen.date);
        return GithubError::answered(call, kind, seen).with_advice(limit.wait);
    }
    if is_overload(kind, text) {
        return GithubError::answered(call, ErrorKind::Timeout, seen).with_advice(RetryAdvice::Smaller);
    }
    let kind = match kind {
        "NOT_FOUND" => ErrorKind::NotFound(scopes(headers)),
        "FORBIDDEN" => of_whom(forbidden(headers), &seen),
        "INSUFFICIENT_SCOPES" => ErrorKind::Forbidden(named_scopes(text, scopes(headers))),
        "INTERNAL" | "SERVICE_UNAVAILABLE" => ErrorKind::Server,
        other => ErrorKind::GraphQl { kind: other.to_owned() },
    };
    GithubError::answered(call, kind, seen)
}

/// True for GraphQL errors that a smaller query avoids: the limits of nodes and of computing, and the time limit, which GitHub
/// tells in words only.
pub(in crate::github) fn is_overload(kind: &str, text: &str) -> bool {
    matches!(kind, "MAX_NODE_LIMIT_EXCEEDED" | "RESOURCE_LIMITS_EXCEEDED" | "TIMEOUT")
        || text.starts_with("Something went wrong while executing your query")
        || text.contains("may be the result of a timeout")
}

fn limited(limit: Limit, now: DateTime<Utc>) -> ErrorKind {
    let until = match limit.wait {
        RetryAdvice::At(time) => time,
        RetryAdvice::After(wait) => TimeDelta::from_std(wait)
            .ok()
            .and_then(|wait| now.checked_add_signed(wait))
            .unwrap_or(now),
        RetryAdvice::No | RetryAdvice::Smaller => now,
    };
    ErrorKind::RateLimited {
        until,
        secondary: limit.secondary,
    }
}

fn forbidden(headers: &HeaderMap) -> ErrorKind {
    let sso = text(headers, "x-github-sso").filter(|text| text.starts_with("required"));
    match sso {
        Some(text) => ErrorKind::SsoRequired {
            url: text.split_once("url=").and_then(|(_, url)| tidy(url)),
        },
        None => ErrorKind::Forbidden(scopes(headers)),
    }
}

/// The refusal with a note where it is an App's: GitHub says so in words alone.
fn of_whom(kind: ErrorKind, seen: &Seen) -> ErrorKind {
    match kind {
        ErrorKind::Forbidden(scopes) => ErrorKind::Forbidden(Scopes {
            of_app: says(seen, "not accessible by integration"),
            ..scopes
        }),
        kind => kind,
    }
}

fn says(seen: &Seen, words: &str) -> bool {
    seen.message.as_deref().is_some_and(|message| message.contains(words))
}

fn scopes(headers: &HeaderMap) -> Scopes {
    Scopes {
        accepted: text(headers, "x-accepted-oauth-scopes").map(scope_list).unwrap_or_default(),
        granted: text(headers, "x-oauth-scopes").map(scope_list),
        permissions: text(headers, "x-accepted-github-permissions").and_then(tidy),
        of_app: false,
    }
}

/// Scopes out of the list in GraphQL's sentence ("... requires one of the following scopes: [...]"): it has no header for them.
fn named_scopes(sentence: &str, mut scopes: Scopes) -> Scopes {
    if let Some((_, rest)) = sentence.split_once("following scopes: [")
        && let Some((names, _)) = rest.split_once(']')
    {
        scopes.accepted = scope_list(&names.replace(['\'', '"'], ""));
    }
    scopes
}

/// A header's scopes; the header of a token without any is there and empty.
pub(in crate::github) fn scope_list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;
    use crate::github::retry::Api;

    type Case = (u16, &'static [(&'static str, &'static str)], &'static str, &'static str);

    fn refused(status: u16, pairs: &[(&'static str, &'static str)], body: &str) -> GithubError {
        let headers: HeaderMap = pairs
            .iter()
            .map(|&(key, value)| {
                (
                    key.parse::<reqwest::header::HeaderName>().expect("name"),
                    value.parse().expect("value"),
                )
            })
            .collect();
        refusal(call(), seen(status), &headers, body)
    }

    fn call() -> Call {
        Call {
            api: Api::Rest,
            method: "GET",
            path: "/repos/acme/web".to_owned(),
        }
    }

    fn seen(status: u16) -> Seen {
        Seen {
            status: StatusCode::from_u16(status).expect("status"),
            message: None,
            request_id: Some("A1:B2".to_owned()),
            date: DateTime::from_timestamp(1_700_000_000, 0).expect("time"),
        }
    }

    #[test]
    fn each_refusal_is_one_sentence_with_an_action() {
        let cases: &[Case] = &[
            (
                401,
                &[],
                r#"{"message":"Bad credentials","documentation_url":"https://docs"}"#,
                "GitHub does not accept the token (GET /repos/acme/web: 401, GitHub says: Bad credentials, request A1:B2); \
                 store a valid token in GitHub Settings",
            ),
            (
                403,
                &[("x-accepted-oauth-scopes", "repo, public_repo"), ("x-oauth-scopes", "user")],
                r#"{"message":"Forbidden"}"#,
                "GitHub refuses this to the token (GET /repos/acme/web: 403, GitHub says: Forbidden, request A1:B2); \
                 give the token the scope repo or public_repo (it has: user) on GitHub, or store another in GitHub Settings",
            ),
            (
                403,
                &[("x-accepted-github-permissions", "issues=read")],
                r#"{"message":"Resource not accessible by personal access token"}"#,
                "GitHub refuses this to the token (GET /repos/acme/web: 403, GitHub says: Resource not accessible by personal \
                 access token, request A1:B2); give the token the permission issues=read on GitHub, or store another in \
                 GitHub Settings",
            ),
            (
                403,
                &[(
                    "x-github-sso",
                    "required; url=https://github.com/orgs/acme/sso?authorization_request=AX",
                )],
                "",
                "the organisation's single sign-on keeps the token out (GET /repos/acme/web: 403, request A1:B2); let the owner \
                 of the token authorise it at https://github.com/orgs/acme/sso?authorization_request=AX",
            ),
            (
                404,
                &[("x-accepted-oauth-scopes", "repo"), ("x-oauth-scopes", "")],
                r#"{"message":"Not Found"}"#,
                "GitHub has no such thing, or does not show it to this token (GET /repos/acme/web: 404, GitHub says: Not Found, \
                 request A1:B2); check the name, or give the token the scope repo (it has: none) on GitHub",
            ),
            (
                422,
                &[],
                r#"{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"},"and more"]}"#,
                "GitHub does not accept the request (GET /repos/acme/web: 422, GitHub says: Validation Failed: Issue title \
                 missing_field; and more, request A1:B2); report this with the sentence above: the request was ours",
            ),
            (
                503,
                &[],
                "<html><body>Unicorn!</body></html>",
                "GitHub has a failure of its own (GET /repos/acme/web: 503, request A1:B2); try again later; githubstatus.com \
                 tells about outages",
            ),
        ];
        for (status, headers, body, expected) in cases {
            assert_eq!(refused(*status, headers, body).to_string(), *expected);
        }
    }

    #[test]
    fn g3_7_an_app_is_told_of_what_an_owner_mends() {
        let cases: &[Case] = &[
            (
                403,
                &[("x-accepted-github-permissions", "issues=write")],
                r#"{"message":"Resource not accessible by integration"}"#,
                "GitHub refuses this to the GitHub App (GET /repos/acme/web: 403, GitHub says: Resource not accessible by \
                 integration, request A1:B2); give the App the permission issues=write on GitHub, and have an owner of the account \
                 accept it",
            ),
            (
                403,
                &[],
                r#"{"message":"This installation has been suspended"}"#,
                "the GitHub App's installation is suspended (GET /repos/acme/web: 403, GitHub says: This installation has been \
                 suspended, request A1:B2); have an owner of the account unsuspend it on GitHub",
            ),
        ];
        for (status, headers, body, expected) in cases {
            assert_eq!(refused(*status, headers, body).to_string(), *expected);
        }
    }

    #[test]
    fn each_status_has_its_kind() {
        let kind = |status| refused(status, &[], "").kind().clone();
        assert_eq!(kind(409), ErrorKind::Conflict);
        assert_eq!(kind(410), ErrorKind::Gone);
        assert_eq!(kind(451), ErrorKind::UnavailableForLegalReasons);
        assert_eq!(kind(408), ErrorKind::Timeout);
        assert_eq!(kind(418), ErrorKind::Unexpected);
        assert_eq!(kind(403), ErrorKind::Forbidden(Scopes::default()));
        assert!([404, 410, 451].iter().all(|&status| refused(status, &[], "").is_gone()));
        assert!(refused(401, &[], "").is_outage() && !refused(403, &[], "").is_outage());
    }

    #[test]
    fn a_limit_names_its_time() {
        let error = refused(
            403,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700003600")],
            "",
        );
        assert_eq!(error.until(), DateTime::from_timestamp(1_700_003_600, 0));
        assert!(
            error
                .to_string()
                .starts_with("GitHub's rate limit is used up until 2023-11-14T23:13:20Z ("),
            "{error}"
        );
        let error = refused(
            429,
            &[("retry-after", "90")],
            r#"{"message":"You have exceeded a secondary rate limit."}"#,
        );
        assert_eq!(error.until(), DateTime::from_timestamp(1_700_000_090, 0));
        assert!(error.to_string().starts_with("GitHub asks us to slow down until"), "{error}");
        assert!(
            refused(429, &[("retry-after", "18446744073709551615")], "").until().is_some(),
            "no overflow"
        );
    }

    #[test]
    fn a_long_message_is_cut_and_on_one_line() {
        let error = refused(500, &[], &format!("{{\"message\":\"a\\nb\\u0000{}\"}}", "ü".repeat(900)));
        let message = error.message().expect("message");
        assert_eq!(message.chars().count(), 500);
        assert!(message.starts_with("a b ü"), "{message}");
    }

    #[test]
    fn graphql_errors_by_type_and_words() {
        let of = |kind: &str, text: &str| graphql_refusal(call(), seen(200), &HeaderMap::new(), kind, text);
        assert!(matches!(
            of("RATE_LIMITED", "API rate limit exceeded").kind(),
            ErrorKind::RateLimited { .. }
        ));
        assert!(matches!(
            of("RATE_LIMIT", "already exceeded").kind(),
            ErrorKind::RateLimited { .. }
        ));
        assert!(matches!(of("NOT_FOUND", "Could not resolve").kind(), ErrorKind::NotFound(_)));
        assert!(matches!(of("FORBIDDEN", "no").kind(), ErrorKind::Forbidden(_)));
        assert_eq!(of("MAX_NODE_LIMIT_EXCEEDED", "too many").advice(), RetryAdvice::Smaller);
        let timeout = "Something went wrong while executing your query. This may be the result of a timeout, or a GitHub bug.";
        assert_eq!(of("", timeout).advice(), RetryAdvice::Smaller);
        let scopes = "Your token has not been granted the required scopes to execute this query. The 'email' field requires one \
                      of the following scopes: ['user:email', 'read:user'], but your token has only been granted the: ['repo'] scopes.";
        let error = of("INSUFFICIENT_SCOPES", scopes);
        let ErrorKind::Forbidden(named) = error.kind() else {
            panic!("{error}")
        };
        assert_eq!(named.accepted, ["user:email", "read:user"]);
    }
}
