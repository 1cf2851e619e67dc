//! The end of connections: by their user, on GitHub, and because their user left.

use chrono::TimeDelta;
use erpnext_github::actions::grants::GrantError;
use erpnext_github::frappe::watched::look_again;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::grants;
use erpnext_github::webhook::authorization::revoked;
use serde_json::Value;

use super::{APP, Stage, account_of, id};
use crate::github_contract::wrong_delivery;

fn authorizations(stage: &Stage) -> usize {
    stage.github.world().oauth.authorizations.len()
}

#[tokio::test]
async fn who_disconnects_is_gone_here_and_on_github() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let token = stage.token("ann").await.expect("a token");
    let gone = stage.grants().disconnect(&id("ann")).await.expect("disconnected");
    assert_eq!((gone.login.as_str(), gone.left_on_github), ("ann-hub", None));
    assert_eq!(
        (
            account_of(&token).await,
            authorizations(&stage),
            stage.standing().await.as_str()
        ),
        (None, 0, "")
    );
    let again = stage.grants().disconnect(&id("ann")).await;
    assert!(matches!(again, Err(GrantError::NotConnected(_))), "{again:?}");

    // Also where the token that could tell GitHub whose it is has ended.
    stage.connect("ann", "ann-hub").await;
    stage.test.clock().advance(TimeDelta::hours(9));
    let gone = stage.grants().disconnect(&id("ann")).await.expect("disconnected");
    assert_eq!((gone.left_on_github, authorizations(&stage)), (None, 0));
}

#[tokio::test]
async fn without_github_he_is_gone_here_and_told_what_is_left() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage
        .github
        .world()
        .faults
        .push(Fault::on("/applications/*", Effect::Refused));
    let gone = stage.grants().disconnect(&id("ann")).await.expect("disconnected");
    let left = gone.left_on_github.expect("a sentence");
    assert!(
        left.contains(&format!(
            "revoke it on {}/settings/connections/applications/{}",
            stage.github.base_url(),
            APP.0
        )),
        "{left}"
    );
    assert_eq!((stage.standing().await.as_str(), authorizations(&stage)), ("", 1));
}

#[tokio::test]
async fn g3_12_what_is_taken_back_on_github_is_gone_at_once() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.connect("ben", "ben-hub").await;
    let before = stage.github.world().clone();
    stage.github.world().revoke_authorization(APP.0, "ann-hub");
    let told = stage.github.deliveries_since(&before);
    let events: Vec<&str> = told.iter().map(|one| one.event).collect();
    assert_eq!(events, ["github_app_authorization"]);
    let payload: Value = serde_json::from_str(&told[0].payload).expect("JSON");
    assert_eq!(wrong_delivery(told[0].event, &payload), Vec::<String>::new());
    let number = payload["sender"]["id"].as_u64().expect("a number");

    let then = stage.test.site().clock().now();
    let heed = async |number: u64| revoked(stage.test.site(), number, then).await.expect("heeded");
    assert_eq!(heed(number).await, ["ann@x.com"]);
    assert_eq!(stage.standing().await, "ann=ann-hub revoked,ben=ben-hub active");
    let asked = stage.github.requests().len();
    let error = stage.token("ann").await.expect_err("taken back");
    assert_eq!(
        error.to_string(),
        "the connection of ann@x.com was taken back on GitHub: connect GitHub again"
    );
    assert!(error.needs_connecting());
    assert_eq!(stage.github.requests().len(), asked, "GitHub is not asked");
    assert_eq!(stage.acts_as("ben").await, "ben-hub");
    let sealed = "SELECT COUNT(*) FROM erpnext_github_grant WHERE access_token IS NOT NULL";
    assert_eq!(stage.test.value(sealed).await, "1");

    // A delivery that is worked on twice, late, or for nobody.
    assert_eq!(heed(number).await, Vec::<String>::new());
    stage.test.clock().advance(TimeDelta::seconds(1));
    stage.connect("ann", "ann-hub").await;
    for number in [number, 4_711] {
        assert_eq!(heed(number).await, Vec::<String>::new());
    }
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
}

#[tokio::test]
async fn nothing_is_done_in_the_name_of_who_left() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.connect("ben", "ben-hub").await;
    let disabled = "UPDATE tabUser SET enabled = 0 WHERE name = 'ann@x.com'";
    stage.test.scratch().execute(disabled).await.expect("disabled");
    let error = stage.token("ann").await.expect_err("disabled");
    assert!(matches!(error, GrantError::Disabled(_)), "{error}");
    assert_eq!(stage.grants().end_of_people_who_left().await.expect("ended"), ["ann@x.com"]);
    assert_eq!(
        (stage.standing().await.as_str(), authorizations(&stage)),
        ("ben=ben-hub active", 1)
    );
    stage
        .test
        .scratch()
        .execute("DELETE FROM tabUser WHERE name = 'ben@x.com'")
        .await
        .expect("removed");
    assert_eq!(stage.grants().end_of_people_who_left().await.expect("ended"), ["ben@x.com"]);
    assert_eq!((stage.standing().await.as_str(), stage.live_tokens()), ("", 0));
}

#[tokio::test]
async fn whoever_connects_again_meanwhile_keeps_what_he_connected() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let db = stage.test.site().db();
    let seen = grants::of_user(db, "ann@x.com").await.expect("read").expect("there");
    // Who was seen to have left is back, with a new pair of tokens.
    stage.connect("ann", "ann-hub").await;
    let gone = grants::disconnect(db, "ann@x.com", Some(seen.tokens.number)).await;
    assert_eq!(gone.expect("looked"), None);
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
}

#[tokio::test]
async fn whoever_is_renamed_connects_again_at_once() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let renamed = "DELETE FROM tabUser WHERE name = 'ben@x.com'; UPDATE tabUser SET name = 'ben@x.com', email = 'ben@x.com' WHERE name = 'ann@x.com'";
    stage.test.scratch().execute(renamed).await.expect("renamed");
    assert!(stage.token("ben").await.expect_err("not yet").needs_connecting());
    stage.connect("ben", "ann-hub").await;
    assert_eq!(stage.acts_as("ben").await, "ann-hub");
    // What was connected under the old name is not taken back on GitHub, which knows both as one.
    assert_eq!(
        stage.grants().end_of_people_who_left().await.expect("looked"),
        Vec::<String>::new()
    );
    assert_eq!(
        (stage.standing().await.as_str(), stage.acts_as("ben").await.as_str()),
        ("ben=ann-hub active", "ann-hub")
    );
}

#[tokio::test]
async fn a_connection_is_of_whoever_is_that_account_by_his_user() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.connect("ben", "ben-hub").await;
    // Somebody new under the same name, before anybody looked.
    let new = "UPDATE tabUser SET github_user_id = NULL, github_username = NULL WHERE name = 'ann@x.com'";
    stage
        .test
        .scratch()
        .execute("DELETE FROM erpnext_github_watched_row")
        .await
        .expect("long ago");
    stage.test.scratch().execute(new).await.expect("another person");
    let asked = stage.github.requests().len();
    let error = stage.token("ann").await.expect_err("somebody else");
    assert!(
        error.needs_connecting() && error.to_string().contains("ann@x.com is not ann-hub on GitHub any more"),
        "{error}"
    );
    assert_eq!(stage.github.requests().len(), asked, "GitHub is not asked");
    assert_eq!(stage.grants().end_of_people_who_left().await.expect("ended"), ["ann@x.com"]);
    // An administrator says that he is another account.
    let other = "UPDATE tabUser SET github_user_id = '4711', modified = '2027-01-01 00:00:00.000001' WHERE name = 'ben@x.com'";
    stage.test.scratch().execute(other).await.expect("cleared");
    assert!(stage.token("ben").await.expect_err("not he").needs_connecting());
    assert_eq!(stage.grants().end_of_people_who_left().await.expect("ended"), ["ben@x.com"]);
    assert_eq!((stage.standing().await.as_str(), authorizations(&stage)), ("", 0));
}

#[tokio::test]
async fn an_old_copy_that_frappe_writes_back_ends_no_connection() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let copy = "UPDATE tabUser SET github_user_id = NULL, github_username = NULL, modified = '2020-01-01 00:00:00.000000' \
                WHERE name = 'ann@x.com'";
    stage.test.scratch().execute(copy).await.expect("written back");
    assert!(stage.token("ann").await.is_err(), "nobody knows who he is just now");
    assert_eq!(
        stage.grants().end_of_people_who_left().await.expect("looked"),
        Vec::<String>::new()
    );
    let due = "UPDATE erpnext_github_watched_row SET due_at = UTC_TIMESTAMP(6)";
    stage.test.scratch().execute(due).await.expect("due");
    look_again(stage.test.site()).await.expect("mended");
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
}
