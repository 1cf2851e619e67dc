//! Releases of Projects that are renamed, merged or deleted in ERPNext, and of what never was one.

use erpnext_github::frappe::links::links_to;
use erpnext_github::store::{Stamp, project_links, project_names, release_rules};

use super::renamed::{named_by, rename, run, settle, site};
use crate::support::TestSite;

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

#[tokio::test]
async fn g4_11_a_rule_gives_releases_to_no_project_that_its_task_names_and_that_is_gone() {
    let (test, _redis) = site().await;
    released(&test).await;
    run(&test, "UPDATE `tabGitHub Release Rule` SET project = NULL, task = 'TASK-2'").await;
    run(
        &test,
        "INSERT INTO tabTask (name, subject, project) VALUES ('TASK-2', 'Of what is gone', 'P-9')",
    )
    .await;
    rules(&test).await;
    let modified = "SELECT modified FROM `tabRepository Release` WHERE tag_name = 'v1'";
    let once = test.value(modified).await;
    assert_eq!(test.value(RELEASES).await, format!("v1 - TASK-2,v2 P-1 {TASK}"));
    settle(&test).await;
    rules(&test).await;
    assert_eq!(test.value(modified).await, once, "nothing is written at every look");
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
