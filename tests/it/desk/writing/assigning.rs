//! Assigning issues.

use erpnext_github::sim::github::{Collaborator, Effect, Fault, Permission};
use serde_json::{Value, json};

use super::{GITHUB_API, rows, sent};
use crate::desk::company;
use crate::support::mirror::Mirror;

fn assign() -> String {
    format!("{GITHUB_API}assign_issue")
}

fn assignees(mirror: &Mirror, number: u64) -> Vec<String> {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    home.item(number).expect("the issue").assignees.clone()
}

async fn stored(mirror: &Mirror, number: u64) -> String {
    let sql = format!(
        "SELECT IFNULL(GROUP_CONCAT(CONCAT(github_username, '=', IFNULL(user, '')) ORDER BY idx), '') FROM `tabRepository Issue Assignee` \
         WHERE parent = 'octo/web-#{number}'"
    );
    mirror.erp.value(&sql).await
}

#[tokio::test]
async fn f8_users_and_logins_are_assigned_as_the_whole_set_and_mirrored() {
    let (mirror, desk) = company().await;
    let form = |people: &'static str| [("repo_full_name", "octo/web"), ("issue_number", "2"), ("assignees", people)];
    let answer = desk
        .post("pusher@x.com", &assign(), &form("[\"pusher@x.com\", \"octo\"]"))
        .await;
    assert_eq!(answer.message()["number"], 2);
    assert_eq!(assignees(&mirror, 2), ["pusher", "octo"]);
    assert_eq!(stored(&mirror, 2).await, "pusher=pusher@x.com,octo=");
    desk.post("manager@x.com", &assign(), &form("member@x.com")).await.message();
    assert_eq!(assignees(&mirror, 2), ["member"]);
    assert_eq!(stored(&mirror, 2).await, "member=member@x.com");
    desk.post("manager@x.com", &assign(), &form("[]")).await.message();
    assert_eq!((assignees(&mirror, 2), stored(&mirror, 2).await), (Vec::new(), String::new()));
    assert_eq!(rows(&mirror).await, ["assign_issue 2 done 1"; 3]);
    mirror.finish().await;
}

#[tokio::test]
async fn f8_nobody_is_unassigned_because_somebody_has_no_login() {
    let (mirror, desk) = company().await;
    let form = |people: &'static str| [("repo_full_name", "octo/web"), ("issue_number", "#2"), ("assignees", people)];
    desk.post("admin@x.com", &assign(), &form("octo")).await.message();
    let before = sent(&mirror, "PATCH");
    for (people, part) in [
        ("octo, desk@x.com", "desk@x.com has no GitHub login"),
        ("nobody@x.com", "nobody@x.com is no enabled user"),
        ("disabled@x.com", "disabled@x.com is no enabled user"),
        ("", "`assignees` is missing"),
        ("a,b,c,d,e,f,g,h,i,j,k", "11 assignees are too many"),
    ] {
        let answer = desk.post("admin@x.com", &assign(), &form(people)).await;
        assert!(answer.status == 417 && answer.sentence().contains(part), "{part}: {answer:?}");
    }
    assert_eq!(sent(&mirror, "PATCH"), before);
    let refused = desk.post("admin@x.com", &assign(), &form("octo, stranger")).await;
    assert!(
        refused.status == 417 && refused.sentence().contains("stranger cannot be assigned"),
        "{refused:?}"
    );
    assert_eq!(assignees(&mirror, 2), ["octo"]);
    mirror.finish().await;
}

#[tokio::test]
async fn d6_13_what_github_leaves_out_without_a_word_is_said() {
    let (mirror, desk) = company().await;
    let mut world = mirror.github.world();
    world
        .repository("octo/web")
        .with_member(Collaborator::new("second", Permission::Push));
    world
        .faults
        .push(Fault::edit("/repos/octo/web/issues/2", |issue: &mut Value| issue["assignees"] = json!([])).of_method("PATCH"));
    drop(world);
    let form = [
        ("repo_full_name", "octo/web"),
        ("issue_number", "2"),
        ("assignees", "octo, second"),
    ];
    let answer = desk.post("admin@x.com", &assign(), &form).await;
    assert!(
        answer.status == 417 && answer.sentence().contains("assigned nobody of octo, second"),
        "{answer:?}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn an_assignment_whose_answer_was_lost_is_looked_at() {
    let (mirror, desk) = company().await;
    let lost = Fault::on("/repos/octo/web/issues/2", Effect::Lost).of_method("PATCH");
    mirror.github.world().faults.push(lost);
    let form = [("repo_full_name", "octo/web"), ("issue_number", "2"), ("assignees", "octo")];
    let answer = desk.post("pusher@x.com", &assign(), &form).await;
    assert_eq!(answer.message()["assignees"][0]["login"], "octo", "{answer:?}");
    assert_eq!((sent(&mirror, "PATCH"), stored(&mirror, 2).await), (1, "octo=".to_owned()));
    assert_eq!(rows(&mirror).await, ["assign_issue 2 done 1"]);
    mirror.finish().await;
}

#[tokio::test]
async fn an_issue_that_is_not_there_is_said_in_a_sentence() {
    let (mirror, desk) = company().await;
    let form = |number| {
        [
            ("repo_full_name", "octo/web"),
            ("issue_number", number),
            ("assignees", "octo"),
        ]
    };
    let answer = desk.post("admin@x.com", &assign(), &form("99")).await;
    assert!(
        answer.status == 417 && answer.sentence().contains("GitHub has no such thing"),
        "{answer:?}"
    );
    let answer = desk.post("admin@x.com", &assign(), &form("first")).await;
    assert!(answer.sentence().contains("`issue_number` must be a number"), "{answer:?}");
    mirror.finish().await;
}
