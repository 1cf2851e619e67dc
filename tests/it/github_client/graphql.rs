//! GraphQL: partial answers, and failures that come with a 200.

use erpnext_github::github::{ErrorKind, Presence, RetryAdvice};
use serde_json::{Value, json};

use super::canned::{Reply, Server};
use super::details::ids;
use super::{time, web};

#[tokio::test]
async fn a_limit_in_a_200_is_a_limit() {
    let server = Server::start().await;
    let limited =
        |kind: &str, message: &str| Reply::json(&json!({"data": {"nodes": []}, "errors": [{"type": kind, "message": message}]}));
    let reset = limited("RATE_LIMITED", "API rate limit exceeded for user ID 2.")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", "1700003600");
    server.on("PullRequestDetails", reset);
    server.on(
        "PullRequestDetails",
        limited("RATE_LIMIT", "API rate limit already exceeded for user ID 2."),
    );
    let client = server.client();
    let error = client.pull_request_details(&ids(3), true).await.expect_err("a limit");
    assert_eq!(error.until(), Some(time("2023-11-14T23:13:20Z")));
    client.pull_request_details(&ids(3), true).await.expect_err("still");
    assert_eq!(client.spent().requests, 1, "nobody asks before the time that GitHub named");
    let other = server.client();
    let error = other.pull_request_details(&ids(3), true).await.expect_err("a limit");
    assert_eq!(
        error.until(),
        Some(time("2023-11-14T22:14:20Z")),
        "a minute where GitHub does not say"
    );
    other.pull_request_details(&ids(3), true).await.expect_err("still");
    assert_eq!(other.spent().requests, 1);
    server.finish();
}

#[tokio::test]
async fn what_fails_as_a_whole_is_typed() {
    let server = Server::start().await;
    let whole = |error: Value| Reply::json(&json!({"data": null, "errors": [error]}));
    server
        .on("StillThere", Reply::json(&json!({"data": {"repository": null}, "errors": [
            {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve to a Repository with the name 'acme/web'."}]})))
        .on("StillThere", whole(json!({"message": "Parse error on \"}\" (RCURLY) at [1, 2]"})))
        .on("StillThere", whole(json!({"type": "FORBIDDEN", "message": "Resource protected by organization SAML enforcement."}))
            .header("x-github-sso", "required; url=https://github.com/orgs/acme/sso"))
        .on("StillThere", Reply::json(&json!({})))
        .on("StillThere", Reply::json(&json!({"data": {"repository": 5}})))
        .on("StillThere", Reply::status(401, "Bad credentials"));
    let client = server.client();
    let mut kinds = Vec::new();
    for _ in 0..6 {
        let error = client.still_there(&web(), &[1]).await.expect_err("a failure");
        assert_eq!(error.advice(), RetryAdvice::No, "{error}");
        kinds.push(error.kind().clone());
    }
    assert!(matches!(kinds[0], ErrorKind::NotFound(_)));
    assert_eq!(kinds[1], ErrorKind::GraphQl { kind: String::new() });
    let url = Some("https://github.com/orgs/acme/sso".to_owned());
    assert_eq!(kinds[2], ErrorKind::SsoRequired { url });
    assert!(matches!(&kinds[3], ErrorKind::Decode { reason, .. } if reason == "neither data nor errors"));
    assert!(
        matches!(&kinds[4], ErrorKind::Decode { at, .. } if at == "data.repository"),
        "{:?}",
        kinds[4]
    );
    assert_eq!(kinds[5], ErrorKind::Unauthorized);
    server.finish();
}

fn still(repository: Value, errors: &Value) -> Reply {
    let mut repository = repository;
    repository["id"] = json!("R_5");
    Reply::json(&json!({"data": {"rateLimit": {"cost": 1}, "repository": repository}, "errors": errors}))
}

#[tokio::test]
async fn only_a_clear_answer_says_that_something_is_gone() {
    let server = Server::start().await;
    let not_found = |alias: &str| json!({"type": "NOT_FOUND", "path": ["repository", alias], "message": "Could not resolve"});
    let answer = json!({
        "hasIssuesEnabled": true,
        "n0": {"repository": {"id": "R_5"}}, "n1": null, "n2": {"repository": {"id": "R_6"}}, "n3": null, "n4": null,
    });
    let forbidden = json!({"type": "FORBIDDEN", "path": ["repository", "n3"], "message": "Resource not accessible"});
    server.on("StillThere", still(answer, &json!([not_found("n1"), forbidden])));
    let client = server.client();
    let presence = client
        .still_there(&web(), &[10, 11, 12, 13, 14, 9_999_999_999])
        .await
        .expect("an answer");
    assert_eq!(presence.len(), 3);
    assert_eq!(
        (presence[&10], presence[&11], presence[&12]),
        (Presence::Here, Presence::Deleted, Presence::Moved)
    );
    let body = &server.asked()[0].body;
    assert_eq!(
        body["variables"],
        json!({"owner": "acme", "name": "web", "n0": 10, "n1": 11, "n2": 12, "n3": 13, "n4": 14})
    );

    // Issues that are switched off look deleted and are not.
    let off = json!({"hasIssuesEnabled": false, "n0": null, "n1": {"repository": {"id": "R_5"}}});
    server.on("StillThere", still(off, &json!([not_found("n0")])));
    let presence = client.still_there(&web(), &[10, 11]).await.expect("an answer");
    assert_eq!(presence.into_iter().collect::<Vec<_>>(), [(11, Presence::Here)]);
    assert!(client.still_there(&web(), &[]).await.expect("nothing to ask").is_empty());
    server.finish();
}

#[tokio::test]
async fn commit_dates_come_a_hundred_a_query() {
    let server = Server::start().await;
    let shas: Vec<String> = (0..130).map(|n| format!("{n:040x}")).collect();
    let answer = |count: usize| {
        let mut commits = json!({});
        for n in 0..count {
            commits[format!("o{n}")] = json!({"committedDate": "2023-03-04T05:06:07Z"});
        }
        commits["o1"] = Value::Null;
        commits["o2"] = json!({});
        Reply::json(&json!({"data": {"repository": commits}}))
    };
    server.on("CommitDates", answer(100)).on("CommitDates", answer(30));
    let mut asked_for = shas.clone();
    asked_for.insert(50, "not a hash".to_owned());
    let client = server.client();
    let dates = client.commit_dates(&web(), &asked_for).await.expect("an answer");
    assert_eq!(dates.len(), 126, "two of each batch are not known");
    assert_eq!(dates[&shas[129]], time("2023-03-04T05:06:07Z"));
    let asked = server.asked();
    let first = &asked[0].body;
    assert_eq!(first["variables"]["o99"], json!(shas[99]));
    assert!(
        first["query"]
            .as_str()
            .is_some_and(|query| query.contains("o99: object(oid: $o99)"))
    );
    assert_eq!(
        client.spent().points,
        2,
        "a query costs at least one point where GitHub does not say"
    );
    server.finish();
}

#[tokio::test]
async fn public_emails_are_told_absent_or_left_open() {
    let server = Server::start().await;
    let errors = json!([
        {"type": "NOT_FOUND", "path": ["u2"], "message": "Could not resolve to a User with the login of 'gone'."},
        {"type": "INTERNAL", "path": ["u3"], "message": "oops"},
    ]);
    let data = json!({"rateLimit": {"cost": 1}, "u0": {"databaseId": 2, "email": "mona@acme.test"}, "u1": {"databaseId": null, "email": ""}, "u2": null, "u3": null});
    server.on("PublicEmails", Reply::json(&json!({"data": data, "errors": errors})));
    let logins = ["mona", "shy", "dependabot[bot]", "gone", "unlucky"].map(str::to_owned);
    let emails = server.client().public_emails(&logins).await.expect("an answer");
    let told: Vec<_> = emails
        .iter()
        .map(|one| (one.person.login.as_str(), one.person.id, one.email.as_deref()))
        .collect();
    // Of "unlucky" nothing was said: it is asked again another time.
    assert_eq!(
        told,
        [
            ("mona", Some(2), Some("mona@acme.test")),
            ("shy", None, None),
            ("gone", None, None),
            ("dependabot[bot]", None, None)
        ]
    );
    server.finish();
}

#[tokio::test]
async fn a_repository_is_found_by_its_node_id() {
    let server = Server::start().await;
    let not_found =
        json!({"data": {"node": null}, "errors": [{"type": "NOT_FOUND", "path": ["node"], "message": "Could not resolve"}]});
    server
        .on(
            "RepositoryByNodeId",
            Reply::json(&json!({"data": {"node": {"nameWithOwner": "acme/website"}}})),
        )
        .on("RepositoryByNodeId", Reply::json(&not_found))
        .on("RepositoryByNodeId", Reply::json(&json!({"data": {"node": {}}})))
        .on(
            "RepositoryByNodeId",
            Reply::json(&json!({"data": null, "errors": [{"type": "NOT_FOUND", "message": "no"}]})),
        );
    let client = server.client();
    let name = client.repository_by_node_id("R_5").await.expect("an answer");
    assert_eq!(name, Some("acme/website".parse().expect("a name")));
    for _ in 0..3 {
        assert_eq!(client.repository_by_node_id("R_5").await.expect("an answer"), None);
    }
    for kind in ["FORBIDDEN", "SOMETHING_NEW"] {
        let errors = json!([{"type": kind, "path": ["node"], "message": "no"}]);
        server.on(
            "RepositoryByNodeId",
            Reply::json(&json!({"data": {"node": null}, "errors": errors})),
        );
        let error = client.repository_by_node_id("R_5").await.expect_err("not known");
        assert!(!error.is_gone(), "{error}");
    }
    server.finish();
}
