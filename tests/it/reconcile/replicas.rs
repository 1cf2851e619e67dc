//! Several processes on one site: one holds the schedule, and another takes over when it dies.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::app::Served;
use erpnext_github::frappe::db::{DbError, Fence};
use erpnext_github::frappe::error_log;
use erpnext_github::jobs::{Replicas, Runner, Work, schedule};
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::store::cursors as store_cursors;
use erpnext_github::store::lease::LEASE_TIME;

use crate::jobs::{runner, runner_of};
use crate::support::mirror::Mirror;

const RUNS: &str = "SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE `trigger` = 'Schedule'";
const DIED: &str = "UPDATE erpnext_github_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND";
const FENCING: &str = "SELECT fencing FROM erpnext_github_lease WHERE name LIKE 'schedule:%'";

async fn two() -> (Mirror, Runner<Served>, Runner<Served>) {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(150);
    })
    .await;
    mirror.sync("octo/web").await;
    let (one, other) = (runner(&mirror), runner_of(&mirror, &mirror.replica()));
    (mirror, one, other)
}

#[tokio::test]
async fn s4_the_schedule_runs_in_one_of_several() {
    let (mirror, one, other) = two().await;
    for round in 1..=3 {
        mirror.erp.clock().advance(TimeDelta::hours(1));
        let (first, second) = tokio::join!(one.step(Work::SyncDue), other.step(Work::SyncDue));
        assert_eq!(first + second, 1, "round {round}");
    }
    assert_eq!(mirror.erp.value(RUNS).await, "3");
    assert_eq!(mirror.erp.value(FENCING).await, "1", "it stays with whom it was given");
    for work in Work::ALL {
        if work.replicas() == Replicas::One {
            assert_eq!(one.step(work).await.min(other.step(work).await), 0, "{work:?}");
        }
    }
    mirror.finish().await;
}

#[tokio::test]
async fn s4_when_the_holder_dies_the_other_takes_over_at_its_next_look() {
    let (mirror, one, other) = two().await;
    one.step(Work::SettleWaiting).await;
    // It dies: no sign of life any more, and nothing is given back.
    drop(one);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(other.step(Work::SyncDue).await, 0, "its lease has not run out");
    mirror.erp.scratch().execute(DIED).await.expect("its time is over");
    assert_eq!(other.step(Work::SyncDue).await, 1);
    assert_eq!(
        (mirror.erp.value(RUNS).await, mirror.erp.value(FENCING).await),
        ("1".to_owned(), "2".to_owned())
    );
    mirror.finish().await;
}

/// The lease and the pause between two looks together are what a death may cost.
#[test]
fn s4_a_death_costs_less_than_30_seconds() {
    let schedule = schedule().expect("the file");
    let looks = |(work, cron): &&(Work, String)| work.replicas() == Replicas::One && cron.starts_with("*/5 ");
    assert!(
        schedule.iter().any(|one| looks(&one)),
        "the schedule is looked for every five seconds"
    );
    assert!(LEASE_TIME.as_secs() + 5 < 30);
}

#[tokio::test]
async fn s4_the_old_one_comes_back_and_cannot_write_and_nothing_is_done_twice() {
    let (mirror, one, other) = two().await;
    let mirror = Arc::new(mirror);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").edit(7).title = "Edited".to_owned();
    let gate = Gate::closed();
    let held = Fault::on("/repos/octo/web/collaborators", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(held);
    let old = tokio::spawn(async move { one.step(Work::SyncDue).await });
    gate.reached(1).await;
    // It stands still for so long that its leases run out: that of the schedule, and that of the repository.
    let done = "SELECT GROUP_CONCAT(status ORDER BY status) FROM `tabGitHub Sync Run` WHERE `trigger` = 'Schedule'";
    while mirror.erp.value(done).await != "Completed,Failed" {
        // Its leases are renewed every five seconds, which may come in between.
        mirror.erp.scratch().execute(DIED).await.expect("its time is over");
        other.step(Work::SyncDue).await;
    }
    let (rows, cursors) = (mirror.mirror().await, cursors(&mirror).await);
    gate.open();
    old.await.expect("it ends");
    assert_eq!(mirror.mirror().await, rows, "not a row");
    assert_eq!(self::cursors(&mirror).await, cursors, "not a cursor");
    assert_eq!(mirror.erp.value(done).await, "Completed,Failed", "not even its run");
    let title = "SELECT title FROM `tabRepository Issue` WHERE issue_number = 7";
    assert_eq!(mirror.erp.value(title).await, "Edited");
    Arc::into_inner(mirror).expect("alone").finish().await;
}

#[tokio::test]
async fn s4_whoever_lost_the_schedule_writes_nothing_at_all() {
    let (mirror, _one, _other) = two().await;
    let lost = mirror.site().fenced(Fence::new("schedule:a test", "nobody", 1));
    let id = mirror.github.world().repository("octo/web").id;
    let before = mirror.erp.dump().await;
    let told = error_log::write(&lost, "A title", "A text", None).await;
    assert!(matches!(told, Err(DbError::Fenced { .. })), "{told:?}");
    let forgotten = store_cursors::forget_others(lost.db(), id, "commits:another").await;
    assert!(matches!(forgotten, Err(DbError::Fenced { .. })), "{forgotten:?}");
    assert_eq!(mirror.erp.dump().await, before);
    mirror.finish().await;
}

async fn cursors(mirror: &Mirror) -> String {
    mirror
        .erp
        .dump_tables(&["erpnext_github_cursor", "erpnext_github_lease"])
        .await
}

#[tokio::test]
async fn s4_a_process_that_ends_in_good_order_gives_the_schedule_back() {
    let (mirror, one, other) = two().await;
    let (queue, work) = tokio::sync::mpsc::channel(1);
    let stop = tokio_util::sync::CancellationToken::new();
    one.step(Work::SettleWaiting).await;
    stop.cancel();
    one.run(work, stop).await;
    drop(queue);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(other.step(Work::SyncDue).await, 1);
    mirror.finish().await;
}
