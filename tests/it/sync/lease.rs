//! One process at a time is at a repository; one that lost its lease writes nothing any more.

use std::sync::Arc;

use erpnext_github::domain::RepoName;
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::store::repositories::Tracked;
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{RunOptions, SyncError, sync_repository};

use crate::support::mirror::Mirror;

const OPTIONS: RunOptions = RunOptions {
    full: false,
    trigger: Trigger::Command,
};

async fn held() -> (Arc<Mirror>, Gate) {
    let mirror = Arc::new(
        Mirror::new(|world| {
            world.repository("octo/web").with_issues(150).with_branches(3);
        })
        .await,
    );
    let gate = Gate::closed();
    let second_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing("page=2");
    mirror.github.world().faults.push(second_page);
    (mirror, gate)
}

fn tracked() -> Tracked {
    let name: RepoName = "octo/web".parse().expect("a name");
    Tracked::named(&name)
}

#[tokio::test]
async fn s3_the_second_is_told_who_is_at_it() {
    let (mirror, gate) = held().await;
    let mut first = mirror.context().await;
    first.owner = "host-one:1".into();
    let run = tokio::spawn(async move { sync_repository(&first, &tracked(), OPTIONS).await });
    gate.reached(1).await;
    let mut second = mirror.context().await;
    second.owner = "host-two:2".into();
    let error = sync_repository(&second, &tracked(), OPTIONS)
        .await
        .expect_err("somebody is at it");
    assert!(
        matches!(&error, SyncError::Busy { owner, .. } if owner == "host-one:1"),
        "{error:?}"
    );
    let sentence = error.to_string();
    assert!(
        sentence.contains("octo/web is being synced by host-one:1") && sentence.contains("wait for it"),
        "{sentence}"
    );
    gate.open();
    let report = run.await.expect("the task").expect("the run");
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let again = sync_repository(&second, &tracked(), OPTIONS)
        .await
        .expect("the lease was given back");
    assert_eq!(again.status, RunStatus::Completed);
    Arc::into_inner(mirror).expect("alone").finish().await;
}

#[tokio::test]
async fn s3_a_lost_lease_writes_nothing_any_more() {
    let (mirror, gate) = held().await;
    let context = mirror.context().await;
    let run = tokio::spawn(async move { sync_repository(&context, &tracked(), OPTIONS).await });
    gate.reached(1).await;
    // The page before the held one is being stored meanwhile: wait until it is.
    while mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await != "100" {}
    let taken = "UPDATE erpnext_github_lease SET owner = 'another', fencing = fencing + 1, lease_until = UTC_TIMESTAMP(6) + INTERVAL 90 SECOND";
    mirror.erp.scratch().execute(taken).await.expect("taken over");
    let before = mirror.mirror().await;
    gate.open();
    let report = run.await.expect("the task").expect("a report");
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    assert!(
        report
            .error
            .as_ref()
            .is_some_and(|text| text.contains("another process has taken over")),
        "{report:?}"
    );
    assert_eq!(
        mirror.mirror().await,
        before,
        "not a row, not even the note on the Repository"
    );
    assert_eq!(
        mirror.erp.value("SELECT COUNT(cursor_at) FROM erpnext_github_cursor").await,
        "0"
    );
    let lease = mirror
        .erp
        .value("SELECT CONCAT(owner, ' ', lease_until > UTC_TIMESTAMP(6)) FROM erpnext_github_lease")
        .await;
    assert_eq!(lease, "another 1", "the other one's lease is not given back");
    Arc::into_inner(mirror).expect("alone").finish_with_errors(1).await;
}

#[tokio::test]
async fn s3_a_lease_that_ran_out_is_taken_over() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(2);
    })
    .await;
    mirror.sync("octo/web").await;
    let dead = "UPDATE erpnext_github_lease SET owner = 'dead', lease_until = UTC_TIMESTAMP(6) + INTERVAL 80 SECOND, \
                heartbeat = UTC_TIMESTAMP(6) - INTERVAL 10 SECOND";
    mirror.erp.scratch().execute(dead).await.expect("a dead process");
    let error = sync_repository(&mirror.context().await, &tracked(), OPTIONS)
        .await
        .expect_err("not yet");
    let free_at = "SELECT DATE_FORMAT(lease_until, '%H:%i:%s') FROM erpnext_github_lease";
    let free_at = mirror.erp.value(free_at).await;
    let sentence = error.to_string();
    for part in [
        "octo/web is being synced by dead, last heard from 1",
        "wait for it, or stop that process",
        &format!("if it is gone already, the repository is free by itself at {free_at} UTC"),
    ] {
        assert!(sentence.contains(part), "`{part}` is missing: {sentence}");
    }
    let out = "UPDATE erpnext_github_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND";
    mirror.erp.scratch().execute(out).await.expect("it runs out");
    assert_eq!(mirror.sync("octo/web").await.status, RunStatus::Completed);
    mirror.finish().await;
}
