//! The App is uninstalled or suspended while a run goes on, with GitHub's delivery in the middle of it and without: the run ends with the page
//! that mends it, nothing is lost, other repositories go on, and what is mended ends in the same rows.

use std::sync::Arc;

use erpnext_github::sim::github::{Effect, Fault, Gate, World};
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{RunOptions, Selection, SiteReport, sync_site};

use super::set;
use crate::desk::company;
use crate::support::desk::Desk;
use crate::support::github_app::{APP, deliver, enter, register};
use crate::support::mirror::Mirror;

const SITE: &str = "https://erp.example.com";
const HOME: &str = "acme/web";
/// How the integration is, and the row of the installation.
const HEALTH: &str = "SELECT CONCAT_WS(' ', health, health_reason) FROM `tabGitHub Integration`";
const ROW: &str =
    "SELECT IFNULL(GROUP_CONCAT(CONCAT(suspended, deleted_on_github) ORDER BY creation), '') FROM `tabGitHub App Installation`";

/// A large repository of an integration by the App, beside those of the site's token.
async fn stage() -> (Arc<Mirror>, Desk, u64) {
    let (mirror, desk) = company().await;
    {
        let mut world = mirror.github.world();
        world
            .repository(HOME)
            .with_issues(450)
            .with_pull_requests(30)
            .with_branches(3);
        register(&mut world, SITE);
        world.app(APP).asking_for(&[("pull_requests", "read")]);
    }
    enter(&mirror, SITE).await;
    let mut id = 0;
    happens(&mirror, &desk, "installed", |world| id = world.install(APP, "acme").id).await;
    let sql = "INSERT INTO `tabGitHub Integration` (name, integration_name, auth_type, enabled, account_login, account_type, app_account_id, \
               service_repositories, service_pull_requests, service_issues, service_webhooks, creation, modified) \
               VALUES ('acme', 'acme', 'GitHub App', 1, 'acme', 'Organization', '1', 1, 1, 1, 1, '2026-01-01', '2026-01-01')";
    mirror.erp.query(sql).await;
    mirror.sync(HOME).await;
    set(&mirror, HOME, "integration", "acme").await;
    assert_eq!(mirror.sync_full(HOME).await.status, RunStatus::Completed);
    assert_eq!(check(&desk).await, "ok");
    (Arc::new(mirror), desk, id)
}

/// Has the integration looked at.
async fn check(desk: &Desk) -> String {
    let path = "erpnext_github_integration.desk.check_integration";
    let answer = desk.post("admin@x.com", path, &[("integration", "acme")]).await;
    answer.message()["state"].as_str().unwrap_or_default().to_owned()
}

/// Syncs all of the site's repositories.
async fn run(mirror: &Mirror) -> SiteReport {
    mirror.run(&Selection::default(), true).await
}

/// How each ended, and the sentence of the large one.
fn ended(report: &SiteReport) -> (String, String) {
    let mut all: Vec<String> = report
        .repositories
        .iter()
        .map(|one| format!("{} {}", one.repository, one.status.as_str()))
        .collect();
    all.sort();
    let home = report.repositories.iter().find(|one| one.repository == HOME);
    (all.join(", "), home.expect("it was tried").reason().to_owned())
}

/// Runs, and holds GitHub at the third page of the large one until `meanwhile` is done.
async fn interrupted(mirror: &Arc<Mirror>, meanwhile: impl AsyncFnOnce()) -> SiteReport {
    let gate = Gate::closed();
    let held = Fault::on(&format!("/repos/{HOME}/issues"), Effect::Held(gate.clone())).after(2);
    mirror.github.world().faults.push(held);
    let context = mirror.context().await;
    let options = RunOptions {
        full: true,
        trigger: Trigger::Command,
    };
    let running = tokio::spawn(async move { sync_site(&context, &Selection::default(), options).await });
    gate.reached(1).await;
    meanwhile().await;
    gate.open();
    running.await.expect("it ends").expect("the database works")
}

/// Has GitHub change, and deliver what it tells of that.
async fn happens(mirror: &Mirror, desk: &Desk, id: &str, story: impl FnOnce(&mut World)) {
    let before = mirror.github.world().clone();
    story(&mut mirror.github.world());
    let told = mirror.github.deliveries_since(&before);
    assert!(!told.is_empty());
    for (at, delivery) in told.iter().enumerate() {
        assert_eq!(deliver(mirror, desk, &format!("{id}-{at}"), delivery).await, 202);
    }
}

const OTHERS_GO_ON: &str = "acme/web Failed, octo/secret Completed, octo/web Completed";
const ALL: &str = "acme/web Completed, octo/secret Completed, octo/web Completed";

/// Nothing of the mirror changed, and it says so of itself until it is mended.
async fn mended(mirror: &Mirror, desk: &Desk, rows: &[String]) {
    let report = run(mirror).await;
    assert_eq!(ended(&report).0, ALL, "{report:?}");
    assert_eq!(mirror.owned().await, rows);
    assert_eq!(check(desk).await, "ok");
    let noted = "SELECT last_sync_error FROM tabRepository WHERE name = 'acme/web'";
    assert_eq!(mirror.erp.value(noted).await, "");
}

#[tokio::test]
async fn an_app_that_is_uninstalled_in_mid_sync_with_its_delivery_loses_nothing() {
    let (mirror, desk, id) = stage().await;
    let rows = mirror.owned().await;
    let report = interrupted(&mirror, async || {
        happens(&mirror, &desk, "gone", |world| world.uninstall(id)).await;
    })
    .await;
    let (all, sentence) = ended(&report);
    assert_eq!(all, OTHERS_GO_ON, "{report:?}");
    assert!(sentence.contains("/apps/erp-of-acme/installations/new"), "{sentence}");
    assert_eq!(mirror.owned().await, rows, "nothing is taken for deleted");
    let health = mirror.erp.value(HEALTH).await;
    assert!(
        health.starts_with("failing the GitHub App is not installed in acme any more"),
        "{health}"
    );
    // Installed again, it has another number.
    happens(&mirror, &desk, "again", |world| {
        world.install(APP, "acme");
    })
    .await;
    mended(&mirror, &desk, &rows).await;
    let mirror = Arc::into_inner(mirror).expect("nobody else has it");
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn an_app_that_is_uninstalled_in_mid_sync_without_a_word_loses_nothing() {
    let (mirror, desk, id) = stage().await;
    let rows = mirror.owned().await;
    let report = interrupted(&mirror, async || mirror.github.world().uninstall(id)).await;
    let (all, sentence) = ended(&report);
    assert_eq!(all, OTHERS_GO_ON, "{report:?}");
    assert!(sentence.contains("/apps/erp-of-acme/installations/new"), "{sentence}");
    assert_eq!(mirror.owned().await, rows, "nothing is taken for deleted");
    // The next run says it as well, without a token that GitHub ended.
    let report = run(&mirror).await;
    assert_eq!(ended(&report).0, OTHERS_GO_ON, "{report:?}");
    assert_eq!(check(&desk).await, "failing");
    mirror.github.world().install(APP, "acme");
    // Where GitHub gave no token it is looked for anew, at once.
    mended(&mirror, &desk, &rows).await;
    let mirror = Arc::into_inner(mirror).expect("nobody else has it");
    mirror.finish_with_errors(2).await;
}

#[tokio::test]
async fn an_app_that_is_suspended_in_mid_sync_loses_nothing_and_goes_on_when_it_is_allowed_to() {
    for is_told in [true, false] {
        let (mirror, desk, id) = stage().await;
        let rows = mirror.owned().await;
        let suspend = |world: &mut World| {
            world.installations.get_mut(&id).expect("there").suspend("octo");
        };
        let report = interrupted(&mirror, async || {
            if is_told {
                happens(&mirror, &desk, "suspended", suspend).await;
            } else {
                suspend(&mut mirror.github.world());
            }
        })
        .await;
        let (all, sentence) = ended(&report);
        assert_eq!(all, OTHERS_GO_ON, "{report:?}");
        assert!(sentence.contains("suspended"), "{sentence}");
        assert_eq!(mirror.owned().await, rows, "nothing is taken for deleted");
        if is_told {
            assert_eq!(mirror.erp.value(ROW).await, "10");
            let health = mirror.erp.value(HEALTH).await;
            assert!(health.starts_with("failing the GitHub App is suspended in acme"), "{health}");
        } else {
            assert_eq!(check(&desk).await, "failing");
        }
        let allow = |world: &mut World| {
            world.installations.get_mut(&id).expect("there").unsuspend();
        };
        if is_told {
            happens(&mirror, &desk, "allowed", allow).await;
        } else {
            allow(&mut mirror.github.world());
        }
        mended(&mirror, &desk, &rows).await;
        let mirror = Arc::into_inner(mirror).expect("nobody else has it");
        mirror.finish_with_errors(1).await;
    }
}

#[tokio::test]
async fn a_token_of_an_installation_that_ends_in_mid_sync_is_asked_for_anew_and_the_rows_are_the_same() {
    let (mirror, _desk, _id) = stage().await;
    let rows = mirror.owned().await;
    let story = |world: &mut World| world.tokens.retain(|token| token.grant.is_none());
    let fault = Fault::happens(&format!("/repos/{HOME}/issues"), story).after(2);
    mirror.github.world().faults.push(fault);
    let from = mirror.github.requests().len();
    let report = run(&mirror).await;
    assert_eq!(ended(&report).0, ALL, "{report:?}");
    let requests = mirror.github.requests().split_off(from);
    let asked = requests.iter().filter(|one| one.path.ends_with("/access_tokens")).count();
    assert!(requests.iter().any(|one| one.status == 401), "it was refused");
    assert_eq!(asked, 1, "however many requests were under way");
    assert_eq!(mirror.owned().await, rows);
    let mirror = Arc::into_inner(mirror).expect("nobody else has it");
    mirror.finish().await;
}
