//! Several at once: two processes, and people who hang up or disconnect while GitHub is asked.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::actions::grants::{GrantError, Patience};
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::webhook::authorization::revoked;
use tokio::sync::Notify;

use super::{Stage, TOKENS, account_of, id};

/// A stage on which ann's token has ended, and a gate that holds the next question for tokens.
async fn held() -> (Stage, Gate) {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    stage.test.clock().advance(TimeDelta::hours(8));
    stage.github.forget_requests();
    let gate = Gate::closed();
    let fault = Fault::on(TOKENS, Effect::Held(gate.clone()));
    stage.github.world().faults.push(fault);
    (stage, gate)
}

#[tokio::test]
async fn two_processes_renew_a_token_once() {
    let (stage, gate) = held().await;
    let (_, other) = stage.other_process();
    let first = tokio::spawn({
        let grants = stage.grants();
        async move { grants.token(&id("ann")).await }
    });
    gate.reached(1).await;
    // The other one sees that somebody has the lease, and looks again when the first has ended.
    let (waits, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let patience = Patience::new(2, {
        let (waits, ended) = (waits.clone(), ended.clone());
        move || {
            let (waits, ended) = (waits.clone(), ended.clone());
            Box::pin(async move {
                waits.notify_one();
                ended.notified().await;
            })
        }
    });
    let second = tokio::spawn(async move { other.with_patience(patience).token(&id("ann")).await });
    waits.notified().await;
    gate.open();
    let first = first.await.expect("it ran").expect("a token");
    ended.notify_one();
    let second = second.await.expect("it ran").expect("a token");
    for token in [first, second] {
        assert_eq!(account_of(&token).await.as_deref(), Some("ann-hub"));
    }
    assert_eq!((stage.asked_for_tokens(), stage.live_tokens()), (1, 1));
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let (stage, gate) = held().await;
    let (_, other) = stage.other_process();
    let first = tokio::spawn({
        let grants = stage.grants();
        async move { grants.token(&id("ann")).await }
    });
    gate.reached(1).await;
    let patience = Patience::new(3, || Box::pin(std::future::ready(())));
    let error = other.with_patience(patience).token(&id("ann")).await.expect_err("busy");
    assert_eq!(
        error.to_string(),
        "the connection of ann@x.com with GitHub is being renewed: try again in a moment"
    );
    assert!(!error.needs_connecting());
    gate.open();
    first.await.expect("it ran").expect("a token");
}

#[tokio::test]
async fn who_does_not_get_his_turn_has_the_old_token_as_long_as_it_is_good() {
    let stage = Stage::new().await;
    stage.connect("ann", "ann-hub").await;
    // It is renewed a while before its end.
    stage.test.clock().advance(TimeDelta::hours(8) - TimeDelta::minutes(1));
    let gate = Gate::closed();
    let fault = Fault::on(TOKENS, Effect::Held(gate.clone()));
    stage.github.world().faults.push(fault);
    let first = tokio::spawn({
        let grants = stage.grants();
        async move { grants.token(&id("ann")).await }
    });
    gate.reached(1).await;
    let (_, other) = stage.other_process();
    let other = other.with_patience(Patience::new(3, || Box::pin(std::future::ready(()))));
    let old = other.token(&id("ann")).await.expect("good still");
    assert_eq!(account_of(&old).await.as_deref(), Some("ann-hub"));
    // The one that GitHub refused is no token.
    let error = other.token_instead(&id("ann"), &old).await.expect_err("refused");
    assert!(matches!(&error, GrantError::Busy(_)), "{error}");
    let call = error.of_call();
    assert!(call.may_pass() && call.is_outage(), "what waits for it waits on: {call}");
    gate.open();
    first.await.expect("it ran").expect("a token");
}

#[tokio::test]
async fn who_hangs_up_while_github_is_asked_loses_nothing() {
    let (stage, gate) = held().await;
    let asking = tokio::spawn({
        let grants = stage.grants();
        async move { grants.token(&id("ann")).await }
    });
    gate.reached(1).await;
    asking.abort();
    assert!(asking.await.is_err());
    gate.open();
    assert_eq!(stage.acts_as("ann").await, "ann-hub");
    assert_eq!((stage.asked_for_tokens(), stage.live_tokens()), (1, 1));
}

#[tokio::test]
async fn what_comes_for_somebody_who_disconnected_is_ended() {
    let (stage, gate) = held().await;
    let asking = tokio::spawn({
        let grants = stage.grants();
        async move { grants.token(&id("ann")).await }
    });
    gate.reached(1).await;
    stage
        .test
        .scratch()
        .execute("DELETE FROM erpnext_github_grant")
        .await
        .expect("disconnected");
    gate.open();
    let error = asking.await.expect("it ran").expect_err("disconnected");
    assert!(matches!(error, GrantError::NotConnected(_)), "{error}");
    assert_eq!((stage.standing().await.as_str(), stage.live_tokens()), ("", 0));
}

#[tokio::test]
async fn what_comes_for_what_was_taken_back_is_not_kept() {
    let (stage, gate) = held().await;
    let number = stage.github.world().account("ann-hub").expect("an account").id;
    let asking = tokio::spawn({
        let grants = stage.grants();
        async move { grants.token(&id("ann")).await }
    });
    gate.reached(1).await;
    let now = stage.test.site().clock().now();
    let told = revoked(stage.test.site(), number, now).await.expect("heeded");
    assert_eq!(told, ["ann@x.com"]);
    gate.open();
    let error = asking.await.expect("it ran").expect_err("taken back");
    assert!(matches!(error, GrantError::Revoked(_)), "{error}");
    assert_eq!(
        (stage.standing().await.as_str(), stage.live_tokens()),
        ("ann=ann-hub revoked", 0)
    );
}
