//! What a scheduled run says: a failure with its reason as a warning, what others are at as nothing at all.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;

use super::runner;
use crate::support::Log;
use crate::support::mirror::Mirror;

async fn due() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/a");
    })
    .await;
    mirror.sync("octo/a").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror
}

#[tokio::test]
async fn a_failed_run_is_a_warning_with_its_reason() {
    let mirror = due().await;
    let runner = runner(&mirror);
    let log = Log::listen("info");
    mirror.github.world().delete_repository("octo/a");
    runner.step(Work::SyncDue).await;
    let lines = log.take();
    let [[level, message, reason]] = lines.as_slice() else {
        panic!("one line: {lines:?}")
    };
    assert_eq!((level.as_str(), message.as_str()), ("WARN", "not synced"));
    assert!(reason.contains("GitHub no longer shows octo/a"), "{reason}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn a_repository_that_another_process_is_at_is_no_failure() {
    let mirror = due().await;
    let runner = runner(&mirror);
    let taken = "UPDATE erpnext_github_lease SET owner = 'another', fencing = fencing + 1, lease_until = UTC_TIMESTAMP(6) + INTERVAL 90 SECOND";
    mirror.erp.scratch().execute(taken).await.expect("taken over");
    let log = Log::listen("info");
    runner.step(Work::SyncDue).await;
    assert_eq!(log.take(), Vec::<[String; 3]>::new());
    mirror.finish().await;
}
