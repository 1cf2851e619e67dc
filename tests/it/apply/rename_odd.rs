//! F-14, the odd renames: case only, an owner's, names past the limit, documents made by hand.

use chrono::TimeDelta;
use erpnext_github::domain::{Change, Repository};

use super::Desk;
use super::gone::add_own_table;
use super::made::{branch, issue, pull, repository, then};

fn later(id: u64, name: &str) -> Repository {
    Repository {
        updated_at: then() + TimeDelta::hours(1),
        ..repository(id, name)
    }
}

#[tokio::test]
async fn f14_a_rename_of_case_only_keeps_one_document() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "acme/web")).await;
    desk.apply(
        1,
        vec![
            Change::Issues(vec![issue(1, then())]),
            Change::AllBranches(vec![branch("main", then())]),
        ],
    )
    .await;
    desk.execute("UPDATE tabTask SET github_repo = 'acme/web', github_issue_doc = 'acme/web-#1' WHERE name = 'TASK-2026-00001'")
        .await;
    desk.repository(&later(1, "Acme/Web")).await;
    let names = desk.column(
        "SELECT CONCAT(name, ' ', full_name) FROM tabRepository UNION ALL SELECT CONCAT(name, ' ', repository) FROM `tabRepository Issue` \
         UNION ALL SELECT CONCAT(parent, ' ', repo_full_name) FROM `tabRepository Branch` \
         UNION ALL SELECT CONCAT(github_repo, ' ', github_issue_doc) FROM tabTask WHERE github_repo IS NOT NULL",
    );
    assert_eq!(
        names.await,
        [
            "Acme/Web Acme/Web",
            "Acme/Web-#1 Acme/Web",
            "Acme/Web Acme/Web",
            "Acme/Web Acme/Web-#1"
        ]
    );
}

#[tokio::test]
async fn f14_an_owners_rename_moves_all_his_repositories() {
    let desk = Desk::new().await;
    for (id, name) in [(1, "acme/web"), (2, "acme/api")] {
        desk.repository(&repository(id, name)).await;
        desk.apply(id, vec![Change::Issues(vec![issue(1, then())])]).await;
    }
    for (id, name) in [(1, "umbrella/web"), (2, "umbrella/api")] {
        desk.repository(&later(id, name)).await;
    }
    let names = desk.column("SELECT CONCAT(name, ' ', repo_owner) FROM tabRepository ORDER BY name");
    assert_eq!(names.await, ["umbrella/api umbrella", "umbrella/web umbrella"]);
    let issues = desk.column("SELECT name FROM `tabRepository Issue` ORDER BY name");
    assert_eq!(issues.await, ["umbrella/api-#1", "umbrella/web-#1"]);
}

#[tokio::test]
async fn f14_names_pass_the_limit_and_come_back() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let items = || {
        vec![
            Change::Issues(vec![issue(1, then()), issue(100, then())]),
            Change::PullRequests(vec![pull(7, then())]),
        ]
    };
    desk.apply(1, items()).await;
    let long = format!("{}/{}", "o".repeat(39), "n".repeat(98));
    desk.repository(&later(1, &long)).await;
    let names = "SELECT name FROM `tabRepository Issue` UNION ALL SELECT name FROM `tabRepository Pull Request`";
    let mut stored = desk.column(names).await;
    stored.sort();
    assert_eq!(stored, ["gh-1-#1", "gh-1-#100", "gh-1-#7"]);
    let again = desk.apply(1, items()).await;
    assert_eq!(again.touched.len(), 0, "{again:?}");
    desk.repository(&later(1, "o/r")).await;
    let mut stored = desk.column(names).await;
    stored.sort();
    assert_eq!(stored, ["o/r-#1", "o/r-#100", "o/r-#7"]);
}

#[tokio::test]
async fn f14_a_document_made_by_hand_is_taken_over_whatever_its_case() {
    let desk = Desk::new().await;
    let values = [("full_name", "Acme/WEB"), ("project", "PROJ-0001"), ("enabled", "1")];
    desk.erp
        .erp()
        .insert("Repository", "Acme/WEB", &values)
        .await
        .expect("a repository");
    desk.execute("UPDATE tabProject SET repository = 'Acme/WEB'").await;
    desk.repository(&repository(1, "acme/web")).await;
    desk.apply(1, vec![Change::Issues(vec![issue(1, then())])]).await;
    let names = desk.column(
        "SELECT CONCAT_WS(' ', name, full_name, project, github_id) FROM tabRepository \
         UNION ALL SELECT name FROM `tabRepository Issue` UNION ALL SELECT repository FROM tabProject",
    );
    assert_eq!(names.await, ["acme/web acme/web PROJ-0001 1", "acme/web-#1", "acme/web"]);
}

#[tokio::test]
async fn f14_a_document_made_by_hand_under_the_new_name_does_not_stop_the_rename() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/old")).await;
    desk.apply(1, vec![Change::Issues(vec![issue(1, then())])]).await;
    // Somebody saw the new name on GitHub and made a Repository of it before any sync did.
    let values = [("full_name", "o/new"), ("enabled", "1")];
    desk.erp
        .erp()
        .insert("Repository", "o/new", &values)
        .await
        .expect("a repository");
    desk.execute("UPDATE tabProject SET repository = 'o/new'").await;
    desk.repository(&later(1, "o/new")).await;
    assert_eq!(
        desk.value("SELECT name FROM tabRepository WHERE github_id = '1'").await,
        "o/new"
    );
    assert_eq!(desk.value("SELECT name FROM `tabRepository Issue`").await, "o/new-#1");
    assert_eq!(
        desk.value("SELECT repository FROM tabProject").await,
        "o/new",
        "they meant the same repository"
    );
}

#[tokio::test]
async fn f14_child_rows_of_an_administrators_own_table_follow() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    desk.apply(1, vec![Change::Issues(vec![issue(1, then())])]).await;
    add_own_table(&desk, "Repository Issue", "o/r-#1").await;
    desk.repository(&later(1, "o/site")).await;
    assert_eq!(desk.value("SELECT parent FROM `tabOur Note`").await, "o/site-#1");
}

#[tokio::test]
async fn f14_numbers_and_names_that_are_prefixes_of_others_are_not_taken_along() {
    let desk = Desk::new().await;
    for (id, name) in [(1, "o/web"), (2, "o/web-app")] {
        desk.repository(&repository(id, name)).await;
        desk.apply(id, vec![Change::Issues(vec![issue(1, then()), issue(11, then())])])
            .await;
    }
    desk.repository(&later(1, "o/site")).await;
    let mut names = desk.column("SELECT name FROM `tabRepository Issue`").await;
    names.sort();
    assert_eq!(names, ["o/site-#1", "o/site-#11", "o/web-app-#1", "o/web-app-#11"]);
}
