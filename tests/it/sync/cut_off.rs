//! A walk that is cut off goes on where it was, and what moved meanwhile is found.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::sim::github::Fault;
use erpnext_github::store::runs::RunStatus;

use super::shifted::{finish, items, mirror};
use crate::support::mirror::Mirror;

const KEPT: &str = "SELECT GROUP_CONCAT(feed) FROM `erpnext_github_walk`";

/// Pages of the feed that were asked for.
fn pages(mirror: &Mirror) -> usize {
    let requests = mirror.github.requests();
    requests.iter().filter(|one| one.path.ends_with("/issues")).count()
}

/// A run that GitHub ends at page `page` of the feed, for good.
async fn cut_off(mirror: &Arc<Mirror>, page: &str, full: bool) {
    let fault = Fault::status("/repos/octo/web/issues", 502).containing(page);
    mirror.github.world().faults.push(fault);
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", full).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    mirror.github.world().faults.clear();
    mirror.github.forget_requests();
}

#[tokio::test]
async fn s2_a_first_walk_that_is_cut_off_goes_on_where_it_was_and_finds_what_moved_meanwhile() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(2_900).with_pull_requests(150);
    })
    .await;
    cut_off(&mirror, "page=25", false).await;
    assert_eq!(mirror.erp.value(KEPT).await, "items");
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        // Two that were read, which moves two others to pages that were read.
        web.delete_item(3);
        web.delete_item(500);
        web.edit(10).title = "another".to_owned();
    }
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    assert_eq!(mirror.erp.value(KEPT).await, "", "nothing is left to go on with");
    finish(mirror).await;
}

#[tokio::test]
async fn s2_what_was_read_before_a_walk_was_cut_off_is_not_asked_for_again() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(2_500).with_pull_requests(500);
    })
    .await;
    cut_off(&mirror, "page=22", false).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    let asked = pages(&mirror);
    assert!(asked < 20, "{asked} of 30 pages");
    let bare = "SELECT COUNT(*) FROM `tabRepository Pull Request` WHERE IFNULL(mergeable_state, '') = '' AND state = 'open'";
    assert_eq!(mirror.erp.value(bare).await, "0", "each has its details");
    finish(mirror).await;
}

#[tokio::test]
async fn s2_many_changes_that_are_cut_off_go_on_where_they_were() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(2_000);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    {
        // Each at a moment of its own, as changes are.
        for number in 1..=1_500 {
            mirror.erp.clock().advance(TimeDelta::seconds(1));
            mirror.github.world().repository("octo/web").edit(number).title = "changed".to_owned();
        }
    }
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let fault = Fault::status("/repos/octo/web/issues", 502).after(9);
    mirror.github.world().faults.push(fault);
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    mirror.github.world().faults.clear();
    assert_eq!(mirror.erp.value(KEPT).await, "changes");
    mirror.github.forget_requests();
    mirror.sync("octo/web").await;
    let asked = pages(&mirror);
    assert!(asked < 10, "{asked} of 16 pages");
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    assert_eq!(mirror.erp.value(KEPT).await, "");
    finish(mirror).await;
}

#[tokio::test]
async fn s2_what_waited_for_its_details_when_the_walk_was_cut_off_counts_as_not_seen() {
    let mirror = mirror(|world| {
        let web = world.repository("octo/web");
        web.with_issues(600).with_pull_requests(50).with_issues(600);
    })
    .await;
    cut_off(&mirror, "page=12", false).await;
    assert_eq!(mirror.erp.value(KEPT).await, "items");
    // The first of those that waited moves to a page that was read.
    mirror.github.world().repository("octo/web").delete_item(3);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    finish(mirror).await;
}

#[tokio::test]
async fn s2_a_walk_that_goes_on_is_not_more_whole_than_it_was() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(1_500);
        let odd = Fault::edit("/repos/octo/web/issues", |body| {
            // Not even a number, by which the next run would ask for it.
            body[4] = serde_json::json!({ "odd": true });
        });
        world.faults.push(odd);
    })
    .await;
    cut_off(&mirror, "page=9", false).await;
    assert_eq!(mirror.erp.value(KEPT).await, "items");
    let second = mirror.sync("octo/web").await;
    assert_eq!(second.status, RunStatus::CompletedWithFailures, "{second:?}");
    let third = mirror.sync("octo/web").await;
    assert_eq!(third.status, RunStatus::Completed, "{third:?}");
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there, "what could not be read at first is there");
    finish(mirror).await;
}

#[tokio::test]
async fn s2_a_feed_that_was_read_is_not_read_again_because_what_follows_was_cut_off() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(800);
        let away = Fault::status("/repos/octo/web/issues/comments", 502).always();
        world.faults.push(away);
    })
    .await;
    let first = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    assert_eq!(first.status, RunStatus::CompletedWithFailures, "{first:?}");
    mirror.github.world().faults.clear();
    mirror.github.forget_requests();
    let second = mirror.sync("octo/web").await;
    assert_eq!(second.status, RunStatus::Completed, "{second:?}");
    assert!(pages(&mirror) <= 2, "{} of 8 pages", pages(&mirror));
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    finish(mirror).await;
}

#[tokio::test]
async fn s2_pull_requests_without_issues_go_on_where_they_were() {
    let mirror = mirror(|world| {
        let web = world.repository("octo/web");
        web.with_pull_requests(1_500);
        web.has_issues = false;
        let away = Fault::status("/repos/octo/web/pulls", 502).containing("page=12").always();
        world.faults.push(away);
    })
    .await;
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(mirror.erp.value(KEPT).await, "pull_requests");
    mirror.github.world().faults.clear();
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let requests = mirror.github.requests();
    let asked = requests.iter().filter(|one| one.path.ends_with("/pulls")).count();
    assert!(asked < 10, "{asked} of 15 pages");
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    assert_eq!(mirror.erp.value(KEPT).await, "", "nothing is left to go on with");
    finish(mirror).await;
}
