//! What was delivered by webhooks, asking for it again, and webhooks of organisations.

use erpnext_github::sim::github::World;
use serde_json::{Value, json};

use super::probe::Probe;

const HOOK: &str = "https://erp.example.com/hook";

#[tokio::test]
async fn deliveries_are_listed_by_cursor_the_latest_first() {
    let mut world = World::default();
    let now = world.now();
    let hook = world.repository("acme/web").add_hook(HOOK);
    for number in 0..5 {
        hook.delivered(&format!("guid-{number}"), "push", now, if number == 3 { 502 } else { 200 });
    }
    let target = format!("/repos/acme/web/hooks/{}/deliveries", hook.id);
    let probe = Probe::new(world).await;
    let all = probe.ok(&target).await.json();
    let codes: Vec<u64> = all
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["status_code"].as_u64())
        .collect();
    assert_eq!(codes, [200, 502, 200, 200, 200]);
    let pages = probe.pages(&format!("{target}?per_page=2")).await;
    let together: Vec<Value> = pages
        .iter()
        .flat_map(|page| page.json().as_array().cloned().expect("a list"))
        .collect();
    assert_eq!((pages.len(), Value::from(together)), (3, all));
    probe.done();
}

#[tokio::test]
async fn a_delivery_is_made_again_with_the_same_guid() {
    let mut world = World::default();
    let now = world.now();
    let hook = world.repository("acme/web").add_hook(HOOK);
    let delivery = hook.delivered("guid", "issues", now, 500);
    let target = format!("/repos/acme/web/hooks/{}/deliveries", hook.id);
    let probe = Probe::new(world).await;
    let answer = probe
        .done_as(202, "POST", &format!("{target}/{delivery}/attempts"), Value::Null)
        .await;
    assert_eq!(answer, json!({}));
    let newest = probe.ok(&target).await.json()[0].take();
    assert_eq!(
        (&newest["guid"], &newest["redelivery"], &newest["status_code"]),
        (&json!("guid"), &json!(true), &json!(200))
    );
    assert_eq!(
        probe.write("POST", &format!("{target}/1/attempts"), Value::Null).await.status,
        404
    );
    probe.done();
}

#[tokio::test]
async fn hooks_of_an_organisation_are_for_its_owners_whose_token_has_the_scope() {
    let mut world = World::default();
    world.organization("guild");
    world.token("owner", World::VIEWER).with_scopes(&["repo", "admin:org_hook"]);
    let sent =
        json!({ "name": "web", "events": ["push"], "config": { "url": HOOK, "content_type": "json", "secret": "made up" } });
    let probe = Probe::new(world).await;
    assert_eq!(
        probe.write("POST", "/orgs/guild/hooks", sent.clone()).await.status,
        404,
        "no scope"
    );
    let probe = probe.with_token(Some("owner"));
    let made = probe.done_as(201, "POST", "/orgs/guild/hooks", sent.clone()).await;
    assert_eq!(
        (&made["type"], &made["config"]["secret"]),
        (&json!("Organization"), &json!("********"))
    );
    assert_eq!(probe.write("POST", "/orgs/guild/hooks", sent).await.status, 422, "once");
    let target = format!("/orgs/guild/hooks/{}", made["id"]);
    assert_eq!(probe.ok(&target).await.json(), made);
    let off = probe.done_as(200, "PATCH", &target, json!({ "active": false })).await;
    assert_eq!(off["active"], false);
    probe.done_as(204, "POST", &format!("{target}/pings"), Value::Null).await;
    let ping = probe.ok(&format!("{target}/deliveries")).await.json()[0].take();
    assert_eq!(ping["event"], "ping");
    let again = format!("{target}/deliveries/{}/attempts", ping["id"]);
    probe.done_as(202, "POST", &again, Value::Null).await;
    assert_eq!(probe.ok("/orgs/guild/hooks").await.json().as_array().map(Vec::len), Some(1));
    probe.done_as(204, "DELETE", &target, Value::Null).await;
    assert_eq!(probe.ok("/orgs/guild/hooks").await.json(), json!([]));
    probe.done();
}
