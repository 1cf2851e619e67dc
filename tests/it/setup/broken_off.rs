//! Installations and removals that are broken off after any statement.

use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::setup::{self, State};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::json;

use super::{install, options, try_install, try_uninstall, uninstall};
use crate::support::TestSite;
use crate::support::cut::Cut;

/// Of so many places one is tried; the long tests try each.
fn step() -> usize {
    if std::env::var_os("ERPNEXT_GITHUB_TEST_LONG").is_some() {
        1
    } else {
        11
    }
}

/// The site over a way that breaks off after so many messages.
async fn cut_site(test: &TestSite, messages: usize) -> (Cut, Site) {
    let cut = Cut::after(messages, test.scratch().server().port()).await;
    test.scratch().set_config("db_port", json!(cut.port())).expect("written");
    let config = test.scratch().config().expect("readable");
    let site = Site::new(config, &Databases::new(4), test.site().clock().clone()).expect("a site");
    test.scratch()
        .set_config("db_port", json!(test.scratch().server().port()))
        .expect("written");
    (cut, site)
}

/// Waits until the server has noticed, as it would long before an operator typed the next command.
async fn settle(test: &TestSite, cut: Cut, site: Site) {
    drop((cut, site));
    let user = test.scratch().credentials().user();
    let sql = format!("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '{user}'");
    let others = test
        .site()
        .db()
        .row("counting", "SELECT 1", ())
        .await
        .map(|_| 1)
        .expect("a connection");
    let mut admin = test.scratch().server().admin().await.expect("the administrator");
    for _ in 0..500 {
        let count: Option<usize> = mysql_async::prelude::Queryable::query_first(&mut admin, &sql)
            .await
            .expect("a number");
        if count <= Some(others) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the server still has connections of a process that is gone");
}

#[tokio::test]
async fn a_removal_cleans_up_after_an_installation_that_was_broken_off_anywhere() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    for messages in (1..).step_by(step()) {
        let (cut, site) = cut_site(&test, messages).await;
        let installed = try_install(&site).await;
        let used = cut.used();
        settle(&test, cut, site).await;
        uninstall(test.site()).await;
        assert!(
            before == test.dump().await,
            "broken off after {messages} messages, something was left"
        );
        if installed.is_ok() {
            assert!(used > 100, "all went through with {used}");
            return;
        }
    }
}

#[tokio::test]
async fn the_next_installation_completes_one_that_was_broken_off_anywhere() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    for messages in (1..).step_by(step()) {
        let (cut, site) = cut_site(&test, messages).await;
        let installed = try_install(&site).await;
        settle(&test, cut, site).await;
        assert_metadata_names_no_missing_column(&test, messages).await;
        install(test.site()).await;
        assert_eq!(
            setup::state(test.site()).await.expect("state"),
            State::Current,
            "after {messages}"
        );
        let plan = setup::plan(test.site(), &options()).await.expect("a plan");
        assert!(plan.is_empty(), "after {messages} messages: {plan}");
        assert_eq!(
            test.value("SELECT COUNT(*) FROM tabDocType WHERE module = 'GitHub'").await,
            "25"
        );
        uninstall(test.site()).await;
        assert!(before == test.dump().await, "after {messages} messages, something was left");
        if installed.is_ok() {
            return;
        }
    }
}

#[tokio::test]
async fn the_next_removal_completes_one_that_was_broken_off_anywhere() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    for messages in (1..).step_by(step()) {
        install(test.site()).await;
        let (cut, site) = cut_site(&test, messages).await;
        let removed = try_uninstall(&site, false).await;
        let used = cut.used();
        settle(&test, cut, site).await;
        assert_metadata_names_no_missing_column(&test, messages).await;
        uninstall(test.site()).await;
        assert!(
            before == test.dump().await,
            "broken off after {messages} messages, something was left"
        );
        if removed.is_ok() {
            assert!(used > 80, "all went through with {used}");
            return;
        }
    }
}

/// Frappe selects every column that its metadata names.
async fn assert_metadata_names_no_missing_column(test: &TestSite, messages: usize) {
    let sql = "SELECT d.parent, d.fieldname FROM ( \
               SELECT parent, fieldname, fieldtype FROM tabDocField WHERE parent IN (SELECT name FROM tabDocType WHERE module = 'GitHub' AND issingle = 0) \
               UNION ALL SELECT dt, fieldname, fieldtype FROM `tabCustom Field` WHERE module = 'GitHub') d \
               LEFT JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = CONCAT('tab', d.parent) \
               AND c.COLUMN_NAME = d.fieldname \
               WHERE c.COLUMN_NAME IS NULL AND d.fieldtype NOT IN ('Table', 'HTML', 'Section Break', 'Column Break', 'Tab Break')";
    let missing = test.query(sql).await;
    assert!(
        missing.is_empty(),
        "after {messages} messages, columns are missing: {missing:?}"
    );
}
