//! Who connects a Project with a repository reads that repository, or works on it: whatever way he takes.

use chrono::TimeDelta;
use erpnext_github::app::Served;
use erpnext_github::jobs::{Runner, Work};
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::readers;
use serde_json::json;

use super::CONFINED;
use crate::frappe::redis_server::RedisServer;
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const CONNECT: &str = "erpnext_github_integration.api.link_repository_to_project";
const SYNC: &str = "erpnext_github_integration.github_api.sync_repo";
const OWN: &str = "erpnext_github_integration.api.get_user_repositories";
const STATISTICS: &str = "erpnext_github_integration.api.get_repository_statistics";

/// Eve manages a Project of her own and may write every Project, as the role Projects User lets her; ann may read `octo/web`.
struct Firm {
    mirror: Mirror,
    desk: Desk,
    runner: Runner<Served>,
    _redis: RedisServer,
}

async fn firm() -> Firm {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, |world| {
        let web = world.repository("octo/web").with_issues(1);
        web.with_member(Collaborator::new("ann", Permission::Pull));
        world.repository("octo/secret").with_issues(1);
    })
    .await;
    let erp = mirror.erp.erp();
    let may_write = [("role", "Projects User"), ("read", "1"), ("write", "1"), ("permlevel", "0")];
    erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &may_write)
        .await
        .expect("a row");
    for user in ["ann@x.com", "eve@x.com"] {
        erp.add_user(user, "Some Body", &["Projects User"]).await.expect("a user");
        Desk::log_in(&mirror, user).await;
    }
    erp.set("User", "ann@x.com", "github_username", "ann").await.expect("a login");
    for (project, manager) in [("EVES-1", "eve@x.com"), ("ANNS-1", "ann@x.com")] {
        erp.add_project(project, project).await.expect("a project");
        erp.set("Project", project, "project_manager", manager).await.expect("set");
        erp.set("Project", project, "owner", manager).await.expect("set");
    }
    mirror.sync("octo/web").await;
    mirror.sync("octo/secret").await;
    let runner = runner(&mirror);
    runner.step(Work::LookAtDesk).await;
    runner.step(Work::LookAtDesk).await;
    let desk = Desk::of(&mirror).await;
    Firm {
        mirror,
        desk,
        runner,
        _redis: redis,
    }
}

impl Firm {
    /// Somebody saves the link in the desk.
    async fn save(&self, user: &str, project: &str, repository: &str) {
        self.mirror.erp.clock().advance(TimeDelta::seconds(20));
        let zone = self.mirror.site().zone().await.expect("a zone");
        let now = zone.to_local(self.mirror.site().clock().now()).to_string();
        for (column, value) in [("repository", repository), ("modified_by", user), ("modified", now.as_str())] {
            let set = self.mirror.erp.erp().set("Project", project, column, value).await;
            set.expect("saved");
        }
    }

    async fn linked(&self, project: &str) -> String {
        let sql = format!("SELECT repository FROM tabProject WHERE name = '{project}'");
        self.mirror.erp.value(&sql).await
    }

    /// What eve may do with `octo/secret`, and has.
    async fn eve_has_nothing(&self) {
        let secret = [("repository", "octo/secret")];
        for method in [SYNC, STATISTICS] {
            let answer = self.desk.post("eve@x.com", method, &secret).await;
            assert_eq!(answer.status, 403, "{method} {answer:?}");
        }
        assert_eq!(self.desk.post("eve@x.com", OWN, &[]).await.message(), &json!([]));
        let confined = self.mirror.erp.value(CONFINED).await;
        assert!(!confined.contains("secret"), "{confined}");
    }
}

#[tokio::test]
async fn nobody_connects_by_the_button_what_he_may_not_read_or_learns_whether_it_is_there() {
    let firm = firm().await;
    let connect = async |user: &str, repository: &str| {
        let arguments = [("repo_full_name", repository), ("project", "EVES-1")];
        firm.desk.post(user, CONNECT, &arguments).await
    };
    let hidden = connect("eve@x.com", "octo/secret").await;
    let absent = connect("eve@x.com", "octo/absent").await;
    assert_eq!((hidden.status, absent.status), (403, 403));
    assert_eq!(hidden.sentence().replace("secret", "absent"), absent.sentence());
    assert_eq!(firm.linked("EVES-1").await, "");
    // Ann reads it, and gives it to eve's Project: that is what a connection is for.
    assert_eq!(connect("ann@x.com", "octo/web").await.message()["success"], true);
    assert_eq!(firm.linked("EVES-1").await, "octo/web");
    assert_eq!(firm.mirror.erp.value(CONFINED).await, "ann>octo/web,eve>octo/web");
    let other = firm.desk.post("eve@x.com", SYNC, &[("repository", "octo/secret")]).await;
    assert_eq!(other.status, 403, "{other:?}");
    firm.mirror.finish().await;
}

#[tokio::test]
async fn a_saved_link_to_what_its_author_may_not_read_connects_nothing_and_is_taken_back() {
    let firm = firm().await;
    firm.save("eve@x.com", "EVES-1", "octo/secret").await;
    // Before anybody looked.
    readers::settle(firm.mirror.site()).await.expect("settled");
    firm.eve_has_nothing().await;
    assert_eq!(firm.runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(firm.linked("EVES-1").await, "");
    firm.eve_has_nothing().await;
    let sides = "SELECT COUNT(*) FROM tabRepository WHERE project > ''";
    assert_eq!(firm.mirror.erp.value(sides).await, "0");
    let told =
        "SELECT CONCAT_WS('|', for_user, document_name, subject LIKE '%octo/secret%GitHub Admin%') FROM `tabNotification Log`";
    assert_eq!(firm.mirror.erp.value(told).await, "eve@x.com|EVES-1|1");
    // Once more, now that there is a state of before.
    firm.save("eve@x.com", "EVES-1", "octo/secret").await;
    firm.runner.step(Work::LookAtDesk).await;
    assert_eq!(firm.linked("EVES-1").await, "");
    firm.eve_has_nothing().await;
    firm.mirror.finish().await;
}

#[tokio::test]
async fn who_moves_a_project_to_what_he_may_not_read_gets_its_former_link_back() {
    let firm = firm().await;
    firm.save("ann@x.com", "ANNS-1", "octo/web").await;
    assert_eq!(firm.runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(firm.linked("ANNS-1").await, "octo/web");
    firm.save("ann@x.com", "ANNS-1", "octo/secret").await;
    firm.runner.step(Work::LookAtDesk).await;
    assert_eq!(firm.linked("ANNS-1").await, "octo/web");
    let side = "SELECT project FROM tabRepository WHERE name = 'octo/web'";
    assert_eq!(firm.mirror.erp.value(side).await, "ANNS-1");
    // An administrator may; and whoever saves the Project for another reason later changes nothing about it.
    firm.save("Administrator", "ANNS-1", "octo/secret").await;
    firm.runner.step(Work::LookAtDesk).await;
    firm.save("eve@x.com", "ANNS-1", "octo/secret").await;
    firm.runner.step(Work::LookAtDesk).await;
    assert_eq!(firm.linked("ANNS-1").await, "octo/secret");
    assert_eq!(firm.mirror.erp.value(CONFINED).await, "ann>octo/secret,ann>octo/web");
    firm.mirror.finish().await;
}

#[tokio::test]
async fn a_rename_on_github_leaves_a_project_connected_whoever_saved_it_last() {
    let firm = firm().await;
    firm.save("Administrator", "EVES-1", "octo/web").await;
    firm.save("Administrator", "ANNS-1", "octo/web").await;
    firm.runner.step(Work::LookAtDesk).await;
    let sql = "UPDATE tabProject SET modified_by = 'cid@x.com'";
    firm.mirror
        .erp
        .scratch()
        .execute(sql)
        .await
        .expect("saved for another reason");
    firm.mirror.github.world().rename_repository("octo/web", "octo/site");
    firm.mirror.sync("octo/web").await;
    firm.runner.step(Work::LookAtDesk).await;
    for project in ["EVES-1", "ANNS-1"] {
        assert_eq!(firm.linked(project).await, "octo/site");
    }
    assert_eq!(firm.mirror.erp.value(CONFINED).await, "ann>octo/site,eve>octo/site");
    firm.mirror.finish().await;
}

#[tokio::test]
async fn d2_who_loses_the_row_that_confines_him_reads_nothing_by_our_methods_and_has_it_back_at_the_next_look() {
    let firm = firm().await;
    assert_eq!(firm.mirror.erp.value(CONFINED).await, "ann>octo/web");
    let sql = "DELETE FROM `tabUser Permission` WHERE user = 'ann@x.com'";
    firm.mirror.erp.scratch().execute(sql).await.expect("deleted by hand");
    for repository in ["octo/secret", "octo/web"] {
        let answer = firm
            .desk
            .post("ann@x.com", STATISTICS, &[("repo_full_name", repository)])
            .await;
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    assert_eq!(firm.runner.step(Work::LookAtDesk).await, 1, "nobody waits ten minutes for it");
    assert_eq!(firm.mirror.erp.value(CONFINED).await, "ann>octo/web");
    let own = firm
        .desk
        .post("ann@x.com", STATISTICS, &[("repo_full_name", "octo/web")])
        .await;
    assert_eq!(own.status, 200, "{own:?}");
    firm.mirror.finish().await;
}
