//! Many issues at once, and a process that dies among them.

use chrono::TimeDelta;
use erpnext_github::actions::settle_site;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::{Value, json};

use super::{GITHUB_API, rows, sent, titles};
use crate::desk::company;
use crate::support::mirror::Mirror;

const ISSUES: &str = "/repos/octo/web/issues";

fn bulk() -> String {
    format!("{GITHUB_API}bulk_create_issues")
}

/// Titles `one` to `five`, two of them alike in everything.
fn list() -> String {
    let titles = ["one", "two", "two", "four", "five"];
    let items: Vec<Value> = titles
        .iter()
        .map(|title| json!({"title": title, "labels": ["bug"]}))
        .collect();
    json!(items).to_string()
}

/// What `list` makes of the world that had three issues.
const WHOLE: [&str; 5] = ["one", "two", "two", "four", "five"];

fn made(mirror: &Mirror) -> Vec<String> {
    titles(mirror).split_off(3)
}

fn limited() -> Fault {
    let limit = Effect::SecondaryLimit {
        status: 403,
        retry_after: Some(600),
    };
    Fault::on(ISSUES, limit).of_method("POST")
}

/// Nobody holds a lease any more: time passed for the database.
async fn leases_end(mirror: &Mirror) {
    let sql = "UPDATE erpnext_github_lease SET lease_until = '1970-01-01'";
    mirror.erp.scratch().execute(sql).await.expect("set");
}

#[tokio::test]
async fn many_issues_are_opened_in_order_with_labels_and_people() {
    let (mirror, desk) = company().await;
    let list = json!([
        {"title": "a", "assignees": ["pusher@x.com", "octo"], "labels": ["bug"], "body": "x"},
        {"title": "b", "assignees": "pusher", "labels": null},
    ]);
    let form = [("repository", "octo/web"), ("issues", &*list.to_string())];
    let answer = desk.post("admin@x.com", &bulk(), &form).await;
    let message = answer.message();
    assert_eq!(
        [
            &message["created"],
            &message["status"],
            &message["failures"],
            &message["unknown"]
        ],
        [&json!(2), &json!("completed"), &json!([]), &json!([])],
        "{message}"
    );
    assert_eq!(message["issues"][0]["assignees"].as_array().map(Vec::len), Some(2));
    assert_eq!(message["issues"][1]["number"], 5);
    let stored =
        "SELECT GROUP_CONCAT(CONCAT(title, ' ', labels) ORDER BY issue_number) FROM `tabRepository Issue` WHERE issue_number > 3";
    assert_eq!(mirror.erp.value(stored).await, "a bug,b ");
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 1", "create_issue 5 done 1"]);
    // A whole batch is over: the same again is new.
    let again = desk.post("admin@x.com", &bulk(), &form).await;
    assert_eq!(again.message()["issues"][0]["number"], 6);
    mirror.finish().await;
}

#[tokio::test]
async fn f10_a_list_with_a_fault_is_refused_as_a_whole_and_an_issue_that_github_refuses_ends_nothing() {
    let (mirror, desk) = company().await;
    for (list, part) in [
        (json!([{"title": "a"}, {"body": "x"}]), "issue 2: `title` is missing"),
        (
            json!([{"title": "a", "assignees": ["desk@x.com"]}]),
            "desk@x.com has no GitHub login",
        ),
        (json!([{"title": "a", "milestone": 1}]), "`milestone` is not understood"),
        (json!([]), "is empty"),
        (json!("x"), "must be a JSON list"),
    ] {
        let form = [("repository", "octo/web"), ("issues", &*list.to_string())];
        let answer = desk.post("admin@x.com", &bulk(), &form).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    assert_eq!((sent(&mirror, "POST"), rows(&mirror).await.len()), (0, 0));
    let list = json!([{"title": "a"}, {"title": "b", "assignees": ["stranger"]}, {"title": "c"}]).to_string();
    let form = [("repository", "octo/web"), ("issues", &*list)];
    let answer = desk.post("admin@x.com", &bulk(), &form).await;
    let message = answer.message();
    assert_eq!((&message["created"], &message["failed"]), (&json!(2), &json!(1)), "{message}");
    let failure = &message["failures"][0];
    assert_eq!((&failure["position"], &failure["title"]), (&json!(2), &json!("b")));
    assert!(failure["error"].as_str().expect("why").contains("stranger"), "{failure}");
    // Pressed again, only what failed is sent again.
    mirror
        .github
        .world()
        .repository("octo/web")
        .with_member(erpnext_github::sim::github::Collaborator::new(
            "stranger",
            erpnext_github::sim::github::Permission::Push,
        ));
    let again = desk.post("admin@x.com", &bulk(), &form).await;
    assert_eq!(again.message()["created"], 3, "{again:?}");
    assert_eq!(made(&mirror), ["a", "c", "b"]);
    mirror.finish().await;
}

#[tokio::test]
async fn a_batch_that_died_in_the_middle_is_gone_on_with_and_nothing_is_opened_twice() {
    // Dead before GitHub had done it, and dead after.
    for lost in [false, true] {
        let (mirror, desk) = company().await;
        let list = list();
        let form = [("repository", "octo/web"), ("issues", &*list)];
        mirror.github.world().faults.push(limited());
        let answer = desk.post("admin@x.com", &bulk(), &form).await;
        let message = answer.message();
        assert_eq!(
            (&message["created"], &message["status"]),
            (&json!(0), &json!("waiting")),
            "{message}"
        );
        mirror.erp.clock().advance(TimeDelta::minutes(11));

        let gate = Gate::closed();
        let hold = Effect::Held(gate.clone());
        let on = |method, effect| Fault::on(ISSUES, effect).of_method(method);
        if lost {
            mirror.github.world().faults.push(on("POST", Effect::Lost).after(2));
            mirror.github.world().faults.push(on("GET", hold));
        } else {
            mirror.github.world().faults.push(on("POST", hold).after(2));
            mirror.github.world().faults.push(on("POST", Effect::Refused).after(2));
        }
        let context = mirror.impatient().await;
        tokio::select! {
            done = settle_site(&context) => panic!("it ended: {done:?}"),
            () = gate.reached(1) => {}
        }
        gate.open();
        leases_end(&mirror).await;
        let kept = rows(&mirror).await;
        let expected = if lost { "unknown" } else { "sending" };
        assert!(kept[2].starts_with(&format!("create_issue 0 {expected} 0")), "{kept:?}");
        assert!(kept[3].starts_with("create_issue 0 waiting 0"), "{kept:?}");

        let again = desk.post("admin@x.com", &bulk(), &form).await;
        if lost {
            let message = again.message();
            assert_eq!(
                (&message["created"], &message["status"]),
                (&json!(5), &json!("completed")),
                "{message}"
            );
        } else {
            assert_eq!(again.message()["created"], 4, "the third may still be on its way: {again:?}");
            mirror.erp.clock().advance(TimeDelta::minutes(3));
            let ended = settle_site(&mirror.impatient().await).await.expect("settled");
            assert_eq!(ended, 1);
        }
        let mut all = made(&mirror);
        let mut whole = WHOLE.map(str::to_owned).to_vec();
        all.sort();
        whole.sort();
        assert_eq!(all, whole, "lost: {lost}");
        let kept = rows(&mirror).await;
        assert!(kept.len() == 5 && kept.iter().all(|row| row.ends_with("done 1")), "{kept:?}");
        let numbers = "SELECT COUNT(DISTINCT number) FROM `tabGitHub Write`";
        assert_eq!(mirror.erp.value(numbers).await, "5");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn the_schedule_goes_on_with_what_was_left() {
    let (mirror, desk) = company().await;
    let silent = Fault::on(ISSUES, Effect::Lost).of_method("POST");
    mirror.github.world().faults.push(silent);
    mirror
        .github
        .world()
        .faults
        .push(Fault::status(ISSUES, 503).of_method("GET").times(9));
    let form = [("repository", "octo/web"), ("title", "alone")];
    let answer = desk.post("pusher@x.com", super::CREATE_ISSUE, &form).await;
    assert_eq!(answer.status, 417, "nobody can tell: {answer:?}");
    mirror.github.world().faults.clear();
    mirror.github.world().faults.push(limited());
    let list = list();
    desk.post("admin@x.com", &bulk(), &[("repository", "octo/web"), ("issues", &list)])
        .await
        .message();
    mirror.github.world().faults.clear();
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    let runner = crate::jobs::runner(&mirror);
    assert_eq!(runner.step(Work::SettleWrites).await, 1);
    let mut all = made(&mirror);
    all.sort();
    assert_eq!(all, ["alone", "five", "four", "one", "two", "two"]);
    assert!(rows(&mirror).await.iter().all(|row| row.ends_with("done 1")));
    assert_eq!(runner.step(Work::SettleWrites).await, 0, "nothing is left");
    mirror.finish().await;
}

#[tokio::test]
async fn two_presses_of_the_same_list_are_one_batch() {
    let (mirror, desk) = company().await;
    let gate = Gate::closed();
    mirror
        .github
        .world()
        .faults
        .push(Fault::on(ISSUES, Effect::Held(gate.clone())).of_method("POST"));
    let list = list();
    let form = [("repository", "octo/web"), ("issues", &*list), ("background", "1")];
    let first = desk.post("admin@x.com", &bulk(), &form).await;
    assert_eq!(first.message()["status"], "running", "{first:?}");
    gate.reached(1).await;
    let second = desk.post("system@x.com", &bulk(), &form).await;
    assert_eq!(
        (&second.message()["status"], &second.message()["run"]),
        (&json!("running"), &first.message()["run"]),
        "{second:?}"
    );
    gate.open();
    desk.ended().await;
    assert_eq!(made(&mirror), WHOLE);
    mirror.finish().await;
}
