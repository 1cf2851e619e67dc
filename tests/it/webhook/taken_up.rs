//! What is taken up and not ended: given back at once where that is known, and taken up alone where it may be the reason itself.

use chrono::TimeDelta;
use erpnext_github::store::inbox::{claim, give_back};
use erpnext_github::webhook::{Crowd, Receiver, work};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::hostile::with_an_issue;

#[tokio::test]
async fn f36_deliveries_are_given_back_at_once_when_people_cannot_be_read() {
    let (hooked, payload) = with_an_issue().await;
    let (site, scratch) = (hooked.mirror.site(), hooked.mirror.erp.scratch());
    hooked.receive(&Receiver::default(), "one", "issues", &payload).await;
    let away = "RENAME TABLE erpnext_github_login TO erpnext_github_login_away";
    scratch.execute(away).await.expect("away");
    let stop = CancellationToken::new();
    let worked = work(site, "a worker", "Administrator", &Crowd::default(), &stop).await;
    assert!(worked.is_err(), "{worked:?}");
    let row = "SELECT CONCAT_WS('|', status, attempts) FROM `tabGitHub Event`";
    assert_eq!(
        hooked.value(row).await,
        "unprocessed|0",
        "nobody waits for the end of a lease"
    );
    let back = "RENAME TABLE erpnext_github_login_away TO erpnext_github_login";
    scratch.execute(back).await.expect("back");
    hooked.work().await;
    assert_eq!(hooked.event("one").await, ("processed".to_owned(), String::new()));
}

#[tokio::test]
async fn f37_a_delivery_that_ends_whoever_works_on_it_is_parked_with_its_reason_and_the_others_go_on() {
    let (hooked, payload) = with_an_issue().await;
    let receiver = Receiver::default();
    for id in ["bad", "good", "late"] {
        hooked.receive(&receiver, id, "issues", &payload).await;
    }
    let (db, now) = (hooked.mirror.site().db(), hooked.mirror.site().clock().now());
    let died = "UPDATE `tabGitHub Event` SET attempts = IF(name = 'bad', 3, attempts), available_at = available_at - INTERVAL \
                IF(name = 'bad', 60, 0) SECOND, status = 'processing', _lease_until = '2020-01-01'";
    hooked.mirror.erp.query(died).await;
    let ids = async || {
        let (claim, claimed) = claim(db, "a worker", 50, now).await.expect("claimed");
        let ids: Vec<String> = claimed.into_iter().map(|one| one.id).collect();
        (claim, ids)
    };
    let (first, others) = ids().await;
    assert_eq!(others, ["good", "late"], "it is left alone while there are others");
    let (second, alone) = ids().await;
    assert_eq!(alone, ["bad"]);
    for claim in [first, second] {
        give_back(db, &claim).await.expect("given back");
    }
    let again =
        "UPDATE `tabGitHub Event` SET attempts = 8, status = 'processing', _lease_until = '2020-01-01' WHERE name = 'bad'";
    hooked.mirror.erp.query(again).await;
    hooked.work().await;
    let (status, reason) = hooked.event("bad").await;
    assert_eq!(status, "errored");
    assert_eq!(reason, "given up: whoever worked on it ended before it did, 8 times");
    for id in ["good", "late"] {
        assert_eq!(hooked.event(id).await.0, "processed", "{id}");
    }
}

#[tokio::test]
async fn waiting_for_a_large_rename_is_no_attempt() {
    let (hooked, payload) = with_an_issue().await;
    hooked.receive(&Receiver::default(), "one", "issues", &payload).await;
    let moving = "INSERT INTO erpnext_github_rename (doctype, old_name, new_name) VALUES ('Repository (under way)', 'octo/web', 'octo/shop')";
    hooked.mirror.erp.scratch().execute(moving).await.expect("under way");
    for _ in 0..12 {
        hooked.work().await;
        hooked.mirror.erp.clock().advance(TimeDelta::seconds(6));
    }
    let row = "SELECT CONCAT_WS('|', status, attempts, reason LIKE '%step by step%') FROM `tabGitHub Event`";
    assert_eq!(hooked.value(row).await, "unprocessed|0|1");
    hooked
        .mirror
        .erp
        .scratch()
        .execute("DELETE FROM erpnext_github_rename")
        .await
        .expect("over");
    hooked.work().await;
    assert_eq!(hooked.event("one").await.0, "processed");
}

#[tokio::test]
async fn f37_what_a_delivery_brings_is_stored_whole_or_not_at_all_and_given_up_with_its_reason() {
    let (hooked, mut payload) = with_an_issue().await;
    let scratch = hooked.mirror.erp.scratch();
    payload["issue"]["title"] = json!("As it will be");
    payload["issue"]["updated_at"] = json!("2031-01-01T00:00:00Z");
    // The issue is written first, the delivery's end last: that is refused.
    let refused = "ALTER TABLE `tabGitHub Event` ADD CONSTRAINT not_today CHECK (status <> 'processed')";
    scratch.execute(refused).await.expect("a constraint");
    hooked.receive(&Receiver::default(), "one", "issues", &payload).await;
    let title = "SELECT title FROM `tabRepository Issue`";
    for attempt in 1..=8 {
        hooked.work().await;
        assert_eq!(hooked.value(title).await, "As it was", "nothing half-written");
        let (status, reason) = hooked.event("one").await;
        assert!(reason.contains("not_today"), "{reason}");
        assert_eq!(
            status,
            if attempt < 8 { "unprocessed" } else { "errored" },
            "attempt {attempt}"
        );
        hooked.mirror.erp.clock().advance(TimeDelta::minutes(10));
    }
    let (_, reason) = hooked.event("one").await;
    assert!(reason.starts_with("given up after 8 attempts: "), "{reason}");
    let allowed = "ALTER TABLE `tabGitHub Event` DROP CONSTRAINT not_today";
    scratch.execute(allowed).await.expect("dropped");
    let stamp = erpnext_github::store::Stamp::now(hooked.mirror.site(), "Administrator").await;
    let retried = erpnext_github::store::inbox::retry(hooked.mirror.site().db(), &stamp.expect("a stamp"), "one").await;
    assert!(retried.expect("the database works"));
    hooked.work().await;
    assert_eq!(hooked.value(title).await, "As it will be");
    assert_eq!(hooked.event("one").await, ("processed".to_owned(), String::new()));
}
