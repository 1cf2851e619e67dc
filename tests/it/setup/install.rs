//! A first installation, and a second one.

use erpnext_github::frappe::encryption_key;
use erpnext_github::frappe::secrets;
use erpnext_github::setup::{self, State};
use erpnext_github::sim::site::{FrappeMajor, RedisUrls, SiteOptions};
use secrecy::ExposeSecret;

use super::{install, options, uninstall};
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;

const VERSIONS: [FrappeMajor; 3] = [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16];

#[tokio::test]
async fn a_second_run_changes_nothing_and_a_removal_leaves_no_trace() {
    for major in VERSIONS {
        let test = TestSite::new(major).await;
        let before = test.dump().await;
        assert!(!install(test.site()).await.is_empty());
        assert_eq!(setup::state(test.site()).await.expect("state"), State::Current);
        let installed = test.dump().await;
        test.record().await;
        let second = install(test.site()).await;
        assert!(second.is_empty(), "{second}");
        assert_eq!(test.writes().await, Vec::<String>::new());
        assert!(installed == test.dump().await, "a second run changed something on {major:?}");
        uninstall(test.site()).await;
        assert!(before == test.dump().await, "a removal left something on {major:?}");
        assert_eq!(setup::state(test.site()).await.expect("state"), State::NotInstalled);
    }
}

#[tokio::test]
async fn the_real_site_is_the_same_before_and_after() {
    let Some(test) = TestSite::from_dump("the_real_site_is_the_same_before_and_after").await else {
        return;
    };
    let before = test.dump().await;
    let report = install(test.site()).await;
    assert_eq!(report.tables.len(), 24);
    let installed = test.dump().await;
    assert!(install(test.site()).await.is_empty());
    assert!(installed == test.dump().await, "a second run changed something");
    let removed = uninstall(test.site()).await;
    assert_eq!(removed.kept, Vec::<String>::new());
    assert!(before == test.dump().await, "a removal left something");
}

#[tokio::test]
async fn a_plan_says_what_an_installation_does_and_does_none_of_it() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    let plan = setup::plan(test.site(), &options()).await.expect("a plan");
    assert!(before == test.dump().await, "planning changed something");
    assert_eq!(plan.refusals(), Vec::<&str>::new());
    let report = install(test.site()).await;
    assert_eq!(plan.tables, report.tables);
    assert_eq!(plan.columns.len(), report.columns.len());
    assert_eq!(plan.indexes.len(), report.indexes.len());
    assert_eq!(
        plan.rows.iter().map(|rows| rows.inserted).sum::<usize>(),
        report.rows_inserted
    );
    let shown = plan.to_string();
    assert!(
        shown.contains("add to tabTask: `github_repo` varchar(140) (INSTANT)"),
        "{shown}"
    );
    assert!(shown.contains("ok   grants"), "{shown}");
    let json = serde_json::to_value(&plan).expect("JSON");
    assert_eq!(json["tables"].as_array().map(Vec::len), Some(24));
    let plan = setup::plan(test.site(), &options()).await.expect("a plan");
    assert!(plan.is_empty(), "{plan}");
}

#[tokio::test]
async fn g2_1_settings_have_their_defaults_and_keep_what_is_there() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.erp()
        .set_single("GitHub Settings", "sync_interval_minutes", "15")
        .await
        .expect("a setting");
    install(test.site()).await;
    let value = async |field: &str| {
        test.value(&format!(
            "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = '{field}'"
        ))
        .await
    };
    assert_eq!(value("sync_interval_minutes").await, "15");
    for (field, default) in [
        ("auth_type", "Personal Access Token"),
        ("default_visibility", "Private"),
        ("reconciliation_period_minutes", "10"),
        ("rate_limit_threshold", "100"),
        ("event_retention_days", "30"),
        ("run_retention_days", "90"),
        ("commit_history_days", "90"),
        ("reconciliation_budget_percent", "20"),
        ("enabled", "0"),
        // The clock of the test stands at noon in UTC.
        ("modified", "2026-03-01 07:00:00.000000"),
    ] {
        assert_eq!(value(field).await, default, "{field}");
    }
}

#[tokio::test]
async fn secrets_are_random_and_kept_as_frappe_keeps_them() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let key = encryption_key::existing(test.site().config())
        .expect("readable")
        .expect("a key");
    let mut conn = test.site().db().conn().await.expect("a connection");
    let user = setup::integration_user(test.site().name());
    let mut found = Vec::new();
    for (doctype, name, field) in [
        ("GitHub Settings", "GitHub Settings", "webhook_secret"),
        ("User", user.as_str(), "api_secret"),
        ("Webhook", &setup::webhook_name("Task"), "webhook_secret"),
        ("Webhook", &setup::webhook_name("Project"), "webhook_secret"),
    ] {
        let secret = secrets::read(&mut conn, &key, doctype, name, field)
            .await
            .expect("readable")
            .expect("a secret");
        assert_eq!(secret.expose_secret().len(), 40);
        found.push(secret.expose_secret().to_owned());
    }
    assert_ne!(found[0], found[1]);
    assert_eq!(found[2], found[3], "one secret for all saves");
    let masks = "SELECT COUNT(*) FROM tabUser WHERE api_secret RLIKE '^[*]+$' AND CHAR_LENGTH(api_key) = 15";
    assert_eq!(test.value(masks).await, "1");
    let roles = "SELECT GROUP_CONCAT(role ORDER BY idx) FROM `tabHas Role` WHERE parent LIKE 'github-integration@%'";
    assert_eq!(test.value(roles).await, "Projects User,Projects Manager,GitHub Admin");
}

#[tokio::test]
async fn webhooks_are_off_until_a_callback_is_given_and_stay_as_they_are() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let webhook = "SELECT CONCAT(enabled, ' ', request_url) FROM tabWebhook WHERE webhook_doctype = 'Task'";
    install(test.site()).await;
    let site = test.site().name();
    assert_eq!(
        test.value(webhook).await,
        format!("0 http://127.0.0.1:9100/internal/doc-event/{site}")
    );
    let mut with_callback = options();
    with_callback.callback_url = Some("http://10.0.0.5:9100/".parse().expect("an address"));
    let report = setup::install(test.site(), &with_callback, &|_| ()).await.expect("installed");
    assert_eq!(report.rows_updated, 4);
    let reached = format!("1 http://10.0.0.5:9100/internal/doc-event/{site}");
    assert_eq!(test.value(webhook).await, reached);
    assert!(
        install(test.site()).await.is_empty(),
        "without a word about it nothing changes"
    );
    assert_eq!(test.value(webhook).await, reached);
}

/// How many statements of the patches change something that is there.
fn patched_later() -> usize {
    let patches = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/patches")).expect("the folder of patches");
    let texts = patches.map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a text"));
    let begins = |line: &&str| {
        ["ALTER ", "UPDATE ", "DELETE ", "INSERT ", "BEGIN "]
            .iter()
            .any(|verb| line.starts_with(verb))
    };
    texts.map(|text| text.lines().filter(begins).count()).sum()
}

#[tokio::test]
async fn an_installation_takes_few_round_trips() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.record().await;
    install(test.site()).await;
    let first = test.statements().await.len();
    test.record().await;
    install(test.site()).await;
    let second = test.statements().await.len();
    println!("{first} statements, then {second}");
    // Each table is made by a statement of its own, and so is what a later version changed about one.
    let ours = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND (TABLE_NAME LIKE 'erpnext\\_github\\_%' \
                OR TABLE_NAME LIKE 'tabGitHub %' OR TABLE_NAME LIKE 'tabRepository%')";
    let tables: usize = test.value(ours).await.parse().expect("a number");
    let changes = patched_later();
    assert!(
        first < tables + changes + 96 && second < 45,
        "{first} statements for {tables} tables and {changes} changes, then {second}"
    );
}

#[tokio::test]
async fn two_installations_at_once_end_as_one() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    let (one, other) = tokio::join!(super::try_install(test.site()), super::try_install(test.site()));
    one.expect("installed");
    other.expect("installed");
    assert_eq!(setup::state(test.site()).await.expect("state"), State::Current);
    assert_eq!(
        test.value("SELECT COUNT(*) FROM tabSingles WHERE field = 'auth_type'").await,
        "1"
    );
    assert!(install(test.site()).await.is_empty());
    uninstall(test.site()).await;
    assert!(before == test.dump().await);
}

#[tokio::test]
async fn a_running_bench_sees_it_at_once() {
    let redis = RedisServer::start().await;
    let urls = RedisUrls {
        cache: redis.url(),
        queue: redis.url(),
    };
    let options = SiteOptions {
        redis: urls,
        ..SiteOptions::default()
    };
    let test = TestSite::with(FrappeMajor::V15, options).await;
    let database = &test.scratch().credentials().database;
    let cached = [
        "bootinfo",
        "doctype_meta",
        "metadata_version",
        "document_cache::Project::PROJ-0001",
    ];
    let cached = cached.map(|key| format!("{database}|{key}"));
    let cached: Vec<&str> = cached.iter().map(String::as_str).collect();
    let sessions = format!("{database}|session");
    redis.fill(&cached).await;
    redis.fill(&[&sessions]).await;
    let report = install(test.site()).await;
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(redis.left().await, std::slice::from_ref(&sessions));
    redis.fill(&cached).await;
    install(test.site()).await;
    assert_eq!(redis.left().await.len(), 5, "nothing was changed, so that nothing is dropped");
    uninstall(test.site()).await;
    assert_eq!(redis.left().await, [sessions]);
}
