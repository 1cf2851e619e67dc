//! The walk of the night: what no moment tells of.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;

use super::{as_read_at_once, compared_after, drift, triggers};
use crate::jobs::runner;
use crate::support::mirror::Mirror;

/// Synced at seven in the morning of the site's own clock.
async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.with_issues(6).with_labels(2).with_milestones(2).with_releases(2);
        web.comment_by(2, "octo", "Soon gone");
        world.repository("octo/other");
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.sync("octo/other").await;
    mirror
}

#[tokio::test]
async fn g4_8_s3_at_night_deletions_transfers_and_renamed_labels_are_found() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.erp.clock().advance(TimeDelta::hours(3));
    {
        let mut world = mirror.github.world();
        let comment = *world.repository("octo/web").comments.keys().next().expect("a comment");
        let web = world.repository("octo/web");
        web.delete_comment(comment);
        web.delete_item(4);
        web.rename_label("bug", "defect");
        web.delete_milestone(2);
        world.transfer_issue("octo/web", 5, "octo/other");
    }
    mirror.erp.clock().advance(TimeDelta::hours(10));
    assert_eq!(runner.step(Work::Walk).await, 0, "eight in the evening");
    // Half past five: every repository's minute has come.
    mirror.erp.clock().advance(TimeDelta::minutes(9 * 60 + 30));
    assert_eq!(runner.step(Work::Walk).await, 1);
    assert_eq!(triggers(&mirror).await, "Reconciliation Full");
    let found = "SELECT GROUP_CONCAT(DISTINCT entity ORDER BY entity) FROM `tabGitHub Sync Run Entity` WHERE drift > 0";
    let found = mirror.erp.value(found).await;
    for entity in ["Comment", "Issue", "Label", "Milestone"] {
        assert!(found.split(',').any(|one| one == entity), "{entity}: {found}");
    }
    let deleted = "SELECT COUNT(*) FROM `tabRepository Comment`";
    assert_eq!(mirror.erp.value(deleted).await, "0");
    assert_eq!(runner.step(Work::Walk).await, 0, "once a night");
    let passed = TimeDelta::minutes(22 * 60 + 30);
    as_read_at_once(&mirror, &["octo/other", "octo/web"], passed, "walked through").await;
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_walk_stays_within_its_share_of_the_hour_and_goes_on_in_the_next() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.github.world().limits.core = 100;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "rate_limit_threshold", "0")
        .await
        .expect("the setting");
    // A repository costs more than five points, and five is the share.
    // Two nights long nothing was done, so that both are due by day.
    mirror.erp.clock().advance(TimeDelta::hours(49));
    let walks = "SELECT COUNT(DISTINCT repository) FROM `tabGitHub Sync Run` WHERE `trigger` = 'Reconciliation'";
    for (percent, walked) in [("0", "0"), ("5", "1"), ("5", "1")] {
        erp.set_single("GitHub Settings", "reconciliation_budget_percent", percent)
            .await
            .expect("the setting");
        runner.step(Work::Walk).await;
        assert_eq!(mirror.erp.value(walks).await, walked, "{percent} percent");
    }
    mirror.erp.clock().advance(TimeDelta::minutes(61));
    assert_eq!(runner.step(Work::Walk).await, 1, "the next hour has a share of its own");
    assert_eq!(mirror.erp.value(walks).await, "2");
    assert_eq!(runner.step(Work::Walk).await, 0, "all are done");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_the_schedule_makes_no_complete_walk_by_day_unless_three_nights_failed() {
    let mirror = mirror().await;
    let runner = runner(&mirror);
    mirror.erp.clock().advance(TimeDelta::hours(30));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(triggers(&mirror).await, "Schedule Incremental");
    mirror.erp.clock().advance(TimeDelta::hours(43));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    assert_eq!(triggers(&mirror).await, "Schedule Full,Schedule Incremental");
    // By hand it is as before: whoever asks after a day gets everything.
    mirror.erp.clock().advance(TimeDelta::hours(25));
    assert!(mirror.sync("octo/web").await.full);
    assert_eq!(compared_after(&mirror, &runner, 0).await, 1);
    assert_eq!(drift(&mirror).await, "");
    mirror.finish().await;
}
