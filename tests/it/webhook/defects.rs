//! What deliveries of the Python app ended in, and do not here.

use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::json;

use super::Hooked;

/// There a sync held the Repository's row through all its calls: a push waited and was lost, or had the sync fail.
#[tokio::test]
async fn f36_a_push_during_a_sync_is_there_at_once_and_the_sync_ends_well() {
    let hooked = Hooked::new(|world| {
        let web = world.repository("octo/web");
        web.push("main");
        web.open_issue("Before");
    })
    .await;
    let gate = Gate::closed();
    let slow = Fault::on("/repos/octo/web/labels", Effect::Held(gate.clone()));
    hooked.mirror.github.world().faults.push(slow);
    let head = "SELECT commit_sha FROM `tabRepository Branch` WHERE branch_name = 'main'";
    let before = hooked.value(head).await;
    let after = "0123456789012345678901234567890123456789";
    let pushed = json!({"ref": "refs/heads/main", "before": before, "after": after, "commits": []});
    let payload = hooked.payload("", pushed).await;
    let meanwhile = async {
        gate.reached(1).await;
        hooked.mirror.erp.record().await;
        assert_eq!(hooked.deliver("push", "push", &payload).await, 202);
        assert_eq!(hooked.event("push").await, ("processed".to_owned(), String::new()));
        assert_eq!(hooked.value(head).await, after, "while the sync waits for GitHub");
        let statements = hooked.mirror.erp.statements().await;
        assert!(!statements.iter().any(|one| one.contains("GET_LOCK")), "{statements:?}");
        gate.open();
    };
    let (report, ()) = tokio::join!(hooked.mirror.sync_full("octo/web"), meanwhile);
    assert_eq!(report.error, None, "{report:?}");
    hooked.mirror.finish().await;
}

/// There each delivery left two rows in the Error Log and a Version, and nothing was ever cleared.
#[tokio::test]
async fn f38_deliveries_leave_nothing_in_the_error_log_and_no_version() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").open_issue("Before");
    })
    .await;
    let counts = "SELECT CONCAT_WS('|', (SELECT COUNT(*) FROM `tabError Log`), (SELECT COUNT(*) FROM tabVersion))";
    let before = hooked.value(counts).await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    for (id, event, payload) in [
        ("good", "issues", hooked.payload("edited", json!({"issue": issue})).await),
        (
            "odd",
            "issues",
            hooked.payload("edited", json!({"issue": {"number": "x"}})).await,
        ),
        ("ignored", "watch", hooked.payload("started", json!({})).await),
        ("new", "brand_new", hooked.payload("started", json!({})).await),
        (
            "elsewhere",
            "issues",
            json!({"issue": issue, "repository": {"id": 9, "full_name": "who/ever"}}),
        ),
    ] {
        assert_eq!(hooked.deliver(id, event, &payload).await, 202, "{id}");
    }
    assert_eq!(hooked.send(&[("x-github-event", "issues")], b"{}".to_vec()).await.0, 401);
    let ends = "SELECT GROUP_CONCAT(name, ' ', status ORDER BY name) FROM `tabGitHub Event`";
    assert_eq!(
        hooked.value(ends).await,
        "elsewhere ignored,good processed,ignored ignored,new unhandled,odd errored",
        "the reason stands with the delivery"
    );
    assert_eq!(hooked.value(counts).await, before);
    hooked.mirror.finish().await;
}
