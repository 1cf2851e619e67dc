//! Of what others pick in an installation its user connects what GitHub shows to him: what cannot be asked is asked again, and nobody gets more by being
//! disconnected.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Fault, Permission};

use super::Stage;
use crate::jobs::runner;
use crate::support::github_app::APP;

const ADMIN: &str = "admin@x.com";
const DESK: &str = "desk@x.com";
const STANDS: &str = "SELECT CONCAT_WS('|', IFNULL(reason, '-'), processing) FROM `tabGitHub App Installation`";
const CONNECTED: &str =
    "SELECT IFNULL(GROUP_CONCAT(repository ORDER BY repository), '') FROM `tabGitHub Project Repository` WHERE project = 'NEW-1'";

/// `mona` works in a repository of `acme`, and not in another one.
fn ids(stage: &Stage) -> [u64; 2] {
    let mut world = stage.mirror.github.world();
    let mona = Collaborator::new("mona", Permission::Admin);
    let web = world
        .repository("acme/web")
        .with_visibility(Visibility::Private)
        .with_member(mona);
    let web = web.id;
    let secret = world.repository("acme/secret").with_visibility(Visibility::Private);
    secret.remove_member("mona");
    [web, secret.id]
}

/// The App was installed for NEW-1 in `acme`, which `mona` left three days later.
async fn left() -> (Stage, [u64; 2]) {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let ids = ids(&stage);
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    stage.mirror.erp.clock().advance(TimeDelta::days(3));
    stage.mirror.github.world().organization("acme").owners = vec!["stranger".to_owned()];
    (stage, ids)
}

impl Stage {
    async fn picks(&self, ids: &[u64]) {
        self.happens_by("stranger", |world| {
            world.install(APP, "acme").only(ids.iter().copied());
        })
        .await;
    }
}

#[tokio::test]
async fn g0_11_what_who_leads_the_project_connects_by_hand_is_lacking_no_more() {
    let (stage, ids) = left().await;
    stage.picks(&ids).await;
    let stands = stage.mirror.erp.value(STANDS).await;
    assert!(stands.contains("1 of the repositories"), "{stands}");
    let by_hand = [("project", "NEW-1"), ("repository", "acme/secret")];
    let done = stage.call(ADMIN, "connect_repository", &by_hand).await;
    assert_eq!(done.status, 200, "{done:?}");
    stage.mirror.erp.clock().advance(TimeDelta::hours(25));
    runner(&stage.mirror).step(Work::Refresh).await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, "-|processed");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/secret,acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_11_what_cannot_be_asked_just_now_is_asked_again_soon() {
    let (stage, ids) = left().await;
    let api = stage.mirror.github.world().repository("acme/api").id;
    let renewal = Fault::status("/login/oauth/access_token", 502).always();
    stage.mirror.github.world().faults.push(renewal);
    stage.picks(&[ids[0], api]).await;
    let stands = stage.mirror.erp.value(STANDS).await;
    assert!(stands.ends_with("|errored"), "{stands}");
    stage.mirror.github.world().faults.clear();
    stage.mirror.erp.clock().advance(TimeDelta::minutes(1));
    runner(&stage.mirror).step(Work::Refresh).await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, "-|processed");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/api,acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_11_who_connects_again_has_it_gone_on_at_once() {
    let (stage, ids) = left().await;
    let done = stage.call(DESK, "disconnect_github", &[]).await;
    assert_eq!(done.status, 200, "{done:?}");
    let api = stage.mirror.github.world().repository("acme/api").id;
    stage.picks(&[ids[0], api]).await;
    let stands = stage.mirror.erp.value(STANDS).await;
    assert!(
        stands.contains("connect GitHub") && stands.ends_with("|processed"),
        "{stands}"
    );
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    stage.connect(DESK, "mona").await;
    runner(&stage.mirror).step(Work::Refresh).await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, "-|processed");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/api,acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_11_who_disconnects_gets_nothing_that_github_did_not_show_to_him() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let ids = ids(&stage);
    // It began on GitHub's pages, and has no Project.
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    stage.mirror.erp.clock().advance(TimeDelta::days(3));
    stage.mirror.github.world().organization("acme").owners = vec!["stranger".to_owned()];
    stage.picks(&ids).await;
    let done = stage.call(DESK, "disconnect_github", &[]).await;
    assert_eq!(done.status, 200, "{done:?}");
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let chosen = [("installation", name.as_str()), ("project", "NEW-1")];
    let refused = stage.call(DESK, "finish_installation", &chosen).await;
    assert_eq!(refused.body["connect_github"], 1, "{refused:?}");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "");
    stage.connect(DESK, "mona").await;
    let done = stage.call(DESK, "finish_installation", &chosen).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_11_where_nobody_can_connect_what_he_picked_himself_is_his_all_the_same() {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    let without = "DELETE FROM erpnext_github_grant; DELETE FROM `__Auth` WHERE fieldname = 'app_client_secret'";
    stage.mirror.erp.scratch().execute(without).await.expect("taken away");
    let ids = ids(&stage);
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let chosen = [("installation", name.as_str()), ("project", "NEW-1")];
    let done = stage.call(DESK, "finish_installation", &chosen).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    // Of what is picked much later nobody knows whether he sees it.
    stage.mirror.erp.clock().advance(TimeDelta::days(3));
    stage.picks(&ids).await;
    let stands = stage.mirror.erp.value(STANDS).await;
    assert!(
        stands.starts_with("nobody can connect his account here") && stands.ends_with("|processed"),
        "{stands}"
    );
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    stage.finish().await;
}
