//! The small site's HTTP answers as Frappe does, where we lean on it.

use erpnext_github::clock::SharedClock;
use erpnext_github::frappe::auth::{self, Caller};
use erpnext_github::frappe::bench_http::{BenchHttp, BenchHttpError, BenchRefusal, Document};
use erpnext_github::sim::site::{FrappeMajor, SiteHttp};
use serde_json::{Value, json};

use crate::support::TestSite;

/// A site, its HTTP, and bob (Projects User) logged in.
async fn with_bob(major: FrappeMajor) -> (TestSite, SiteHttp, BenchHttp, Caller) {
    let test = TestSite::new(major).await;
    let clock: SharedClock = test.site().clock().clone();
    let http = SiteHttp::start(test.scratch(), clock).await.expect("a port");
    let config = test.site().config().clone().with_bench_url(Some(&http.base_url()), None);
    let bench = BenchHttp::of(&config).expect("an address");
    test.erp()
        .add_session("bob@example.com", "bob", "token-bob", "2026-03-01 06:59:00.000000")
        .await
        .expect("a session");
    let bob = auth::again(test.site(), "bob@example.com", false)
        .await
        .expect("read")
        .expect("logged in");
    (test, http, bench, bob)
}

fn of(value: &Value) -> Document {
    value.as_object().cloned().expect("an object")
}

fn class(error: &BenchHttpError) -> (u16, String) {
    let refusal = error.refusal().unwrap_or_else(|| panic!("{error}"));
    (refusal.status, refusal.class.clone())
}

#[tokio::test]
async fn tasks_are_named_placed_in_the_tree_and_counted_in_their_project() {
    for major in FrappeMajor::ALL {
        let (test, _http, bench, bob) = with_bob(major).await;
        let done = json!({"subject": "Done", "project": "PROJ-0001", "status": "Completed", "completed_on": "2026-03-01"});
        let task = bench.insert(&bob, "Task", &of(&done)).await.expect("made");
        assert_eq!(
            [
                &task["name"],
                &task["lft"],
                &task["rgt"],
                &task["company"],
                &task["owner"],
                &task["progress"]
            ],
            [
                &json!("TASK-2026-00003"),
                &json!(5),
                &json!(6),
                &json!("Example"),
                &json!("bob@example.com"),
                &json!(100.0)
            ],
            "{major:?} {task:?}"
        );
        assert_eq!(
            task["modified"], "2026-03-01 07:00:00.000000",
            "six digits in the site's zone"
        );
        let percent = test
            .value("SELECT percent_complete FROM tabProject WHERE name = 'PROJ-0001'")
            .await;
        assert!(percent.starts_with("33.33"), "{percent}");
    }
}

#[tokio::test]
async fn frappes_refusals_have_its_classes_and_statuses() {
    let (test, _http, bench, bob) = with_bob(FrappeMajor::V15).await;
    let long = "x".repeat(141);
    for (doctype, values, refused) in [
        ("Task", json!({}), (417, "MandatoryError")),
        ("Task", json!({"subject": long}), (417, "CharacterLengthExceededError")),
        (
            "Task",
            json!({"subject": "x", "project": "PROJ-9"}),
            (417, "LinkValidationError"),
        ),
        (
            "Task",
            json!({"subject": "x", "status": "Completed"}),
            (417, "MandatoryError"),
        ),
        (
            "Task",
            json!({"subject": "x", "status": "Completed", "completed_on": "2026-03-02"}),
            (417, "ValidationError"),
        ),
        (
            "Project",
            json!({"project_name": "website", "company": "Example"}),
            (417, "UniqueValidationError"),
        ),
        ("Project", json!({"project_name": "x"}), (417, "MandatoryError")),
        ("Issue", json!({"subject": "x"}), (403, "PermissionError")),
    ] {
        let error = bench.insert(&bob, doctype, &of(&values)).await.expect_err("refused");
        assert_eq!(class(&error), (refused.0, refused.1.to_owned()), "{doctype} {values}");
        assert!(!error.to_string().contains('<'), "{error}");
    }
    let stale = json!({"status": "Working", "modified": "2026-01-01 00:00:00.000000"});
    let error = bench
        .update(&bob, ("Task", "TASK-2026-00001"), &of(&stale))
        .await
        .expect_err("refused");
    assert_eq!(class(&error), (417, "TimestampMismatchError".to_owned()));
    let error = bench.read(&bob, "Task", "TASK-9").await.expect_err("not there");
    assert_eq!(class(&error), (404, "DoesNotExistError".to_owned()));
    assert_eq!(test.value("SELECT COUNT(*) FROM tabTask").await, "2");
}

#[tokio::test]
async fn a_wrong_site_a_wrong_port_and_a_strange_server_are_told_apart() {
    let (test, _http, bench, bob) = with_bob(FrappeMajor::V15).await;
    let away = test.site().config().clone().with_bench_url(Some("http://127.0.0.1:1"), None);
    let error = BenchHttp::of(&away).expect("an address").read(&bob, "Task", "x").await;
    assert!(matches!(error, Err(BenchHttpError::Away { .. })), "{error:?}");
    let no_address = test.site().config().clone().with_bench_url(Some("localhost:8000"), None);
    let error = BenchHttp::of(&no_address).expect_err("no address");
    assert!(error.to_string().contains("--bench-url"), "{error}");
    let guest = Caller::guest();
    let error = bench
        .insert(&guest, "Task", &of(&json!({"subject": "x"})))
        .await
        .expect_err("refused");
    assert!(error.refusal().is_some_and(BenchRefusal::is_permission), "{error}");
    for secret in ["token-bob", "sid=bob"] {
        assert!(!format!("{bench:?} {bob:?}").contains(secret));
    }
}
