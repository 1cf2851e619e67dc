//! Opening pull requests, and asking for reviews.

use erpnext_github::sim::github::{Effect, Fault};
use serde_json::json;

use super::{GITHUB_API, rows, sent};
use crate::desk::company;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const PULLS: &str = "/repos/octo/web/pulls";

/// The company, with a branch that can be merged.
async fn with_branch() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    mirror.github.world().repository("octo/web").push("fix/one");
    (mirror, desk)
}

fn create() -> String {
    format!("{GITHUB_API}create_pull_request")
}

fn review() -> String {
    format!("{GITHUB_API}add_pr_reviewer")
}

const FORM: [(&str, &str); 5] = [
    ("repository", "octo/web"),
    ("title", "Fix it"),
    ("head", "fix/one"),
    ("base", "main"),
    ("body", "Why"),
];

#[tokio::test]
async fn a_pull_request_is_opened_mirrored_and_answered_in_the_old_shape() {
    let (mirror, desk) = with_branch().await;
    let answer = desk.post("pusher@x.com", &create(), &FORM).await;
    let message = answer.message();
    assert_eq!(
        [
            &message["pull_request"]["number"],
            &message["pull_request"]["title"],
            &message["local_doc"]
        ],
        [&json!(4), &json!("Fix it"), &json!("octo/web-#4")],
        "{message}"
    );
    let stored =
        "SELECT CONCAT_WS('|', title, body, author, state, head_branch, base_branch, owner) FROM `tabRepository Pull Request`";
    assert_eq!(
        mirror.erp.value(stored).await,
        "Fix it|Why|octo|open|fix/one|main|pusher@x.com"
    );
    assert_eq!(rows(&mirror).await, ["create_pull_request 4 done 1"]);
    // A second one between the same branches is GitHub's to refuse.
    let again = desk.post("pusher@x.com", &create(), &FORM).await;
    assert!(
        again.status == 417 && again.sentence().contains("A pull request already exists for octo:fix/one"),
        "{again:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn what_cannot_be_merged_is_said() {
    let (mirror, desk) = with_branch().await;
    for (head, base, part) in [
        ("main", "main", "are the same branch"),
        ("no such", "main", "`head` is not the name of a branch"),
        ("absent", "main", "head invalid"),
        ("fix/one", "absent", "base invalid"),
    ] {
        let form = [("repository", "octo/web"), ("title", "x"), ("head", head), ("base", base)];
        let answer = desk.post("admin@x.com", &create(), &form).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn a_pull_request_whose_answer_was_lost_is_found_by_its_branches() {
    for effect in [Effect::Lost, Effect::DoneBut { status: 504 }] {
        let (mirror, desk) = with_branch().await;
        mirror.github.world().faults.push(Fault::on(PULLS, effect).of_method("POST"));
        let answer = desk.post("pusher@x.com", &create(), &FORM).await;
        assert_eq!(answer.message()["pull_request"]["number"], 4, "{answer:?}");
        assert_eq!(answer.message()["local_doc"], "octo/web-#4");
        assert_eq!(
            (sent(&mirror, "POST"), rows(&mirror).await),
            (1, vec!["create_pull_request 4 done 1".to_owned()])
        );
        mirror.finish().await;
    }
}

#[tokio::test]
async fn d6_1_reviewers_are_users_or_logins_and_the_others_stay() {
    let (mirror, desk) = with_branch().await;
    desk.post("pusher@x.com", &create(), &FORM).await.message();
    let form = |people: &'static str| [("repo_full_name", "octo/web"), ("pr_number", "4"), ("reviewers", people)];
    let answer = desk.post("manager@x.com", &review(), &form("[\"pusher@x.com\"]")).await;
    assert_eq!(answer.message()["requested_reviewers"][0]["login"], "pusher", "{answer:?}");
    desk.post("manager@x.com", &review(), &form("member")).await.message();
    let stored =
        "SELECT GROUP_CONCAT(CONCAT(github_username, '=', IFNULL(user, '')) ORDER BY idx) FROM `tabRepository PR Reviewer`";
    assert_eq!(mirror.erp.value(stored).await, "pusher=pusher@x.com,member=member@x.com");
    let before = sent(&mirror, "POST");
    for (people, part) in [
        ("desk@x.com", "desk@x.com has no GitHub login"),
        ("", "`reviewers` is missing"),
    ] {
        let answer = desk.post("manager@x.com", &review(), &form(people)).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    assert_eq!(sent(&mirror, "POST"), before);
    let own = desk.post("manager@x.com", &review(), &form("octo")).await;
    assert!(
        own.sentence().contains("Review cannot be requested from pull request author"),
        "{own:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_request_for_a_review_whose_answer_was_lost_is_looked_at() {
    let (mirror, desk) = with_branch().await;
    desk.post("pusher@x.com", &create(), &FORM).await.message();
    let lost = Fault::on("/repos/octo/web/pulls/4/requested_reviewers", Effect::Lost).of_method("POST");
    mirror.github.world().faults.push(lost);
    let form = [("repo_full_name", "octo/web"), ("pr_number", "4"), ("reviewers", "pusher")];
    let answer = desk.post("manager@x.com", &review(), &form).await;
    assert_eq!(answer.message()["requested_reviewers"][0]["login"], "pusher", "{answer:?}");
    assert_eq!(sent(&mirror, "POST"), 2);
    assert_eq!(rows(&mirror).await[1], "request_reviewers 4 done 1");
    mirror.finish().await;
}
