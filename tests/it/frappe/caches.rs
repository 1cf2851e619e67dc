//! What is dropped from the bench's cache, and what is not.

use std::collections::BTreeMap;

use erpnext_github::frappe::cache::Caches;
use erpnext_github::frappe::site_config::SiteConfig;

use super::redis_server::RedisServer;

/// The caches of a site with the schema `_db`, in this Redis.
fn caches(redis: &RedisServer) -> Caches {
    let sites = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(sites.path().join("s")).expect("made");
    let json = serde_json::json!({"db_name": "_db", "redis_cache": redis.url()}).to_string();
    std::fs::write(sites.path().join("s/site_config.json"), json).expect("written");
    Caches::connect(&SiteConfig::read(sites.path(), "s", &BTreeMap::new()).expect("readable"))
}

/// Puts `gone` and `kept` there, does the work, and finds just `kept` left.
async fn expect(gone: &[&str], kept: &[&str], work: impl AsyncFnOnce(&Caches)) {
    let redis = RedisServer::start().await;
    redis.fill(gone).await;
    redis.fill(kept).await;
    work(&caches(&redis)).await;
    let mut kept: Vec<String> = kept.iter().map(|key| (*key).to_owned()).collect();
    kept.sort();
    assert_eq!(redis.left().await, kept);
}

#[tokio::test]
async fn a_document_goes_in_both_forms() {
    expect(
        &[
            "_db|document_cache::Task::TASK-1",
            "_db|document_cache::Task::a/b-#1 [x]*",
            "_db|last_modified/@Task",
        ],
        &[
            "_db|document_cache::Task::TASK-10",
            "_db|document_cache::Project::TASK-1",
            "_other|document_cache::Task::TASK-1",
            "_db|last_modified/@Project",
        ],
        async |caches| caches.document("Task", &["TASK-1", "a/b-#1 [x]*"]).await.expect("dropped"),
    )
    .await;
    // Version 14 has them in one hash.
    expect(
        &["_db|document_cache/@Task::TASK-1"],
        &["_db|document_cache/@Task::TASK-10", "_other|document_cache/@Task::TASK-1"],
        async |caches| caches.document("Task", &["TASK-1"]).await.expect("dropped"),
    )
    .await;
}

#[tokio::test]
async fn many_documents_go_in_one_call() {
    let names: Vec<String> = (0..1201).map(|n| format!("TASK-{n}")).collect();
    let keys: Vec<String> = names.iter().map(|name| format!("_db|document_cache::Task::{name}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    expect(&keys, &["_db|document_cache::Task::TASK-1201"], async |caches| {
        caches.document("Task", &names).await.expect("dropped");
    })
    .await;
}

#[tokio::test]
async fn a_single_goes_with_what_follows_from_it() {
    expect(
        &["_db|document_cache::GitHub Settings::GitHub Settings"],
        &["_db|system_settings", "_db|bootinfo/@u"],
        async |caches| caches.single("GitHub Settings").await.expect("dropped"),
    )
    .await;
    expect(
        &[
            "_db|document_cache::System Settings::System Settings",
            "_db|system_settings",
            "_db|time_zone",
            "_db|bootinfo/@u",
        ],
        &["_db|roles/@u"],
        async |caches| caches.single("System Settings").await.expect("dropped"),
    )
    .await;
}

#[tokio::test]
async fn a_changed_doctype_takes_its_metadata_and_documents_along() {
    expect(
        &[
            "_db|doctype_meta/@Project",
            "_db|doctype_meta::Project",
            "_db|doctype_form_meta/@Project",
            "_db|doctype_form_meta::Project",
            "_db|table_columns/@tabProject",
            "_db|table_columns::tabProject",
            "_db|linked_doctypes/@Task",
            "_db|metadata_version",
            "_db|bootinfo/@jane@x.com",
            "_db|is_table",
            "_db|document_cache::Project::P-1",
            "_db|user:jane@x.com:user_perm_can_read",
            "_db|user:jane@x.com:user_allowed_modules",
        ],
        &[
            "_db|doctype_meta/@Task",
            "_db|document_cache::Project User::1",
            "_db|user:jane@x.com:lang",
            "_db|session/@sid",
            "_other|doctype_meta/@Project",
            "_other|user:jane@x.com:user_perm_can_read",
        ],
        async |caches| caches.doctype_changed(&["Project"]).await.expect("dropped"),
    )
    .await;
    expect(
        &["_db|document_cache/@Project::P-1", "_db|document_cache/@Project::P-2"],
        &["_db|document_cache/@Projects::P-1", "_db|document_cache/@Task::Project::"],
        async |caches| caches.doctype_changed(&["Project"]).await.expect("dropped"),
    )
    .await;
}

#[tokio::test]
async fn a_changed_user_takes_his_own_entries_along() {
    expect(
        &[
            "_db|roles/@jane@x.com",
            "_db|bootinfo/@jane@x.com",
            "_db|user_permissions/@jane@x.com",
            "_db|user_doc/@jane@x.com",
            "_db|user:jane@x.com:user_perm_can_read",
            "_db|user:jane@x.com:anything",
            "_db|document_cache::User::jane@x.com",
            "_db|defaults::jane@x.com",
        ],
        &[
            "_db|roles/@joe@x.com",
            "_db|user:jane@x.com.au:lang",
            "_db|user:joe@x.com:lang",
            "_db|_user_settings/@Task::jane@x.com",
        ],
        async |caches| caches.user_changed("jane@x.com").await.expect("dropped"),
    )
    .await;
}

#[tokio::test]
async fn clearing_all_keeps_what_the_database_does_not_have() {
    let many: Vec<String> = (0..2500).map(|n| format!("_db|document_cache::Task::{n}")).collect();
    let mut gone: Vec<&str> = many.iter().map(String::as_str).collect();
    gone.extend(["_db|bootinfo/@u", "_db|sessions_of_nobody", "_db|doctype_meta::X"]);
    expect(
        &gone,
        &[
            "_db|session/@sid",
            "_db|_user_settings/@Task::u",
            "_db|last_db_session_update/@sid",
            "_db|insert_queue_for_Error Log",
            "_db|rl:method",
            "_db|recorder-requests/@x",
            "_db|rate-limit-counter-1",
            "_db2|bootinfo/@u",
            "assets_json",
        ],
        async |caches| {
            let dropped = caches.drop_everything().await.expect("dropped");
            assert_eq!(dropped, 2503);
        },
    )
    .await;
}

#[tokio::test]
async fn a_cache_that_went_away_and_came_back_is_found_again() {
    let mut redis = RedisServer::start().await;
    let caches = caches(&redis);
    caches.ping().await.expect("there");
    redis.stop();
    let message = caches.single("GitHub Settings").await.expect_err("away").to_string();
    assert!(
        message.contains("redis.sock cannot be used (") && message.contains("`redis_cache`"),
        "{message}"
    );
    redis.start_again().await;
    redis.fill(&["_db|document_cache::Task::T"]).await;
    caches.document("Task", &["T"]).await.expect("there again");
    // A restart that nobody noticed: the broken connection is replaced within the call.
    redis.stop();
    redis.start_again().await;
    redis.fill(&["_db|document_cache::Task::T"]).await;
    caches.document("Task", &["T"]).await.expect("at the first attempt");
    assert!(redis.left().await.is_empty());
}

#[tokio::test]
async fn a_refusal_is_no_drop() {
    let redis = RedisServer::start().await;
    let mut conn = redis.conn().await;
    let () = redis::cmd("ACL")
        .arg(&["SETUSER", "default", "-del", "-hdel"])
        .query_async(&mut conn)
        .await
        .expect("restricted");
    let message = caches(&redis)
        .document("Task", &["T"])
        .await
        .expect_err("refused")
        .to_string();
    assert!(message.contains("NOPERM") || message.contains("permission"), "{message}");
}
