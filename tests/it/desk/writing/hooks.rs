//! Webhooks: one of ours a repository.

use erpnext_github::app::settings;
use erpnext_github::sim::github::{Effect, Fault};
use secrecy::SecretString;
use serde_json::json;

use super::{GITHUB_API, rows, sent};
use crate::desk::company;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const OURS: &str = "https://erp.example.com/api/method/erpnext_github_integration.webhooks.github_webhook";

async fn create(desk: &Desk, further: &[(&str, &str)]) -> Answer {
    let form: Vec<(&str, &str)> = [("repo_full_name", "octo/web")].iter().chain(further).copied().collect();
    desk.post("admin@x.com", &format!("{GITHUB_API}create_repository_webhook"), &form)
        .await
}

/// The company, reachable under an address of its own.
async fn reachable() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "public_url", "https://erp.example.com/")
        .await
        .expect("set");
    (mirror, desk)
}

#[tokio::test]
async fn f41_a_hook_is_made_once_and_found_afterwards() {
    let (mirror, desk) = reachable().await;
    let made = create(&desk, &[("events", "[\"issues\", \"push\"]")]).await;
    let hook = made.message();
    assert_eq!(
        [
            &hook["config"]["url"],
            &hook["config"]["content_type"],
            &hook["active"],
            &hook["events"]
        ],
        [&json!(OURS), &json!("json"), &json!(true), &json!(["issues", "push"])],
        "{hook}"
    );
    assert!(
        mirror.github.world().find("octo/web").expect("it").hooks[0].secret.is_some(),
        "deliveries are signed"
    );
    let again = create(&desk, &[("events", "issues, push")]).await;
    assert_eq!(
        (&again.message()["id"], &again.message()["existing"]),
        (&hook["id"], &json!(true))
    );
    assert_eq!((sent(&mirror, "POST"), sent(&mirror, "PATCH")), (1, 0));
    // Other events make the same hook right.
    let changed = create(&desk, &[]).await;
    assert_eq!(
        (&changed.message()["id"], &changed.message()["existing"]),
        (&hook["id"], &json!(true))
    );
    let events = changed.message()["events"].as_array().expect("events");
    for event in ["member", "repository", "issues", "pull_request"] {
        assert!(events.contains(&json!(event)), "{events:?}");
    }
    assert_eq!(rows(&mirror).await, ["create_webhook 0 done 1", "update_webhook 0 done 1"]);
    let kept = mirror.erp.query("SELECT request FROM `tabGitHub Write`").await;
    let secret = mirror.github.world().find("octo/web").expect("it").hooks[0]
        .secret
        .clone()
        .expect("one");
    assert!(!format!("{kept:?}").contains(&secret), "the secret is not written down");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_an_address_that_github_cannot_reach_is_refused() {
    let (mirror, desk) = company().await;
    for (further, part) in [
        (&[][..], "nobody knows under which address"),
        (&[("webhook_url", "http://erp.example.com/x")], "is not https"),
        (&[("webhook_url", "https://localhost/x")], "is a local address"),
        (&[("webhook_url", "https://192.168.1.5/x")], "is a local address"),
        (
            &[("webhook_url", "https://erp.example.com/x"), ("events", "Issues!")],
            "is no event of GitHub",
        ),
    ] {
        let answer = create(&desk, further).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "public_url", "http://erp.example.com")
        .await
        .expect("set");
    let answer = create(&desk, &[]).await;
    assert!(answer.sentence().contains("`public_url` in GitHub Settings"), "{answer:?}");
    assert_eq!(rows(&mirror).await.len(), 0);
    mirror.finish().await;
}

#[tokio::test]
async fn settings_and_the_repository_say_what_a_hook_listens_to() {
    let (mirror, desk) = reachable().await;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "webhook_events", "issues, push")
        .await
        .expect("set");
    assert_eq!(create(&desk, &[]).await.message()["events"], json!(["issues", "push"]));
    erp.set("Repository", "octo/web", "webhook_events", "member")
        .await
        .expect("set");
    assert_eq!(create(&desk, &[]).await.message()["events"], json!(["member"]));
    settings::set(
        mirror.app(),
        mirror.site(),
        "webhook_secret",
        &SecretString::from("another one"),
        "Administrator",
    )
    .await
    .expect("stored");
    let other = create(&desk, &[("webhook_url", "https://tunnel.example.org/hook")]).await;
    assert_eq!(other.message()["config"]["url"], "https://tunnel.example.org/hook");
    let world = mirror.github.world();
    let hooks = &world.find("octo/web").expect("it").hooks;
    assert_eq!((hooks.len(), hooks[1].secret.as_deref()), (2, Some("another one")));
    drop(world);
    mirror.finish().await;
}

#[tokio::test]
async fn a_hook_whose_answer_was_lost_is_found_by_its_address() {
    let (mirror, desk) = reachable().await;
    mirror
        .github
        .world()
        .faults
        .push(Fault::on("/repos/octo/web/hooks", Effect::Lost).of_method("POST"));
    let made = create(&desk, &[]).await;
    assert_eq!(made.message()["config"]["url"], OURS, "{made:?}");
    let hooks = mirror.github.world().find("octo/web").expect("it").hooks.len();
    assert_eq!((hooks, sent(&mirror, "POST")), (1, 1));
    assert_eq!(rows(&mirror).await, ["create_webhook 0 done 1"]);
    mirror.finish().await;
}
