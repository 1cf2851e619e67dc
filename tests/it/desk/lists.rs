//! What GitHub lists, handed on.

use erpnext_github::sim::github::Fault;
use serde_json::{Value, json};

use super::company;
use crate::support::mirror::TOKEN;

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

#[tokio::test]
async fn g1_9_the_answer_lists_the_scopes_that_the_token_has_and_the_moment_at_which_it_ends() {
    let (mirror, desk) = company().await;
    let test = format!("{GITHUB_API}test_connection");
    let end = "2026-03-21T16:05:06Z".parse().expect("a moment");
    let told = async || desk.post("admin@x.com", &test, &[]).await.message().clone();
    for scopes in [&["repo", "read:org"][..], &["public_repo"], &[]] {
        let mut world = mirror.github.world();
        world.token(TOKEN, "octo").with_scopes(scopes).expiring(end);
        drop(world);
        let told = told().await;
        assert_eq!(told["scopes"], json!(scopes), "{told}");
        assert_eq!(told["expires_at"], "2026-03-21T16:05:06Z", "{told}");
        assert_eq!(told["ends"], "2026-03-21 12:05:06.000000", "in the site's own time: {told}");
    }
    // Of a fine-grained one GitHub tells the end, and no scopes.
    mirror.github.world().token(TOKEN, "octo").fine_grained();
    let of_parts = told().await;
    assert_eq!(
        (&of_parts["scopes"], &of_parts["ends"]),
        (&Value::Null, &json!("2026-03-21 12:05:06.000000"))
    );
    mirror.github.world().token(TOKEN, "octo").expires_at = None;
    let endless = told().await;
    assert_eq!(
        (&endless["expires_at"], &endless["ends"]),
        (&Value::Null, &Value::Null),
        "{endless}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn teams_and_webhooks_are_listed_without_their_secrets() {
    let (mirror, desk) = company().await;
    let mut world = mirror.github.world();
    world.organization("acme").with_member("octo");
    world.team("acme", "platform");
    world
        .repository("octo/web")
        .add_hook("https://erp.example.com/hook")
        .with_secret("a-secret-of-the-hook");
    drop(world);
    let teams = desk
        .get("admin@x.com", &format!("{GITHUB_API}list_teams"), &[("org_name", "acme")])
        .await;
    assert_eq!(field(teams.message(), "slug"), ["platform"]);
    let hooks = desk
        .get(
            "admin@x.com",
            &format!("{GITHUB_API}list_repository_webhooks"),
            &[("repo_full_name", "octo/web")],
        )
        .await;
    assert_eq!(hooks.message()[0]["config"]["url"], "https://erp.example.com/hook");
    assert!(!hooks.body.to_string().contains("a-secret-of-the-hook"));
    mirror.finish().await;
}

#[tokio::test]
async fn f42_an_address_is_searched_for_whole_and_several_hits_are_offered_not_chosen() {
    let (mirror, desk) = company().await;
    let mut world = mirror.github.world();
    world.user("jane").with_email("jane+erp@x.com");
    for login in ["one", "two"] {
        world.user(login).with_email("shared@x.com");
    }
    drop(world);
    let method = format!("{GITHUB_API}get_github_username_by_email");
    let ask = async |email: &str| desk.post("admin@x.com", &method, &[("email", email)]).await;
    let jane = ask("jane+erp@x.com").await;
    assert_eq!(
        jane.message(),
        &json!({"success": true, "github_username": "jane", "total_results": 1})
    );
    let several = ask("shared@x.com").await;
    assert_eq!(several.message()["success"], json!(false));
    assert_eq!(several.message()["candidates"], json!(["one", "two"]));
    let nobody = ask("nobody@x.com").await;
    assert_eq!(nobody.message()["error"], "No GitHub user found with email: nobody@x.com");
    let odd = ask("no address").await;
    assert_eq!(
        odd.message(),
        &json!({"success": false, "error": "`no address` is not an e-mail address"})
    );
    mirror.finish().await;
}

#[tokio::test]
async fn g2_8_activity_is_counts_and_previews_in_three_calls_at_most() {
    let (mirror, desk) = company().await;
    let mut world = mirror.github.world();
    world.repository("octo/web").with_commits(120).with_pull_requests(30);
    drop(world);
    mirror.github.forget_requests();
    let method = format!("{GITHUB_API}get_repository_activity");
    let answer = desk
        .get("member@x.com", &method, &[("repository", "octo/web"), ("days", "365")])
        .await;
    let message = answer.message();
    assert!(mirror.github.requests().len() <= 3, "{:?}", mirror.github.requests());
    assert_eq!(message["period_days"], 365);
    for (kind, at_most) in [("commits", 10), ("issues", 10), ("pulls", 10)] {
        let count = message[kind].as_u64().expect("a count");
        let shown = message["details"][kind].as_array().expect("a list").len() as u64;
        assert_eq!(shown, count.min(at_most), "{kind}: {message}");
    }
    assert_eq!(
        (&message["commits"], &message["more"]["commits"]),
        (&json!(100), &json!(true)),
        "{message}"
    );
    assert_eq!(message["pulls"], 30);
    for (days, period) in [("0", 1), ("9999", 365), ("nonsense", 30)] {
        let answer = desk
            .get("member@x.com", &method, &[("repository", "octo/web"), ("days", days)])
            .await;
        assert_eq!(answer.message()["period_days"], period);
    }
    mirror.finish().await;
}
