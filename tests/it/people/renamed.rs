//! Projects that are renamed, merged or deleted in ERPNext: what names them goes along, and nothing of ours stands in the way.

use chrono::TimeDelta;
use erpnext_github::frappe::links::links_to;
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::project_links::{self, Flags};
use erpnext_github::store::{Stamp, installations, project_names, release_rules};

use super::company_with_cache;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;

const REACHED: &str = "SELECT IFNULL(GROUP_CONCAT(parent, '>', project ORDER BY parent), '') FROM `tabGitHub Event Project`";
const ROWS: &str = "SELECT IFNULL(GROUP_CONCAT(project, '+', repository, ' ', following, service_issues, service_releases, _of_link \
                    ORDER BY project, repository), '') FROM `tabGitHub Project Repository`";

async fn run(test: &TestSite, sql: &str) {
    test.scratch()
        .execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Two Projects, each connected with `octo/web`, and each reached by an event.
async fn site() -> (TestSite, RedisServer) {
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

async fn settle(test: &TestSite) {
    project_names::settle(test.site().db()).await.expect("names");
    project_links::settle(test.site(), "Administrator").await.expect("links");
}

/// Every Link field of the site that names this Project: Frappe moves them in a rename, and refuses to delete what one of them names.
async fn named_by(test: &TestSite, project: &str) -> Vec<(String, String)> {
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
async fn rename(test: &TestSite, from: &str, to: &str) {
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

const RELEASES: &str = "SELECT GROUP_CONCAT(CONCAT_WS(' ', tag_name, IFNULL(project, '-'), IFNULL(task, '-')) ORDER BY tag_name) FROM `tabRepository Release`";
const TASK: &str = "TASK-2026-00001";

/// One release that a rule gives to P-1, and one that somebody gave to P-1 and a Task.
async fn released(test: &TestSite) {
    let erp = test.erp();
    for (name, tag, project, task) in [("r1", "v1", "", ""), ("r2", "v2", "P-1", TASK)] {
        let values = [
            ("repository", "octo/web"),
            ("tag_name", tag),
            ("project", project),
            ("task", task),
        ];
        erp.insert("Repository Release", name, &values).await.expect("a release");
    }
    let values = [
        ("repository", "octo/web"),
        ("tag_pattern", "v1"),
        ("project", "P-1"),
        ("enabled", "1"),
    ];
    erp.insert("GitHub Release Rule", "rule", &values).await.expect("a rule");
    rules(test).await;
    settle(test).await;
}

async fn rules(test: &TestSite) {
    let stamp = Stamp::now(test.site(), "Administrator").await.expect("a moment");
    release_rules::settle(test.site().db(), &stamp).await.expect("settled");
}

#[tokio::test]
async fn g4_11_a_release_follows_its_project_and_keeps_neither_that_nor_its_task() {
    let (test, _redis) = site().await;
    released(&test).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 P-1 -,v2 P-1 {TASK}"));
    rename(&test, "P-1", "Website").await;
    settle(&test).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 Website -,v2 Website {TASK}"));
    // The rule is an admin's, and says what keeps the Project.
    project_links::part(test.site(), "Administrator", ("Website", "octo/web"))
        .await
        .expect("parted");
    let kept_by = named_by(&test, "Website").await;
    assert_eq!(kept_by, [("tabGitHub Release Rule".to_owned(), "project".to_owned())]);
    run(&test, "DELETE FROM `tabGitHub Release Rule`").await;
    run(&test, "DELETE FROM tabProject WHERE name = 'Website'").await;
    settle(&test).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 - -,v2 - {TASK}"));
    let mut conn = test.site().db().conn().await.expect("a connection");
    let of_task = links_to(&mut conn, "Task").await.expect("links");
    drop(conn);
    assert!(of_task.iter().all(|link| link.table() != "tabRepository Release"));
    run(&test, &format!("DELETE FROM tabTask WHERE name = '{TASK}'")).await;
    rules(&test).await;
    assert_eq!(test.value(RELEASES).await, "v1 - -,v2 - -");
}

#[tokio::test]
async fn g4_11_releases_of_a_rule_go_along_when_its_project_is_merged_into_another_one() {
    let (test, _redis) = site().await;
    released(&test).await;
    rename(&test, "P-1", "P-2").await;
    let settled = project_names::settle(test.site().db()).await.expect("names");
    assert_eq!(settled.gone, ["P-1"]);
    rules(&test).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 P-2 -,v2 - {TASK}"));
}

/// What Frappe leaves of a merge beside the rows: a comment on the one that stays, and the other one among the deleted documents.
async fn trail(test: &TestSite, (from, to): (&str, &str), (commented, deleted): (&str, &str)) {
    let at = "2026-03-01 12:00:00.000001";
    let content = format!(
        "merged <strong>{}</strong> into <strong>{to}</strong>",
        from.replace('&', "&amp;")
    );
    for sql in [
        format!(
            "INSERT INTO tabComment (name, creation, modified, owner, comment_type, reference_doctype, reference_name, content) \
             VALUES ('comment', '{at}', '{at}', '{commented}', 'Edit', 'Project', '{to}', '{content}')"
        ),
        format!(
            "INSERT INTO `tabDeleted Document` (name, creation, modified, owner, deleted_doctype, deleted_name) \
             VALUES ('deleted', '{at}', '{at}', '{deleted}', 'Project', '{from}')"
        ),
    ] {
        run(test, &sql).await;
    }
}

#[tokio::test]
async fn g4_11_a_release_goes_along_where_its_project_is_merged_into_another_one_whoever_said_whose_it_is() {
    for (boss, commented, wanted) in [
        ("boss@x.com", "boss@x.com", "P-2"),
        // Somebody else's words on a Project say nothing.
        ("boss@x.com", "reader@x.com", "-"),
    ] {
        let (test, _redis) = site().await;
        released(&test).await;
        rename(&test, "P-1", "P-2").await;
        trail(&test, ("P-1", "P-2"), (commented, boss)).await;
        settle(&test).await;
        rules(&test).await;
        assert_eq!(test.value(RELEASES).await, format!("v1 P-2 -,v2 {wanted} {TASK}"));
        // Its new Project is followed as any other.
        rename(&test, "P-2", "Both").await;
        settle(&test).await;
        rules(&test).await;
        let both = if wanted == "-" { "-" } else { "Both" };
        assert_eq!(test.value(RELEASES).await, format!("v1 Both -,v2 {both} {TASK}"));
    }
}

#[tokio::test]
async fn g4_11_a_release_that_names_what_is_no_project_names_none_and_the_rule_says_whose_it_is() {
    let (test, _redis) = site().await;
    released(&test).await;
    test.erp().add_project("P & Q", "And").await.expect("a project");
    run(&test, "UPDATE `tabRepository Release` SET project = 'P-11' WHERE name = 'r1'").await;
    run(
        &test,
        "UPDATE `tabRepository Release` SET project = 'P & Q' WHERE name = 'r2'",
    )
    .await;
    let settled = project_names::settle(test.site().db()).await.expect("names");
    assert_eq!(settled.cleared, 1);
    rules(&test).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 P-1 -,v2 P & Q {TASK}"));
    let settled = project_names::settle(test.site().db()).await.expect("names");
    assert_eq!(settled, project_names::Settled::default());
    rename(&test, "P & Q", "P-2").await;
    trail(&test, ("P & Q", "P-2"), ("boss@x.com", "boss@x.com")).await;
    settle(&test).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 P-1 -,v2 P-2 {TASK}"));
}
