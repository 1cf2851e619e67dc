//! What is due when: by the site's interval, the repository's own, and only what is switched on.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::jobs::{Work, schedule};
use erpnext_github::sim::github::{Effect, Fault, Gate};

use super::runner;
use crate::support::mirror::Mirror;

const RUNS: &str =
    "SELECT GROUP_CONCAT(repository ORDER BY started_at, repository) FROM `tabGitHub Sync Run` WHERE `trigger` = 'Schedule'";

async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/a");
        world.repository("octo/b");
    })
    .await;
    mirror.sync("octo/a").await;
    mirror.sync("octo/b").await;
    mirror
}

#[tokio::test]
async fn s3_a_repository_is_due_when_the_sites_interval_has_passed_and_not_before() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.erp.clock().advance(TimeDelta::minutes(60) - TimeDelta::seconds(1));
    assert_eq!(runner.step(Work::SyncDue).await, 0);
    mirror.erp.clock().advance(TimeDelta::seconds(1));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(mirror.erp.value(RUNS).await, "octo/a,octo/b");
    assert_eq!(runner.step(Work::SyncDue).await, 0, "done is done");
    let last = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'last_sync'";
    assert_eq!(mirror.erp.value(last).await, "2026-03-01 08:00:00.000000");
    mirror.finish().await;
}

#[tokio::test]
async fn what_another_process_has_been_at_meanwhile_is_not_begun_again() {
    let mirror = Arc::new(mirror().await);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let gate = Gate::closed();
    let held = Fault::on("/repos/octo/a/collaborators", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(held);
    let step = tokio::spawn({
        let runner = runner(&mirror);
        async move { runner.step(Work::SyncDue).await }
    });
    gate.reached(1).await;
    mirror.sync("octo/b").await;
    gate.open();
    step.await.expect("done");
    assert_eq!(mirror.erp.value(RUNS).await, "octo/a");
    Arc::into_inner(mirror).expect("nobody else's").finish().await;
}

#[tokio::test]
async fn s3_settings_and_repository_say_how_often_and_changes_count_at_once() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    let own = "UPDATE tabRepository SET sync_interval_minutes = 5 WHERE name = 'octo/b'";
    mirror.erp.scratch().execute(own).await.expect("an interval");
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(mirror.erp.value(RUNS).await, "octo/b");
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "sync_interval_minutes", "6")
        .await
        .expect("the setting");
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(mirror.erp.value(RUNS).await, "octo/b,octo/a");
    mirror.finish().await;
}

#[tokio::test]
async fn f29_s3_what_is_switched_off_is_left_alone() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror
        .erp
        .scratch()
        .execute("UPDATE tabRepository SET enabled = 0 WHERE name = 'octo/a'")
        .await
        .expect("off");
    mirror.erp.clock().advance(TimeDelta::hours(2));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(mirror.erp.value(RUNS).await, "octo/b");
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("the setting");
    mirror.erp.clock().advance(TimeDelta::hours(2));
    mirror.github.forget_requests();
    assert_eq!(runner.step(Work::SyncDue).await, 0);
    erp.set_single("GitHub Settings", "enabled", "1").await.expect("the setting");
    mirror
        .erp
        .scratch()
        .set_config("maintenance_mode", 1.into())
        .expect("the file");
    assert_eq!(runner.step(Work::SyncDue).await, 0, "in maintenance");
    assert_eq!(mirror.github.requests().len(), 0);
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_repository_that_fails_is_tried_again_at_its_time_and_not_at_every_look() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.github.world().delete_repository("octo/a");
    // Made by hand, with a mistake in the name.
    let values = [("full_name", "octo/tpyo"), ("enabled", "1")];
    mirror
        .erp
        .erp()
        .insert("Repository", "octo/tpyo", &values)
        .await
        .expect("a repository");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabError Log`").await, "2");
    for _ in 0..3 {
        mirror.erp.clock().advance(TimeDelta::seconds(15));
        assert_eq!(runner.step(Work::SyncDue).await, 0, "nothing is due");
    }
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    let told = mirror
        .erp
        .value("SELECT last_sync_error FROM tabRepository WHERE name = 'octo/tpyo'")
        .await;
    assert!(told.contains("check the name"), "{told}");
    mirror.finish_with_errors(3).await;
}

#[tokio::test]
async fn s3_after_a_refused_token_the_schedule_waits_for_every_repository() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let tokens = std::mem::take(&mut mirror.github.world().tokens);
    mirror.github.forget_requests();
    for _ in 0..4 {
        runner.step(Work::SyncDue).await;
        mirror.erp.clock().advance(TimeDelta::seconds(15));
    }
    assert_eq!(mirror.github.requests().len(), 1, "a refused token is sent once");
    mirror.github.world().tokens = tokens;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(
        mirror.erp.value("SELECT SUM(last_sync_error = '') FROM tabRepository").await,
        "2"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_site_that_is_removed_or_copied_while_serve_runs_is_noticed() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.erp.clock().advance(TimeDelta::hours(2));
    mirror.github.forget_requests();
    mirror
        .erp
        .scratch()
        .set_config("erpnext_github_instance_id", "another".into())
        .expect("the file");
    assert_eq!(runner.step(Work::SyncDue).await, 0, "a copy is passive");
    let file = mirror.erp.scratch().config_file();
    let text = std::fs::read_to_string(&file).expect("the file");
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(runner.step(Work::SyncDue).await, 0, "the site is gone");
    assert_eq!(mirror.github.requests().len(), 0);
    std::fs::write(&file, text).expect("written");
    mirror.finish().await;
}

#[test]
fn s3_the_schedule_only_looks_and_looks_often_enough() {
    let schedule = schedule().expect("the file");
    let due = schedule
        .iter()
        .find(|(work, _)| *work == Work::SyncDue)
        .map(|(_, cron)| cron.as_str());
    assert_eq!(due, Some("*/15 * * * * *"));
    assert_eq!(schedule.len(), Work::ALL.len(), "each kind of work has its time");
}
