//! Details of pull requests: the largest query, and how it shrinks.

use erpnext_github::domain::Person;
use erpnext_github::github::{ErrorKind, RetryAdvice};
use serde_json::{Value, json};

use super::canned::{Asked, Reply, Server};

const TIMED_OUT: &str = "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub \
                         bug. Please include `ABCD:1` when reporting this issue.";

pub(super) fn ids(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("PR_{n}")).collect()
}

fn details(nodes: &[Value], errors: &Value) -> Reply {
    Reply::json(&json!({"data": {"rateLimit": {"cost": 3}, "nodes": nodes}, "errors": errors}))
}

fn node(id: u64) -> Value {
    json!({
        "id": format!("PR_{id}"), "databaseId": null, "fullDatabaseId": id.to_string(), "headRefName": "fix", "headRefOid": "aa",
        "headRepository": null, "baseRefName": "main", "mergedBy": null, "reviewRequests": {"nodes": []},
    })
}

/// How many things each query asked for.
fn sizes(asked: &[Asked]) -> Vec<usize> {
    asked
        .iter()
        .map(|asked| asked.body["variables"]["ids"].as_array().map_or(0, Vec::len))
        .collect()
}

#[tokio::test]
async fn details_are_read_and_a_node_without_one_says_why() {
    let server = Server::start().await;
    let mut open = node(3_000_000_000);
    open["headRepository"] = json!({"nameWithOwner": "fork/web"});
    open["reviewDecision"] = json!("CHANGES_REQUESTED");
    open["mergeStateStatus"] = json!("HAS_HOOKS");
    open["mergedBy"] = json!({"__typename": "Bot", "login": "merge-queue", "databaseId": 5});
    open["reviewRequests"] = json!({"nodes": [
        {"requestedReviewer": {"__typename": "User", "login": "mona", "databaseId": 2}},
        {"requestedReviewer": {"__typename": "Team", "slug": "core"}},
        {"requestedReviewer": null}, null,
        {"requestedReviewer": {"__typename": "Bot", "login": "copilot", "databaseId": 6}},
    ]});
    let mut old_server = node(0);
    old_server["databaseId"] = json!(8);
    old_server["fullDatabaseId"] = Value::Null;
    old_server["mergeStateStatus"] = json!("UNKNOWN");
    old_server["reviewDecision"] = Value::Null;
    let errors = json!([
        {"type": "NOT_FOUND", "path": ["nodes", 1], "message": "Could not resolve to a node with the global id of 'PR_1'."},
        {"type": "FORBIDDEN", "path": ["nodes", 0, "reviewRequests", "nodes", 2, "requestedReviewer"], "message": "Resource not accessible"},
        {"type": "FORBIDDEN", "path": ["nodes", 4, "headRepository"], "message": "Resource not accessible by personal access token"},
        {"type": "INTERNAL", "path": ["nodes", 4, "mergedBy"], "message": "Something broke"},
    ]);
    server.on(
        "PullRequestDetails",
        details(&[open, Value::Null, old_server, json!({}), node(9)], &errors),
    );
    let client = server.client();
    let found = client.pull_request_details(&ids(5), true).await.expect("an answer");
    assert_eq!(
        found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        ["PR_0", "PR_1", "PR_2", "PR_3", "PR_4"]
    );

    let first = found[0].1.as_ref().expect("found");
    assert_eq!(
        (first.id, first.detail.head_repository.as_deref()),
        (3_000_000_000, Some("fork/web"))
    );
    assert_eq!(first.detail.review_decision, Some(Some("changes_requested".to_owned())));
    assert_eq!(first.detail.mergeable_state.as_deref(), Some("has_hooks"));
    let person = |id, login: &str| Person {
        id: Some(id),
        login: login.to_owned(),
    };
    assert_eq!(first.detail.merged_by, Some(person(5, "merge-queue[bot]")));
    assert_eq!(first.detail.reviewers, [person(2, "mona"), person(6, "copilot[bot]")]);
    assert_eq!(first.detail.team_reviewers, ["core"]);

    let third = found[2].1.as_ref().expect("found");
    assert_eq!(
        (third.id, &third.detail.mergeable_state, &third.detail.review_decision),
        (8, &None, &Some(None))
    );
    let reason = |index: usize| found[index].1.as_ref().expect_err("nothing").clone();
    assert!(reason(1).starts_with("Could not resolve"), "{}", reason(1));
    assert_eq!(reason(3), "GitHub has no pull request under this node id");
    assert_eq!(
        reason(4),
        "Something broke",
        "a hole that a failure left is not taken for empty; what is hidden is"
    );

    let asked = server.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("POST", "/graphql"));
    assert_eq!(asked[0].body["variables"]["open"], json!(true));
    assert_eq!((client.spent().requests, client.spent().points), (1, 3), "GitHub's own count");
    server.finish();
}

#[tokio::test]
async fn closed_ones_are_not_asked_for_their_merge_state_but_for_what_the_reviews_came_to() {
    let server = Server::start().await;
    let mut merged = node(1);
    merged["reviewDecision"] = json!("APPROVED");
    server.on("PullRequestDetails", details(&[merged], &Value::Null));
    let found = server.client().pull_request_details(&ids(1), false).await.expect("an answer");
    let facts = found[0].1.as_ref().expect("found");
    let approved = Some(Some("approved".to_owned()));
    assert_eq!(
        (&facts.detail.review_decision, &facts.detail.mergeable_state),
        (&approved, &None)
    );
    assert_eq!(server.asked()[0].body["variables"]["open"], json!(false));
    server.finish();
}

#[tokio::test]
async fn a_token_that_may_not_ask_about_teams_asks_about_the_rest() {
    let server = Server::start().await;
    let scopes = "Your token has not been granted the required scopes to execute this query. The 'slug' field requires one of the \
                  following scopes: ['read:org', 'read:discussion'], but your token has only been granted the: ['repo'] scopes.";
    let refused = Reply::json(&json!({"errors": [{"type": "INSUFFICIENT_SCOPES", "locations": [], "message": scopes}]}));
    server.on("PullRequestDetails", refused.header("x-oauth-scopes", "repo"));
    server.on("PullRequestDetailsWithoutTeams", details(&[node(1)], &Value::Null));
    server.on("PullRequestDetailsWithoutTeams", details(&[node(2)], &Value::Null));
    let client = server.client();
    for id in [1, 2] {
        let found = client.pull_request_details(&ids(1), true).await.expect("an answer");
        assert_eq!(found[0].1.as_ref().expect("found").id, id);
    }
    let asked = server.asked();
    let team = |asked: &Asked| asked.body["query"].as_str().is_some_and(|query| query.contains("on Team"));
    assert_eq!(
        asked.iter().map(team).collect::<Vec<_>>(),
        [true, false, false],
        "refused once, remembered"
    );

    let email = scopes
        .replace("read:org", "user:email")
        .replace("read:discussion", "read:user");
    let refused = Reply::json(&json!({"errors": [{"type": "INSUFFICIENT_SCOPES", "message": email}]}));
    server.on("PublicEmails", refused.header("x-oauth-scopes", "repo"));
    let error = client.public_emails(&["mona".to_owned()]).await.expect_err("refused");
    assert!(
        error
            .action()
            .starts_with("give the token the scope user:email or read:user (it has: repo)"),
        "{error}"
    );
    server.finish();
}

#[tokio::test]
async fn a_query_that_is_too_heavy_shrinks_and_stays_small() {
    let server = Server::start().await;
    let of = |count: usize| details(&vec![node(1); count], &Value::Null);
    let limit = json!([{"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["nodes", 40], "message": "Resource limits for this query exceeded."}]);
    server
        .on("PullRequestDetails", Reply::status(502, "Server Error"))
        .on("PullRequestDetails", details(&vec![node(1); 50], &limit))
        .on("PullRequestDetails", of(25))
        .on(
            "PullRequestDetails",
            Reply::json(&json!({"data": null, "errors": [{"message": TIMED_OUT}]})),
        );
    for count in [10, 10, 10, 10, 10, 10, 10, 5] {
        server.on("PullRequestDetails", of(count));
    }
    let client = server.client();
    let found = client.pull_request_details(&ids(100), false).await.expect("in parts");
    assert_eq!(
        found.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(),
        ids(100),
        "in order, none twice"
    );
    assert_eq!(sizes(&server.asked()), [100, 50, 25, 25, 10, 10, 10, 10, 10, 10, 10, 5]);

    // Another operation is as large as ever; this one stays small, for a clone too.
    let counts = json!({"data": {"nodes": vec![json!({"comments": {"totalCount": 4}}); 100]}});
    server.on("CommentCounts", Reply::json(&counts));
    server.on("PullRequestDetails", of(10));
    server.on("PullRequestDetails", of(2));
    let counts = client.comment_counts(&ids(100)).await.expect("an answer");
    assert_eq!((counts.len(), counts["PR_7"]), (100, 4));
    client.clone().pull_request_details(&ids(12), false).await.expect("an answer");
    server.finish();
}

#[tokio::test]
async fn the_smallest_query_is_tried_like_any_read() {
    let server = Server::start().await;
    server
        .on("PullRequestDetails", Reply::status(504, "We couldn't respond in time"))
        .on(
            "PullRequestDetails",
            Reply::json(&json!({"data": null, "errors": [{"message": TIMED_OUT}]})),
        )
        .on("PullRequestDetails", details(&vec![node(1); 10], &Value::Null));
    let client = server.client();
    assert_eq!(
        client.pull_request_details(&ids(10), false).await.expect("the third").len(),
        10
    );
    for _ in 0..3 {
        server.on("PullRequestDetails", Reply::status(502, ""));
    }
    let error = client.pull_request_details(&ids(10), false).await.expect_err("three times");
    assert_eq!((error.kind(), error.advice()), (&ErrorKind::Server, RetryAdvice::Smaller));
    assert_eq!(error.path(), "/graphql PullRequestDetails");
    server.finish();
}
