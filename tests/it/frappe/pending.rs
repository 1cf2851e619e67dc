//! Recorded cache drops are done once their transaction is committed, and not forgotten before.

use erpnext_github::frappe::pending::{FlushError, flush_drops, note_drop, note_drops};

use super::redis_server::RedisServer;
use super::{DROP_TABLE, FrappeMajor, TestSite, anew, one, sql};

const COUNT: &str = "SELECT COUNT(*) FROM erpnext_github_cache_drop";

#[tokio::test]
async fn a_drop_is_done_after_the_commit_and_kept_until_then() {
    let (test, mut redis) = (TestSite::new(FrappeMajor::V15).await, RedisServer::start().await);
    let site = anew(test.site(), &[("redis_cache", &redis.url())]);
    sql(&site, &[DROP_TABLE, "DELETE FROM erpnext_github_cache_drop"]).await;
    let prefix = site.config().text("db_name").expect("a name");
    let key = |rest: &str| format!("{prefix}|document_cache::{rest}");
    let keys = [
        key("Task::T-1"),
        key("Task::T-2"),
        key("GitHub Settings::GitHub Settings"),
        key("Task::T-9"),
    ];
    redis.fill(&keys.each_ref().map(String::as_str)).await;

    let mut tx = site.db().begin().await.expect("begun");
    note_drops(&mut tx, "Task", &["T-1", "T-2"]).await.expect("noted");
    note_drop(&mut tx, "GitHub Settings", "GitHub Settings").await.expect("noted");
    assert_eq!(flush_drops(&site).await.expect("flushed"), 0, "not committed yet");
    assert_eq!(redis.left().await.len(), 4);
    tx.commit().await.expect("committed");

    redis.stop();
    assert!(matches!(flush_drops(&site).await, Err(FlushError::Cache(_))));
    assert_eq!(one(&site, COUNT).await, "3", "nothing is forgotten while Redis is away");

    redis.start_again().await;
    redis.fill(&keys.each_ref().map(String::as_str)).await;
    assert_eq!(flush_drops(&site).await.expect("flushed"), 3);
    assert_eq!(redis.left().await, [key("Task::T-9")]);
    assert_eq!(one(&site, COUNT).await, "0");
    assert_eq!(flush_drops(&site).await.expect("flushed"), 0);
}

#[tokio::test]
async fn what_is_rolled_back_is_not_dropped() {
    let test = TestSite::new(FrappeMajor::V15).await;
    sql(test.site(), &[DROP_TABLE, "DELETE FROM erpnext_github_cache_drop"]).await;
    let mut tx = test.site().db().begin().await.expect("begun");
    note_drop(&mut tx, "Task", "T-1").await.expect("noted");
    tx.rollback().await.expect("rolled back");
    assert_eq!(one(test.site(), COUNT).await, "0");
}

#[tokio::test]
async fn a_large_rename_is_recorded_and_done() {
    let (test, redis) = (TestSite::new(FrappeMajor::V15).await, RedisServer::start().await);
    let site = anew(test.site(), &[("redis_cache", &redis.url())]);
    sql(&site, &[DROP_TABLE, "DELETE FROM erpnext_github_cache_drop"]).await;
    let names: Vec<String> = (0..1700).map(|n| format!("TASK-{n}")).collect();
    let mut conn = site.db().conn().await.expect("connected");
    note_drops(&mut conn, "Task", &names).await.expect("noted");
    assert_eq!(flush_drops(&site).await.expect("flushed"), 1700);
    assert_eq!(one(&site, COUNT).await, "0");
}

#[tokio::test]
async fn a_site_without_our_tables_has_nothing_to_drop() {
    let test = TestSite::new(FrappeMajor::V15).await;
    sql(test.site(), &["DROP TABLE IF EXISTS erpnext_github_cache_drop"]).await;
    assert_eq!(flush_drops(test.site()).await.expect("flushed"), 0);
}
