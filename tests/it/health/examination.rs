//! Each thing that can be wrong with a site is named by its check, with what to type; what depends on it is not asked.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use erpnext_github::app::{App, settings};
use erpnext_github::config::HostLayer;
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::instance::FILE_KEY;
use erpnext_github::frappe::site_config_file::{remove_key, set_key};
use erpnext_github::health::way::Way;
use erpnext_github::health::{CheckId, CheckResult, CheckStatus, SiteHealth, examine};
use erpnext_github::setup::{self, Patience, UninstallOptions};
use erpnext_github::sim::site::FrappeMajor;
use secrecy::SecretString;

use super::install;
use crate::cli::closed_port;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// Everything that is asked once we are installed.
const AFTER_INSTALLATION: [CheckId; 10] = [
    CheckId::Instance,
    CheckId::Sidecar,
    CheckId::SiteAddress,
    CheckId::WebhookPath,
    CheckId::Session,
    CheckId::Settings,
    CheckId::Webhooks,
    CheckId::Network,
    CheckId::Github,
    CheckId::Clock,
];
/// Everything that is asked of GitHub.
const ABOUT_GITHUB: [CheckId; 3] = [CheckId::Network, CheckId::Github, CheckId::Clock];
/// What is not asked where nobody runs `serve`.
const ABOUT_SERVE: [CheckId; 2] = [CheckId::SiteAddress, CheckId::WebhookPath];

/// What `doctor` finds where nobody runs `serve`.
async fn doctor(app: &App, site: &str) -> SiteHealth {
    let way = Way {
        sidecar: SocketAddr::from(([127, 0, 0, 1], closed_port())),
        address: None,
    };
    examine(app.bench(), app.databases(), app.clock(), site, &way, async |site| {
        app.github(site).await
    })
    .await
}

/// The same for a site that has no GitHub.
async fn doctor_of(test: &TestSite) -> SiteHealth {
    let bench = Bench::locate(Some(test.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench");
    let hosts = [HostLayer::default(), HostLayer::default()];
    let app = App::new(bench, Databases::new(4), test.site().clock().clone(), hosts);
    doctor(&app, test.site().name()).await
}

fn answer(health: &SiteHealth, check: CheckId) -> &CheckResult {
    let mut found = health.checks.iter().filter(|answer| answer.check == check);
    let answer = found.next().expect("every question has an answer");
    assert!(found.next().is_none(), "{check} is answered twice");
    answer
}

/// Holds one answer, and that these and no others were skipped.
fn assert_found(health: &SiteHealth, check: CheckId, status: CheckStatus, part: &str, skipped: &[CheckId]) {
    let found = answer(health, check);
    assert!(found.status == status && found.message.contains(part), "{part}: {health:#?}");
    let unasked = health.checks.iter().filter(|answer| answer.status == CheckStatus::Skipped);
    let mut unasked: Vec<CheckId> = unasked.map(|answer| answer.check).collect();
    if answer(health, CheckId::Sidecar).status == CheckStatus::Warning {
        unasked.retain(|check| !ABOUT_SERVE.contains(check));
    }
    assert_eq!(unasked, skipped, "{health:#?}");
}

#[tokio::test]
async fn a_site_that_is_as_it_must_be() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let mirror = Mirror::on(TestSite::new(major).await, |_| {}).await;
        let health = doctor(mirror.app(), mirror.site().name()).await;
        let others = health.checks.iter().filter(|answer| answer.status != CheckStatus::Ok);
        let others: Vec<CheckId> = others.map(|answer| answer.check).collect();
        let nobody = [&[CheckId::Redis, CheckId::Sidecar][..], &ABOUT_SERVE].concat();
        assert_eq!(others, nobody, "nobody serves the tests' Redis, nor the site: {health:#?}");
        assert!(!health.has_failures());
        let key = answer(&health, CheckId::EncryptionKey);
        assert!(key.message.contains("personal_access_token, webhook_secret"), "{key:?}");
        assert!(answer(&health, CheckId::Github).message.contains("octo"), "{health:#?}");

        mirror.erp.record().await;
        doctor(mirror.app(), mirror.site().name()).await;
        let mut writes = mirror.erp.writes().await;
        // But for what is noted of each question to GitHub.
        writes.retain(|statement| !statement.contains("erpnext_github_budget"));
        assert_eq!(writes, Vec::<String>::new(), "looking changes nothing");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn a_site_without_us() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    let health = doctor_of(&test).await;
    assert_eq!(answer(&health, CheckId::Requirements).status, CheckStatus::Ok, "{health:#?}");
    assert_found(
        &health,
        CheckId::Installation,
        CheckStatus::Failed,
        &format!("run `erpnext-github install --site {}`", test.site().name()),
        &AFTER_INSTALLATION,
    );
    assert_eq!(test.dump().await, before);
}

#[tokio::test]
async fn a_site_of_which_we_are_half_removed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let options = UninstallOptions {
        patience: Patience {
            wait_seconds: 1,
            attempts: 1,
            pause: Duration::ZERO,
        },
        ..UninstallOptions::default()
    };
    let mut holder = test.site().db().begin().await.expect("a transaction");
    holder
        .rows("holding tabUser", "SELECT name FROM tabUser", ())
        .await
        .expect("read");
    let removed = setup::uninstall(test.site(), &options, &|_| ()).await;
    assert!(removed.is_err(), "tabUser was in use");
    holder.rollback().await.expect("rolled back");
    let health = doctor_of(&test).await;
    for command in ["uninstall", "install"] {
        assert_found(
            &health,
            CheckId::Installation,
            CheckStatus::Failed,
            &format!("`erpnext-github {command} --site {}`", test.site().name()),
            &AFTER_INSTALLATION,
        );
    }
}

#[tokio::test]
async fn a_site_that_we_cannot_be_installed_on() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let (database, user) = (&test.scratch().credentials().database, test.scratch().credentials().user());
    // Unescaped, an underscore in a grant is any character, and the grant is another one.
    let scope = database.replace('_', "\\_");
    let revoke = format!("REVOKE ALTER, DROP ON `{scope}`.* FROM '{user}'@'%'");
    test.scratch().execute(&revoke).await.expect("revoked");
    assert_found(
        &doctor_of(&test).await,
        CheckId::Requirements,
        CheckStatus::Failed,
        "lacks ALTER, DROP",
        &AFTER_INSTALLATION,
    );
}

#[tokio::test]
async fn a_site_without_a_token() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    assert_found(
        &doctor_of(&test).await,
        CheckId::Settings,
        CheckStatus::Failed,
        "settings set personal_access_token --stdin",
        &ABOUT_GITHUB,
    );
}

#[tokio::test]
async fn an_installation_of_another_version() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    for (schema, part) in [("0", "erpnext-github install"), ("99", "run that program")] {
        let sql = format!("UPDATE erpnext_github_site SET v = '{schema}' WHERE k = 'schema_version'");
        test.scratch().execute(&sql).await.expect("changed");
        assert_found(
            &doctor_of(&test).await,
            CheckId::Installation,
            CheckStatus::Failed,
            part,
            &AFTER_INSTALLATION,
        );
    }
}

#[tokio::test]
async fn an_installation_with_a_gap() {
    let mirror = Mirror::new(|_| {}).await;
    let sql = "DELETE FROM `tabCustom Field` WHERE dt = 'Task' AND fieldname = 'github_repo'";
    mirror.erp.scratch().execute(sql).await.expect("deleted");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_found(&health, CheckId::Installation, CheckStatus::Warning, "install --plan", &[]);
    mirror.finish().await;
}

#[tokio::test]
async fn a_copy_asks_github_nothing() {
    let mirror = Mirror::new(|_| {}).await;
    remove_key(&mirror.site().config().file(), FILE_KEY).expect("removed");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_eq!(answer(&health, CheckId::Installation).status, CheckStatus::Ok);
    assert_found(
        &health,
        CheckId::Instance,
        CheckStatus::Failed,
        "erpnext-github adopt",
        &[
            CheckId::Sidecar,
            CheckId::SiteAddress,
            CheckId::WebhookPath,
            CheckId::Session,
            CheckId::Network,
            CheckId::Github,
            CheckId::Clock,
        ],
    );
    assert_eq!(mirror.github.counts().requests(), 0);
    mirror.finish().await;
}

#[tokio::test]
async fn a_key_that_opens_nothing() {
    let mirror = Mirror::new(|_| {}).await;
    let file = mirror.site().config().file();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    set_key(&file, "encryption_key", &other.into()).expect("changed");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_found(
        &health,
        CheckId::EncryptionKey,
        CheckStatus::Failed,
        "enter it again",
        &ABOUT_GITHUB,
    );

    remove_key(&file, "encryption_key").expect("removed");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_found(
        &health,
        CheckId::EncryptionKey,
        CheckStatus::Failed,
        "put the key back",
        &ABOUT_GITHUB,
    );

    set_key(&file, "encryption_key", &"short".into()).expect("changed");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_found(
        &health,
        CheckId::EncryptionKey,
        CheckStatus::Failed,
        "no Fernet key",
        &ABOUT_GITHUB,
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_secret_that_lies_open() {
    let mirror = Mirror::new(|_| {}).await;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "personal_access_token", "token-of-the-tests")
        .await
        .expect("set");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_found(&health, CheckId::EncryptionKey, CheckStatus::Warning, "store it again", &[]);
    assert!(!format!("{health:?}").contains("token-of-the-tests"));
    mirror.finish().await;
}

#[tokio::test]
async fn switched_off() {
    let mirror = Mirror::new(|_| {}).await;
    let off = SecretString::from("0");
    settings::set(mirror.app(), mirror.site(), "enabled", &off, "Administrator")
        .await
        .expect("set");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    assert_found(
        &health,
        CheckId::Settings,
        CheckStatus::Warning,
        "settings set enabled 1",
        &[],
    );
    mirror.finish().await;
}

#[tokio::test]
async fn what_github_says_of_the_token() {
    let mirror = Mirror::new(|_| {}).await;
    let look = async || doctor(mirror.app(), mirror.site().name()).await;
    mirror
        .github
        .world()
        .token("token-of-the-tests", "octo")
        .with_scopes(&["public_repo"]);
    assert_found(&look().await, CheckId::Github, CheckStatus::Warning, "without repo", &[]);
    mirror.github.world().token("token-of-the-tests", "octo").fine_grained();
    assert_found(&look().await, CheckId::Github, CheckStatus::Ok, "fine-grained", &[]);
    mirror.github.world().tokens.clear();
    assert_found(
        &look().await,
        CheckId::Github,
        CheckStatus::Failed,
        "does not accept the token",
        &[],
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_time_zone_that_is_none() {
    let mirror = Mirror::new(|_| {}).await;
    mirror
        .erp
        .erp()
        .set_single("System Settings", "time_zone", "Europe/Berlyn")
        .await
        .expect("set");
    let health = doctor(mirror.app(), mirror.site().name()).await;
    let warned = health
        .checks
        .iter()
        .filter(|answer| answer.message.contains("`Europe/Berlyn`"));
    let warned: Vec<_> = warned.collect();
    let [only] = warned.as_slice() else {
        panic!("one warning: {health:#?}")
    };
    assert!(
        only.status == CheckStatus::Warning && only.message.contains("System Settings") && only.message.contains("Asia/Kolkata"),
        "{only:?}"
    );
    mirror.finish().await;
}
