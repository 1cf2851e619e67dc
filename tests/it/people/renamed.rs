//! Projects that are renamed, merged or deleted in ERPNext: what names them goes along, and nothing of ours stands in the way.

use chrono::TimeDelta;
use erpnext_github::frappe::links::links_to;
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::project_links::{self, Flags};
use erpnext_github::store::{Stamp, installations, project_names};

use super::company_with_cache;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;

const REACHED: &str = "SELECT IFNULL(GROUP_CONCAT(parent, '>', project ORDER BY parent), '') FROM `tabGitHub Event Project`";
const ROWS: &str = "SELECT IFNULL(GROUP_CONCAT(project, '+', repository, ' ', following, service_issues, service_releases, _of_link \
                    ORDER BY project, repository), '') FROM `tabGitHub Project Repository`";

pub(super) async fn run(test: &TestSite, sql: &str) {
    test.scratch()
        .execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Two Projects, each connected with `octo/web`, and each reached by an event.
pub(super) async fn site() -> (TestSite, RedisServer) {
    let (test, redis) = company_with_cache(FrappeMajor::V15).await;
    for (project, second) in [("P-1", 1), ("P-2", 2)] {
        test.erp().add_project(project, project).await.expect("a project");
        run(
            &test,
            &format!("UPDATE tabProject SET creation = '2026-03-01 07:00:0{second}.000001' WHERE name = '{project}'"),
        )
        .await;
        let flags = Flags {
            issues: Some(project == "P-1"),
            releases: Some(project == "P-2"),
            ..Flags::default()
        };
        project_links::join(test.site(), "Administrator", (project, "octo/web"), &flags)
            .await
            .expect("joined");
        test.clock().advance(TimeDelta::seconds(1));
        run(
            &test,
            &format!(
                "INSERT INTO `tabGitHub Event Project` (name, parent, parenttype, parentfield, idx, project) \
                 VALUES ('x{second}', 'e{second}', 'GitHub Event', 'projects', 1, '{project}')"
            ),
        )
        .await;
    }
    settle(&test).await;
    (test, redis)
}

pub(super) async fn settle(test: &TestSite) {
    project_names::settle(test.site().db()).await.expect("names");
    project_links::settle(test.site(), "Administrator").await.expect("links");
}

/// Every Link field of the site that names this Project: Frappe moves them in a rename, and refuses to delete what one of them names.
pub(super) async fn named_by(test: &TestSite, project: &str) -> Vec<(String, String)> {
    let mut conn = test.site().db().conn().await.expect("a connection");
    let links = links_to(&mut conn, "Project").await.expect("links");
    let mut naming = Vec::new();
    for link in links {
        let (table, column) = (link.table(), link.column);
        let sql = format!("SELECT COUNT(*) FROM `{table}` WHERE `{column}` = '{project}'");
        if test.value(&sql).await != "0" {
            naming.push((table, column));
        }
    }
    naming
}

/// What Frappe does in a rename; where the new name is there, the two are merged.
pub(super) async fn rename(test: &TestSite, from: &str, to: &str) {
    let is_merge = test
        .value(&format!("SELECT COUNT(*) FROM tabProject WHERE name = '{to}'"))
        .await
        != "0";
    if !is_merge {
        run(test, &format!("UPDATE tabProject SET name = '{to}' WHERE name = '{from}'")).await;
    }
    for (table, column) in named_by(test, from).await {
        run(
            test,
            &format!("UPDATE `{table}` SET `{column}` = '{to}' WHERE `{column}` = '{from}'"),
        )
        .await;
    }
    if is_merge {
        assert_eq!(named_by(test, from).await, [], "Frappe deletes it last, if nothing names it");
        run(test, &format!("DELETE FROM tabProject WHERE name = '{from}'")).await;
    }
}

#[tokio::test]
async fn g0_17_what_reached_a_project_follows_its_rename_and_two_that_change_names() {
    let (test, _redis) = site().await;
    rename(&test, "P-1", "Website").await;
    settle(&test).await;
    assert_eq!(test.value(REACHED).await, "e1>Website,e2>P-2");
    assert_eq!(test.value(ROWS).await, "P-2+octo/web 1010,Website+octo/web 1100");
    // Between two looks each takes the other's name.
    for (from, to) in [("Website", "between"), ("P-2", "Website"), ("between", "P-2")] {
        rename(&test, from, to).await;
    }
    settle(&test).await;
    assert_eq!(test.value(REACHED).await, "e1>P-2,e2>Website");
    let again = project_names::settle(test.site().db()).await.expect("settled");
    assert!(again.renamed.is_empty() && again.gone.is_empty(), "{again:?}");
    // Nobody can say which of two that were made at one moment it was.
    for name in ["Twin 1", "Twin 2"] {
        test.erp().add_project(name, name).await.expect("a project");
        let made = "(SELECT creation FROM (SELECT * FROM tabProject) p WHERE name = 'P-2')";
        run(
            &test,
            &format!("UPDATE tabProject SET creation = {made} WHERE name = '{name}'"),
        )
        .await;
    }
    run(&test, "DELETE FROM tabProject WHERE name = 'P-2'").await;
    settle(&test).await;
    assert_eq!(test.value(REACHED).await, "e1>P-2,e2>Website");
}

#[tokio::test]
async fn g0_17_a_project_that_is_disconnected_can_be_deleted_and_its_history_stays() {
    let (test, _redis) = site().await;
    project_links::part(test.site(), "Administrator", ("P-1", "octo/web"))
        .await
        .expect("parted");
    assert_eq!(named_by(&test, "P-1").await, []);
    run(&test, "DELETE FROM tabProject WHERE name = 'P-1'").await;
    settle(&test).await;
    assert_eq!(test.value(REACHED).await, "e1>P-1,e2>P-2");
    assert_eq!(
        test.value("SELECT GROUP_CONCAT(name) FROM erpnext_github_project_name").await,
        "P-2"
    );
}

#[tokio::test]
async fn g0_15_two_projects_with_one_repository_are_merged() {
    let (test, _redis) = site().await;
    rename(&test, "P-1", "P-2").await;
    let followers = {
        let mut conn = test.site().db().conn().await.expect("a connection");
        let id = test
            .value("SELECT github_id FROM tabRepository WHERE name = 'octo/web'")
            .await;
        project_links::followers_of(&mut conn, id.parse().unwrap_or_default())
            .await
            .expect("read")
    };
    assert!(followers.len() <= 1, "an event reaches it once: {followers:?}");
    let shown = project_links::connections_of(test.site().db(), "P-2").await.expect("read");
    assert_eq!(shown.len(), 1);
    settle(&test).await;
    assert_eq!(
        test.value(ROWS).await,
        "P-2+octo/web 1110",
        "what either let through comes through"
    );
    assert_eq!(
        test.value("SELECT repository FROM tabProject WHERE name = 'P-2'").await,
        "octo/web"
    );
    settle(&test).await;
    assert_eq!(test.value(ROWS).await, "P-2+octo/web 1110");
}

const INSTALLATION: &str =
    "SELECT CONCAT_WS('|', IFNULL(originating_project, '-'), IFNULL(reason, '-')) FROM `tabGitHub App Installation`";

/// The App was installed for P-1, and connected `octo/web` with it.
async fn installed(test: &TestSite) {
    run(
        test,
        "INSERT INTO `tabGitHub App Installation` (name, owner, installation_id, originating_project) VALUES ('inst', 'ann@x.com', '7', 'P-1')",
    )
    .await;
    run(
        test,
        "UPDATE `tabGitHub Project Repository` SET _installation = 7 WHERE project = 'P-1'",
    )
    .await;
    settle(test).await;
}

#[tokio::test]
async fn g0_17_an_installation_follows_its_project_and_does_not_keep_it() {
    let (test, _redis) = site().await;
    installed(&test).await;
    rename(&test, "P-1", "Website").await;
    settle(&test).await;
    assert_eq!(test.value(INSTALLATION).await, "Website|-");
    project_links::part(test.site(), "Administrator", ("Website", "octo/web"))
        .await
        .expect("parted");
    assert_eq!(named_by(&test, "Website").await, [], "Frappe deletes it, as nothing links it");
    run(&test, "DELETE FROM tabProject WHERE name = 'Website'").await;
    settle(&test).await;
    assert_eq!(
        test.value(INSTALLATION).await,
        "-|the Project Website is gone: choose another one"
    );
}

#[tokio::test]
async fn g0_17_an_installation_follows_its_project_into_another_one() {
    let (test, _redis) = site().await;
    installed(&test).await;
    rename(&test, "P-1", "P-2").await;
    settle(&test).await;
    assert_eq!(test.value(INSTALLATION).await, "P-2|-");
}

#[tokio::test]
async fn g0_17_who_sets_out_for_a_project_is_noted_before_it_is_renamed() {
    let (test, _redis) = site().await;
    test.erp().add_project("P-3", "P-3").await.expect("a project");
    let stamp = Stamp::now(test.site(), "Administrator").await.expect("a moment");
    installations::begin(test.site().db(), &stamp, "P-3").await.expect("begun");
    rename(&test, "P-3", "Renamed").await;
    settle(&test).await;
    assert_eq!(test.value(INSTALLATION).await, "Renamed|-");
}
