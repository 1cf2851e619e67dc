//! What is made from a Task is linked with it, on both sides.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::{Value, json};

use super::super::company_of;
use super::{CREATE_ISSUE, GITHUB_API, rows, sent};
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const TASK: &str = "SELECT CONCAT_WS('|', IFNULL(github_repo, ''), IFNULL(github_issue_doc, ''), github_issue_number, github_pr_number, modified_by, \
                    modified) FROM tabTask WHERE name = 'TASK-1'";

/// The company on a site whose cache is there, with a Task that projects' users may write.
async fn with_task() -> (RedisServer, Mirror, Desk) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk) = company_of(site).await;
    let erp = mirror.erp.erp();
    erp.add_task("TASK-1", "Make it work", Some("TRY-1")).await.expect("a task");
    for user in ["pusher@x.com", "manager@x.com"] {
        erp.add_child("Has Role", ("User", user, "roles"), &[("role", "Projects User")])
            .await
            .expect("a role");
    }
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    (redis, mirror, desk)
}

fn form<'a>() -> Vec<(&'a str, &'a str)> {
    vec![("repository", "octo/web"), ("title", "From the task"), ("task", "TASK-1")]
}

#[tokio::test]
async fn d6_2_an_issue_made_from_a_task_is_linked_on_both_sides_and_the_task_is_dropped_from_the_cache() {
    let (redis, mirror, desk) = with_task().await;
    let key = format!("{}|document_cache::Task::TASK-1", mirror.erp.scratch().credentials().database);
    redis.fill(&[&key]).await;
    let answer = desk.post("pusher@x.com", CREATE_ISSUE, &form()).await;
    let message = answer.message();
    let modified = message["task_modified"].as_str().expect("a time");
    assert_eq!(
        (&message["task"], message.get("warning")),
        (&json!("TASK-1"), None),
        "{message}"
    );
    assert_eq!(
        mirror.erp.value(TASK).await,
        format!("octo/web|octo/web-#4|4|0|pusher@x.com|{modified}")
    );
    let issue = "SELECT task FROM `tabRepository Issue` WHERE name = 'octo/web-#4'";
    assert_eq!(mirror.erp.value(issue).await, "TASK-1");
    assert!(!redis.left().await.contains(&key), "Frappe would write the old Task back");
    // A second issue is refused before anything is sent.
    let before = sent(&mirror, "POST");
    let again = desk.post("pusher@x.com", CREATE_ISSUE, &form()).await;
    assert!(
        again.status == 417 && again.sentence().contains("has the issue #4 already"),
        "{again:?}"
    );
    assert_eq!(sent(&mirror, "POST"), before);
    mirror.finish().await;
}

#[tokio::test]
async fn a_task_that_is_not_the_callers_or_belongs_elsewhere_is_refused_before_anything_is_sent() {
    let (_redis, mirror, desk) = with_task().await;
    let erp = mirror.erp.erp();
    erp.add_user("stranger@x.com", "Some Body", &["GitHub Admin"])
        .await
        .expect("a user");
    Desk::log_in(&mirror, "stranger@x.com").await;
    let answer = desk.post("stranger@x.com", CREATE_ISSUE, &form()).await;
    assert_eq!(
        (answer.status, &answer.body["exc_type"]),
        (403, &json!("PermissionError")),
        "{answer:?}"
    );
    erp.set("Task", "TASK-1", "github_repo", "octo/secret").await.expect("set");
    let answer = desk.post("pusher@x.com", CREATE_ISSUE, &form()).await;
    assert!(
        answer.status == 417 && answer.sentence().contains("belongs to octo/secret"),
        "{answer:?}"
    );
    assert_eq!((sent(&mirror, "POST"), rows(&mirror).await.len()), (0, 0));
    mirror.finish().await;
}

#[tokio::test]
async fn while_the_cache_is_away_the_task_waits_and_is_linked_later() {
    let (mut redis, mirror, desk) = with_task().await;
    redis.stop();
    let answer = desk.post("pusher@x.com", CREATE_ISSUE, &form()).await;
    let message = answer.message();
    assert_eq!(
        (&message["local_doc"], &message["task_modified"]),
        (&json!("octo/web-#4"), &Value::Null),
        "{message}"
    );
    assert!(
        message["warning"]
            .as_str()
            .expect("a warning")
            .contains("not linked with the Task TASK-1 yet"),
        "{message}"
    );
    assert!(mirror.erp.value(TASK).await.starts_with("||0|0|"));
    redis.start_again().await;
    let ended = erpnext_github::actions::settle_site(&mirror.impatient().await)
        .await
        .expect("settled");
    assert_eq!(ended, 1);
    assert!(
        mirror
            .erp
            .value(TASK)
            .await
            .starts_with("octo/web|octo/web-#4|4|0|pusher@x.com|")
    );
    assert_eq!(rows(&mirror).await, ["create_issue 4 done 1"]);
    mirror.finish().await;
}

#[tokio::test]
async fn two_issues_of_one_task_are_not_opened_at_once() {
    let (_redis, mirror, desk) = with_task().await;
    let posts = "/repos/octo/web/issues";
    mirror
        .github
        .world()
        .faults
        .push(Fault::on(posts, Effect::Refused).of_method("POST"));
    let first = desk.post("pusher@x.com", CREATE_ISSUE, &form()).await;
    assert_eq!(first.status, 417);
    // The title was changed meanwhile; it is the same Task all the same.
    let mut other = form();
    other[1] = ("title", "Another title");
    let second = desk.post("pusher@x.com", CREATE_ISSUE, &other).await;
    assert!(second.sentence().contains("nobody can tell yet"), "{second:?}");
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    let third = desk.post("pusher@x.com", CREATE_ISSUE, &other).await;
    assert_eq!(third.message()["issue"]["title"], "Another title");
    mirror.finish().await;
}

#[tokio::test]
async fn a_pull_request_made_from_a_task_has_its_number_there() {
    let (_redis, mirror, desk) = with_task().await;
    mirror.github.world().repository("octo/web").push("fix/task-1");
    let form = [
        ("repository", "octo/web"),
        ("title", "Fix"),
        ("head", "fix/task-1"),
        ("base", "main"),
        ("task", "TASK-1"),
    ];
    let answer = desk
        .post("manager@x.com", &format!("{GITHUB_API}create_pull_request"), &form)
        .await;
    let message = answer.message();
    assert_eq!(
        (&message["local_doc"], &message["task"]),
        (&json!("octo/web-#4"), &json!("TASK-1")),
        "{message}"
    );
    assert!(mirror.erp.value(TASK).await.starts_with("octo/web||0|4|manager@x.com|"));
    let pull = "SELECT task FROM `tabRepository Pull Request` WHERE name = 'octo/web-#4'";
    assert_eq!(mirror.erp.value(pull).await, "TASK-1");
    mirror.finish().await;
}
