//! F-19: what is gone from GitHub goes here too, children and history with it, unless somebody's document refers to it.

use chrono::TimeDelta;
use erpnext_github::domain::{Absence, Change, Entity};

use super::Desk;
use super::made::{issue, person, pull, repository, then};

async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let issues = (1..=8)
        .map(|number| {
            let mut one = issue(number, then());
            one.item.assignees = vec![person(5, "ann")];
            one
        })
        .collect();
    desk.apply(
        1,
        vec![
            Change::Issues(issues),
            Change::PullRequests(vec![pull(21, then()), pull(22, then())]),
        ],
    )
    .await;
    desk
}

async fn all_gone(desk: &Desk) -> u64 {
    let numbers = (1..=8).map(|number| (number, Absence::Deleted)).collect();
    desk.erp.clock().advance(TimeDelta::minutes(1));
    let applied = desk.apply(1, vec![Change::IssuesGone(numbers)]).await;
    applied.counts[&Entity::Issue].deleted
}

#[tokio::test]
async fn f19_an_issue_with_assignees_goes_with_its_children_and_its_history() {
    let desk = desk().await;
    let erp = desk.erp.erp();
    erp.add_version("Repository Issue", "o/r-#1", "{}").await.expect("a version");
    assert_eq!(all_gone(&desk).await, 8);
    for table in ["tabRepository Issue", "tabRepository Issue Assignee", "tabVersion"] {
        let left = desk.value(&format!("SELECT COUNT(*) FROM `{table}`")).await;
        assert_eq!(left, "0", "{table}");
    }
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Pull Request`").await, "2");
}

#[tokio::test]
async fn f19_an_issue_that_somebodys_document_refers_to_is_marked_and_kept() {
    let desk = desk().await;
    let erp = desk.erp.erp();
    desk.execute(
        "UPDATE tabTask SET github_repo = 'o/r', github_issue_doc = 'o/r-#1', github_issue_number = 1 WHERE name = 'TASK-2026-00001'; \
         UPDATE `tabRepository Issue` SET task = 'TASK-2026-00002' WHERE name = 'o/r-#2'",
    )
    .await;
    erp.add_todo("jane@example.com", "Repository Issue", "o/r-#3", "Look")
        .await
        .expect("a todo");
    erp.add_comment("jane@example.com", "Repository Issue", "o/r-#4", "A thought")
        .await
        .expect("a comment");
    erp.add_file("Repository Issue", "o/r-#5", "plan.pdf").await.expect("a file");
    // What only tells the document's own story does not hold it.
    erp.add_version("Repository Issue", "o/r-#6", "{}").await.expect("a version");
    let info = [
        ("comment_type", "Info"),
        ("reference_doctype", "Repository Issue"),
        ("reference_name", "o/r-#7"),
        ("content", "changed"),
    ];
    erp.insert("Comment", "c-info", &info).await.expect("a comment");
    // A reference of the same name to another DocType does not hold it either.
    erp.add_todo("jane@example.com", "Task", "o/r-#8", "Odd")
        .await
        .expect("a todo");
    assert_eq!(all_gone(&desk).await, 8);
    let left = desk.column("SELECT CONCAT(name, ' ', deleted_on_github) FROM `tabRepository Issue` ORDER BY name");
    assert_eq!(left.await, ["o/r-#1 1", "o/r-#2 1", "o/r-#3 1", "o/r-#4 1", "o/r-#5 1"]);
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Issue Assignee`").await, "5");
    assert_eq!(
        desk.value("SELECT COUNT(*) FROM `tabComment` WHERE name = 'c-info'").await,
        "0"
    );
    let todo = desk
        .value("SELECT COUNT(*) FROM `tabToDo` WHERE reference_name LIKE 'o/r-#%'")
        .await;
    assert_eq!(todo, "2", "nothing of anybody's own is removed");
}

#[tokio::test]
async fn f19_a_marked_issue_is_marked_once() {
    let desk = desk().await;
    desk.execute("UPDATE `tabRepository Issue` SET task = 'TASK-2026-00001' WHERE name = 'o/r-#1'")
        .await;
    all_gone(&desk).await;
    let modified = desk.value("SELECT modified FROM `tabRepository Issue`").await;
    assert_eq!(all_gone(&desk).await, 0);
    assert_eq!(desk.value("SELECT modified FROM `tabRepository Issue`").await, modified);
}

#[tokio::test]
async fn f19_a_pull_request_that_is_linked_is_marked_too() {
    let desk = desk().await;
    desk.execute("UPDATE `tabRepository Pull Request` SET task = 'TASK-2026-00001' WHERE name = 'o/r-#21'")
        .await;
    let gone = vec![(21, Absence::Deleted), (22, Absence::Moved), (404, Absence::Deleted)];
    let applied = desk.apply(1, vec![Change::PullRequestsGone(gone)]).await;
    assert_eq!(applied.counts[&Entity::PullRequest].deleted, 2);
    let left = desk.column("SELECT CONCAT(name, ' ', deleted_on_github, ' ', task) FROM `tabRepository Pull Request`");
    assert_eq!(left.await, ["o/r-#21 1 TASK-2026-00001"]);
}

#[tokio::test]
async fn f19_child_rows_of_an_administrators_own_table_go_with_the_document() {
    let desk = desk().await;
    add_own_table(&desk, "Repository Issue", "o/r-#1").await;
    all_gone(&desk).await;
    assert_eq!(
        desk.value("SELECT COUNT(*) FROM `tabOur Note`").await,
        "0",
        "no child row is left without a parent"
    );
}

/// An administrator's own child table on one of our DocTypes, with one row.
pub(super) async fn add_own_table(desk: &Desk, parent: &str, document: &str) {
    desk.execute("CREATE TABLE `tabOur Note` LIKE `tabRepository Issue Assignee`")
        .await;
    let erp = desk.erp.erp();
    let doctype = [("module", "GitHub"), ("istable", "1"), ("custom", "1")];
    erp.insert("DocType", "Our Note", &doctype).await.expect("a doctype");
    let field = [
        ("dt", parent),
        ("fieldname", "our_notes"),
        ("fieldtype", "Table"),
        ("options", "Our Note"),
    ];
    erp.insert("Custom Field", &format!("{parent}-our_notes"), &field)
        .await
        .expect("a field");
    let row = [("github_username", "a note")];
    erp.add_child("Our Note", (parent, document, "our_notes"), &row)
        .await
        .expect("a row");
}
