//! Whoever installed the App for a Project leads it no more: it stays for the Project, says why nothing more reaches that, and goes on once he leads it again.

use chrono::TimeDelta;
use erpnext_github::domain::Visibility;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::{Collaborator, Permission};

use super::Stage;
use crate::jobs::runner;
use crate::support::github_app::APP;

const DESK: &str = "desk@x.com";
const MANAGER: &str = "manager@x.com";
const STANDS: &str =
    "SELECT CONCAT_WS('|', IFNULL(originating_project, '-'), IFNULL(reason, '-'), processing) FROM `tabGitHub App Installation`";
const HELD_UP: &str = "NEW-1|desk@x.com does not lead the Project NEW-1: what is picked on GitHub from now on does not reach it until he does, or until another \
                       Project is chosen|processed";
const CONNECTED: &str =
    "SELECT IFNULL(GROUP_CONCAT(repository ORDER BY repository), '') FROM `tabGitHub Project Repository` WHERE project = 'NEW-1'";
const TOLD: &str = "SELECT IFNULL(GROUP_CONCAT(for_user, '|', document_name ORDER BY creation, for_user), '') FROM `tabNotification Log` \
                    WHERE subject LIKE '%does not lead it%'";

/// The App is installed for NEW-1, which connected the first of two repositories.
async fn installed() -> (Stage, [u64; 2]) {
    let stage = Stage::new().await;
    stage.connect(DESK, "mona").await;
    stage.address(DESK, "install_app", &[("project", "NEW-1")]).await;
    let ids = {
        let mut world = stage.mirror.github.world();
        ["acme/web", "acme/api"].map(|name| world.repository(name).id)
    };
    stage
        .happens(|world| {
            world.install(APP, "acme").only([ids[0]]);
        })
        .await;
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    (stage, ids)
}

impl Stage {
    /// Somebody saves a value in the desk.
    async fn save(&self, doctype: &str, name: &str, column: &str, value: &str) {
        self.mirror.erp.clock().advance(TimeDelta::seconds(20));
        let erp = self.mirror.erp.erp();
        erp.set(doctype, name, column, value).await.expect("saved");
        let zone = self.mirror.site().zone().await.expect("a zone");
        let now = zone.to_local(self.mirror.site().clock().now()).to_string();
        erp.set(doctype, name, "modified", &now).await.expect("saved");
    }

    /// What follows from saves, and then what is due.
    async fn goes_on(&self) {
        let runner = runner(&self.mirror);
        runner.step(Work::LookAtDesk).await;
        runner.step(Work::Refresh).await;
    }
}

#[tokio::test]
async fn g0_11_another_manager_does_not_cut_an_installation_from_its_project() {
    let (stage, ids) = installed().await;
    stage.save("Project", "NEW-1", "owner", MANAGER).await;
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, HELD_UP);
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/web");
    assert_eq!(stage.mirror.erp.value(TOLD).await, "manager@x.com|NEW-1");
    // The next readings say the same, and tell nobody again; a save that changes nothing has nothing read.
    for _ in 0..2 {
        stage.mirror.erp.clock().advance(TimeDelta::hours(25));
        stage.goes_on().await;
        assert_eq!(stage.mirror.erp.value(STANDS).await, HELD_UP);
    }
    let asked = stage.mirror.github.requests().len();
    stage.save("Project", "NEW-1", "project_name", "Another title").await;
    stage.goes_on().await;
    assert_eq!(stage.mirror.github.requests().len(), asked);
    assert_eq!(stage.mirror.erp.value(TOLD).await, "manager@x.com|NEW-1");
    // Somebody else leads it, and is told at the next reading; who was told is not told again.
    stage.save("Project", "NEW-1", "project_manager", "system@x.com").await;
    stage.mirror.erp.clock().advance(TimeDelta::hours(25));
    stage.goes_on().await;
    assert_eq!(stage.mirror.erp.value(TOLD).await, "manager@x.com|NEW-1,system@x.com|NEW-1");
    // He leads it again.
    stage.save("Project", "NEW-1", "project_manager", DESK).await;
    stage.goes_on().await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, "NEW-1|-|processed");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/api,acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_11_nor_does_it_that_he_is_switched_off_for_a_while() {
    let (stage, ids) = installed().await;
    stage.save("User", DESK, "enabled", "0").await;
    stage
        .happens(|world| {
            world.install(APP, "acme").only(ids);
        })
        .await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, HELD_UP);
    assert_eq!(stage.mirror.erp.value(TOLD).await, "", "nobody else leads it");
    stage.save("User", DESK, "enabled", "1").await;
    stage.goes_on().await;
    assert_eq!(stage.mirror.erp.value(STANDS).await, "NEW-1|-|processed");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/api,acme/web");
    stage.finish().await;
}

#[tokio::test]
async fn g0_11_what_others_pick_when_he_sees_it_no_more_is_not_connected_in_his_name() {
    let (stage, ids) = installed().await;
    let secret = {
        let mut world = stage.mirror.github.world();
        // He owns it no more, and works in two of its repositories.
        world.organization("acme").owners = vec!["stranger".to_owned()];
        for name in ["acme/web", "acme/api"] {
            let mona = Collaborator::new("mona", Permission::Admin);
            world.repository(name).with_visibility(Visibility::Private).with_member(mona);
        }
        let secret = world.repository("acme/secret").with_visibility(Visibility::Private);
        secret.remove_member("mona");
        secret.id
    };
    stage
        .happens_by("stranger", |world| {
            world.install(APP, "acme").only([ids[0], ids[1], secret]);
        })
        .await;
    assert_eq!(
        stage.mirror.erp.value(CONNECTED).await,
        "acme/api,acme/web",
        "what GitHub shows to him"
    );
    let stands = stage.mirror.erp.value(STANDS).await;
    assert!(
        stands.contains("does not show all that was picked to desk@x.com") && stands.contains("1 of the repositories"),
        "{stands}"
    );
    let followed = "SELECT enabled FROM tabRepository WHERE name = 'acme/secret'";
    assert_eq!(stage.mirror.erp.value(followed).await, "1");
    // Nor is it when he chooses the Project anew.
    let name = stage.mirror.erp.value("SELECT name FROM `tabGitHub App Installation`").await;
    let chosen = stage
        .call(DESK, "finish_installation", &[("installation", &name), ("project", "NEW-1")])
        .await;
    assert_eq!(chosen.status, 200, "{chosen:?}");
    assert_eq!(stage.mirror.erp.value(CONNECTED).await, "acme/api,acme/web");
    stage.finish().await;
}
