//! What deliveries are still to tell is left to them, and is no drift.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::Stamp;
use erpnext_github::store::inbox::{Delivery, Reception, accept};

use super::{compared_after, drift, triggers};
use crate::jobs::runner;
use crate::support::mirror::Mirror;

async fn changed() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    mirror.github.world().repository("octo/web").edit(1).title = "Changed".to_owned();
    mirror
}

async fn waiting(mirror: &Mirror) {
    let stamp = Stamp::now(mirror.site(), "Administrator").await.expect("a stamp");
    let delivery = Delivery {
        id: "waiting".to_owned(),
        event: "issues".to_owned(),
        action: Some("edited".to_owned()),
        source: "user oauth",
        hook_id: None,
        installation_id: None,
        repository: Some("octo/web".to_owned()),
        repository_id: Some(mirror.github.world().repository("octo/web").id),
        sender: None,
        reception: Reception::Work(b"never read".to_vec()),
        size: 10,
    };
    accept(mirror.site().db(), &stamp, &[&delivery]).await.expect("stored");
}

const TITLE: &str = "SELECT title FROM `tabRepository Issue` WHERE issue_number = 1";

#[tokio::test]
async fn s3_a_change_of_the_last_minute_is_left_to_its_delivery_and_then_repaired() {
    let mirror = changed().await;
    let runner = runner(&mirror);
    assert_eq!(runner.step(Work::Reconcile).await, 1);
    assert_eq!(triggers(&mirror).await, "", "its delivery is on its way");
    assert_eq!(runner.step(Work::Reconcile).await, 0, "not at every look");
    assert_eq!(
        compared_after(&mirror, &runner, 1).await,
        1,
        "a minute later, without a new round"
    );
    assert_eq!(drift(&mirror).await, "Issue 1");
    assert_eq!(mirror.erp.value(TITLE).await, "Changed");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_what_waits_in_the_inbox_is_no_drift() {
    let mirror = changed().await;
    let runner = runner(&mirror);
    waiting(&mirror).await;
    for minute in 0..5 {
        assert_eq!(compared_after(&mirror, &runner, 1).await, 1, "minute {minute}");
        assert_eq!(triggers(&mirror).await, "", "minute {minute}");
    }
    // Patience ends: it is read in the name of the deliveries.
    assert_eq!(compared_after(&mirror, &runner, 1).await, 1);
    assert_eq!(triggers(&mirror).await, "Webhook Incremental");
    assert_eq!(drift(&mirror).await, "");
    assert_eq!(mirror.erp.value(TITLE).await, "Changed");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_what_was_put_off_and_github_does_not_tell_is_not_asked_for_at_every_look() {
    let mirror = changed().await;
    let runner = runner(&mirror);
    assert_eq!(runner.step(Work::Reconcile).await, 1, "put off");
    let hole = Effect::Edited(std::sync::Arc::new(|answer: &mut serde_json::Value| {
        answer["data"]["nodes"][0] = serde_json::Value::Null;
        let refused = "Resource protected by organization SAML enforcement";
        answer["errors"] = serde_json::json!([{ "type": "FORBIDDEN", "message": refused, "path": ["nodes", 0] }]);
    }));
    mirror.github.world().faults.push(Fault::on("/graphql", hole).always());
    assert_eq!(compared_after(&mirror, &runner, 1).await, 1);
    mirror.github.forget_requests();
    for _ in 0..6 {
        mirror.erp.clock().advance(TimeDelta::seconds(10));
        runner.step(Work::Reconcile).await;
    }
    assert_eq!(mirror.github.requests().len(), 0, "the next round asks again");
    assert_eq!(compared_after(&mirror, &runner, 10).await, 1);
    mirror.github.world().faults.clear();
    compared_after(&mirror, &runner, 10).await;
    assert_eq!(mirror.erp.value(TITLE).await, "Changed");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_what_was_put_off_is_asked_for_once_a_minute_while_github_is_away() {
    let mirror = changed().await;
    let runner = runner(&mirror);
    assert_eq!(runner.step(Work::Reconcile).await, 1, "put off");
    mirror.github.world().faults.push(Fault::status("/graphql", 403).always());
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    runner.step(Work::Reconcile).await;
    mirror.github.forget_requests();
    for _ in 0..5 {
        mirror.erp.clock().advance(TimeDelta::seconds(10));
        runner.step(Work::Reconcile).await;
    }
    assert_eq!(mirror.github.requests().len(), 0, "not at every look");
    mirror.github.world().faults.clear();
    assert_eq!(compared_after(&mirror, &runner, 1).await, 1);
    assert_eq!(mirror.erp.value(TITLE).await, "Changed");
    mirror.finish().await;
}
