//! GitHub's examples with something wrong in them: the fuzz bodies of the program, driven by a property test, and what the worker does.

use std::sync::OnceLock;

use erpnext_github::sim::fuzz;
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use super::Hooked;
use super::examples::examples;

/// What stands where something else belongs.
fn wrong() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(1.5e300),
        json!(""),
        json!("x".repeat(400)),
        json!("\u{1f600}\u{0}\u{202e}\u{fffd}'\"\\`;--"),
        json!("\u{0}"),
        json!("0000-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:60.999999999+23:59"),
        json!("-1"),
        json!([]),
        json!([null, [null]]),
        json!({}),
        json!({"id": null, "login": {}}),
    ]
}

/// Puts `with` somewhere into a payload; `dice` says where.
fn damage(value: &mut Value, dice: u64, with: &Value) {
    let next = dice
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let place = |length: usize| usize::try_from(dice >> 16 & 0xFFFF).unwrap_or(0) % length;
    let goes_on = !(dice >> 40).is_multiple_of(16);
    match value {
        Value::Object(members) if goes_on && !members.is_empty() => {
            let place = place(members.len());
            if let Some(member) = members.values_mut().nth(place) {
                damage(member, next, with);
            }
        }
        Value::Array(members) if goes_on && !members.is_empty() => {
            let place = place(members.len());
            damage(&mut members[place], next, with);
        }
        other => *other = with.clone(),
    }
}

/// Payloads of github.com alone: read once, since each case takes one.
fn payloads() -> &'static [Value] {
    static PAYLOADS: OnceLock<Vec<Value>> = OnceLock::new();
    PAYLOADS.get_or_init(|| examples().into_iter().take(329).map(|example| example.payload).collect())
}

proptest! {
    #[test]
    fn fuzzed_bytes_are_never_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        fuzz::signature_header(&bytes);
        fuzz::event(&bytes);
        fuzz::form(&bytes);
    }

    #[test]
    fn fuzzed_examples_are_never_too_odd(
        event in any::<u8>(), example in any::<prop::sample::Index>(), hits in prop::collection::vec(any::<(u64, prop::sample::Index)>(), 0..6),
    ) {
        let (all, wrong) = (payloads(), wrong());
        let mut payload = all[example.index(all.len())].clone();
        for (dice, with) in hits {
            damage(&mut payload, dice, &wrong[with.index(wrong.len())]);
        }
        let mut bytes = vec![event];
        bytes.extend(payload.to_string().into_bytes());
        fuzz::event(&bytes);
        fuzz::form(&bytes[1..]);
    }
}

#[tokio::test]
async fn whatever_is_wrong_in_a_delivery_it_comes_to_an_end_and_holds_nothing_up() {
    let hooked = Hooked::new(|world| {
        let web = world.repository("octo/web");
        web.with_issues(3).with_pull_requests(2).with_branches(2);
    })
    .await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let pull = hooked.object("repos/octo/web/pulls/4").await;
    let zeros = "0".repeat(40);
    let whole = [
        ("issues", json!({"issue": issue})),
        ("issue_comment", json!({"issue": issue, "comment": {"id": 1}})),
        ("pull_request", json!({"pull_request": pull})),
        ("pull_request_review", json!({"pull_request": pull, "review": {"id": 1}})),
        (
            "push",
            json!({"ref": "refs/heads/main", "before": zeros, "after": zeros, "commits": []}),
        ),
    ];
    let (mut dice, wrong, mut ends) = (StdRng::seed_from_u64(4), wrong(), Vec::new());
    for step in 0..120 {
        let (event, members) = &whole[step % whole.len()];
        let mut members = members.clone();
        if let Some(object) = members.as_object_mut().and_then(|members| members.values_mut().next()) {
            damage(object, dice.random(), &wrong[dice.random_range(0..wrong.len())]);
        }
        let mut payload = hooked.payload("edited", members).await;
        // Each is newer than the one before, where its time was left whole.
        for key in ["issue", "pull_request"] {
            if payload[key]["updated_at"].is_string() && payload[key]["updated_at"].as_str().is_some_and(|at| at.len() == 20) {
                let at =
                    chrono::DateTime::from_timestamp(1_780_000_000 + i64::try_from(step).expect("small"), 0).expect("a time");
                payload[key]["updated_at"] = json!(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            }
        }
        let id = format!("damaged-{step}");
        let status = hooked.deliver(&id, event, &payload).await;
        let (end, reason) = hooked.event(&id).await;
        if status != 202 || !["processed", "errored", "ignored"].contains(&end.as_str()) {
            ends.push(format!("{event} {status} {end}: {reason}\n{payload}"));
        }
    }
    assert!(ends.is_empty(), "{} of them: {}", ends.len(), ends.join("\n\n"));
    let good = hooked.object("repos/octo/web/issues/2").await;
    let payload = hooked.payload("edited", json!({"issue": good})).await;
    assert_eq!(hooked.deliver("good", "issues", &payload).await, 202);
    assert_eq!(hooked.event("good").await.0, "processed");
}
