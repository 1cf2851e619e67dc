//! What GitHub lists, handed on.

use erpnext_github::sim::github::Fault;
use serde_json::{Value, json};

use super::company;

const GITHUB_API: &str = "erpnext_github_integration.github_api.";

/// One field of each thing of a list.
fn field(list: &Value, name: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| item[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn lists_are_whole_and_as_github_writes_them() {
    let (mirror, desk) = company().await;
    mirror.github.world().repository("octo/web").with_branches(150);
    let branches = desk
        .get(
            "member@x.com",
            &format!("{GITHUB_API}list_branches"),
            &[("repo_full_name", "octo/web")],
        )
        .await;
    assert_eq!(branches.message().as_array().expect("a list").len(), 150);
    assert!(branches.message()[0]["commit"]["sha"].is_string());
    let members = desk
        .post(
            "member@x.com",
            &format!("{GITHUB_API}list_repo_members"),
            &[("repo_full_name", "octo/web")],
        )
        .await;
    assert_eq!(field(members.message(), "login"), ["octo", "pusher", "member"]);
    let repositories = desk.post("admin@x.com", &format!("{GITHUB_API}list_repositories"), &[]).await;
    assert_eq!(field(repositories.message(), "full_name"), ["octo/secret", "octo/web"]);
    for odd in ["../user", "a/b", "-x"] {
        let answer = desk
            .post(
                "admin@x.com",
                &format!("{GITHUB_API}list_repositories"),
                &[("organization", odd)],
            )
            .await;
        assert_eq!(answer.status, 417, "{answer:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn the_connection_is_tested_and_what_is_wrong_with_it_said() {
    let (mirror, desk) = company().await;
    let test = format!("{GITHUB_API}test_connection");
    let good = desk.post("admin@x.com", &test, &[]).await;
    assert_eq!(
        (&good.message()["success"], &good.message()["user"]),
        (&json!(true), &json!("octo"))
    );
    mirror.github.world().faults.push(Fault::status("/user", 401).always());
    let bad = desk.post("admin@x.com", &test, &[]).await;
    assert_eq!(bad.message()["success"], json!(false));
    let error = bad.message()["error"].as_str().unwrap_or_default();
    assert!(error.contains("store a valid token"), "{error}");
    mirror.finish().await;
}
