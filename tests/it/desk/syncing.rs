//! Syncs that somebody presses.

use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::{Value, json};

use super::{company, told_company};

const SYNC: &str = "erpnext_github_integration.github_api.sync_repo";

#[tokio::test]
async fn a_repository_is_synced_in_the_name_of_who_pressed_and_answered_in_the_old_shape() {
    let (mirror, desk) = company().await;
    mirror.github.world().repository("octo/web").with_branches(4);
    for (user, argument) in [("pusher@x.com", "repository"), ("manager@x.com", "repo_full_name")] {
        let answer = desk.post(user, SYNC, &[(argument, "octo/web")]).await;
        let message = answer.message();
        assert_eq!(
            [
                &message["success"],
                &message["branches"],
                &message["issues"],
                &message["pulls"],
                &message["members"]
            ],
            [&json!(true), &json!(4), &json!(3), &json!(0), &json!(3)],
            "{message}"
        );
        assert_eq!(message["message"], "Synced repository octo/web");
        let run = format!(
            "SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE started_by = '{user}' AND `trigger` = 'Button' AND status = 'Completed'"
        );
        assert_eq!(mirror.erp.value(&run).await, "1");
    }
    // What he owned, Frappe would list to him whatever he may read.
    for table in ["GitHub Sync Run Entity", "Repository Member", "Repository Branch"] {
        let owners = format!("SELECT GROUP_CONCAT(DISTINCT owner) FROM `tab{table}`");
        assert_eq!(mirror.erp.value(&owners).await, "Administrator", "{table}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn d6_12_pull_requests_are_not_counted_as_issues() {
    let (mirror, desk) = company().await;
    mirror.github.world().repository("octo/web").with_pull_requests(2);
    let answer = desk
        .post("pusher@x.com", SYNC, &[("repository", "octo/web"), ("full", "1")])
        .await;
    let message = answer.message();
    assert_eq!((&message["issues"], &message["pulls"]), (&json!(3), &json!(2)), "{message}");
    mirror.finish().await;
}

#[tokio::test]
async fn in_the_background_the_run_is_named_at_once_and_a_second_press_shows_the_same() {
    let (mirror, desk) = company().await;
    let gate = Gate::closed();
    let issues = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(issues);
    let arguments = [("repository", "octo/web"), ("background", "1")];
    let first = desk.post("pusher@x.com", SYNC, &arguments).await;
    let run = first.message()["run"].clone();
    assert_eq!(first.message()["status"], "running");
    assert!(run.is_string(), "{first:?}");
    gate.reached(1).await;
    let second = desk.post("manager@x.com", SYNC, &arguments).await;
    assert_eq!(
        (&second.message()["status"], &second.message()["run"]),
        (&json!("running"), &run),
        "{second:?}"
    );
    gate.open();
    desk.ended().await;
    let status = format!(
        "SELECT status FROM `tabGitHub Sync Run` WHERE name = '{}'",
        run.as_str().unwrap_or_default()
    );
    assert_eq!(mirror.erp.value(&status).await, "Completed");
    mirror.finish().await;
}

#[tokio::test]
async fn what_github_refuses_is_the_sentence_that_is_shown() {
    let (mirror, desk) = company().await;
    mirror
        .github
        .world()
        .faults
        .push(Fault::status("/repos/octo/web", 451).always());
    let answer = desk.post("admin@x.com", SYNC, &[("repository", "octo/web")]).await;
    assert_eq!(answer.status, 417);
    assert!(answer.sentence().contains("legal reasons"), "{answer:?}");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn all_repositories_are_counted_or_left_to_themselves() {
    let (mirror, desk) = company().await;
    let all = "erpnext_github_integration.github_api.sync_all_repositories";
    let answer = desk.post("admin@x.com", all, &[]).await;
    assert_eq!(answer.message(), &json!({"success": 2, "failed": 0, "errors": []}));
    let start = "erpnext_github_integration.github_api.start_sync_all_repositories";
    let answer = desk.post("admin@x.com", start, &[]).await;
    assert_eq!(answer.message(), &json!({"status": "queued"}));
    desk.ended().await;
    let runs = "SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE `trigger` = 'Button' AND status = 'Completed'";
    assert_eq!(mirror.erp.value(runs).await, "4");
    mirror.finish().await;
}

#[tokio::test]
async fn f45_a_sync_of_all_is_told_to_who_asked_in_the_old_event_too() {
    let (mirror, desk, mut told) = told_company().await;
    let all = "erpnext_github_integration.github_api.sync_all_repositories";
    mirror
        .github
        .world()
        .faults
        .push(Fault::status("/repos/octo/web", 451).always());
    let answer = desk.post("admin@x.com", all, &[]).await;
    assert_eq!(
        (&answer.message()["success"], &answer.message()["failed"]),
        (&json!(1), &json!(1)),
        "{answer:?}"
    );
    let (events, last) = told.until_the_end().await;
    assert_eq!(&last["answer"], answer.message());
    assert!(events.iter().all(|told| told["room"] != "all"), "nobody else: {events:?}");
    let old: Vec<&Value> = events.iter().filter(|told| told["event"] == "github_sync_progress").collect();
    assert!(old.iter().all(|told| told["room"] == "user:admin@x.com"), "{old:?}");
    let end = old.last().map(|told| &told["message"]).expect("events");
    assert_eq!(
        [&end["progress"], &end["total"], &end["msg"], &end["success"], &end["failed"]],
        [&json!(2), &json!(2), &json!("completed"), &json!(1), &json!(1)],
        "{end}"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn a_second_press_on_sync_all_shows_the_first_with_its_counts_so_far() {
    let (mirror, desk) = company().await;
    let gate = Gate::closed();
    let last = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(last);
    let all = "erpnext_github_integration.github_api.sync_all_repositories";
    let first = desk.post("admin@x.com", all, &[("background", "1")]).await;
    assert_eq!(first.message()["status"], "running", "{first:?}");
    gate.reached(1).await;
    let second = desk.post("system@x.com", all, &[]).await;
    let message = second.message();
    assert_eq!(
        [&message["status"], &message["success"], &message["failed"], &message["job"]],
        [&json!("running"), &json!(1), &json!(0), &first.message()["job"]],
        "{message}"
    );
    gate.open();
    desk.ended().await;
    let runs = "SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE `trigger` = 'Button'";
    assert_eq!(mirror.erp.value(runs).await, "2", "nothing was begun twice");
    mirror.finish().await;
}

#[tokio::test]
async fn a_site_that_is_switched_off_says_so() {
    let (mirror, desk) = company().await;
    mirror
        .erp
        .erp()
        .set_single("GitHub Settings", "enabled", "0")
        .await
        .expect("set");
    let answer = desk.post("admin@x.com", SYNC, &[("repository", "octo/web")]).await;
    assert_eq!(
        (answer.status, &answer.body["exc_type"]),
        (417, &Value::from("ValidationError"))
    );
    assert!(answer.sentence().contains("switched off"), "{answer:?}");
    mirror.finish().await;
}
