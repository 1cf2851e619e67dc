//! Lists: paging, odd items, and where repositories of an owner are found.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::{PullRequestState, RepoName};
use erpnext_github::github::{ErrorKind, FeedItem, Page, Pages};
use serde_json::{Value, json};

use super::canned::{Reply, Server};
use super::objects::{issue, repository};
use super::{time, web};

const ISSUES: &str = "/repos/acme/web/issues";

async fn all<T: Send + 'static>(mut pages: Pages<T>) -> Vec<Page<T>> {
    let mut all = Vec::new();
    while let Some(page) = pages.next().await.expect("a page") {
        all.push(page);
    }
    assert!(pages.next().await.expect("the end stays the end").is_none());
    all
}

fn numbers(page: &Page<FeedItem>) -> Vec<u64> {
    page.items.iter().map(|item| item.item().number).collect()
}

fn pull_request(number: u64) -> Value {
    let mut value = issue(number);
    value["pull_request"] = json!({"url": "https://x", "merged_at": "2023-02-01T00:00:00Z"});
    value["node_id"] = json!(format!("PR_{number}"));
    value["state"] = json!("closed");
    value
}

#[tokio::test]
async fn pages_are_followed_by_link_and_nothing_else() {
    let server = Server::start().await;
    let first = format!(
        "<{0}/repositories/5/issues?page=2>; rel=\"next\", <{0}/repositories/5/issues?page=3>; rel=\"last\"",
        server.url
    );
    let second = format!("<{0}/repositories/5/issues?page=3>; rel=\"next\"", server.url);
    server.on(
        ISSUES,
        Reply::json(&json!([issue(1), pull_request(2)])).header("link", &first),
    );
    server.on(
        "/repositories/5/issues",
        Reply::json(&json!([issue(3)])).header("link", &second),
    );
    server.on("/repositories/5/issues", Reply::json(&json!([])));
    let client = server.client();
    let pages = all(client.items(&web(), None)).await;
    assert_eq!(pages.iter().map(numbers).collect::<Vec<_>>(), [vec![1, 2], vec![3], vec![]]);
    assert!(
        pages
            .iter()
            .all(|page| page.total_pages == Some(3) && page.date == time("2023-11-14T22:13:20Z"))
    );
    let FeedItem::PullRequest(found) = &pages[0].items[1] else {
        panic!("a pull request")
    };
    assert_eq!(
        (found.id, found.state, found.item.node_id.as_str()),
        (None, PullRequestState::Merged, "PR_2")
    );
    let asked = server.asked();
    assert_eq!(asked[0].query, "state=all&sort=created&direction=asc&per_page=100");
    assert_eq!(asked[2].query, "page=3");
    assert_eq!(client.spent().requests, 3);
    server.finish();
}

#[tokio::test]
async fn a_list_with_cursors_has_no_known_length() {
    let server = Server::start().await;
    let next = "</repos/acme/web/issues?after=Y3Vyc29yOjE%3D&per_page=100>; rel=\"next\"";
    server.on(ISSUES, Reply::json(&json!([issue(1)])).header("link", next));
    server.on(ISSUES, Reply::json(&json!([issue(2)])));
    let pages = all(server.client().items(&web(), Some(time("2023-05-06T07:08:09.9Z")))).await;
    assert_eq!(pages.iter().map(|page| page.total_pages).collect::<Vec<_>>(), [None, None]);
    let asked = server.asked();
    assert_eq!(
        asked[0].query,
        "state=all&sort=updated&direction=asc&per_page=100&since=2023-05-06T07%3A08%3A09Z"
    );
    assert_eq!(asked[1].query, "after=Y3Vyc29yOjE%3D&per_page=100");
    server.finish();
}

#[tokio::test]
async fn a_list_of_one_page_says_so() {
    let server = Server::start().await;
    server.on(ISSUES, Reply::json(&json!([])));
    let pages = all(server.client().items(&web(), None)).await;
    assert_eq!((pages.len(), pages[0].total_pages), (1, Some(1)));
    server.finish();
}

/// A page that failed is fetched again, and no other is.
#[tokio::test]
async fn f35_a_failed_page_repeats_nothing() {
    let server = Server::start().await;
    server.on(ISSUES, Reply::json(&json!([issue(1)])).header("link", "</page2>; rel=next"));
    server.on(
        "/page2",
        Reply::status(403, "API rate limit exceeded").header("retry-after", "600"),
    );
    server.on("/page2", Reply::json(&json!([issue(2)])));
    let clock = FixedClock::at(super::our_clock());
    let mut pages = server.client_by(clock.clone()).items(&web(), None);
    assert_eq!(numbers(&pages.next().await.expect("first").expect("a page")), [1]);
    let error = pages.next().await.expect_err("a limit");
    assert!(matches!(error.kind(), ErrorKind::RateLimited { .. }), "{error}");
    clock.advance(TimeDelta::seconds(601));
    assert_eq!(numbers(&pages.next().await.expect("second").expect("a page")), [2]);
    assert!(pages.next().await.expect("end").is_none());
    server.finish();
}

#[tokio::test]
async fn odd_items_do_not_end_a_page() {
    let server = Server::start().await;
    let mut nameless = issue(2);
    nameless["number"] = json!("two");
    let mut timeless = issue(3);
    timeless["updated_at"] = json!("yesterday");
    let mut ghost = issue(4);
    ghost["user"] = Value::Null;
    server.on(ISSUES, Reply::json(&json!([issue(1), nameless, timeless, ghost, null, 7])));
    let page = all(server.client().items(&web(), None)).await.remove(0);
    assert_eq!(numbers(&page), [1, 4]);
    let odd: Vec<_> = page.odd.iter().map(|odd| odd.what.as_str()).collect();
    assert_eq!(odd, ["id 1002", "#3", "an item", "an item"]);
    assert!(page.odd[0].reason.starts_with("at number: "), "{}", page.odd[0].reason);
    assert!(
        page.odd[1].reason.contains("`yesterday` is not a time"),
        "{}",
        page.odd[1].reason
    );
    server.finish();
}

#[tokio::test]
async fn a_page_that_is_no_list_is_an_error() {
    let server = Server::start().await;
    server.on(ISSUES, Reply::json(&json!({"message": "not a list"})));
    server.on(
        ISSUES,
        Reply::json(&json!([])).header("link", &format!("<{}{ISSUES}?page=2>; rel=next", server.url)),
    );
    server.on(
        ISSUES,
        Reply::json(&json!([])).header("link", &format!("<{}{ISSUES}?page=2>; rel=next", server.url)),
    );
    let client = server.client();
    let error = client.items(&web(), None).next().await.expect_err("no list");
    assert!(matches!(error.kind(), ErrorKind::Decode { .. }), "{error}");
    let mut pages = client.items(&web(), None);
    pages.next().await.expect("the first page");
    let error = pages.next().await.expect_err("a page that leads to itself");
    assert!(error.to_string().contains("the next page is this page"), "{error}");
    server.finish();
}

#[tokio::test]
async fn issues_that_are_switched_off_are_gone_and_pull_requests_are_not() {
    let server = Server::start().await;
    server.on(ISSUES, Reply::status(410, "Issues are disabled for this repo"));
    let mut whole = issue(4);
    whole["id"] = json!(77);
    whole["head"] = json!({"ref": "fix", "sha": "aa", "repo": {"full_name": "fork/web"}});
    whole["base"] = json!({"ref": "main", "sha": "bb", "repo": null});
    server.on("/repos/acme/web/pulls", Reply::json(&json!([whole])));
    let client = server.client();
    let error = client.items(&web(), None).next().await.expect_err("gone");
    assert!(*error.kind() == ErrorKind::Gone && error.is_gone(), "{error}");
    let page = all(client.pull_requests(&web())).await.remove(0);
    let found = &page.items[0];
    let detail = found.detail.as_ref().expect("a list has the detail");
    assert_eq!((found.id, detail.head_repository.as_deref()), (Some(77), Some("fork/web")));
    assert_eq!((&detail.review_decision, &detail.mergeable_state), (&None, &None));
    assert_eq!(server.asked()[1].query, "state=all&sort=created&direction=asc&per_page=100");
    server.finish();
}

#[tokio::test]
async fn branches_and_collaborators_are_read() {
    let server = Server::start().await;
    let branches = json!([
        {"name": "main", "commit": {"sha": "aa", "url": "https://x"}, "protected": true},
        {"name": "fix/ü#1", "commit": {"sha": "bb", "url": "https://x"}},
        {"name": "odd"},
    ]);
    server.on("/repos/acme/web/branches", Reply::json(&branches));
    let people = json!([{"login": "mona", "id": 2, "role_name": "maintain"}, {"login": "ci[bot]", "id": 3, "role_name": "read"}]);
    server.on("/repos/acme/web/collaborators", Reply::json(&people));
    let client = server.client();
    let page = all(client.branches(&web())).await.remove(0);
    let read: Vec<_> = page
        .items
        .iter()
        .map(|b| (b.name.as_str(), b.head_sha.as_str(), b.protected))
        .collect();
    assert_eq!(read, [("main", "aa", true), ("fix/ü#1", "bb", false)]);
    assert_eq!(page.odd[0].what, "odd");
    let page = all(client.collaborators(&web())).await.remove(0);
    let read: Vec<_> = page
        .items
        .iter()
        .map(|m| (m.person.login.as_str(), m.permission.as_str()))
        .collect();
    assert_eq!(read, [("mona", "maintain"), ("ci[bot]", "read")]);
    assert_eq!(server.asked()[1].query, "affiliation=all&per_page=100");
    server.finish();
}

fn mona() -> Reply {
    Reply::json(&json!({"login": "mona", "id": 2}))
}

fn names(pages: &[Page<erpnext_github::domain::Repository>]) -> Vec<RepoName> {
    pages
        .iter()
        .flat_map(|page| &page.items)
        .map(|repository| repository.name.clone())
        .collect()
}

#[tokio::test]
async fn repositories_of_an_organisation_a_user_and_oneself() {
    let server = Server::start().await;
    server.on("/user", mona());
    server.on("/orgs/acme/repos", Reply::json(&json!([repository(5, "acme/web")])));
    server.on("/orgs/hubot/repos", Reply::status(404, "Not Found"));
    server.on("/users/hubot/repos", Reply::json(&json!([repository(6, "hubot/dots")])));
    server.on(
        "/user/repos",
        Reply::json(&json!([repository(7, "mona/x"), repository(8, "mona/y")])),
    );
    let client = server.client();
    let of = async |owner: &str| names(&all(client.repositories_of(owner)).await);
    assert_eq!(of("acme").await, [web()]);
    assert_eq!(of("hubot").await, ["hubot/dots".parse().expect("a name")]);
    assert_eq!(of("Mona").await.len(), 2);
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|asked| asked.path == "/user").count(), 1, "asked once");
    assert_eq!(asked[1].query, "type=all&per_page=100&sort=full_name&direction=asc");
    let own = "affiliation=owner&per_page=100&sort=full_name&direction=asc";
    assert!(
        asked.iter().any(|asked| asked.path == "/user/repos" && asked.query == own),
        "private ones too, and nobody else's: {asked:?}"
    );
    server.finish();
}

#[tokio::test]
async fn repositories_of_nobody_are_an_error_with_a_sentence() {
    let server = Server::start().await;
    server.on("/user", Reply::status(403, "Resource not accessible by integration"));
    server.on("/orgs/nobody/repos", Reply::status(404, "Not Found"));
    server.on("/users/nobody/repos", Reply::status(404, "Not Found"));
    let client = server.client();
    let error = client.repositories_of("nobody").next().await.expect_err("nobody");
    assert_eq!(error.path(), "/users/nobody/repos");
    for bad in ["", "..", "a/b", "a b", "../user", "a?x=1"] {
        let error = client.repositories_of(bad).next().await.expect_err(bad);
        assert!(
            error.to_string().contains("is not the login of a user or an organisation"),
            "{error}"
        );
    }
    assert_eq!(server.asked().len(), 3);
    server.finish();
}

/// A list whose beginning could not be worked out must not look like an empty one.
#[tokio::test]
async fn a_list_that_could_not_begin_begins_again() {
    let server = Server::start().await;
    for _ in 0..3 {
        server.on("/user", Reply::status(500, "oops"));
    }
    server.on("/user", mona());
    server.on("/orgs/acme/repos", Reply::json(&json!([repository(5, "acme/web")])));
    let mut pages = server.client().repositories_of("acme");
    assert_eq!(pages.next().await.expect_err("a failure").kind(), &ErrorKind::Server);
    assert_eq!(pages.next().await.expect("a page").expect("not the end").items.len(), 1);
    server.finish();
}

#[tokio::test]
async fn what_single_sign_on_leaves_out_is_told() {
    let server = Server::start().await;
    server.on("/user", mona());
    let partial = Reply::json(&json!([repository(5, "acme/web")]))
        .header("x-github-sso", "partial-results; organizations=21955855,20582480");
    server.on("/user/repos", partial);
    let page = all(server.client().repositories_of("mona")).await.remove(0);
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.odd[0].what, "organisations with the ids 21955855,20582480");
    server.finish();
}

/// A task that walks a list must be one that tokio can move between threads.
#[tokio::test]
async fn a_walk_can_be_spawned() {
    let server = Server::start().await;
    server.on(ISSUES, Reply::json(&json!([issue(1)])));
    let pages = server.client().items(&web(), None);
    let count = tokio::spawn(async move { all(pages).await.len() }).await.expect("joined");
    assert_eq!(count, 1);
}
