//! What GitHub refuses, how often it is asked again, and what the reader is told.

use std::time::Duration;

use erpnext_github::github::{ClientOptions, ErrorKind, RetryAdvice, RetryPolicy};

use super::canned::{Reply, Server};
use super::objects::repository;
use super::{TOKEN, client_at, options, time, web};

const PATH: &str = "/repos/acme/web";

/// Status, whether the kind is the right one, and a part of what the reader is told to do.
type Case = (u16, fn(&ErrorKind) -> bool, &'static str);

#[tokio::test]
async fn a_refusal_is_final_and_says_what_to_do() {
    let cases: &[Case] = &[
        (400, |kind| *kind == ErrorKind::Unexpected, "report this"),
        (
            401,
            |kind| *kind == ErrorKind::Unauthorized,
            "store a valid token in GitHub Settings",
        ),
        (
            403,
            |kind| matches!(kind, ErrorKind::Forbidden(_)),
            "check on GitHub what the token",
        ),
        (404, |kind| matches!(kind, ErrorKind::NotFound(_)), "check the name"),
        (409, |kind| *kind == ErrorKind::Conflict, "if the repository is empty"),
        (410, |kind| *kind == ErrorKind::Gone, "switch it on"),
        (422, |kind| *kind == ErrorKind::Invalid, "report this"),
        (
            451,
            |kind| *kind == ErrorKind::UnavailableForLegalReasons,
            "ask the repository's owner",
        ),
        (304, |kind| *kind == ErrorKind::Unexpected, "report this"),
    ];
    for (status, is_kind, action) in cases {
        let server = Server::start().await;
        server.on(PATH, Reply::status(*status, "GitHub's own words"));
        let client = server.client();
        let error = client.repository(&web()).await.expect_err("refused");
        assert!(is_kind(error.kind()), "{status}: {:?}", error.kind());
        assert!(error.action().contains(action), "{status}: {error}");
        assert_eq!((error.method(), error.path(), error.status()), ("GET", PATH, Some(*status)));
        assert_eq!(error.request_id(), Some("ABCD:1"));
        if *status != 304 {
            assert_eq!(error.message(), Some("GitHub's own words"));
        }
        assert_eq!(
            (error.advice(), client.spent().requests),
            (RetryAdvice::No, 1),
            "{status} is not asked again"
        );
        assert!(!format!("{error} {error:?}").contains(TOKEN));
        server.finish();
    }
}

#[tokio::test]
async fn a_failure_of_the_server_is_asked_again_within_the_bound() {
    let server = Server::start().await;
    for status in [500, 502, 200] {
        let reply = if status == 200 {
            Reply::json(&repository(5, "acme/web"))
        } else {
            Reply::status(status, "oops")
        };
        server.on(PATH, reply);
    }
    let client = server.client();
    assert_eq!(client.repository(&web()).await.expect("the third answer").value.id, 5);
    assert_eq!(client.spent().requests, 3);

    for status in [500, 503, 504] {
        server.on(PATH, Reply::status(status, "oops"));
    }
    let error = client.repository(&web()).await.expect_err("three attempts");
    assert_eq!((error.kind(), error.status()), (&ErrorKind::Server, Some(504)));
    assert!(error.to_string().contains("tried 3 times"), "{error}");

    server.on(PATH, Reply::status(500, "oops"));
    let impatient = client.with_retry(RetryPolicy::never());
    let error = impatient.repository(&web()).await.expect_err("one attempt");
    assert!(!error.to_string().contains("tried"), "{error}");
    assert_eq!(client.spent().requests, 7, "counted together");
    server.finish();
}

#[tokio::test]
async fn a_limit_is_waited_for_only_within_our_patience() {
    let server = Server::start().await;
    // 2023-11-14T23:13:20Z, an hour after the answer.
    let primary = Reply::status(403, "API rate limit exceeded for user ID 2.")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", "1700003600");
    server.on(PATH, primary);
    let client = server.client();
    let error = client.repository(&web()).await.expect_err("an hour is too long");
    assert_eq!(error.until(), Some(time("2023-11-14T23:13:20Z")));
    assert!(matches!(error.kind(), ErrorKind::RateLimited { secondary: false, .. }));
    assert!(
        error
            .to_string()
            .starts_with("GitHub's rate limit is used up until 2023-11-14T23:13:20Z"),
        "{error}"
    );
    assert!(error.is_outage());
    assert_eq!(
        (client.spent().requests, client.spent().points),
        (1, 0),
        "a refusal costs no point"
    );

    // GitHub's clock decides: by ours, this reset lies in the past. Another client, which does not know that nothing is left.
    let client = server.client();
    server.on(PATH, Reply::status(429, "slow down").header("retry-after", "1"));
    let error = client.repository(&web()).await.expect_err("no patience at all");
    assert_eq!(error.until(), Some(time("2023-11-14T22:13:21Z")));
    assert!(matches!(error.kind(), ErrorKind::RateLimited { secondary: true, .. }));

    server.on(
        PATH,
        Reply::status(403, "You have exceeded a secondary rate limit.").header("retry-after", "0"),
    );
    server.on(PATH, Reply::json(&repository(5, "acme/web")));
    let client = server.client();
    assert!(client.repository(&web()).await.is_ok(), "a wait of nothing is waited");
    server.finish();
}

#[tokio::test]
async fn what_is_no_repository_is_said_with_its_place() {
    let server = Server::start().await;
    let mut odd = repository(5, "acme/web");
    odd["owner"]["id"] = "nine".into();
    server.on(PATH, Reply::json(&odd));
    server.on(PATH, Reply::raw(200, "<html>sign in to the proxy</html>"));
    let client = server.client();
    let error = client.repository(&web()).await.expect_err("odd");
    let ErrorKind::Decode { at, .. } = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(at, "owner.id");
    let error = client.repository(&web()).await.expect_err("no JSON");
    assert!(matches!(error.kind(), ErrorKind::Decode { .. }), "{error}");
    assert_eq!(client.spent().requests, 2, "the same request would bring the same");
    server.finish();
}

#[tokio::test]
async fn an_answer_that_is_too_large_or_too_late_is_given_up() {
    let server = Server::start().await;
    server.on(PATH, Reply::raw(200, vec![b' '; 3000]));
    let small = ClientOptions {
        max_body: 2999,
        ..options()
    };
    let error = client_at(&server.url, small).repository(&web()).await.expect_err("too large");
    assert_eq!(error.kind(), &ErrorKind::TooLarge { limit: 2999 });
    assert_eq!(error.advice(), RetryAdvice::No);

    for _ in 0..3 {
        server.on(PATH, Reply::json(&repository(5, "acme/web")).late(Duration::from_secs(30)));
    }
    let hasty = ClientOptions {
        timeout: Duration::from_millis(60),
        ..options()
    };
    let error = client_at(&server.url, hasty).repository(&web()).await.expect_err("too late");
    assert_eq!(error.kind(), &ErrorKind::Timeout);
    assert!(error.to_string().contains("tried 3 times"), "{error}");
    server.finish();
}
