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
        (&[("webhook_url", "https://nowhere.example.com/x")], "there is no such name"),
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
    // One hook a repository: with two, each change would be delivered twice.
    assert_eq!((hooks.len(), hooks[0].secret.as_deref()), (1, Some("another one")));
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

const SWITCH: &str = "SELECT manage_webhook FROM tabRepository WHERE name = 'octo/web'";
const DESK: &str = "erpnext_github_integration.desk.";

#[tokio::test]
async fn f41_the_button_switches_on_what_keeps_the_hook_right_unless_it_fails() {
    let (mirror, desk) = reachable().await;
    assert_eq!(mirror.erp.value(SWITCH).await, "0");
    let failed = create(&desk, &[("webhook_url", "http://erp.example.com")]).await;
    assert_eq!(failed.status, 417);
    assert_eq!(mirror.erp.value(SWITCH).await, "0");
    assert_eq!(create(&desk, &[]).await.status, 200);
    assert_eq!(mirror.erp.value(SWITCH).await, "1");
    mirror.finish().await;
}

#[tokio::test]
async fn f41_two_presses_at_once_make_one_hook() {
    let (mirror, desk) = reachable().await;
    let other = Desk::of(&mirror).await;
    let (one, two, three) = tokio::join!(create(&desk, &[]), create(&other, &[]), create(&desk, &[]));
    let ids = [&one, &two, &three].map(|answer| answer.message()["id"].clone());
    assert!(ids.iter().all(|id| *id == ids[0] && id.is_u64()), "{ids:?}");
    assert_eq!(mirror.github.world().find("octo/web").expect("it").hooks.len(), 1);
    assert_eq!(sent(&mirror, "POST"), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn f41_webhooks_are_listed_pinged_looked_through_redelivered_and_deleted() {
    let (mirror, desk) = reachable().await;
    let foreign = {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        let another = OURS.replace("erp.", "staging.");
        web.add_hook(&another);
        web.add_hook("https://ci.example.com/").id
    };
    let made = create(&desk, &[]).await.message()["id"].to_string();
    let named = |further: &[(&'static str, String)]| -> Vec<(String, String)> {
        let all = [("repo_full_name", "octo/web".to_owned())];
        let all = all.into_iter().chain(further.iter().cloned());
        all.map(|(key, value)| (key.to_owned(), value)).collect()
    };
    let call = async |method: &str, form: Vec<(String, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        desk.post("admin@x.com", &format!("{DESK}{method}"), &form).await
    };
    let hook = ("hook_id", made.clone());
    let listed = call("webhooks", named(&[])).await;
    let whose: Vec<&str> = listed.message()["webhooks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["whose"].as_str())
        .collect();
    assert_eq!(whose, ["another site", "other", "ours"]);
    assert!(!listed.body.to_string().contains("secret"), "{listed:?}");

    assert_eq!(
        call("ping_webhook", named(std::slice::from_ref(&hook))).await.message()["pinged"].to_string(),
        made
    );
    let delivered = call("webhook_deliveries", named(std::slice::from_ref(&hook))).await;
    let ping = &delivered.message()[0];
    assert_eq!(
        (&ping["event"], &ping["status_code"]),
        (&json!("ping"), &json!(200)),
        "{delivered:?}"
    );
    let delivery = ("delivery_id", ping["id"].to_string());
    let again = call("redeliver_webhook", named(&[hook.clone(), delivery])).await;
    assert_eq!(again.message()["redelivered"], ping["id"]);
    let delivered = call("webhook_deliveries", named(std::slice::from_ref(&hook))).await;
    assert_eq!(delivered.message()[0]["redelivery"], true);

    let refused = call("delete_webhook", named(&[("hook_id", foreign.to_string())])).await;
    assert!(refused.sentence().contains("does not deliver to this site"), "{refused:?}");
    assert_eq!(call("delete_webhook", named(std::slice::from_ref(&hook))).await.status, 200);
    let left = mirror.github.world().find("octo/web").expect("it").hooks.len();
    assert_eq!(left, 2, "those of others stay");
    assert_eq!(mirror.erp.value(SWITCH).await, "0");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_hook").await, "0");
    let kinds = mirror
        .column("SELECT kind FROM `tabGitHub Write` WHERE status = 'done' ORDER BY _sent_at, kind")
        .await;
    for kind in ["create_webhook", "delete_webhook", "ping_webhook", "redeliver_webhook"] {
        assert!(kinds.iter().any(|one| one == kind), "{kind}: {kinds:?}");
    }
    mirror.finish().await;
}
