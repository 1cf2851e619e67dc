//! Writes on the wire: sent once, and told apart by what is known of them.

use std::time::Duration;

use erpnext_github::domain::{Login, Permission};
use erpnext_github::github::{Client, ErrorKind, NewHook, NewIssue, Write, WriteFailure};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::canned::{Reply, Server};
use super::{TOKEN, client_at, options, web};

const ISSUES: &str = "/repos/acme/web/issues";

fn issue() -> Write {
    Write::CreateIssue(NewIssue {
        title: "A".to_owned(),
        body: None,
        assignees: Vec::new(),
        labels: vec!["bug".to_owned()],
        milestone: None,
    })
}

async fn fail(client: &Client) -> WriteFailure {
    client.carry_out(&web(), &issue()).await.expect_err("no answer of success")
}

#[tokio::test]
async fn a_write_has_its_method_body_and_answer() {
    let server = Server::start().await;
    server.on(ISSUES, Reply::raw(201, json!({"number": 7}).to_string()));
    server.on("/repos/acme/web/collaborators/ada", Reply::raw(204, ""));
    let client = server.client();
    let made = client.carry_out(&web(), &issue()).await.expect("made");
    assert_eq!(made["number"], 7);
    let login: Login = "ada".parse().expect("a login");
    let write = Write::AddCollaborator {
        login,
        permission: Permission::Maintain,
    };
    assert_eq!(client.carry_out(&web(), &write).await.expect("done"), Value::Null);
    let asked = server.asked();
    assert_eq!(
        (asked[0].method.as_str(), &asked[0].body),
        ("POST", &json!({"title": "A", "labels": ["bug"]}))
    );
    assert_eq!(
        (asked[1].method.as_str(), &asked[1].body),
        ("PUT", &json!({"permission": "maintain"}))
    );
    assert_eq!(asked[0].headers["authorization"], format!("Bearer {TOKEN}").as_str());
    server.finish();
}

#[tokio::test]
async fn f34_what_may_have_been_done_is_told_from_what_was_not_and_neither_is_sent_again() {
    for (reply, is_known) in [
        (Reply::status(400, "no"), true),
        (Reply::status(401, "Bad credentials"), true),
        (Reply::status(403, "no"), true),
        (Reply::status(404, "Not Found"), true),
        (Reply::status(409, "no"), true),
        (Reply::status(410, "Issues are disabled"), true),
        (Reply::status(422, "Validation Failed"), true),
        (Reply::status(429, "too many").header("retry-after", "60"), true),
        (Reply::status(403, "You have exceeded a secondary rate limit"), true),
        (Reply::status(408, "slow"), false),
        (Reply::status(500, "oops"), false),
        (Reply::status(502, "oops"), false),
        (Reply::status(503, "oops").header("retry-after", "0"), false),
        (Reply::raw(201, ""), false),
        (Reply::raw(201, "{\"number\": 7"), false),
    ] {
        let server = Server::start().await;
        server.on(ISSUES, reply.clone());
        let failure = fail(&server.client()).await;
        assert_eq!(matches!(failure, WriteFailure::NotDone(_)), is_known, "{reply:?}: {failure}");
        assert_eq!(server.asked().len(), 1, "{reply:?}");
        server.finish();
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent_and_without_an_answer_nobody_knows() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let failure = fail(&client_at(&url, options())).await;
    let WriteFailure::NotDone(error) = failure else {
        panic!("{failure}")
    };
    assert!(matches!(error.kind(), ErrorKind::Unreachable { .. }), "{error}");

    let server = Server::start().await;
    server.on(ISSUES, Reply::raw(201, "{}").late(Duration::from_secs(30)));
    let mut short = options();
    short.timeout = Duration::from_millis(50);
    let failure = fail(&client_at(&server.url, short)).await;
    let WriteFailure::Unknown(error) = failure else {
        panic!("{failure}")
    };
    assert_eq!(error.kind(), &ErrorKind::Timeout);
}

#[tokio::test]
async fn a_request_to_stop_keeps_a_write_from_being_sent() {
    let server = Server::start().await;
    let stop = CancellationToken::new();
    let client = server.client().until(stop.clone());
    stop.cancel();
    let failure = fail(&client).await;
    assert!(
        matches!(&failure, WriteFailure::NotDone(error) if error.is_stopped()),
        "{failure}"
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_renamed_repository_is_written_under_its_new_address_with_the_same_method_and_body() {
    for status in [307, 308] {
        let server = Server::start().await;
        server.on(ISSUES, Reply::to(status, "/repositories/5/issues"));
        server.on("/repositories/5/issues", Reply::raw(201, json!({"number": 8}).to_string()));
        let made = server.client().carry_out(&web(), &issue()).await.expect("followed");
        assert_eq!(made["number"], 8);
        let asked = server.asked();
        assert_eq!((asked[1].method.as_str(), &asked[1].body), ("POST", &asked[0].body));
        server.finish();
    }
}

#[tokio::test]
async fn a_redirect_that_would_change_the_method_or_the_host_is_not_followed() {
    let (server, other) = (Server::start().await, Server::start().await);
    server.on(ISSUES, Reply::to(301, "/repositories/5/issues"));
    server.on(ISSUES, Reply::to(307, &format!("{}{ISSUES}", other.url)));
    let client = server.client();
    let failure = fail(&client).await;
    assert!(
        matches!(&failure, WriteFailure::NotDone(error) if matches!(error.kind(), ErrorKind::Moved { .. })),
        "{failure}"
    );
    let failure = fail(&client).await;
    assert!(
        matches!(&failure, WriteFailure::NotDone(error) if matches!(error.kind(), ErrorKind::CrossHostRedirect { .. })),
        "{failure}"
    );
    assert!(other.asked().is_empty());
    server.finish();
}

#[tokio::test]
async fn the_secret_of_a_hook_is_sent_and_in_no_error() {
    let server = Server::start().await;
    server.on(
        "/repos/acme/web/hooks",
        Reply::status(422, "Hook already exists on this repository"),
    );
    let write = Write::CreateWebhook(NewHook {
        url: "https://erp.example.com/x".to_owned(),
        events: vec!["push".to_owned()],
        secret: Some(SecretString::from("very secret")),
        organization: None,
    });
    let failure = server.client().carry_out(&web(), &write).await.expect_err("refused");
    assert!(!format!("{failure} {failure:?}").contains("very secret"));
    assert!(
        failure.to_string().contains("Hook already exists") && failure.to_string().contains("try again"),
        "{failure}"
    );
    assert_eq!(server.asked()[0].body["config"]["secret"], "very secret");
    server.finish();
}
