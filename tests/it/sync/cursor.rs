//! F-17: the cursor is GitHub's own clock at the beginning of a run that saw everything, and nothing else moves it.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const CURSOR: &str = "SELECT cursor_at FROM erpnext_github_cursor WHERE entity = 'items'";

#[tokio::test]
async fn f17_the_cursor_is_githubs_clock_at_the_beginning_not_the_end_of_the_run() {
    let mirror = Arc::new(
        Mirror::new(|world| {
            world.repository("octo/web").with_issues(150);
        })
        .await,
    );
    let gate = Gate::closed();
    let second_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing("page=2");
    mirror.github.world().faults.push(second_page);
    let run = tokio::spawn({
        let mirror = mirror.clone();
        async move { mirror.sync("octo/web").await }
    });
    gate.reached(1).await;
    // While page two is on its way, an issue of page one changes, and much time passes.
    mirror.erp.clock().advance(TimeDelta::minutes(2));
    mirror.github.world().repository("octo/web").close(3, "completed");
    mirror.erp.clock().advance(TimeDelta::minutes(30));
    gate.open();
    let report = run.await.expect("the run");
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(CURSOR).await, "2026-03-01 12:00:00.000000");
    let next = mirror.sync("octo/web").await;
    assert_eq!(next.status, RunStatus::Completed, "{next:?}");
    let state = mirror
        .erp
        .value("SELECT state FROM `tabRepository Issue` WHERE issue_number = 3")
        .await;
    assert_eq!(state, "closed");
}

#[tokio::test]
async fn f17_a_clock_of_ours_that_is_wrong_does_not_matter() {
    use erpnext_github::clock::{FixedClock, SharedClock};
    // GitHub's clock stands two hours behind the site's.
    let behind: SharedClock = FixedClock::at(crate::support::noon() - TimeDelta::hours(2));
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
        *world = world.clone().with_clock(behind.clone());
    })
    .await;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(CURSOR).await, "2026-03-01 10:00:00.000000");
    mirror.github.world().repository("octo/web").comment(2);
    let next = mirror.sync("octo/web").await;
    assert_eq!(next.entities[&Entity::Issue].counts.updated, 1, "{next:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn f17_only_what_changed_is_read_again_and_a_complete_walk_comes_once_a_day() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(250);
    })
    .await;
    assert!(mirror.sync("octo/web").await.full, "the first run sees everything");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").close(3, "completed");
    let second = mirror.sync("octo/web").await;
    assert!(!second.full);
    assert!(second.entities[&Entity::Issue].fetched < 10, "{second:?}");
    let kinds = "SELECT GROUP_CONCAT(kind ORDER BY started_at) FROM `tabGitHub Sync Run`";
    assert_eq!(mirror.erp.value(kinds).await, "Full,Incremental");
    mirror.erp.clock().advance(TimeDelta::hours(24));
    assert!(mirror.sync("octo/web").await.full);
    mirror.finish().await;
}

#[tokio::test]
async fn f29_bookkeeping_is_set_by_a_complete_sync_and_never_reset() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(2);
    })
    .await;
    mirror.sync("octo/web").await;
    let noted = "SELECT CONCAT_WS(' ', is_synced, last_synced, enabled, modified) FROM tabRepository";
    let first = mirror.erp.value(noted).await;
    assert_eq!(first, "1 2026-03-01 07:00:00.000000 1 2026-03-01 07:00:00.000000");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").stars += 5;
    mirror.sync("octo/web").await;
    let second = mirror.erp.value(noted).await;
    assert_eq!(
        second, "1 2026-03-01 08:00:00.000000 1 2026-03-01 07:00:00.000000",
        "no new modified for bookkeeping"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn issues_that_were_off_and_are_switched_on_again_are_all_there_after_the_next_run() {
    let mirror = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(4)
            .with_pull_requests(2)
            .without_issues();
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").has_issues = true;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "4");
    mirror.finish().await;
}
