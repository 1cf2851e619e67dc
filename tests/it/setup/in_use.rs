//! Tables that others are using while we install.

use std::time::{Duration, Instant};

use erpnext_github::setup::SetupError;
use erpnext_github::sim::site::FrappeMajor;

use super::{install, try_install, try_uninstall, uninstall};
use crate::support::TestSite;

async fn visible_rows(test: &TestSite) -> String {
    test.value(
        "SELECT (SELECT COUNT(*) FROM tabDocType WHERE module = 'GitHub') + (SELECT COUNT(*) FROM `tabCustom Field` WHERE module = 'GitHub')",
    )
    .await
}

#[tokio::test]
async fn an_open_transaction_on_task_is_named_and_others_go_on() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site().clone();
    let mut holder = site.db().begin().await.expect("a transaction");
    holder
        .rows("holding tabTask", "SELECT name FROM tabTask", ())
        .await
        .expect("read");
    let installing = tokio::spawn({
        let site = site.clone();
        async move {
            let started = Instant::now();
            (try_install(&site).await, started.elapsed())
        }
    });
    let mut longest = Duration::ZERO;
    let mut writes = 0;
    while !installing.is_finished() {
        let started = Instant::now();
        let sql = "UPDATE tabTask SET modified = modified WHERE name = 'TASK-2026-00002'";
        site.db().exec("working on", sql, ()).await.expect("others go on");
        longest = longest.max(started.elapsed());
        writes += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (result, took) = installing.await.expect("finished");
    let error = result.expect_err("tabTask was in use");
    let SetupError::InUse { table, in_the_way, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(table, "tabTask");
    assert!(in_the_way.contains(&format!("connection {}", holder.id())), "{in_the_way}");
    assert!(took >= Duration::from_secs(2), "it waited its seconds: {took:?}");
    assert!(
        writes > 5 && longest < Duration::from_millis(2500),
        "{writes} writes, the longest took {longest:?}"
    );
    assert_eq!(visible_rows(&test).await, "0", "nothing is half visible");
    holder.commit().await.expect("committed");
    install(&site).await;
    assert_ne!(visible_rows(&test).await, "0");
}

#[tokio::test]
async fn a_running_query_is_named_with_its_text() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site().clone();
    let query = tokio::spawn({
        let site = site.clone();
        async move {
            site.db()
                .rows("a long report", "SELECT SLEEP(4), name FROM tabTask LIMIT 1", ())
                .await
        }
    });
    let runs = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(4), name%'";
    while test.value(runs).await == "0" {
        assert!(!query.is_finished(), "it was never seen to run");
    }
    let error = try_install(&site).await.expect_err("tabTask was in use");
    assert!(error.to_string().contains("SELECT SLEEP(4), name FROM tabTask"), "{error}");
    query.await.expect("finished").expect("read");
    install(&site).await;
}

#[tokio::test]
async fn a_removal_waits_and_gives_up_in_the_same_way() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    install(test.site()).await;
    let mut holder = test.site().db().begin().await.expect("a transaction");
    holder
        .rows("holding tabUser", "SELECT name FROM tabUser", ())
        .await
        .expect("read");
    let error = try_uninstall(test.site(), false).await.expect_err("tabUser was in use");
    let again = format!("run `erpnext-github uninstall --site {}` again", test.site().name());
    let told = error.to_string();
    assert!(told.contains("tabUser") && told.contains(&again), "{told}");
    assert!(!told.contains("Nothing was made visible"), "the rows are gone: {told}");
    assert_eq!(visible_rows(&test).await, "0", "what speaks of the columns is gone");
    holder.rollback().await.expect("rolled back");
    uninstall(test.site()).await;
    assert!(before == test.dump().await);
}

/// Adds and drops a column at once: InnoDB keeps it in the rows, hidden. False when a row has no room for more such.
async fn wear(test: &TestSite) -> bool {
    let change = async |change: &str| test.scratch().execute(&format!("ALTER TABLE tabUser {change}")).await.is_ok();
    change("ADD COLUMN worn varchar(140), ALGORITHM=INSTANT").await && change("DROP COLUMN worn, ALGORITHM=INSTANT").await
}

#[tokio::test]
async fn a_table_that_is_worn_out_by_instant_changes_is_rebuilt() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    let mut rounds = 0;
    while wear(&test).await {
        rounds += 1;
        assert!(rounds < 2000, "MariaDB takes any number of them");
    }
    let anew = "ALTER TABLE tabUser DROP COLUMN IF EXISTS worn, FORCE, ALGORITHM=INPLACE";
    test.scratch().execute(anew).await.expect("rebuilt");
    for _ in 0..rounds {
        assert!(wear(&test).await);
    }
    test.record().await;
    install(test.site()).await;
    uninstall(test.site()).await;
    let rebuilt = test.writes().await.iter().any(|statement| statement.contains("FORCE"));
    assert!(rebuilt, "after {rounds} rounds there was room for more");
    assert!(before == test.dump().await);
}
