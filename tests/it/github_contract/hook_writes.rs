//! Making, changing, deleting and pinging webhooks.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::sim::github::{Collaborator, Effect, Fault, Permission, World};
use serde_json::{Value, json};

use super::probe::{Probe, Reply};

const HOOKS: &str = "/repos/acme/web/hooks";
const URL: &str = "https://erp.example.com/api/method/hook";
const SECRET: &str = "a-made-up-secret";

fn message(reply: &Reply) -> String {
    let text = reply.json()["errors"][0]["message"].take();
    text.as_str().unwrap_or_default().to_owned()
}

fn sent(url: &str) -> Value {
    let config = json!({ "url": url, "content_type": "json", "secret": SECRET });
    json!({ "name": "web", "active": true, "events": ["push", "issues"], "config": config })
}

async fn probe() -> Probe {
    let mut world = World::default();
    world.repository("acme/web");
    Probe::new(world).await
}

#[tokio::test]
async fn a_hook_is_made_and_its_secret_is_kept_and_never_shown() {
    let probe = probe().await;
    let reply = probe.write("POST", HOOKS, sent(URL)).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let hook = reply.json();
    assert_eq!(reply.header("location"), hook["url"].as_str());
    let config = json!({ "content_type": "json", "secret": "********", "insecure_ssl": "0", "url": URL });
    assert_eq!((&hook["config"], &hook["events"]), (&config, &json!(["push", "issues"])));
    assert_eq!(probe.ok(HOOKS).await.json(), json!([hook]));
    let kept = probe.fake.world().repository("acme/web").hooks[0].secret.clone();
    assert_eq!(kept.as_deref(), Some(SECRET));
    assert!(
        !format!("{:?}", probe.fake.requests()).contains(SECRET),
        "not even in the record"
    );
    let plain = json!({ "config": { "url": "http://127.0.0.1:9/", "insecure_ssl": 1 } });
    let hook = probe.done_as(201, "POST", HOOKS, plain).await;
    assert_eq!((&hook["events"], &hook["active"]), (&json!(["push"]), &json!(true)));
    assert_eq!(
        hook["config"],
        json!({ "content_type": "form", "insecure_ssl": "1", "url": "http://127.0.0.1:9/" })
    );
    probe.done();
}

#[tokio::test]
async fn a_second_hook_for_the_same_address_is_refused() {
    let probe = probe().await;
    probe.done_as(201, "POST", HOOKS, sent(URL)).await;
    let refused = probe.write("POST", HOOKS, sent(URL)).await;
    assert_eq!(
        (refused.status, message(&refused).as_str()),
        (422, "Hook already exists on this repository")
    );
    let other = probe.done_as(201, "POST", HOOKS, sent("https://ci.example.com/")).await;
    let target = format!("{HOOKS}/{}", other["id"]);
    let refused = probe.write("PATCH", &target, json!({ "config": { "url": URL } })).await;
    assert_eq!(message(&refused), "Hook already exists on this repository");
    assert_eq!(probe.ok(&target).await.json(), other);
    probe.done();
}

#[tokio::test]
async fn what_cannot_be_a_hook_is_refused() {
    let probe = probe().await;
    for body in [
        json!({ "config": {} }),
        Value::Null,
        json!({ "name": "irc", "config": { "url": URL } }),
        json!({ "config": { "url": URL, "content_type": "xml" } }),
        json!({ "config": "x" }),
    ] {
        let refused = probe.write("POST", HOOKS, body).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
    for number in 0..20 {
        let url = format!("https://erp.example.com/{number}");
        probe.fake.world().repository("acme/web").add_hook(&url);
    }
    let refused = probe.write("POST", HOOKS, sent(URL)).await;
    assert_eq!(message(&refused), "The \"push\" event cannot have more than 20 hooks");
    probe.done();
}

#[tokio::test]
async fn a_hook_is_changed_in_part_but_its_config_as_a_whole() {
    let clock = FixedClock::at(World::start_of_time());
    let mut world = World::new(clock.clone());
    world.repository("acme/web").add_hook(URL).with_secret(SECRET);
    let probe = Probe::new(world).await;
    let target = format!("{HOOKS}/{}", probe.ok(HOOKS).await.json()[0]["id"]);
    clock.advance(TimeDelta::minutes(1));
    let events = json!({ "add_events": ["issues", "push"], "remove_events": ["push"], "active": false });
    let hook = probe.done_as(200, "PATCH", &target, events).await;
    assert_eq!((&hook["events"], &hook["active"]), (&json!(["issues"]), &json!(false)));
    assert_eq!(hook["config"]["secret"], "********");
    assert_eq!(
        (&hook["created_at"], &hook["updated_at"]),
        (&json!("2026-03-02T09:00:00Z"), &json!("2026-03-02T09:01:00Z"))
    );
    let rotated = json!({ "config": { "url": URL, "content_type": "json", "secret": "another" }, "events": ["pull_request"] });
    let hook = probe.done_as(200, "PATCH", &target, rotated).await;
    assert_eq!(hook["events"], json!(["pull_request"]));
    let kept = probe.fake.world().repository("acme/web").hooks[0].secret.clone();
    assert_eq!(kept.as_deref(), Some("another"));
    let bare = json!({ "config": { "url": URL, "content_type": "json" } });
    let hook = probe.done_as(200, "PATCH", &target, bare).await;
    assert_eq!(
        hook["config"].get("secret"),
        None,
        "GitHub removes a secret that is not sent again"
    );
    assert_eq!(probe.fake.world().repository("acme/web").hooks[0].secret, None);
    probe.done();
}

#[tokio::test]
async fn a_hook_is_pinged_and_deleted() {
    let mut world = World::default();
    world.repository("acme/web").add_hook(URL);
    let probe = Probe::new(world).await;
    let target = format!("{HOOKS}/{}", probe.ok(HOOKS).await.json()[0]["id"]);
    probe.done_as(204, "POST", &format!("{target}/pings"), Value::Null).await;
    assert_eq!(probe.fake.world().repository("acme/web").hooks[0].pings, 1);
    probe.done_as(204, "DELETE", &target, Value::Null).await;
    for (method, target) in [
        ("DELETE", target.clone()),
        ("PATCH", target.clone()),
        ("POST", format!("{target}/pings")),
    ] {
        let body = if method == "PATCH" { json!({}) } else { Value::Null };
        assert_eq!(probe.write(method, &target, body).await.status, 404, "{method}");
    }
    assert_eq!(probe.ok(HOOKS).await.json(), json!([]));
    probe.done();
}

#[tokio::test]
async fn hooks_are_for_administrators_whose_token_has_the_scope() {
    let mut world = World::default();
    let home = world.repository("acme/web");
    home.add_hook(URL);
    home.with_member(Collaborator::new("ada-l", Permission::Maintain));
    let id = home.hooks[0].id;
    world.token("maintainer", "ada-l");
    world.token("reads", "mona").with_scopes(&["public_repo", "read:repo_hook"]);
    world.token("writes", "mona").with_scopes(&["public_repo", "write:repo_hook"]);
    let target = format!("{HOOKS}/{id}");
    let mut probe = Probe::new(world).await;
    for (token, statuses) in [
        (None, [404; 4]),
        (Some("maintainer"), [404; 4]),
        (Some("reads"), [404, 404, 204, 404]),
        (Some("writes"), [201, 200, 204, 404]),
    ] {
        probe = probe.with_token(token);
        let found = [
            probe.write("POST", HOOKS, sent("https://ci.example.com/")).await.status,
            probe.write("PATCH", &target, json!({ "active": true })).await.status,
            probe.write("POST", &format!("{target}/pings"), Value::Null).await.status,
            probe.write("DELETE", &target, Value::Null).await.status,
        ];
        assert_eq!(found, statuses, "{token:?}");
    }
    probe.done();
}

#[tokio::test]
async fn a_hook_whose_answer_was_lost_is_found_in_the_list() {
    let probe = probe().await;
    let fault = Fault::on(HOOKS, Effect::Lost).of_method("POST");
    probe.fake.world().faults.push(fault);
    assert!(probe.send_write("POST", HOOKS, sent(URL).to_string()).await.is_err());
    assert_eq!(probe.ok(HOOKS).await.json()[0]["config"]["url"], URL);
    let again = probe.write("POST", HOOKS, sent(URL)).await;
    assert_eq!(message(&again), "Hook already exists on this repository");
    probe.done();
}
