//! Installations and removals that are broken off after any statement. The server refuses every statement of the site's user
//! beyond the nth, which to the site is the same as a kill: nothing more is done, and open transactions are rolled back.

use erpnext_github::frappe::site::Site;
use erpnext_github::setup::{self, State};
use erpnext_github::sim::mariadb::ScratchServer;
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};

use super::{install, options, try_install, try_uninstall, uninstall};
use crate::support::{TestSite, server_options};

/// Every so many statements one is broken off; the long tests break off each.
fn step() -> usize {
    if std::env::var_os("ERPNEXT_GITHUB_TEST_LONG").is_some() { 1 } else { 7 }
}

/// A site on a server of its own, because limits are counted for the server as a whole.
async fn own_site() -> (ScratchServer, TestSite) {
    let server = ScratchServer::start(server_options()).await.expect("a server");
    let small = SmallSite::create(&server, FrappeMajor::V15, SiteOptions::default()).await.expect("a site");
    (server, TestSite::of(small.into_site()))
}

/// From now on the site's user may run so many statements, 0 for any number; gives a site with fresh connections.
async fn limited(server: &ScratchServer, test: &TestSite, statements: usize) -> Site {
    let user = test.scratch().credentials().user();
    let sql = format!("ALTER USER '{user}'@'%' WITH MAX_QUERIES_PER_HOUR {statements}; FLUSH USER_RESOURCES;");
    server.run_sql(None, &sql).await.expect("limited");
    test.scratch().open(test.site().clock().clone()).expect("a site")
}

#[tokio::test]
async fn a_removal_cleans_up_after_an_installation_that_was_broken_off_anywhere() {
    let (server, test) = own_site().await;
    let before = test.dump().await;
    for statements in (1..).step_by(step()) {
        let site = limited(&server, &test, statements).await;
        let installed = try_install(&site).await;
        let site = limited(&server, &test, 0).await;
        uninstall(&site).await;
        assert!(before == test.dump().await, "broken off after {statements} statements, something was left");
        if installed.is_ok() {
            assert!(statements > 100, "all went through with {statements}");
            return;
        }
    }
}

#[tokio::test]
async fn the_next_installation_completes_one_that_was_broken_off_anywhere() {
    let (server, test) = own_site().await;
    let before = test.dump().await;
    for statements in (1..).step_by(step()) {
        let site = limited(&server, &test, statements).await;
        let installed = try_install(&site).await;
        let site = limited(&server, &test, 0).await;
        if installed.is_err() {
            assert_eq!(setup::state(&site).await.expect("state"), State::NotInstalled, "after {statements}");
            assert_metadata_names_no_missing_column(&test, statements).await;
        }
        install(&site).await;
        assert_eq!(setup::state(&site).await.expect("state"), State::Current, "after {statements}");
        let plan = setup::plan(&site, &options()).await.expect("a plan");
        assert!(plan.is_empty(), "after {statements} statements: {plan}");
        assert_eq!(test.value("SELECT COUNT(*) FROM tabDocType WHERE module = 'GitHub'").await, "12");
        uninstall(&site).await;
        assert!(before == test.dump().await, "after {statements} statements, something was left");
        if installed.is_ok() {
            return;
        }
    }
}

#[tokio::test]
async fn the_next_removal_completes_one_that_was_broken_off_anywhere() {
    let (server, test) = own_site().await;
    let before = test.dump().await;
    for statements in (1..).step_by(step()) {
        let site = limited(&server, &test, 0).await;
        install(&site).await;
        let site = limited(&server, &test, statements).await;
        let removed = try_uninstall(&site, false).await;
        let site = limited(&server, &test, 0).await;
        if removed.is_err() {
            assert_metadata_names_no_missing_column(&test, statements).await;
        }
        uninstall(&site).await;
        assert!(before == test.dump().await, "broken off after {statements} statements, something was left");
        if removed.is_ok() {
            assert!(statements > 50, "all went through with {statements}");
            return;
        }
    }
}

/// Frappe selects every column that its metadata names.
async fn assert_metadata_names_no_missing_column(test: &TestSite, statements: usize) {
    let sql = "SELECT d.parent, d.fieldname FROM ( \
               SELECT parent, fieldname, fieldtype FROM tabDocField WHERE parent IN (SELECT name FROM tabDocType WHERE module = 'GitHub' AND issingle = 0) \
               UNION ALL SELECT dt, fieldname, fieldtype FROM `tabCustom Field` WHERE module = 'GitHub') d \
               LEFT JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = CONCAT('tab', d.parent) \
               AND c.COLUMN_NAME = d.fieldname \
               WHERE c.COLUMN_NAME IS NULL AND d.fieldtype NOT IN ('Table', 'Section Break', 'Column Break')";
    let missing = test.query(sql).await;
    assert!(missing.is_empty(), "after {statements} statements, columns are missing: {missing:?}");
}
