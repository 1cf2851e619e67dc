//! `bulk_import_github_data`: F-11 and G2-4.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault, Gate};
use serde_json::{Value, json};

use super::{company, told_company};
use crate::support::mirror::Mirror;

const IMPORT: &str = "erpnext_github_integration.api.bulk_import_github_data";
const REPOSITORY: (&str, &str) = ("repo_full_name", "octo/web");
const ISSUES: (&str, &str) = ("import_type", "issues");
const PULLS: (&str, &str) = ("import_type", "pull_requests");

fn counts(message: &Value) -> [u64; 4] {
    ["imported", "updated", "skipped", "errors"].map(|name| message[name].as_u64().expect("a count"))
}

async fn items(mirror: &Mirror) -> String {
    let tables = [
        "tabRepository Issue",
        "tabRepository Pull Request",
        "tabRepository PR Reviewer",
    ];
    mirror.erp.dump_tables(&tables).await
}

#[tokio::test]
async fn f11_issues_and_pull_requests_are_imported_and_what_is_here_is_skipped() {
    let (mirror, desk) = company().await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.with_issues(2).with_pull_requests(4);
        web.edit(1).body = Some("Another text".into());
    }
    let first = desk.post("admin@x.com", IMPORT, &[REPOSITORY, ISSUES]).await;
    assert_eq!(counts(first.message()), [2, 1, 2, 0], "{first:?}");
    let pulls = "SELECT COUNT(*) FROM `tabRepository Pull Request`";
    assert_eq!(mirror.erp.value(pulls).await, "0", "nobody asked for them");
    let other = desk.post("admin@x.com", IMPORT, &[REPOSITORY, PULLS]).await;
    assert_eq!(counts(other.message()), [4, 0, 0, 0], "{other:?}");
    let again = desk.post("admin@x.com", IMPORT, &[REPOSITORY, PULLS]).await;
    assert_eq!(counts(again.message()), [0, 0, 4, 0], "{again:?}");
    let runs =
        "SELECT COUNT(*) FROM `tabGitHub Sync Run` WHERE started_by = 'admin@x.com' AND status = 'Completed' AND kind = 'Full'";
    assert_eq!(mirror.erp.value(runs).await, "3");
    let before = items(&mirror).await;
    mirror.sync_full("octo/web").await;
    assert_eq!(items(&mirror).await, before, "a sync finds nothing to change");
    mirror.finish().await;
}

#[tokio::test]
async fn f11_force_update_writes_what_is_here_again_and_false_is_false_in_every_form() {
    let (mirror, desk) = company().await;
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    let written = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE modified_by = 'admin@x.com'";
    for no in ["false", "0", "", "no", "False"] {
        let answer = desk
            .post("admin@x.com", IMPORT, &[REPOSITORY, ISSUES, ("force_update", no)])
            .await;
        assert_eq!(counts(answer.message()), [0, 0, 3, 0], "{no}");
    }
    assert_eq!(mirror.erp.value(written).await, "0");
    let answer = desk
        .post("admin@x.com", IMPORT, &[REPOSITORY, ISSUES, ("force_update", "1")])
        .await;
    assert_eq!(counts(answer.message()), [0, 3, 0, 0], "{answer:?}");
    assert_eq!(mirror.erp.value(written).await, "3");
    mirror.finish().await;
}

#[tokio::test]
async fn g2_4_what_cannot_be_read_is_counted_and_named_and_stops_nothing() {
    let (mirror, desk) = company().await;
    mirror.github.world().repository("octo/web").with_issues(2);
    let odd = |body: &mut Value| body[3]["created_at"] = json!("yesterday");
    let fault = Fault::edit("/repos/octo/web/issues", odd);
    mirror.github.world().faults.push(fault);
    let answer = desk.post("admin@x.com", IMPORT, &[REPOSITORY, ISSUES]).await;
    let message = answer.message();
    assert_eq!(counts(message), [1, 0, 3, 1], "{message}");
    let failure = message["failures"][0].as_str().expect("a sentence");
    assert!(failure.starts_with("#4: "), "{failure}");
    assert_eq!(message["status"], "Completed with failures");
    mirror.finish().await;
}

#[tokio::test]
async fn what_github_refuses_ends_the_import_with_a_sentence_and_its_counts() {
    let (mirror, desk) = company().await;
    let refused = Fault::status("/repos/octo/web/issues", 401).always();
    mirror.github.world().faults.push(refused);
    let answer = desk.post("admin@x.com", IMPORT, &[REPOSITORY, ISSUES]).await;
    assert_eq!(answer.status, 417);
    let sentence = answer.sentence();
    assert!(
        sentence.starts_with("Bulk import failed: ") && sentence.ends_with("Before that: 0 imported, 0 updated, 0 skipped"),
        "{sentence}"
    );
    let odd = desk
        .post("admin@x.com", IMPORT, &[REPOSITORY, ("import_type", "commits")])
        .await;
    assert!(
        odd.status == 417 && odd.sentence().contains("issues or pull_requests"),
        "{odd:?}"
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn an_import_in_the_background_is_shown_to_whoever_presses_again() {
    let (mirror, desk, mut told) = told_company().await;
    mirror.github.world().repository("octo/web").with_issues(150);
    let gate = Gate::closed();
    let second_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).after(1);
    mirror.github.world().faults.push(second_page);
    let arguments = [REPOSITORY, ISSUES, ("background", "1")];
    let first = desk.post("admin@x.com", IMPORT, &arguments).await;
    let job = first.message()["job"].clone();
    assert!(job.is_string() && first.message()["run"].is_string(), "{first:?}");
    gate.reached(1).await;
    // The second page is asked for while the first one is being stored.
    let so_far = loop {
        let second = desk.post("system@x.com", IMPORT, &[REPOSITORY, ISSUES]).await;
        let message = second.message();
        assert_eq!((&message["status"], &message["job"]), (&json!("running"), &job), "{message}");
        match counts(message) {
            [0, 0, 0, 0] => tokio::task::yield_now().await,
            counts => break counts,
        }
    };
    assert_eq!(so_far, [97, 0, 3, 0], "the counts so far");
    gate.open();
    let (all, last) = told.until_the_end().await;
    assert_eq!(counts(&last["answer"]), [150, 0, 3, 0], "{last}");
    let ends = |room: &str| {
        all.iter()
            .any(|told| told["room"] == room && told["message"]["ended"] == true)
    };
    assert!(
        ends("user:admin@x.com") || ends("user:system@x.com"),
        "who asked first or again is told"
    );
    desk.ended().await;
    mirror.finish().await;
}
