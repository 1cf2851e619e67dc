//! The machine's clock was a year ahead for a while, and is right again: nothing waits for that year.

use chrono::TimeDelta;
use erpnext_github::app::Served;
use erpnext_github::clock::FixedClock;
use erpnext_github::jobs::{Runner, Work};
use serde_json::json;

use super::Hooked;
use crate::jobs::runner;
use crate::support::noon;

const YEAR: TimeDelta = TimeDelta::days(365);
const RUNS: &str = "SELECT GROUP_CONCAT(DISTINCT `trigger` ORDER BY `trigger`) FROM `tabGitHub Sync Run`";

/// Does whatever is due.
async fn round(runner: &Runner<Served>) {
    for work in Work::ALL {
        runner.step(work).await;
    }
}

#[tokio::test]
async fn s4_what_a_clock_that_was_ahead_put_off_is_done_when_it_is_right_again() {
    // GitHub's clock is right all the time.
    let github = FixedClock::at(noon());
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").with_issues(3);
        *world = world.clone().with_clock(github.clone());
    })
    .await;
    let (mirror, clock) = (&hooked.mirror, hooked.mirror.erp.clock());
    let runner = runner(mirror);
    clock.advance(YEAR);
    round(&runner).await;
    // A delivery that was put off then, and something that was to be read.
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("edited", json!({"issue": issue})).await;
    assert_eq!(hooked.deliver("then", "issues", &payload).await, 202);
    for sql in [
        "UPDATE `tabGitHub Event` SET status = 'unprocessed', available_at = '2027-03-01 12:05:00'",
        "INSERT INTO erpnext_github_refresh (repository_id, entity, since, marked_at, due_at) \
         SELECT github_id, 'labels', 0, '2027-03-01', '2027-03-01 12:05:00' FROM tabRepository",
        "DELETE FROM `tabGitHub Sync Run`",
    ] {
        mirror.erp.scratch().execute(sql).await.expect("set");
    }
    clock.advance(TimeDelta::minutes(11) - YEAR);
    github.advance(TimeDelta::minutes(11));
    mirror.github.world().repository("octo/web").edit(2).title = "Edited since".to_owned();
    clock.advance(TimeDelta::minutes(2));
    github.advance(TimeDelta::minutes(2));
    round(&runner).await;
    assert_eq!(hooked.event("then").await.0, "processed");
    assert_eq!(hooked.count("erpnext_github_refresh").await, "0");
    let title = "SELECT title FROM `tabRepository Issue` WHERE issue_number = 2";
    assert_eq!(mirror.erp.value(title).await, "Edited since");
    clock.advance(TimeDelta::minutes(61));
    runner.step(Work::SyncDue).await;
    assert!(
        mirror.erp.value(RUNS).await.contains("Schedule"),
        "{}",
        mirror.erp.value(RUNS).await
    );
    let ahead = "SELECT COUNT(*) FROM erpnext_github_cursor WHERE attempted_at > '2026-06-01'";
    assert_eq!(mirror.erp.value(ahead).await, "0");
}
