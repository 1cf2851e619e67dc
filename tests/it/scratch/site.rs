//! The small site and the dumped one, as the program sees them.

use std::time::Instant;

use erpnext_github::clock::{Clock as _, SystemClock};
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Endpoint;
use erpnext_github::frappe::singles;
use erpnext_github::sim::site::{Address, BenchFolder, FrappeMajor, RedisUrls, SiteOptions, SmallSite};
use secrecy::ExposeSecret as _;

use crate::support::{TestSite, noon, server};

#[tokio::test]
async fn every_version_opens_and_says_what_it_is() {
    for major in FrappeMajor::ALL {
        server().await;
        let begun = Instant::now();
        let test = TestSite::new(major).await;
        println!("{major:?} made in {:?}", begun.elapsed());
        let site = test.site();
        assert_eq!(site.zone().await.expect("a zone").name(), "America/New_York");
        assert_eq!(site.clock().now(), noon());
        assert_eq!(test.clock().now(), noon());
        let key = site.config().encryption_key().expect("a key");
        assert!(fernet::Fernet::new(key.expose_secret()).is_some());
        let version = "SELECT app_version FROM `tabInstalled Application` WHERE app_name = 'frappe'";
        assert_eq!(test.value(version).await, major.frappe_release());
        let apps = "SELECT defvalue FROM tabDefaultValue WHERE parent = '__global' AND defkey = 'installed_apps'";
        assert_eq!(test.value(apps).await, r#"["frappe", "erpnext"]"#);
        let roles = "SELECT GROUP_CONCAT(role ORDER BY idx) FROM `tabHas Role` WHERE parent = 'jane@example.com'";
        assert_eq!(test.value(roles).await, "System Manager,Projects Manager,Projects User");
    }
}

#[tokio::test]
async fn a_bench_holds_several_sites_that_the_program_finds() {
    let server = server().await;
    let bench = BenchFolder::create(server, &RedisUrls::default()).expect("a bench");
    let mut sites = Vec::new();
    for (name, zone, address) in [
        ("one.example.com", "Europe/Berlin", Address::Tcp),
        ("two.example.com", "Asia/Tokyo", Address::Socket),
    ] {
        let options = SiteOptions {
            site_name: name.to_owned(),
            time_zone: zone.to_owned(),
            address,
            ..SiteOptions::default()
        };
        let small = SmallSite::create_in(&bench, server, FrappeMajor::V15, options)
            .await
            .expect("a site");
        sites.push(TestSite::of(small.into_site()));
    }
    let found = Bench::locate(
        Some(bench.root()),
        std::path::Path::new("/"),
        std::collections::BTreeMap::new(),
    )
    .expect("a bench");
    assert_eq!(found.site_names(), ["one.example.com", "two.example.com"]);
    assert_eq!(sites[0].bench_root(), sites[1].bench_root());
    assert_eq!(sites[0].site().zone().await.expect("a zone").name(), "Europe/Berlin");
    assert_eq!(sites[1].site().zone().await.expect("a zone").name(), "Asia/Tokyo");
    let endpoint = |name| found.site(name).expect("a site").database().expect("a database").endpoint;
    assert_eq!(
        endpoint("one.example.com"),
        Endpoint::Tcp("127.0.0.1".to_owned(), server.port())
    );
    assert_eq!(endpoint("two.example.com"), Endpoint::Socket(server.socket()));
}

#[tokio::test]
async fn configuration_is_changed_key_by_key() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let scratch = test.scratch();
    assert!(!scratch.config().expect("configuration").maintenance_mode());
    scratch.set_config("maintenance_mode", 1.into()).expect("written");
    scratch
        .bench()
        .set_common("redis_cache", "redis://127.0.0.1:7".into())
        .expect("written");
    let config = scratch.config().expect("configuration");
    assert!(config.maintenance_mode());
    assert_eq!(config.redis_cache(), "redis://127.0.0.1:7");
    assert!(config.database().is_ok(), "the other keys are kept");
    scratch
        .set_config("maintenance_mode", serde_json::Value::Null)
        .expect("written");
    assert!(!scratch.config().expect("configuration").maintenance_mode());
    assert!(scratch.open(std::sync::Arc::new(SystemClock)).is_ok());
    assert!(scratch.config_file().ends_with("sites/erp.example.com/site_config.json"));
}

#[tokio::test]
async fn people_add_what_they_add_on_every_version() {
    for major in FrappeMajor::ALL {
        let test = TestSite::new(major).await;
        let erp = test.erp();
        erp.add_user("ann@example.com", "Ann O'Hara", &["Projects User", "All"])
            .await
            .expect("a user");
        erp.add_project("PROJ-0002", "Shop").await.expect("a project");
        erp.add_task("TASK-2026-00003", "Count", Some("PROJ-0002"))
            .await
            .expect("a task");
        erp.add_todo("ann@example.com", "Task", "TASK-2026-00003", "Please")
            .await
            .expect("a todo");
        erp.add_comment("ann@example.com", "Task", "TASK-2026-00003", "Why?")
            .await
            .expect("a comment");
        erp.add_file("Task", "TASK-2026-00003", "plan.pdf").await.expect("a file");
        erp.add_version("Task", "TASK-2026-00003", "{}").await.expect("a version");
        erp.set("User", "ann@example.com", "username", "ann").await.expect("a change");
        erp.set_system_setting("time_zone", "Europe/Paris").await.expect("a setting");
        let roles = "SELECT GROUP_CONCAT(CONCAT(idx, role) ORDER BY idx) FROM `tabHas Role` WHERE parent = 'ann@example.com'";
        assert_eq!(test.value(roles).await, "1Projects User,2All");
        assert_eq!(
            test.value("SELECT CONCAT(username, last_name) FROM tabUser WHERE name LIKE 'ann%'")
                .await,
            "annO'Hara"
        );
        assert_eq!(test.site().zone().await.expect("a zone").name(), "Europe/Paris");
        let version = test
            .value("SELECT name FROM tabVersion WHERE docname = 'TASK-2026-00003'")
            .await;
        assert_eq!(version == "1", major == FrappeMajor::V14, "{version}");
        let error = erp
            .set("User", "nobody@example.com", "username", "x")
            .await
            .expect_err("no such user");
        assert!(error.to_string().contains("nobody@example.com"), "{error}");
        let error = erp
            .insert("Task", "T", &[("github_repo", "x")])
            .await
            .expect_err("no such column");
        assert!(error.to_string().contains("github_repo"), "{error}");
    }
}

#[tokio::test]
async fn two_small_sites_of_a_version_hold_the_same() {
    let (one, other) = (TestSite::new(FrappeMajor::V15).await, TestSite::new(FrappeMajor::V15).await);
    let dump = one.dump().await;
    assert_eq!(dump, other.dump().await);
    assert!(
        dump.lines()
            .any(|line| line.starts_with("INSERT INTO `tabProject` VALUES ('PROJ-0001'")),
        "one row a line"
    );
    let tasks = one.dump_tables(&["tabTask"]).await;
    assert!(
        tasks.contains("TASK-2026-00002") && !tasks.contains("PROJ-0001','2026"),
        "{tasks}"
    );
}

#[tokio::test]
async fn a_dropped_test_site_drops_its_database() {
    let server = server().await;
    let small = SmallSite::create(server, FrappeMajor::V14, SiteOptions::default())
        .await
        .expect("a site");
    let database = small.credentials().database.clone();
    // An open transaction must not be in the way.
    let site = small.open(std::sync::Arc::new(SystemClock)).expect("a site");
    let mut open = site.db().begin().await.expect("a transaction");
    open.exec("writing", "UPDATE tabTask SET progress = 1", ())
        .await
        .expect("a change");
    small.drop_database().await.expect("dropped");
    let left = server
        .query(
            "mysql",
            &format!("SELECT 1 FROM information_schema.schemata WHERE schema_name = '{database}'"),
        )
        .await
        .expect("rows");
    assert!(left.is_empty());
}

#[tokio::test]
async fn the_real_dump_opens_as_a_site() {
    let begun = Instant::now();
    let Some(test) = TestSite::from_dump("the_real_dump_opens_as_a_site").await else {
        return;
    };
    println!("loaded in {:?}", begun.elapsed());
    let zone = singles::read_field(test.site().db(), "System Settings", "time_zone")
        .await
        .expect("a setting");
    assert!(zone.is_some());
    assert!(test.site().config().encryption_key().is_some());
    assert_eq!(test.scratch().site_name(), "real.example.com");
    test.erp().add_task("TASK-2026-90001", "Added", None).await.expect("a task");
}
