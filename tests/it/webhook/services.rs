//! Services of an integration that are off: what GitHub delivers of them is ignored with the reason, no hook is managed and nothing is looked
//! through; what they are switched on for again works at once.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Effect, Fault, Gate, World};
use serde_json::Value;

use super::Hooked;
use super::hooks::{hooks, of_guild, reachable, switch, turn};
use super::redelivery::{asked, hooked, suspect, with_hook};
use crate::jobs::runner;
use crate::support::mirror::Mirror;

pub(super) const INTEGRATION: &str = "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, service_repositories, \
     service_pull_requests, service_issues, service_webhooks, creation, modified) \
     VALUES ('Ours', 'Ours', 'Personal Access Token', 1, 1, 1, 1, 1, NOW(), NOW())";

/// `octo/web` belongs to an integration with a token of its own.
async fn integrated(mirror: &Mirror) {
    use erpnext_github::frappe::{encryption_key, secrets};
    mirror.github.world().token("token-of-ours", "octo");
    mirror.erp.query(INTEGRATION).await;
    mirror.erp.query("UPDATE tabRepository SET integration = 'Ours'").await;
    let key = encryption_key::ensure(mirror.site().config()).expect("a key");
    let mut conn = mirror.site().db().conn().await.expect("a connection");
    let field = ("GitHub Integration", "Ours", "personal_access_token");
    secrets::store(&mut conn, &key, field.0, field.1, field.2, &"token-of-ours".into())
        .await
        .expect("stored");
}

async fn set(mirror: &Mirror, field: &str, on: u8) {
    mirror
        .erp
        .query(&format!("UPDATE `tabGitHub Integration` SET {field} = {on}"))
        .await;
}

/// Something of every kind happens.
fn story(world: &mut World) {
    let web = world.repository("octo/web");
    web.close(1, "completed");
    web.comment_by(2, "octo", "A word");
    web.push("main");
    let number = web.open_pull_request("A change", "change").number;
    web.comment_by(number, "octo", "Another word");
}

/// How each kind of delivery ended, with which reason.
async fn ends(hooked: &Hooked, prefix: &str) -> Vec<(String, String, String)> {
    let told = hooked.changes(story);
    let mut ends = Vec::new();
    for (at, one) in told.iter().enumerate() {
        let id = format!("{prefix}-{at}");
        let payload: Value = serde_json::from_str(&one.payload).expect("JSON");
        assert_eq!(hooked.deliver(&id, one.event, &payload).await, 202);
        let (status, reason) = hooked.event(&id).await;
        let of = if payload.pointer("/issue/pull_request").is_some() {
            format!("{} of a pull request", one.event)
        } else {
            one.event.to_owned()
        };
        ends.push((of, status, reason));
    }
    ends.sort();
    ends.dedup();
    ends
}

#[tokio::test]
async fn g1_what_is_delivered_of_a_service_that_is_off_is_ignored_with_the_reason() {
    for (field, label, off) in [
        ("service_issues", "issues", &["issues", "issue_comment"][..]),
        (
            "service_pull_requests",
            "pull requests",
            &["pull_request", "issue_comment of a pull request"],
        ),
        ("service_repositories", "repositories", &["push", "create"]),
        (
            "service_webhooks",
            "webhooks",
            &[
                "issues",
                "issue_comment",
                "pull_request",
                "issue_comment of a pull request",
                "push",
                "create",
            ],
        ),
        (
            "enabled",
            "",
            &[
                "issues",
                "issue_comment",
                "pull_request",
                "issue_comment of a pull request",
                "push",
                "create",
            ],
        ),
    ] {
        let hooked = Hooked::new(|world| {
            world.repository("octo/web").with_issues(3);
        })
        .await;
        integrated(&hooked.mirror).await;
        set(&hooked.mirror, field, 0).await;
        let before = hooked.mirror.owned().await;
        let all = ends(&hooked, "off").await;
        assert!(all.len() >= 5, "{all:?}");
        for (event, status, reason) in &all {
            if off.contains(&event.as_str()) {
                assert_eq!(status, "ignored", "{field}: {event}");
                let words = if field == "enabled" {
                    "the GitHub Integration Ours is switched off".to_owned()
                } else {
                    format!("the service {label} of the GitHub Integration Ours is switched off")
                };
                assert_eq!(reason.to_lowercase(), words.to_lowercase(), "{field}: {event}");
            } else {
                assert_eq!(status, "processed", "{field}: {event} {reason}");
            }
        }
        let is_all_off = ["enabled", "service_webhooks"].contains(&field);
        assert_eq!(hooked.mirror.owned().await == before, is_all_off, "{field}");
        // On again, it is taken at once.
        set(&hooked.mirror, field, 1).await;
        for (event, status, reason) in ends(&hooked, "on").await {
            assert_eq!(status, "processed", "{field}: {event} {reason}");
        }
        hooked.mirror.finish().await;
    }
}

/// What GitHub was asked about hooks since the last time.
fn about_hooks(mirror: &Mirror) -> Vec<String> {
    let requests = mirror.github.requests();
    mirror.github.forget_requests();
    let asked = requests.iter().filter(|one| one.path.contains("/hooks"));
    asked
        .map(|one| format!("{} {} {}", one.credential, one.method, one.path))
        .collect()
}

#[tokio::test]
async fn g1_where_webhooks_are_off_no_hook_is_managed_and_none_is_looked_through() {
    let mirror = reachable(|_| {}).await;
    integrated(&mirror).await;
    switch(&mirror, "octo/web", "1").await;
    turn(&mirror).await;
    assert_eq!(hooks(&mirror, "octo/web").len(), 1);
    assert!(!about_hooks(&mirror).is_empty());
    for field in ["service_webhooks", "enabled"] {
        set(&mirror, field, 0).await;
        // Somebody on GitHub changes it, and something got lost.
        mirror.github.world().repository("octo/web").hooks[0].active = false;
        let id = mirror.github.world().find("octo/web").expect("it").id;
        let now = mirror.site().clock().now();
        erpnext_github::webhook::hooks::suspect(mirror.site().db(), id, now)
            .await
            .expect("noted");
        let runner = runner(&mirror);
        for _ in 0..8 {
            mirror.erp.clock().advance(TimeDelta::minutes(10));
            runner.step(Work::RepairHooks).await;
            runner.step(Work::Redeliver).await;
        }
        assert_eq!(about_hooks(&mirror), Vec::<String>::new(), "{field}");
        assert!(!hooks(&mirror, "octo/web")[0].active, "{field}: it is left as it is");
        set(&mirror, field, 1).await;
        for _ in 0..8 {
            mirror.erp.clock().advance(TimeDelta::minutes(10));
            runner.step(Work::RepairHooks).await;
        }
        assert!(hooks(&mirror, "octo/web")[0].active, "{field}: it is mended");
        let by: Vec<String> = about_hooks(&mirror);
        assert!(!by.is_empty(), "{field}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn g1_an_organisations_hook_is_left_alone_where_its_integration_has_webhooks_off() {
    let mirror = of_guild("Guild").await;
    mirror.erp.query(INTEGRATION).await;
    mirror
        .erp
        .query("UPDATE `tabGitHub Integration` SET account_login = 'guild'")
        .await;
    let is_active = |mirror: &Mirror| mirror.github.world().account("guild").expect("it").hooks[0].active;
    let runner = runner(&mirror);
    for (field, on) in [
        ("service_webhooks", 0),
        ("service_webhooks", 1),
        ("enabled", 0),
        ("enabled", 1),
    ] {
        set(&mirror, field, on).await;
        mirror.github.world().organization("guild").hooks[0].active = false;
        let its_turn = "UPDATE erpnext_github_hook SET due_at = '2026-01-01', checked_at = '2026-01-01', suspect = 1";
        mirror.erp.query(its_turn).await;
        mirror.github.forget_requests();
        for _ in 0..8 {
            mirror.erp.clock().advance(TimeDelta::minutes(10));
            runner.step(Work::RepairHooks).await;
            runner.step(Work::Redeliver).await;
        }
        assert_eq!(is_active(&mirror), on == 1, "{field} {on}");
        assert_eq!(about_hooks(&mirror).is_empty(), on == 0, "{field} {on}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn g1_deliveries_that_are_being_asked_for_again_end_when_webhooks_are_switched_off() {
    let mirror = hooked(|_| {}).await;
    integrated(&mirror).await;
    let runner = runner(&mirror);
    let now = mirror.site().clock().now();
    with_hook(&mirror, |hook| {
        for guid in ["one", "two", "three"] {
            hook.delivered(guid, "issues", now, 502);
        }
    });
    suspect(&mirror).await;
    let gate = Gate::closed();
    let held = Fault::on("*/attempts", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(held);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let switched_off = async {
        gate.reached(1).await;
        set(&mirror, "service_webhooks", 0).await;
        gate.open();
    };
    tokio::join!(runner.step(Work::Redeliver), switched_off);
    assert_eq!(asked(&mirror).len(), 1, "the one that was under way");
    mirror.finish().await;
}
