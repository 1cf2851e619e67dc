//! Tokens that end are renewed once, whatever gets lost on the way.

use chrono::TimeDelta;
use erpnext_github::actions::grants::GrantError;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::grants::{self, SealedPair, Standing};
use futures_util::future::join_all;

use super::{Stage, TOKENS, account_of, id};

/// A stage on which ann is connected, and her token has ended.
async fn ended() -> Stage {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.test.clock().advance(TimeDelta::hours(8));
    stage.github.forget_requests();
    stage
}

fn lost(stage: &Stage, effect: Effect) {
    stage.github.world().faults.push(Fault::on(TOKENS, effect));
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.github.forget_requests();
    stage.test.clock().advance(TimeDelta::minutes(8 * 60 - 6));
    assert_eq!(
        (stage.acts_as("ann").await.as_str(), stage.asked_for_tokens()),
        ("ann-hub", 0)
    );
    stage.test.clock().advance(TimeDelta::minutes(1));
    assert_eq!(
        (stage.acts_as("ann").await.as_str(), stage.asked_for_tokens()),
        ("ann-hub", 1)
    );
    assert_eq!(
        (stage.acts_as("ann").await.as_str(), stage.asked_for_tokens()),
        ("ann-hub", 1)
    );
    let left = "SELECT COUNT(*) FROM erpnext_github_grant WHERE rotating_since IS NOT NULL";
    assert_eq!(stage.test.value(left).await, "0");
}

#[tokio::test]
async fn many_callers_at_a_time_renew_it_once() {
    let stage = ended().await;
    let grants = stage.grants();
    let ann = id("ann");
    let tokens = join_all((0..20).map(|_| grants.token(&ann))).await;
    for token in tokens {
        assert_eq!(account_of(&token.expect("a token")).await.as_deref(), Some("ann-hub"));
    }
    assert_eq!((stage.asked_for_tokens(), stage.live_tokens()), (1, 1));
}

#[tokio::test]
async fn an_answer_that_is_lost_loses_the_connection_and_says_so() {
    let stage = ended().await;
    lost(&stage, Effect::Lost);
    let error = stage.token("ann").await.expect_err("lost");
    assert!(matches!(error, GrantError::Lost(_)) && error.needs_connecting(), "{error}");
    assert!(error.to_string().ends_with(": connect GitHub again"), "{error}");
    assert_eq!(stage.standing().await, "ann=ann-hub lost");
    let sealed = "SELECT COUNT(*) FROM erpnext_github_grant WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL";
    assert_eq!(
        stage.test.value(sealed).await,
        "0",
        "nothing is kept that is good for nothing"
    );
    let asked = stage.github.requests().len();
    assert!(matches!(stage.token("ann").await, Err(GrantError::Lost(_))));
    assert_eq!(stage.github.requests().len(), asked, "GitHub is not asked again");
    stage.connect("ann", "ann-hub").await;
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
}

#[tokio::test]
async fn the_old_token_tells_that_nothing_was_done() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.test.clock().advance(TimeDelta::minutes(8 * 60 - 3));
    stage.github.forget_requests();
    // The connection broke before GitHub looked at it, and a gateway that did not ask GitHub at all.
    for effect in [
        Effect::Refused,
        Effect::Answer {
            status: 502,
            headers: Vec::new(),
            body: None,
        },
    ] {
        lost(&stage, effect);
        assert_eq!(stage.acts_as("ann").await, "ann-hub");
        assert_eq!(
            (stage.standing().await.as_str(), stage.live_tokens()),
            ("ann=ann-hub active", 1)
        );
    }
    assert_eq!(stage.asked_for_tokens(), 2, "each asked once");
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
    stage.test.clock().advance(TimeDelta::hours(1));
    assert_eq!(stage.acts_as("ann").await, "ann-hub", "renewed by the third");
}

#[tokio::test]
async fn where_the_old_token_has_ended_the_refresh_token_tells() {
    let stage = ended().await;
    lost(&stage, Effect::Refused);
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
    assert_eq!(stage.asked_for_tokens(), 2);

    // GitHub stays away: whoever asks later finds out.
    stage.test.clock().advance(TimeDelta::hours(8));
    lost(&stage, Effect::Refused);
    lost(&stage, Effect::Refused);
    let error = stage.token("ann").await.expect_err("no answer");
    assert!(matches!(error, GrantError::OAuth(_)) && !error.needs_connecting(), "{error}");
    assert_eq!(stage.standing().await, "ann=ann-hub active");
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
}

#[tokio::test]
async fn a_gateway_that_gives_up_after_the_work_was_done_loses_it() {
    let stage = ended().await;
    lost(&stage, Effect::DoneBut { status: 504 });
    assert!(matches!(stage.token("ann").await, Err(GrantError::Lost(_))));
}

#[tokio::test]
async fn a_refusal_of_the_app_changes_nothing() {
    let stage = ended().await;
    stage.github.world().oauth_app(super::APP.0, super::APP.1).client_secret = "changed".to_owned();
    let error = stage.token("ann").await.expect_err("refused");
    assert!(matches!(error, GrantError::OAuth(_)) && !error.needs_connecting(), "{error}");
    stage.github.world().oauth_app(super::APP.0, super::APP.1).client_secret = super::APP.1.to_owned();
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
}

#[tokio::test]
async fn what_was_not_used_for_six_months_is_lost_once_github_says_so_and_not_by_our_clock() {
    let stage = ended().await;
    stage.test.clock().advance(TimeDelta::days(184));
    assert!(matches!(stage.token("ann").await, Err(GrantError::Lost(_))));
    assert_eq!(stage.asked_for_tokens(), 1);
}

#[tokio::test]
async fn a_process_that_died_between_answer_and_save_leaves_it_lost() {
    let stage = ended().await;
    let row = grants::of_user(stage.test.site().db(), "ann@x.com")
        .await
        .expect("read")
        .expect("connected");
    stage
        .test
        .scratch()
        .execute("UPDATE erpnext_github_grant SET rotating_since = '2026-03-01 20:00:00'")
        .await
        .expect("noted");
    // What it had asked for was done.
    let refresh = stage
        .github
        .world()
        .given_out()
        .iter()
        .rfind(|one| one.starts_with("ghr_"))
        .cloned()
        .expect("one");
    stage.oauth(super::APP).refresh(&refresh.into()).await.expect("new tokens");
    assert!(matches!(stage.token("ann").await, Err(GrantError::Lost(_))));
    assert_eq!(
        (row.standing, stage.standing().await.as_str()),
        (Standing::Active, "ann=ann-hub lost")
    );
}

#[tokio::test]
async fn an_answer_that_comes_late_is_kept_unless_there_is_something_newer() {
    let stage = ended().await;
    let db = stage.test.site().db();
    let now = stage.test.site().clock().now();
    let old = grants::of_user(db, "ann@x.com")
        .await
        .expect("read")
        .expect("connected")
        .tokens;
    let late = SealedPair {
        number: SealedPair::new_number(),
        ..old.clone()
    };
    grants::lose(db, "ann@x.com", old.number, now).await.expect("written");
    assert_eq!(stage.standing().await, "ann=ann-hub lost");
    assert!(grants::renew(db, "ann@x.com", old.number, &late).await.expect("written"));
    assert_eq!(stage.standing().await, "ann=ann-hub active");
    assert!(
        grants::renew(db, "ann@x.com", old.number, &late).await.expect("written"),
        "the same once more"
    );
    let other = SealedPair {
        number: SealedPair::new_number(),
        ..old.clone()
    };
    assert!(!grants::renew(db, "ann@x.com", old.number, &other).await.expect("written"));
    grants::lose(db, "ann@x.com", old.number, now).await.expect("written");
    assert_eq!(
        stage.standing().await,
        "ann=ann-hub active",
        "whoever speaks of an older pair changes nothing"
    );
    let row = grants::of_user(db, "ann@x.com").await.expect("read").expect("connected");
    grants::revoke(db, row.github_id, now).await.expect("written");
    assert!(!grants::renew(db, "ann@x.com", late.number, &other).await.expect("written"));
    assert_eq!(stage.standing().await, "ann=ann-hub revoked", "what was taken back stays so");
}

#[tokio::test]
async fn a_token_that_github_does_not_accept_is_renewed_or_told_lost() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    let token = stage.token("ann").await.expect("a token");
    let instead = stage.grants().token_instead(&id("ann"), &token).await.expect("another");
    assert_eq!(
        (account_of(&token).await, account_of(&instead).await.as_deref()),
        (None, Some("ann-hub"))
    );
    let same = stage
        .grants()
        .token_instead(&id("ann"), &token)
        .await
        .expect("the one that is there");
    assert_eq!(account_of(&same).await.as_deref(), Some("ann-hub"));
    stage.github.world().revoke_authorization(super::APP.0, "ann-hub");
    let error = stage.grants().token_instead(&id("ann"), &same).await.expect_err("taken back");
    assert!(matches!(error, GrantError::Lost(_)), "{error}");
}

#[tokio::test]
async fn a_token_without_end_is_used_until_it_is_taken_back() {
    let stage = Stage::new().await;
    stage.github.world().oauth_app(super::APP.0, super::APP.1).without_end();
    stage.connect("ann", "ann-hub").await;
    stage.test.clock().advance(TimeDelta::days(1_000));
    let token = stage.token("ann").await.expect("a token");
    assert_eq!(account_of(&token).await.as_deref(), Some("ann-hub"));
    let same = stage.grants().token_instead(&id("ann"), &token).await.expect("it works");
    stage.github.world().revoke_authorization(super::APP.0, "ann-hub");
    let error = stage.grants().token_instead(&id("ann"), &same).await.expect_err("taken back");
    assert!(matches!(error, GrantError::Revoked(_)), "{error}");
    assert_eq!(stage.standing().await, "ann=ann-hub revoked");
}
