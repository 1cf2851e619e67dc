//! What goes on after its call was answered, and what the one who asked is told of it.

use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::{Value, json};

use super::{company, told_company};

const SYNC: &str = "erpnext_github_integration.github_api.sync_repo";

/// The events of that name.
fn named<'a>(told: &'a [Value], event: &str) -> Vec<&'a Value> {
    told.iter().filter(|told| told["event"] == event).collect()
}

#[tokio::test]
async fn f45_who_asked_and_nobody_else_is_told_how_far_it_is_and_how_it_ended() {
    let (mirror, desk, mut told) = told_company().await;
    let answer = desk.post("pusher@x.com", SYNC, &[("repository", "octo/web")]).await;
    let (all, last) = told.until_the_end().await;
    assert_eq!(&last["answer"], answer.message(), "the last event has the answer of the call");
    assert!(last["run"].is_string() && last["job"].is_string(), "{last}");
    assert_eq!(last.get("error"), None);
    for event in ["github_progress", "progress"] {
        let events = named(&all, event);
        assert!(!events.is_empty());
        assert!(events.iter().all(|told| told["room"] == "user:pusher@x.com"), "{events:?}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn what_goes_on_in_the_background_ends_with_the_answer_that_the_call_did_not_wait_for() {
    let (mirror, desk, mut told) = told_company().await;
    let gate = Gate::closed();
    let issues = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(issues);
    let arguments = [("repository", "octo/web"), ("background", "1")];
    let answer = desk.post("pusher@x.com", SYNC, &arguments).await;
    let message = answer.message();
    assert_eq!(
        (&message["status"], &message["issues"]),
        (&json!("running"), &json!(3)),
        "the counts so far: {message}"
    );
    gate.open();
    let (_, last) = told.until_the_end().await;
    assert_eq!((&last["run"], &last["job"]), (&message["run"], &message["job"]));
    assert_eq!(last["answer"]["status"], "Completed");
    desk.ended().await;
    mirror.finish().await;
}

#[tokio::test]
async fn what_fails_tells_why_and_closes_the_dialog() {
    let (mirror, desk, mut told) = told_company().await;
    let refused = Fault::status("/repos/octo/web", 451).always();
    mirror.github.world().faults.push(refused);
    let answer = desk.post("admin@x.com", SYNC, &[("repository", "octo/web")]).await;
    let (all, last) = told.until_the_end().await;
    let sentence = last["error"].as_str().expect("a sentence");
    assert_eq!(
        answer.body["exception"],
        format!("frappe.exceptions.ValidationError: {sentence}")
    );
    assert_eq!(last.get("answer"), None);
    let dialogs = named(&all, "progress");
    assert_eq!(dialogs.last().map(|told| &told["message"]["percent"]), Some(&json!(100)));
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn a_second_press_shows_the_one_that_runs_whatever_the_work() {
    for (method, path) in [
        ("github_api.sync_repo_members", "/repos/octo/web/collaborators"),
        ("api.bulk_import_github_data", "/repos/octo/web/issues"),
        ("api.bulk_link_github_users", "/search/users"),
        ("github_api.fetch_all_repositories", "/user/repos"),
    ] {
        let (mirror, desk) = company().await;
        let gate = Gate::closed();
        mirror.github.world().faults.push(Fault::on(path, Effect::Held(gate.clone())));
        mirror.github.forget_requests();
        let method = format!("erpnext_github_integration.{method}");
        let form = [("repo_full_name", "octo/web"), ("import_type", "issues"), ("background", "1")];
        let first = desk.post("admin@x.com", &method, &form).await;
        assert_eq!(first.message()["status"], "running", "{method}: {first:?}");
        gate.reached(1).await;
        let second = desk.post("admin@x.com", &method, &form).await;
        for key in ["status", "run", "job"] {
            assert_eq!(second.message()[key], first.message()[key], "{method}: {second:?}");
        }
        gate.open();
        desk.ended().await;
        let asked = mirror.github.requests().iter().filter(|one| one.path == path).count();
        let once = match path {
            // One for each user without an account.
            "/search/users" => 6,
            _ => 1,
        };
        assert_eq!(asked, once, "{method}");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn members_that_another_process_reads_show_its_run() {
    let (mirror, desk) = company().await;
    let gate = Gate::closed();
    let held = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone()));
    mirror.github.world().faults.push(held);
    let sync = desk
        .post("pusher@x.com", SYNC, &[("repository", "octo/web"), ("background", "1")])
        .await;
    gate.reached(1).await;
    let method = "erpnext_github_integration.github_api.sync_repo_members";
    let members = desk.post("manager@x.com", method, &[("repo_full_name", "octo/web")]).await;
    assert_eq!(members.message()["run"], sync.message()["run"], "{members:?}");
    gate.open();
    desk.ended().await;
    mirror.finish().await;
}
