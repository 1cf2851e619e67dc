//! What deliveries are still to tell is left to them, and is no drift.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
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
