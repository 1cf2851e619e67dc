//! A request to stop, connections that are killed, and a death: each in the middle of a run.

use std::sync::Arc;

use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::{RepositoryReport, SyncContext};
use tokio::task::JoinHandle;

use crate::support::mirror::Mirror;

/// A run of `octo/web` in `context`, held at page two of its issues.
async fn held(context: impl AsyncFnOnce(&Mirror) -> SyncContext) -> (Arc<Mirror>, Gate, JoinHandle<RepositoryReport>) {
    let mirror = Arc::new(
        Mirror::new(|world| {
            world.repository("octo/web").with_issues(250);
        })
        .await,
    );
    let gate = Gate::closed();
    let second_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing("page=2");
    mirror.github.world().faults.push(second_page);
    let context = context(&mirror).await;
    let run = tokio::spawn({
        let mirror = mirror.clone();
        async move { mirror.sync_in(&context, "octo/web", false).await }
    });
    gate.reached(1).await;
    (mirror, gate, run)
}

async fn stored(mirror: &Mirror) -> String {
    mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await
}

async fn finish(mirror: Arc<Mirror>, errors: usize) {
    Arc::into_inner(mirror)
        .expect("nobody else holds it")
        .finish_with_errors(errors)
        .await;
}

#[tokio::test]
async fn s3_a_request_to_stop_ends_the_run_after_the_page_in_hand_and_says_so() {
    let mut stop = None;
    let (mirror, gate, run) = held(async |mirror: &Mirror| {
        let context = mirror.context().await;
        stop = Some(context.stop.clone());
        context
    })
    .await;
    stop.expect("a token").cancel();
    gate.open();
    let report = run.await.expect("the run");
    let text = report.error.clone().unwrap_or_default();
    assert!(
        text.contains("stopped before the end") && text.contains("the next run goes on"),
        "{report:?}"
    );
    let row = mirror
        .erp
        .query("SELECT status, error FROM `tabGitHub Sync Run`")
        .await
        .concat();
    assert_eq!(row[0].as_deref(), Some("Stopped"), "{row:?}");
    assert_eq!(row[1].as_ref(), Some(&text));
    assert_ne!(stored(&mirror).await, "250");
    assert_eq!(mirror.erp.value("SELECT is_synced FROM tabRepository").await, "0");
    assert_eq!(
        mirror.erp.value("SELECT COUNT(cursor_at) FROM erpnext_github_cursor").await,
        "0"
    );
    let next = mirror.sync("octo/web").await;
    assert_eq!(next.status, RunStatus::Completed, "{next:?}");
    assert_eq!(stored(&mirror).await, "250");
    finish(mirror, 0).await;
}

#[tokio::test]
async fn s3_connections_that_are_killed_in_the_middle_are_replaced() {
    let (mirror, gate, run) = held(async |mirror: &Mirror| mirror.context().await).await;
    assert!(mirror.erp.scratch().kill_connections().await.expect("killed") > 0);
    gate.open();
    let report = run.await.expect("the run");
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(stored(&mirror).await, "250");
    finish(mirror, 0).await;
}

#[tokio::test]
async fn s3_a_process_that_dies_in_its_first_run_leaves_no_run_that_seems_to_go_on() {
    let (mirror, gate, run) = held(async |mirror: &Mirror| mirror.context().await).await;
    // The future is dropped where it stands, as by a kill.
    run.abort();
    assert!(run.await.is_err());
    gate.open();
    let sql = "UPDATE erpnext_github_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND";
    mirror.erp.scratch().execute(sql).await.expect("the lease runs out");
    let next = mirror.sync("octo/web").await;
    assert_eq!(next.status, RunStatus::Completed, "{next:?}");
    let mut rows = mirror
        .erp
        .query("SELECT status, error <> '', repository FROM `tabGitHub Sync Run`")
        .await;
    rows.sort();
    let rows: Vec<String> = rows.concat().into_iter().map(Option::unwrap_or_default).collect();
    assert_eq!(rows, ["Completed", "0", "octo/web", "Failed", "1", "octo/web"]);
    finish(mirror, 0).await;
}
