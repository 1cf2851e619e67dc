//! A site that cannot be worked on is told once with its reason, and once more when that is over.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use erpnext_github::app::{App, Served};
use erpnext_github::clock::SystemClock;
use erpnext_github::config::HostLayer;
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site_config_file::{remove_key, set_key};
use erpnext_github::jobs::{Runner, SiteSource, Work};
use erpnext_github::sim::site::FrappeMajor;
use tokio_util::sync::CancellationToken;

use crate::support::mirror::Mirror;
use crate::support::{Log, TestSite};

fn served(app: &App, site: &str) -> Served {
    let name = site.to_owned();
    Served::new(app.clone(), move || vec![name.clone()], CancellationToken::new())
}

/// What is logged while all kinds of work are looked at three times.
async fn told(log: &Log, runner: &Runner<Served>) -> Vec<[String; 3]> {
    for _ in 0..3 {
        for work in Work::ALL {
            runner.step(work).await;
        }
    }
    log.take()
}

/// One line, of that level, whose reason holds `part`.
fn assert_one(lines: &[[String; 3]], level: &str, part: &str) {
    let [[found, _, reason]] = lines else {
        panic!("one line on {part}: {lines:?}")
    };
    assert!(found == level && reason.contains(part), "{part}: {lines:?}");
}

#[tokio::test]
async fn what_keeps_a_site_from_being_synced_is_told_when_it_begins_changes_and_ends() {
    let mirror = Mirror::new(|_| {}).await;
    let runner = Runner::new(Arc::new(served(mirror.app(), mirror.site().name())));
    let file = mirror.site().config().file();
    let text = std::fs::read_to_string(&file).expect("the file");
    let log = Log::listen("info");
    assert_eq!(told(&log, &runner).await, Vec::<[String; 3]>::new(), "all is well");

    set_key(
        &file,
        "encryption_key",
        &"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into(),
    )
    .expect("changed");
    assert_one(&told(&log, &runner).await, "WARN", "enter it again");
    set_key(&file, "encryption_key", &"short".into()).expect("changed");
    assert_one(&told(&log, &runner).await, "WARN", "no Fernet key");
    std::fs::write(&file, "{").expect("broken");
    assert_one(&told(&log, &runner).await, "WARN", "site_config.json");
    std::fs::write(&file, &text).expect("mended");
    let over = told(&log, &runner).await;
    assert!(!over.is_empty() && over.iter().all(|line| line[0] == "INFO"), "{over:?}");
    assert_eq!(told(&log, &runner).await, Vec::<[String; 3]>::new(), "told once");
    mirror.finish().await;
}

#[tokio::test]
async fn a_site_without_a_token_is_told_once_and_one_that_is_switched_off_is_no_warning() {
    let mirror = Mirror::new(|_| {}).await;
    let runner = Runner::new(Arc::new(served(mirror.app(), mirror.site().name())));
    let erp = mirror.erp.erp();
    let log = Log::listen("info");
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("off");
    assert_one(&told(&log, &runner).await, "INFO", "switched off");
    erp.set_single("GitHub Settings", "enabled", "1").await.expect("on");
    told(&log, &runner).await;
    let forgotten = "DELETE FROM __Auth WHERE doctype = 'GitHub Settings' AND fieldname = 'personal_access_token'";
    mirror.erp.scratch().execute(forgotten).await.expect("forgotten");
    assert_one(
        &told(&log, &runner).await,
        "WARN",
        "settings set personal_access_token --stdin",
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_site_that_we_are_not_installed_on_is_no_warning_and_a_database_that_is_away_is_one() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let bench = Bench::locate(Some(test.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench");
    let hosts = [HostLayer::default(), HostLayer::default()];
    let app = App::new(bench, Databases::new(4), Arc::new(SystemClock), hosts);
    let source = served(&app, test.site().name());
    let runner = Runner::new(Arc::new(source.clone()));
    let log = Log::listen("info");
    assert_one(&told(&log, &runner).await, "INFO", "not installed");

    let file = test.site().config().file();
    set_key(&file, "db_port", &crate::cli::closed_port().into()).expect("changed");
    assert_one(&told(&log, &runner).await, "WARN", "db_host");
    remove_key(&file, "db_port").expect("removed");
    std::fs::remove_file(&file).expect("removed");
    let gone = Served::new(app, Vec::new, CancellationToken::new());
    log.take();
    assert!(
        gone.sites().is_empty() && log.take().is_empty(),
        "a site that went is no news"
    );
}
