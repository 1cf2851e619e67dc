//! Asking only for what changed.

use erpnext_github::github::{Conditional, ErrorKind};
use serde_json::json;

use super::canned::{Reply, Server};
use super::objects::issue;
use super::{time, web};

#[tokio::test]
async fn not_modified_costs_nothing() {
    let server = Server::start().await;
    let path = "/repos/acme/web/issues";
    let first = Reply::json(&json!([issue(1)]))
        .header("etag", "W/\"abc\"")
        .header("link", "</repos/acme/web/issues?page=2>; rel=\"next\"");
    server
        .on(path, first)
        .on(path, Reply::raw(304, ""))
        .on(path, Reply::raw(200, "[1,"));
    server.on(path, Reply::raw(200, "[1]"));
    let client = server.client();

    let asked = "/repos/acme/web/issues?state=all&per_page=100";
    let answer = client.get_conditional(asked, None).await.expect("an answer");
    let answer = answer.changed().expect("new");
    assert_eq!((answer.etag.as_deref(), answer.has_next), (Some("W/\"abc\""), true));
    assert_eq!(client.spent().points, 1);

    let again = client
        .get_conditional(asked, answer.etag.as_deref())
        .await
        .expect("an answer");
    let date = time("2023-11-14T22:13:20Z");
    assert_eq!(again, Conditional::NotModified { date });
    let spent = client.spent();
    assert_eq!((spent.requests, spent.points, spent.not_modified), (2, 1, 1));

    let third = client
        .get_conditional(asked, answer.etag.as_deref())
        .await
        .expect("an answer");
    assert_eq!(third.changed().expect("new").body, b"[1]", "a cut body is read again");

    let seen = server.asked();
    assert_eq!(seen[0].query, "state=all&per_page=100");
    assert!(seen[0].headers.get("if-none-match").is_none());
    assert_eq!(seen[1].headers["if-none-match"], "W/\"abc\"");
    server.finish();
}

#[tokio::test]
async fn a_page_tells_its_tag() {
    let server = Server::start().await;
    server.on("/repos/acme/web/issues", Reply::json(&json!([])).header("etag", "\"e\""));
    let page = server
        .client()
        .items(&web(), None)
        .next()
        .await
        .expect("an answer")
        .expect("a page");
    assert_eq!(page.etag.as_deref(), Some("\"e\""));
    server.finish();
}

#[tokio::test]
async fn no_path_leads_out_of_the_rest_address() {
    let server = Server::start().await;
    let client = super::client_at(&format!("{}/api/v3", server.url), super::options());
    for path in [
        "",
        "user",
        "@evil.test/",
        ":1/",
        "/../../login",
        "/repos/%2e%2e/%2e%2e/..",
        "//evil.test",
        "/..",
    ] {
        let result = client.get_conditional(path, None).await;
        if path == "//evil.test" {
            assert_eq!(
                server.asked().last().map(|asked| asked.path.clone()).as_deref(),
                Some("/api/v3//evil.test")
            );
            continue;
        }
        let error = result.expect_err(path);
        assert!(matches!(error.kind(), ErrorKind::Setup { .. }), "{path}: {error}");
    }
    assert_eq!(server.asked().len(), 1);
}
