//! Lists of labels, milestones, releases, comments and commits; their first page known again; and whether things are still there.

use erpnext_github::github::{Presence, ReviewsAfter};
use serde_json::{Value, json};

use super::canned::{Reply, Server};
use super::{time, web};

#[tokio::test]
async fn a_list_whose_first_page_is_known_ends_at_once_and_costs_nothing() {
    let server = Server::start().await;
    let path = "/repos/acme/web/labels";
    let label = json!({"id": 1, "node_id": "LA_1", "name": "bug", "color": "f00", "description": null, "default": true});
    server.on(path, Reply::json(&json!([label])).header("etag", "W/\"abc\""));
    server.on(path, Reply::raw(304, ""));
    let client = server.client();
    let mut pages = client.labels(&web());
    let page = pages.next().await.expect("an answer").expect("a page");
    assert_eq!((page.items[0].name.as_str(), page.items[0].is_default), ("bug", true));
    assert!(pages.next().await.expect("an answer").is_none() && !pages.is_unchanged());

    let mut pages = client.labels(&web()).unless(page.etag);
    assert!(pages.next().await.expect("an answer").is_none());
    assert!(pages.is_unchanged() && pages.is_ended());
    assert!(pages.stand_still().await.expect("nothing to look at"));
    assert_eq!((client.spent().requests, client.spent().points), (2, 1));
    assert_eq!(server.asked()[1].headers["if-none-match"], "W/\"abc\"");
    server.finish();
}

#[tokio::test]
async fn only_the_first_page_is_asked_for_by_its_tag() {
    let server = Server::start().await;
    let path = "/repos/acme/web/milestones";
    let more = "</repos/acme/web/milestones?page=2>; rel=\"next\"";
    server.on(path, Reply::json(&json!([])).header("link", more));
    server.on(path, Reply::json(&json!([])));
    let mut pages = server.client().milestones(&web()).unless(Some("\"old\"".to_owned()));
    while pages.next().await.expect("an answer").is_some() {}
    assert!(!pages.is_unchanged());
    let asked = server.asked();
    assert_eq!(asked[0].query, "state=all&per_page=100");
    assert_eq!(asked[0].headers["if-none-match"], "\"old\"");
    assert!(asked[1].headers.get("if-none-match").is_none());
    server.finish();
}

#[tokio::test]
async fn lists_are_asked_for_in_an_order_that_hides_nothing() {
    let server = Server::start().await;
    for path in ["releases", "issues/comments", "issues/comments", "commits"] {
        server.on(
            &format!("/repos/acme/web/{path}"),
            Reply::json(&json!([{"id": 7, "name": "odd"}])),
        );
    }
    let (client, name, since) = (server.client(), web(), time("2024-01-02T03:04:05Z"));
    let odd = client.releases(&name).next().await.expect("an answer").expect("a page").odd;
    assert_eq!(odd[0].what, "odd");
    client.comments(&name).next().await.expect("an answer");
    client.comments_since(&name, since).next().await.expect("an answer");
    client
        .commits(&name, "feature/ü", since, None)
        .next()
        .await
        .expect("an answer");
    let queries: Vec<String> = server.asked().into_iter().map(|asked| asked.query).collect();
    assert_eq!(
        queries,
        [
            "per_page=100",
            "sort=updated&direction=desc&per_page=100",
            "sort=updated&direction=asc&per_page=100&since=2024-01-02T03%3A04%3A05Z",
            "sha=feature%2F%C3%BC&since=2024-01-02T03%3A04%3A05Z&per_page=100",
        ]
    );
    server.finish();
}

#[tokio::test]
async fn what_is_gone_moved_or_not_told_is_told_apart() {
    let server = Server::start().await;
    let home = |id: &str| json!({"repository": {"id": id}});
    let data =
        json!({"rateLimit": {"cost": 1}, "repository": {"id": "R_1"}, "nodes": [home("R_1"), home("R_2"), null, null, {}]});
    let errors = json!([
        {"type": "NOT_FOUND", "path": ["nodes", 2], "message": "Could not resolve to a node with the global id of 'c'"},
        {"type": "INTERNAL", "path": ["nodes", 3], "message": "Something broke"},
    ]);
    server.on("NodesThere", Reply::json(&json!({"data": data, "errors": errors})));
    let ids: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).into();
    let mut found: Vec<(String, Presence)> = server
        .client()
        .nodes_there(&web(), &ids)
        .await
        .expect("an answer")
        .into_iter()
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let told = [("a", Presence::Here), ("b", Presence::Moved), ("c", Presence::Deleted)];
    assert_eq!(found, told.map(|(id, presence)| (id.to_owned(), presence)));
    server.finish();
}

#[tokio::test]
async fn further_pages_of_reviews_are_asked_for_each_from_its_cursor() {
    let server = Server::start().await;
    let review = |id: u64, state: &str| {
        json!({
            "id": format!("PRR_{id}"), "databaseId": null, "fullDatabaseId": id.to_string(), "state": state, "body": "", "url": "https://x",
            "author": {"__typename": "User", "login": "mona", "databaseId": 2}, "submittedAt": "2024-01-02T03:04:05Z",
            "updatedAt": "2024-01-02T03:04:06Z", "commit": {"oid": "aa"},
        })
    };
    let page = |nodes: &[Value], more: bool| json!({"reviews": {"pageInfo": {"hasNextPage": more, "endCursor": "next"}, "nodes": nodes}});
    let data = json!({
        "rateLimit": {"cost": 1},
        "p0": page(&[review(3_000_000_000, "APPROVED"), review(8, "AMAZED")], true),
        "p1": page(&[], false),
        "p2": null,
    });
    server.on("MoreReviews", Reply::json(&json!({ "data": data })));
    let after = |number: u64| ReviewsAfter {
        node_id: format!("PR_{number}"),
        number,
        after: format!("cursor {number}"),
    };
    let asked = [after(1), after(2), after(3)];
    let found = server.client().more_reviews(&asked).await.expect("an answer");
    let first = found[0].1.as_ref().expect("a page");
    assert_eq!((first.next.as_deref(), first.odd, first.reviews.len()), (Some("next"), 1, 1));
    assert_eq!((first.reviews[0].id, first.reviews[0].number), (3_000_000_000, 1));
    assert_eq!(found[1].1.as_ref().map(|page| page.next.clone()), Some(None));
    assert!(found[2].1.is_none());
    let sent = &server.asked()[0].body["variables"];
    assert_eq!((&sent["p1"], &sent["a1"]), (&json!("PR_2"), &json!("cursor 2")));
    server.finish();
}
