//! What is known to be fresh: the scheduled job leaves it out, and `/metrics` tells how long ago that was.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::Fault;
use erpnext_github::store::Stamp;
use erpnext_github::store::vitals;
use reqwest::Method;

use super::{compared_after, triggers};
use crate::jobs::runner;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const LAST_SYNC: &str = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'last_sync'";

async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/a").with_issues(2);
        world.repository("octo/b");
    })
    .await;
    mirror.sync("octo/a").await;
    mirror.sync("octo/b").await;
    mirror
}

#[tokio::test]
async fn f39_s3_what_is_proven_fresh_is_left_out_by_the_scheduled_job_and_last_sync_moves_all_the_same() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    for _ in 0..6 {
        assert_eq!(compared_after(&mirror, &runner, 10).await, 1);
    }
    mirror.github.forget_requests();
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(mirror.github.requests().len(), 0);
    assert_eq!(triggers(&mirror).await, "", "no run");
    assert_eq!(mirror.erp.value(LAST_SYNC).await, "2026-03-01 08:00:00.000000");
    assert_eq!(runner.step(Work::SyncDue).await, 0, "it counts as done");
    mirror.finish().await;
}

#[tokio::test]
async fn f39_s3_the_scheduled_job_stays_for_what_no_comparison_proved() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    compared_after(&mirror, &runner, 10).await;
    let own = "UPDATE tabRepository SET sync_interval_minutes = 5 WHERE name = 'octo/a'";
    mirror.erp.scratch().execute(own).await.expect("an interval");
    assert_eq!(runner.step(Work::SyncDue).await, 1, "the repository's own interval");
    assert_eq!(triggers(&mirror).await, "", "proven a moment ago");
    // Comparisons stopped: after two periods nothing is proven any more.
    mirror.erp.clock().advance(TimeDelta::minutes(51));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(triggers(&mirror).await, "Schedule Incremental");
    mirror.finish().await;
}

#[tokio::test]
async fn f39_s3_a_repository_whose_last_sync_was_not_whole_is_never_left_out() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.github.world().faults.push(Fault::status("/repos/octo/a/labels", 403));
    mirror.sync("octo/a").await;
    for _ in 0..6 {
        compared_after(&mirror, &runner, 10).await;
    }
    runner.step(Work::SyncDue).await;
    let runs = "SELECT GROUP_CONCAT(DISTINCT repository) FROM `tabGitHub Sync Run` WHERE `trigger` <> 'Command'";
    assert_eq!(mirror.erp.value(runs).await, "octo/a");
    mirror.finish().await;
}

#[tokio::test]
async fn g4_12_s3_freshness_failures_and_the_age_of_the_queue_are_measured() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    let began = mirror.site().clock().now();
    compared_after(&mirror, &runner, 10).await;
    mirror.erp.clock().advance(TimeDelta::minutes(2));
    let event = "INSERT INTO `tabGitHub Event` (name, status, received_at, available_at) VALUES \
                 ('one', 'unprocessed', '2026-03-01 07:05:00', UTC_TIMESTAMP()), ('two', 'errored', '2026-03-01 07:06:00', UTC_TIMESTAMP())";
    mirror.erp.scratch().execute(event).await.expect("events");
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let vitals = vitals::read(mirror.site().db(), &stamp).await.expect("read");
    assert_eq!(vitals.proven, Some(began + TimeDelta::minutes(10)));
    assert_eq!(vitals.read, Some(began));
    assert_eq!(vitals.last_event, Some(began + TimeDelta::minutes(6)));
    assert_eq!(vitals.oldest_waiting, Some(began + TimeDelta::minutes(5)));
    assert_eq!(vitals.failures, 1);
    let desk = Desk::of(&mirror).await;
    runner.step(Work::Measure).await;
    let answer = desk.request(Method::GET, "/metrics").send().await.expect("an answer");
    let text = answer.text().await.expect("text");
    for name in [
        "erpnext_github_last_event_timestamp_seconds ",
        "erpnext_github_last_reconciliation_timestamp_seconds ",
        "erpnext_github_failures ",
        "erpnext_github_queue_age_seconds ",
        "erpnext_github_freshness_seconds{entity=\"issue\"} ",
        "erpnext_github_freshness_seconds{entity=\"member\"} ",
    ] {
        assert!(text.contains(name), "{name} is missing");
    }
    let named: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("octo/") || line.contains(mirror.site().name()))
        .collect();
    assert_eq!(named, Vec::<&str>::new(), "no name is a label");
    mirror.finish().await;
}

#[tokio::test]
async fn g4_12_a_repositorys_panel_says_when_it_was_compared_last() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    let desk = Desk::of(&mirror).await;
    Desk::log_in(&mirror, "Administrator").await;
    let compared = async || {
        let path = "erpnext_github_integration.desk.repository_overview";
        let shown = desk.get("Administrator", path, &[("repository", "octo/a")]).await;
        shown.message()["last_compared"].clone()
    };
    assert_eq!(compared().await, serde_json::Value::Null);
    compared_after(&mirror, &runner, 10).await;
    // The clock of the test stood at noon in UTC, and the site is five hours behind.
    assert_eq!(compared().await, "2026-03-01 07:10:00.000000");
    mirror.finish().await;
}
