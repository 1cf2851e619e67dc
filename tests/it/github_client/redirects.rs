//! Where the token may go.

use erpnext_github::github::ErrorKind;
use serde_json::json;

use super::canned::{Reply, Server};
use super::objects::{issue, repository};
use super::{TOKEN, web};

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_old_name() {
    for status in [301, 302, 307, 308] {
        let server = Server::start().await;
        server.on(
            "/repos/acme/web",
            Reply::to(status, &format!("{}/repositories/5", server.url)),
        );
        server.on("/repositories/5", Reply::json(&repository(5, "acme/website")));
        let client = server.client();
        let found = client.repository(&web()).await.expect("followed").value;
        assert_eq!((found.id, found.name.as_str()), (5, "acme/website"));
        let asked = server.asked();
        let expected = format!("Bearer {TOKEN}");
        assert!(asked.iter().all(|asked| asked.headers["authorization"] == expected.as_str()));
        assert_eq!(client.spent().requests, 2);
        server.finish();
    }
}

#[tokio::test]
async fn another_host_never_sees_a_request() {
    let (server, other) = (Server::start().await, Server::start().await);
    server.on("/repos/acme/web", Reply::to(301, &format!("{}/repos/acme/web", other.url)));
    let next = format!("<{}/page2>; rel=\"next\"", other.url);
    server.on(
        "/repos/acme/web/issues",
        Reply::json(&json!([issue(1)])).header("link", &next),
    );
    server.on("/repos/acme/web/branches", Reply::to(302, "//evil.test/steal"));
    let client = server.client();

    let error = client.repository(&web()).await.expect_err("another host");
    let ErrorKind::CrossHostRedirect { host } = error.kind() else {
        panic!("{error}")
    };
    assert!(other.url.ends_with(host.as_str()), "{host}");
    assert!(error.to_string().contains("check github_api_url"), "{error}");

    let error = client.items(&web(), None).next().await.expect_err("a page elsewhere");
    assert!(matches!(error.kind(), ErrorKind::CrossHostRedirect { .. }), "{error}");
    let error = client.branches(&web()).next().await.expect_err("another host");
    let expected = ErrorKind::CrossHostRedirect {
        host: "evil.test".to_owned(),
    };
    assert_eq!(error.kind(), &expected);

    assert!(other.asked().is_empty());
    assert_eq!(server.asked().len(), 3, "none is tried again");
    server.finish();
}

#[tokio::test]
async fn a_circle_and_a_redirect_to_nowhere_end() {
    let server = Server::start().await;
    for _ in 0..5 {
        server.on("/repos/acme/web", Reply::to(301, "/repos/acme/web"));
    }
    server.on("/user", Reply::status(302, "where?"));
    let client = server.client();
    let error = client.repository(&web()).await.expect_err("a circle");
    assert!(matches!(error.kind(), ErrorKind::Moved { to: Some(_) }), "{error}");
    let error = client.viewer().await.expect_err("nowhere");
    assert_eq!(error.kind(), &ErrorKind::Moved { to: None });
    server.finish();
}

#[tokio::test]
async fn a_query_is_not_sent_elsewhere() {
    let server = Server::start().await;
    server.on("RepositoryByNodeId", Reply::to(307, "/api/graphql"));
    let error = server.client().repository_by_node_id("R_5").await.expect_err("not followed");
    let to = Some("/api/graphql".to_owned());
    assert_eq!(error.kind(), &ErrorKind::Moved { to });
    assert_eq!(server.asked().len(), 1);
    server.finish();
}
