//! Pull requests where issues are off, and where what only they say cannot be read.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

#[tokio::test]
async fn s3_where_issues_are_switched_off_pull_requests_are_mirrored_still() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_pull_requests(130).without_issues();
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(report.entities[&Entity::PullRequest].counts.created, 130, "{report:?}");
    assert!(
        !mirror.github.requests().iter().any(|one| one.path.ends_with("/issues")),
        "GitHub said that they are off"
    );
    let before = mirror.mirror().await;
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    let again = mirror.sync("octo/web").await;
    assert_eq!(again.entities[&Entity::PullRequest].counts.updated, 0, "{again:?}");
    assert_eq!(mirror.mirror().await.replace("07:01:00", "07:00:00"), before);
    mirror.finish().await;
}

#[tokio::test]
async fn s3_issues_that_are_switched_off_between_two_requests_are_a_410_that_is_understood() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_pull_requests(3);
        world.faults.push(Fault::status("/repos/octo/web/issues", 410).always());
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(report.entities[&Entity::PullRequest].counts.created, 3, "{report:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn both_ways_to_a_pull_request_give_the_same_row() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_pull_requests(40);
    })
    .await;
    mirror.sync("octo/web").await;
    let tables = [
        "tabRepository Pull Request",
        "tabRepository PR Assignee",
        "tabRepository PR Reviewer",
    ];
    let by_feed = mirror.erp.dump_tables(&tables).await;
    mirror.github.world().repository("octo/web").has_issues = false;
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.entities[&Entity::PullRequest].counts.updated, 0, "{report:?}");
    assert_eq!(mirror.erp.dump_tables(&tables).await, by_feed);
    mirror.finish().await;
}

#[tokio::test]
async fn s3_without_details_pull_requests_are_stored_and_completed_by_the_next_run() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(2).with_pull_requests(5);
        let broken = Fault::on("/graphql", Effect::Empty).containing("PullRequestDetails");
        world.faults.push(broken.always());
    })
    .await;
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    mirror.github.world().faults.clear();
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    let counts = "SELECT CONCAT(COUNT(*), ' ', COUNT(NULLIF(head_branch, ''))) FROM `tabRepository Pull Request`";
    assert_eq!(mirror.erp.value(counts).await, "5 0");
    assert_eq!(report.entities[&Entity::PullRequest].failed, 5, "{report:?}");
    let noted = "SELECT COUNT(*) FROM erpnext_github_cursor WHERE entity LIKE 'unread:%'";
    assert_eq!(mirror.erp.value(noted).await, "5");
    let next = mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(noted).await, "0");
    assert_eq!(next.status, RunStatus::Completed, "{next:?}");
    assert_eq!(mirror.erp.value(counts).await, "5 5");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_where_many_pull_requests_are_not_told_the_next_run_reads_all() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(2).with_pull_requests(60);
        let broken = Fault::on("/graphql", Effect::Empty).containing("PullRequestDetails");
        world.faults.push(broken.always());
    })
    .await;
    let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert!(report.entities[&Entity::PullRequest].failed > 20, "{report:?}");
    let kept =
        "SELECT COUNT(*) FROM erpnext_github_cursor WHERE entity LIKE 'unread:%' OR (entity = 'items' AND cursor_at IS NOT NULL)";
    assert_eq!(mirror.erp.value(kept).await, "0");
    mirror.github.world().faults.clear();
    let next = mirror.sync("octo/web").await;
    assert_eq!((next.status, next.full), (RunStatus::Completed, true), "{next:?}");
    let bare = "SELECT COUNT(*) FROM `tabRepository Pull Request` WHERE IFNULL(head_branch, '') = ''";
    assert_eq!(mirror.erp.value(bare).await, "0");
    mirror.finish().await;
}
