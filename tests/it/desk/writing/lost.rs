//! Answers that are lost: GitHub is read before anything is sent again.

use chrono::TimeDelta;
use erpnext_github::actions::settle_site;
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
    mirror.erp.record().await;
    let first = desk.post("pusher@x.com", CREATE_ISSUE, &FORM);
    let second = async {
        gate.reached(1).await;
        let pressed = desk.post("manager@x.com", CREATE_ISSUE, &FORM);
        let opened = async {
            // The second one finds the first one's row in its way.
            let is_row = |statement: &String| statement.contains("INSERT INTO `tabGitHub Write`");
            while mirror.erp.statements().await.iter().filter(|one| is_row(one)).count() < 2 {
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

/// Numbers that look like chance and are the same every time.
fn dice(step: &mut u64) -> u64 {
    *step = step
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *step >> 33
}

#[tokio::test]
async fn however_answers_get_lost_github_has_what_the_rows_say() {
    for seed in 1..=4_u64 {
        let (mirror, desk) = company().await;
        let mut step = seed;
        for _ in 0..25 {
            let fault = match dice(&mut step) % 9 {
                0 => Some(Effect::Lost),
                1 => Some(Effect::DoneBut { status: 502 }),
                2 => Some(Effect::Refused),
                3 => Some(Effect::Truncated),
                4 => Some(Effect::Answer {
                    status: 503,
                    headers: Vec::new(),
                    body: None,
                }),
                5 => Some(Effect::SecondaryLimit {
                    status: 403,
                    retry_after: Some(60),
                }),
                _ => None,
            };
            let silent = dice(&mut step).is_multiple_of(4);
            {
                let mut world = mirror.github.world();
                world.faults.clear();
                world.faults.extend(fault.map(on_post));
                if silent {
                    // GitHub cannot be looked at either.
                    world.faults.push(Fault::status(ISSUES, 451).of_method("GET").always());
                }
            }
            let title = ["a", "b", "c"][usize::try_from(dice(&mut step) % 3).expect("small")];
            let before = sent(&mirror, "POST");
            let answer = desk
                .post("pusher@x.com", CREATE_ISSUE, &[("repository", "octo/web"), ("title", title)])
                .await;
            assert!(matches!(answer.status, 200 | 417), "{answer:?}");
            assert!(sent(&mirror, "POST") <= before + 1, "one press, one request");
            let passed = [0, 5, 25, 130][usize::try_from(dice(&mut step) % 4).expect("small")];
            mirror.erp.clock().advance(TimeDelta::seconds(passed));
        }
        mirror.github.world().faults.clear();
        mirror.erp.clock().advance(TimeDelta::minutes(3));
        settle_site(&mirror.impatient().await).await.expect("settled");
        let open = "SELECT COUNT(*) FROM `tabGitHub Write` WHERE status NOT IN ('done', 'failed') OR _claim IS NOT NULL";
        assert_eq!(mirror.erp.value(open).await, "0", "seed {seed}: {:?}", rows(&mirror).await);
        let done = "SELECT CONCAT(number, ' ', JSON_VALUE(request, '$.title')) FROM `tabGitHub Write` WHERE status = 'done' ORDER BY number";
        let done: Vec<String> = mirror.erp.query(done).await.into_iter().flatten().flatten().collect();
        let there: Vec<String> = {
            let world = mirror.github.world();
            let home = world.find("octo/web").expect("it");
            home.items
                .values()
                .skip(3)
                .map(|item| format!("{} {}", item.number, item.title))
                .collect()
        };
        assert_eq!(done, there, "seed {seed}");
        let stored =
            "SELECT CONCAT(issue_number, ' ', title) FROM `tabRepository Issue` WHERE issue_number > 3 ORDER BY issue_number";
        let stored: Vec<String> = mirror.erp.query(stored).await.into_iter().flatten().flatten().collect();
        assert_eq!(stored, there, "seed {seed}");
        mirror.finish().await;
    }
}
