//! The bench does not answer: what was asked for waits, is done once, and the caller is told.

use chrono::TimeDelta;
use erpnext_github::frappe::auth;
use erpnext_github::frappe::encryption_key;
use erpnext_github::jobs::Work;
use erpnext_github::sim::site::SiteFault;
use reqwest::Method;
use serde_json::json;

use super::{Bench, CREATE_PROJECT, CREATE_TASK, Desk, Mirror, SYNC_MEMBERS, company_with_bench, task, tasks, text};
use crate::jobs::runner;

const ISSUE: [(&str, &str); 1] = [("issue_name", "octo/web-#1")];

/// Does what is due, and gives on how many sites there was something to do.
async fn step(mirror: &Mirror) -> usize {
    runner(mirror).step(Work::SettleWaiting).await
}

/// Status and reason of every row, in their order.
async fn rows(mirror: &Mirror) -> Vec<[String; 2]> {
    let rows = mirror
        .erp
        .query("SELECT status, IFNULL(reason, '') FROM erpnext_github_waiting_write ORDER BY id")
        .await;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    rows.iter().map(|row| [text(&row[0]), text(&row[1])]).collect()
}

/// Subject, document and reader of every notification.
async fn notices(mirror: &Mirror) -> Vec<Vec<String>> {
    let rows = mirror
        .erp
        .query("SELECT for_user, subject, document_type, document_name FROM `tabNotification Log` ORDER BY creation")
        .await;
    let text = |value: Option<String>| value.unwrap_or_default();
    rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}

async fn asked_while_down() -> (Mirror, Desk, Bench) {
    let (mirror, desk, bench) = company_with_bench().await;
    Bench::down(&mirror.erp);
    let answer = desk.post("manager@x.com", CREATE_TASK, &ISSUE).await;
    let message = answer.message();
    assert_eq!(
        (&message["success"], &message["waiting"]),
        (&json!(false), &json!(true)),
        "{message}"
    );
    assert!(text(message, "error").contains("you are told"), "{message}");
    (mirror, desk, bench)
}

#[tokio::test]
async fn d14_what_waits_is_done_once_when_the_bench_answers_and_the_caller_is_told() {
    let (mirror, desk, bench) = asked_while_down().await;
    let again = desk.post("pusher@x.com", CREATE_TASK, &ISSUE).await;
    assert_eq!(again.message()["waiting"], true, "the same thing waits once: {again:?}");
    let told = text(again.message(), "error");
    assert!(told.contains("who asked for it first is told"), "he is not: {told}");
    let spelled = desk
        .post("manager@x.com", CREATE_TASK, &[("issue_name", "OCTO/web-#1")])
        .await;
    assert!(text(spelled.message(), "error").contains("you are told"), "{spelled:?}");
    assert_eq!(step(&mirror).await, 0, "it is not due yet");
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    assert_eq!(step(&mirror).await, 0, "the bench is still away");
    assert_eq!(rows(&mirror).await.len(), 1);
    bench.up(&mirror.erp);
    mirror.erp.clock().advance(TimeDelta::seconds(60));
    assert_eq!(step(&mirror).await, 1);
    let name = task(&mirror, 1, "name").await;
    assert_eq!(task(&mirror, 1, "owner").await, "manager@x.com");
    assert_eq!(rows(&mirror).await[0][0], "done");
    let notices = notices(&mirror).await;
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(
        [&notices[0][0], &notices[0][2], &notices[0][3]],
        ["manager@x.com", "Task", &name]
    );
    assert!(notices[0][1].contains("2026-03-01 07:00"), "{notices:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(step(&mirror).await, 0);
    assert_eq!((tasks(&mirror, 1).await.as_str(), bench.writes().len()), ("1", 1));
    mirror.finish().await;
}

#[tokio::test]
async fn d14_an_answer_that_got_lost_is_looked_for_before_anything_is_sent_again() {
    let (mirror, desk, bench) = company_with_bench().await;
    bench.http().fail_next(SiteFault::Lost);
    let answer = desk.post("manager@x.com", CREATE_TASK, &ISSUE).await;
    assert_eq!(answer.message()["waiting"], true, "{answer:?}");
    assert_eq!(tasks(&mirror, 1).await, "1", "the bench did it");
    mirror.erp.clock().advance(TimeDelta::seconds(60));
    let again = desk.post("manager@x.com", CREATE_TASK, &ISSUE).await;
    assert_eq!(again.message()["waiting"], true, "the bench may be at it still");
    assert_eq!(step(&mirror).await, 0);
    mirror.erp.clock().advance(TimeDelta::seconds(120));
    assert_eq!(step(&mirror).await, 1);
    assert_eq!((tasks(&mirror, 1).await.as_str(), bench.writes().len()), ("1", 1));
    let linked = mirror
        .erp
        .value("SELECT task FROM `tabRepository Issue` WHERE name = 'octo/web-#1'")
        .await;
    assert_eq!(linked, task(&mirror, 1, "name").await);
    assert_eq!(notices(&mirror).await.len(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn maintenance_and_a_gateway_without_an_answer_wait_too() {
    for fault in [SiteFault::Maintenance, SiteFault::BadGateway, SiteFault::Refused] {
        let (mirror, desk, bench) = company_with_bench().await;
        bench.http().fail_next(fault);
        let answer = desk
            .post("Administrator", CREATE_PROJECT, &[("repo_full_name", "octo/secret")])
            .await;
        assert_eq!(answer.message()["waiting"], true, "{fault:?} {answer:?}");
        mirror.erp.clock().advance(TimeDelta::minutes(3));
        assert_eq!(step(&mirror).await, 1, "{fault:?}");
        let connected = mirror
            .erp
            .value("SELECT COUNT(*) FROM tabProject WHERE repository = 'octo/secret'")
            .await;
        assert_eq!(connected, "1", "{fault:?}");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn nothing_secret_is_kept_and_a_session_is_looked_for_anew() {
    let (mirror, _desk, bench) = asked_while_down().await;
    let kept = mirror.erp.dump_tables(&["erpnext_github_waiting_write"]).await;
    for secret in ["token-manager", "sid"] {
        assert!(!kept.contains(secret), "{kept}");
    }
    mirror
        .erp
        .scratch()
        .execute("DELETE FROM tabSessions WHERE user = 'manager@x.com'")
        .await
        .expect("logged out");
    bench.up(&mirror.erp);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(step(&mirror).await, 0, "nobody is spoken for who is not logged in");
    assert!(
        rows(&mirror).await[0][1].contains("has no session"),
        "{:?}",
        rows(&mirror).await
    );
    Desk::log_in(&mirror, "manager@x.com").await;
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(step(&mirror).await, 1);
    assert_eq!(task(&mirror, 1, "owner").await, "manager@x.com");
    mirror.finish().await;
}

#[tokio::test]
async fn whoever_came_by_his_key_is_spoken_for_by_it() {
    let (mirror, desk, bench) = company_with_bench().await;
    let key = encryption_key::ensure(mirror.site().config()).expect("a key");
    let erp = mirror.erp.erp();
    erp.add_api_key("manager@x.com", "k1", "s3cret", &key).await.expect("a key");
    mirror
        .erp
        .scratch()
        .execute("DELETE FROM tabSessions WHERE user = 'manager@x.com'")
        .await
        .expect("logged out");
    Bench::down(&mirror.erp);
    let request = desk
        .request(Method::POST, &format!("/api/method/{CREATE_TASK}"))
        .header("x-frappe-site-name", mirror.site().name())
        .header("authorization", "token k1:s3cret")
        .header("content-type", "application/json")
        .body(json!({"issue_name": "octo/web-#1"}).to_string());
    let answer = Desk::answer(request).await;
    assert_eq!(answer.message()["waiting"], true, "{answer:?}");
    let kept = mirror.erp.dump_tables(&["erpnext_github_waiting_write"]).await;
    assert!(!kept.contains("s3cret") && !kept.contains("k1"), "{kept}");
    assert!(
        auth::again(mirror.site(), "manager@x.com", false)
            .await
            .expect("read")
            .is_none()
    );
    bench.up(&mirror.erp);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(step(&mirror).await, 1);
    assert_eq!(task(&mirror, 1, "owner").await, "manager@x.com");
    mirror.finish().await;
}

#[tokio::test]
async fn what_waits_for_three_days_is_given_up_and_the_caller_is_told_why() {
    let (mirror, _desk, _bench) = asked_while_down().await;
    mirror.erp.clock().advance(TimeDelta::hours(71));
    assert_eq!(step(&mirror).await, 0);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    assert_eq!(step(&mirror).await, 1);
    let rows = rows(&mirror).await;
    assert_eq!(rows[0][0], "failed");
    assert!(
        rows[0][1].contains("has no session") || rows[0][1].contains("does not answer"),
        "{rows:?}"
    );
    let notices = notices(&mirror).await;
    assert!(notices[0][1].contains("could not be written"), "{notices:?}");
    assert_eq!(tasks(&mirror, 1).await, "0");
    mirror.finish().await;
}

#[tokio::test]
async fn who_does_not_work_on_the_repository_any_more_gets_nothing_written() {
    let (mirror, _desk, bench) = asked_while_down().await;
    let erp = mirror.erp.erp();
    erp.set("Project", "TRY-1", "project_manager", "").await.expect("set");
    bench.up(&mirror.erp);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(step(&mirror).await, 1);
    assert_eq!((rows(&mirror).await[0][0].as_str(), bench.writes().len()), ("failed", 0));
    mirror.finish().await;
}

#[tokio::test]
async fn members_that_could_not_be_added_are_added_later() {
    let (mirror, desk, bench) = company_with_bench().await;
    Bench::down(&mirror.erp);
    let answer = desk
        .post("manager@x.com", SYNC_MEMBERS, &[("repo_full_name", "octo/web")])
        .await;
    let message = answer.message();
    assert_eq!(
        (&message["success"], &message["members"]),
        (&json!(true), &json!(3)),
        "{message}"
    );
    assert_eq!(message["projects"][0]["waiting"], true, "{message}");
    bench.up(&mirror.erp);
    mirror.erp.clock().advance(TimeDelta::minutes(1));
    assert_eq!(step(&mirror).await, 1);
    let users = mirror
        .erp
        .value("SELECT COUNT(*) FROM `tabProject User` WHERE parent = 'TRY-1'")
        .await;
    assert_eq!(users, "2");
    mirror.finish().await;
}
