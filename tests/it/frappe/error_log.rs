//! Rows that administrators find in the Error Log.

use erpnext_github::frappe::error_log;

use super::{FrappeMajor, TestSite, one};

#[tokio::test]
async fn a_failure_is_one_row_in_the_sites_time() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let name = error_log::write(
        test.site(),
        "GitHub: sync failed",
        "401: bad token",
        Some(("Repository", "acme/web")),
    )
    .await
    .expect("written");
    assert_eq!(name.len(), 10);
    let row =
        "SELECT CONCAT_WS('|', method, error, reference_doctype, reference_name, seen, owner, docstatus) FROM `tabError Log`";
    assert_eq!(
        one(test.site(), row).await,
        "GitHub: sync failed|401: bad token|Repository|acme/web|0|Administrator|0"
    );
    assert_eq!(one(test.site(), "SELECT trace_id FROM `tabError Log`").await, name);
    let zone = test.site().zone().await.expect("read");
    let now = erpnext_github::frappe::zone::frappe_text(zone.to_local(test.site().clock().now()));
    assert_eq!(one(test.site(), "SELECT creation FROM `tabError Log`").await, now);
}

#[tokio::test]
async fn version_14_numbers_its_rows() {
    let test = TestSite::new(FrappeMajor::V14).await;
    let first = error_log::write(test.site(), "one", "text", None).await.expect("written");
    let second = error_log::write(test.site(), "two", "text", None).await.expect("written");
    let number = |name: String| name.parse::<u64>().expect("a number");
    assert_eq!(number(second), number(first) + 1);
    assert_eq!(one(test.site(), "SELECT COUNT(*) FROM `tabError Log`").await, "2");
}

#[tokio::test]
async fn f10_a_long_title_loses_nothing() {
    let test = TestSite::new(FrappeMajor::V16).await;
    let title = "ü".repeat(200);
    error_log::write(test.site(), &title, "text", Some(("Repository", &"x".repeat(200))))
        .await
        .expect("written");
    assert_eq!(
        one(test.site(), "SELECT CHAR_LENGTH(method) FROM `tabError Log`").await,
        "140"
    );
    assert_eq!(
        one(test.site(), "SELECT error FROM `tabError Log`").await,
        format!("{title}\n\ntext")
    );
}
