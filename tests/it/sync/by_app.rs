//! A sync in the name of a GitHub App's installation: the same rows as by a personal token.

use chrono::TimeDelta;
use erpnext_github::app::settings;
use erpnext_github::domain::Visibility;
use erpnext_github::sim::github::{Collaborator, Permission, World};
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::SyncContext;
use secrecy::SecretString;

use crate::support::mirror::Mirror;

const APP: &str = "erp-of-octo";
const HOME: &str = "octo/web";

/// A private repository with everything in it, and an App that the owner installed.
fn story(world: &mut World) {
    let web = world
        .repository(HOME)
        .with_visibility(Visibility::Private)
        .with_issues(130)
        .with_pull_requests(20)
        .with_branches(4)
        .with_members(4)
        .with_milestones(2);
    web.with_member(Collaborator::new("newcomer", Permission::Maintain));
    for step in 0..12 {
        world.evolve(step);
    }
    let needed = [
        ("contents", "read"),
        ("issues", "read"),
        ("metadata", "read"),
        ("pull_requests", "read"),
    ];
    world.app(APP).asking_for(&needed);
    world.install(APP, "octo");
}

/// What a run works with where the site has an App.
async fn context(mirror: &Mirror) -> SyncContext {
    let (pem, client_id) = {
        let mut world = mirror.github.world();
        let app = world.app(APP);
        (app.pem(), app.client_id.clone())
    };
    for (key, value) in [
        ("app_client_id", client_id),
        ("app_slug", APP.to_owned()),
        ("app_private_key", pem),
        ("auth_type", "GitHub App".to_owned()),
    ] {
        let value = SecretString::from(value);
        let set = settings::set(mirror.app(), mirror.site(), key, &value, "Administrator").await;
        set.expect("stored");
    }
    mirror.context().await
}

#[tokio::test]
async fn g3_4_a_sync_by_an_installation_ends_in_the_same_rows() {
    let by_token = Mirror::new(story).await;
    by_token.sync_full(HOME).await;
    let by_app = Mirror::new(story).await;
    let context = context(&by_app).await;
    let report = by_app.sync_in(&context, HOME, true).await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let (expected, found) = (by_token.owned().await, by_app.owned().await);
    assert!(expected.len() > 200, "there is something to compare: {}", expected.len());
    assert_eq!(found, expected);
    let people = by_app
        .github
        .requests()
        .into_iter()
        .filter(|request| request.credential == "octo");
    assert_eq!(people.count(), 0, "nothing was asked by the personal token");
    let budgets = "SELECT SUBSTRING_INDEX(credential, ' ', 1) FROM erpnext_github_budget ORDER BY 1";
    assert_eq!(by_app.column(budgets).await, ["app", "installation"], "each has its own");
    by_token.finish().await;
    by_app.finish().await;
}

#[tokio::test]
async fn a_run_goes_on_when_its_token_ends_or_is_revoked() {
    let mirror = Mirror::new(story).await;
    let context = context(&mirror).await;
    mirror.sync_in(&context, HOME, true).await;
    mirror.github.world().tokens.retain(|token| token.grant.is_none());
    let report = mirror.sync_in(&context, HOME, true).await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(2));
    let report = mirror.sync_in(&context, HOME, true).await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    let asked = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/access_tokens"))
        .count();
    assert_eq!(asked, 3);
    mirror.finish().await;
}

#[tokio::test]
async fn an_app_that_is_removed_in_mid_sync_ends_the_run_with_the_page_that_mends_it() {
    let mirror = Mirror::new(story).await;
    let context = context(&mirror).await;
    mirror.sync_in(&context, HOME, true).await;
    let before = mirror.mirror_without_notes().await;
    let id = mirror
        .github
        .world()
        .installations
        .keys()
        .next()
        .copied()
        .expect("an installation");
    mirror.github.world().uninstall(id);
    let report = mirror.sync_in(&context, HOME, true).await;
    assert_eq!(report.status, RunStatus::Failed, "{report:?}");
    assert!(report.outage, "{report:?}");
    let told = format!("{report:?}");
    assert!(told.contains("apps/erp-of-octo/installations/new"), "{told}");
    assert_eq!(mirror.mirror_without_notes().await, before, "nothing is taken for deleted");
    mirror.finish_with_errors(1).await;
}
