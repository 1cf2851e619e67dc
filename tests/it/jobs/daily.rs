//! Old runs go once a day, at half past three of the site's own clock.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;

use super::runner;
use crate::support::mirror::Mirror;

async fn add_run(mirror: &Mirror, name: &str, started_at: &str, status: &str) {
    let erp = mirror.erp.erp();
    let values = [
        ("started_at", started_at),
        ("status", status),
        ("trigger", "Command"),
        ("kind", "Full"),
    ];
    erp.insert("GitHub Sync Run", name, &values).await.expect("a run");
    erp.add_child(
        "GitHub Sync Run Entity",
        ("GitHub Sync Run", name, "entities"),
        &[("entity", "Issue")],
    )
    .await
    .expect("a line");
}

const LEFT: &str = "SELECT CONCAT(GROUP_CONCAT(name ORDER BY name), ' ', (SELECT COUNT(*) FROM `tabGitHub Sync Run Entity`)) FROM `tabGitHub Sync Run`";

#[tokio::test]
async fn s3_old_runs_are_removed_once_a_day_in_the_sites_zone() {
    let mirror = Mirror::new(|_| {}).await;
    let runner = runner(&mirror);
    // Ninety days before the first of March is the first of December.
    add_run(&mirror, "old", "2025-11-30 12:00:00", "Completed").await;
    add_run(&mirror, "young", "2025-12-02 12:00:00", "Failed").await;
    assert_eq!(runner.step(Work::PruneRuns).await, 1, "never begun: at once");
    assert_eq!(mirror.erp.value(LEFT).await, "young 1");
    add_run(&mirror, "late", "2025-10-01 12:00:00", "Completed").await;
    // It is seven in the morning in New York; 03:29 of the next day comes in 20 hours and 29 minutes.
    mirror.erp.clock().advance(TimeDelta::minutes(20 * 60 + 29));
    assert_eq!(runner.step(Work::PruneRuns).await, 0);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(runner.step(Work::PruneRuns).await, 1);
    assert_eq!(mirror.erp.value(LEFT).await, "young 1");
    add_run(&mirror, "later", "2025-10-01 12:00:00", "Completed").await;
    assert_eq!(runner.step(Work::PruneRuns).await, 0, "once a day");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_the_settings_say_how_long_and_a_running_run_is_left() {
    let mirror = Mirror::new(|_| {}).await;
    let runner = runner(&mirror);
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "run_retention_days", "7")
        .await
        .expect("the setting");
    add_run(&mirror, "gone", "2026-02-22 06:59:59", "Completed").await;
    add_run(&mirror, "kept", "2026-02-22 07:00:01", "Completed").await;
    add_run(&mirror, "going", "2026-01-01 07:00:00", "Running").await;
    runner.step(Work::PruneRuns).await;
    assert_eq!(mirror.erp.value(LEFT).await, "going,kept 2");
    mirror
        .erp
        .scratch()
        .execute("DELETE FROM `tabGitHub Sync Run`")
        .await
        .expect("removed");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_more_runs_than_one_statement_takes_go_all() {
    let mirror = Mirror::new(|_| {}).await;
    let sql = "INSERT INTO `tabGitHub Sync Run` (name, started_at, status) SELECT CONCAT('r', seq), '2025-01-01', 'Completed' FROM seq_1_to_1234";
    mirror.erp.scratch().execute(sql).await.expect("rows");
    assert_eq!(runner(&mirror).step(Work::PruneRuns).await, 1);
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Sync Run`").await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn a_number_of_days_that_no_calendar_has_keeps_every_run() {
    let mirror = Mirror::new(|_| {}).await;
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "run_retention_days", "4294967295")
        .await
        .expect("the setting");
    add_run(&mirror, "kept", "2026-02-22 07:00:01", "Completed").await;
    assert_eq!(runner(&mirror).step(Work::PruneRuns).await, 0);
    assert_eq!(mirror.erp.value(LEFT).await, "kept 1");
    mirror.finish().await;
}

const COMMITS: &str = "SELECT GROUP_CONCAT(name ORDER BY name) FROM `tabRepository Commit`";

async fn add_commit(mirror: &Mirror, name: &str, committed_at: &str) {
    let values = [("repository", "octo/web"), ("sha", name), ("committed_at", committed_at)];
    mirror
        .erp
        .erp()
        .insert("Repository Commit", name, &values)
        .await
        .expect("a commit");
}

#[tokio::test]
async fn s4_commits_older_than_the_settings_say_are_removed_once_a_day() {
    let mirror = Mirror::new(|_| {}).await;
    let runner = runner(&mirror);
    add_commit(&mirror, "old", "2025-11-30 12:00:00").await;
    add_commit(&mirror, "noted", "2025-11-30 12:00:00").await;
    add_commit(&mirror, "young", "2025-12-02 12:00:00").await;
    let erp = mirror.erp.erp();
    erp.add_todo("jane@example.com", "Repository Commit", "noted", "Look")
        .await
        .expect("a todo");
    assert_eq!(runner.step(Work::PruneRuns).await, 1);
    assert_eq!(
        mirror.erp.value(COMMITS).await,
        "noted,young",
        "what somebody's document refers to stays"
    );
    erp.set_single("GitHub Settings", "commit_history_days", "7")
        .await
        .expect("the setting");
    mirror.erp.clock().advance(TimeDelta::days(1));
    assert_eq!(runner.step(Work::PruneRuns).await, 1);
    assert_eq!(mirror.erp.value(COMMITS).await, "noted");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_more_commits_than_one_statement_takes_go_all() {
    let mirror = Mirror::new(|_| {}).await;
    let sql = "INSERT INTO `tabRepository Commit` (name, repository, sha, committed_at) \
               SELECT CONCAT('c', seq), 'octo/web', CONCAT('c', seq), '2025-01-01' FROM seq_1_to_1234";
    mirror.erp.scratch().execute(sql).await.expect("rows");
    assert_eq!(runner(&mirror).step(Work::PruneRuns).await, 1);
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Commit`").await, "0");
    mirror.finish().await;
}
