//! Objects of GitHub, as small as the client takes them, and the single reads.

use erpnext_github::domain::{OwnerKind, Visibility};
use erpnext_github::github::Viewer;
use serde_json::{Value, json};

use super::canned::{Reply, Server};
use super::{TOKEN, time, web};

pub(super) fn repository(id: u64, full_name: &str) -> Value {
    let (owner, name) = full_name.split_once('/').expect("a name");
    json!({
        "id": id, "node_id": format!("R_{id}"), "name": name, "full_name": full_name, "private": true, "visibility": "internal",
        "owner": {"login": owner, "id": 9, "type": "Organization", "avatar_url": "https://avatars.test/9"},
        "html_url": format!("https://github.com/{full_name}"), "description": null, "fork": false, "archived": false,
        "has_issues": true, "default_branch": "main", "stargazers_count": 3, "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2023-01-01T00:00:00Z", "pushed_at": null,
    })
}

pub(super) fn issue(number: u64) -> Value {
    json!({
        "id": 1000 + number, "node_id": format!("I_{number}"), "number": number, "title": format!("Issue {number}"),
        "user": {"login": "mona", "id": 2}, "labels": [], "assignees": [], "milestone": null, "comments": 0, "locked": false,
        "html_url": format!("https://github.com/acme/web/issues/{number}"), "state": "open", "body": null, "closed_at": null,
        "created_at": "2023-01-01T00:00:00Z", "updated_at": "2023-01-02T00:00:00Z",
    })
}

#[tokio::test]
async fn a_repository_is_read_with_githubs_clock() {
    let server = Server::start().await;
    server.on("/repos/acme/web", Reply::json(&repository(5, "acme/web")));
    let client = server.client();
    let fetched = client.repository(&web()).await.expect("a repository");
    assert_eq!(fetched.date, time("2023-11-14T22:13:20Z"), "GitHub's clock, not ours");
    let repository = fetched.value;
    assert_eq!((repository.id, repository.name.as_str()), (5, "acme/web"));
    assert_eq!(
        (repository.visibility, repository.owner.kind),
        (Visibility::Internal, OwnerKind::Organization)
    );

    let asked = server.asked();
    let header = |name: &str| {
        asked[0]
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(asked[0].method, "GET");
    assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(header("accept"), "application/vnd.github+json");
    assert_eq!(header("x-github-api-version"), "2022-11-28");
    assert_eq!(header("user-agent"), concat!("erpnext-github/", env!("CARGO_PKG_VERSION")));
    assert!(header("accept-encoding").contains("gzip"), "{:?}", asked[0].headers);
    assert!(!format!("{client:?}").contains(TOKEN));
    let spent = client.spent();
    assert_eq!((spent.requests, spent.points, spent.not_modified), (1, 1, 0));
    assert_eq!(client.clone().spent(), spent, "clones count together");
    server.finish();
}

#[tokio::test]
async fn the_viewer_has_scopes_only_with_a_classic_token() {
    let server = Server::start().await;
    let user = json!({"login": "mona", "id": 2, "type": "User"});
    server
        .on("/user", Reply::json(&user).header("x-oauth-scopes", "repo, read:org"))
        .on("/user", Reply::json(&user).header("x-oauth-scopes", ""))
        .on("/user", Reply::json(&user));
    let client = server.client();
    let viewer = |scopes: Option<&[&str]>| Viewer {
        expires_at: None,
        login: "mona".to_owned(),
        id: 2,
        scopes: scopes.map(|list| list.iter().map(|&scope| scope.to_owned()).collect()),
        budget: None,
    };
    assert_eq!(client.viewer().await.expect("viewer"), viewer(Some(&["repo", "read:org"])));
    assert_eq!(client.viewer().await.expect("viewer"), viewer(Some(&[])));
    assert_eq!(client.viewer().await.expect("viewer"), viewer(None));
    let left = Reply::json(&user)
        .header("x-ratelimit-limit", "5000")
        .header("x-ratelimit-remaining", "4321")
        .header("x-ratelimit-reset", "1772370000");
    server.on("/user", left);
    let budget = client.viewer().await.expect("viewer").budget.expect("a budget");
    assert_eq!(
        (budget.remaining, budget.limit, budget.reset.timestamp()),
        (4321, 5000, 1_772_370_000)
    );
    server.finish();
}

#[tokio::test]
async fn a_gzipped_answer_is_unpacked() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed
        .write_all(repository(5, "acme/web").to_string().as_bytes())
        .expect("packing");
    let packed = packed.finish().expect("packing");
    let half = packed[..packed.len() / 2].to_vec();
    let server = Server::start().await;
    let reply = |body: Vec<u8>| Reply::raw(200, body).header("content-encoding", "gzip");
    server.on("/repos/acme/web", reply(half)).on("/repos/acme/web", reply(packed));
    let fetched = server.client().repository(&web()).await.expect("the second answer is whole");
    assert_eq!(fetched.value.id, 5);
    server.finish();
}
