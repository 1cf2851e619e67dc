//! Answers that are lost: GitHub is read before anything is sent again.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault, Gate};

use super::{CREATE_ISSUE, rows, sent, titles};
use crate::desk::company;

const ISSUES: &str = "/repos/octo/web/issues";
const FORM: [(&str, &str); 3] = [("repository", "octo/web"), ("title", "Only once"), ("body", "a\nb")];

fn on_post(effect: Effect) -> Fault {
    Fault::on(ISSUES, effect).of_method("POST")
}

#[tokio::test]
async fn f34_an_issue_whose_answer_was_lost_is_found_and_not_opened_again() {
    for effect in [
        Effect::Lost,
        Effect::DoneBut { status: 502 },
        Effect::Truncated,
        Effect::Reset,
        Effect::Empty,
    ] {
        let (mirror, desk) = company().await;
        mirror.github.world().faults.push(on_post(effect.clone()));
        let answer = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
        let message = answer.message();
        assert_eq!(message["issue"]["number"], 4, "{effect:?}: {message}");
        assert_eq!(message["local_doc"], "octo/web-#4", "{effect:?}");
        assert_eq!(
            titles(&mirror).iter().filter(|title| *title == "Only once").count(),
            1,
            "{effect:?}"
        );
        assert_eq!(sent(&mirror, "POST"), 1, "{effect:?}");
        assert_eq!(rows(&mirror).await, ["create_issue 4 done 1"], "{effect:?}");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_waited_for_and_then_sent_once_more_by_a_second_press() {
    let (mirror, desk) = company().await;
    for effect in [
        Effect::Refused,
        Effect::Answer {
            status: 503,
            headers: Vec::new(),
            body: None,
        },
    ] {
        mirror.github.world().faults.push(on_post(effect));
        let first = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
        assert_eq!(first.status, 417);
        assert!(first.sentence().contains("nobody can tell yet"), "{first:?}");
        let before = sent(&mirror, "POST");
        let second = desk.post("manager@x.com", CREATE_ISSUE, &FORM).await;
        assert_eq!(second.status, 417, "it may still be on its way: {second:?}");
        assert_eq!(sent(&mirror, "POST"), before, "nothing was sent");
        mirror.erp.clock().advance(TimeDelta::seconds(20));
        let third = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
        assert_eq!(third.status, 200, "{third:?}");
        assert_eq!(sent(&mirror, "POST"), before + 1);
    }
    let kept = rows(&mirror).await;
    assert_eq!(kept.len(), 4, "{kept:?}");
    assert!(
        kept[0].starts_with("create_issue 0 failed 0 GitHub has not got it"),
        "{kept:?}"
    );
    assert_eq!(kept[2..], ["create_issue 4 done 1", "create_issue 5 done 1"]);
    mirror.finish().await;
}

#[tokio::test]
async fn two_presses_at_once_open_one_issue() {
    let (mirror, desk) = company().await;
    let gate = Gate::closed();
    mirror.github.world().faults.push(on_post(Effect::Held(gate.clone())));
    let first = desk.post("pusher@x.com", CREATE_ISSUE, &FORM);
    let second = async {
        gate.reached(1).await;
        let pressed = desk.post("manager@x.com", CREATE_ISSUE, &FORM);
        let opened = async {
            // The second one has asked for the account, which comes right before its row.
            while mirror
                .github
                .requests()
                .iter()
                .filter(|request| request.path == "/user")
                .count()
                < 2
            {
                tokio::task::yield_now().await;
            }
            gate.open();
        };
        tokio::join!(pressed, opened).0
    };
    let (first, second) = tokio::join!(first, second);
    for answer in [&first, &second] {
        assert_eq!(answer.message()["issue"]["number"], 4, "{answer:?}");
        assert_eq!(answer.message()["local_doc"], "octo/web-#4", "{answer:?}");
    }
    assert_eq!((sent(&mirror, "POST"), titles(&mirror).len()), (1, 4));
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 1"]);
    // Afterwards, the same again is another one.
    let third = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
    assert_eq!(third.message()["issue"]["number"], 5);
    mirror.finish().await;
}

#[tokio::test]
async fn an_equal_issue_that_was_there_before_is_not_taken_for_the_lost_one() {
    let (mirror, desk) = company().await;
    let first = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
    assert_eq!(first.message()["issue"]["number"], 4);
    mirror.github.world().faults.push(on_post(Effect::Refused));
    let second = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
    assert_eq!(second.status, 417, "the first one is not this one: {second:?}");
    mirror.github.world().faults.push(on_post(Effect::Lost));
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    let third = desk.post("pusher@x.com", CREATE_ISSUE, &FORM).await;
    assert_eq!(third.message()["issue"]["number"], 5, "{third:?}");
    mirror.finish().await;
}
