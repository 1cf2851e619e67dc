//! F-14: a repository is its id. A rename moves it, what belongs to it and what refers to it, in one transaction.

use chrono::TimeDelta;
use erpnext_github::domain::{Branch, Change, Entity};

use super::made::{branch, comment, commit, issue, label, member, milestone, person, pull, release, repository, review, then};
use super::{Desk, counts};

/// Everything that can hang on a repository and its items.
async fn furnished(id: u64, name: &str) -> Desk {
    let desk = Desk::new().await;
    furnish(&desk, id, name).await;
    desk
}

async fn furnish(desk: &Desk, id: u64, name: &str) {
    desk.repository(&repository(id, name)).await;
    let mut one = issue(1, then());
    one.item.assignees = vec![person(5, "ann")];
    let mut two = pull(2, then());
    two.item.assignees = vec![person(5, "ann")];
    if let Some(detail) = two.detail.as_mut() {
        detail.reviewers = vec![person(6, "rita")];
    }
    let changes = vec![
        Change::Issues(vec![one, issue(3, then())]),
        Change::PullRequests(vec![two]),
        Change::AllBranches(branches()),
        Change::AllMembers(vec![member(5, "ann", "write")]),
        Change::Labels(vec![label(1, "bug")]),
        Change::Milestones(vec![milestone(1, then())]),
        Change::Releases(vec![release(1, then())]),
        Change::Comments(vec![comment(1, 1, then())]),
        Change::Reviews(vec![review(1, 2)]),
        Change::Commits(vec![commit("a", "main")]),
    ];
    desk.apply(id, changes).await;
}

/// Name and Links of every part of a repository.
async fn parts(desk: &Desk) -> Vec<String> {
    let of = |table: &str, links: &str| format!("SELECT CONCAT_WS(' ', name, repository{links}) FROM `tabRepository {table}`");
    let all = [
        of("Label", ""),
        of("Milestone", ""),
        of("Release", ""),
        of("Comment", ", issue"),
        of("Review", ", pull_request"),
        of("Commit", ""),
    ];
    desk.column(&all.join(" UNION ALL ")).await
}

fn branches() -> Vec<Branch> {
    vec![branch("main", then()), branch("dev", then())]
}

/// All that people may have made of `old/name`.
async fn refer_to(desk: &Desk) {
    let erp = desk.erp.erp();
    desk.execute(
        "UPDATE tabTask SET github_repo = 'old/name', github_issue_doc = 'old/name-#1', github_issue_number = 1 WHERE name = 'TASK-2026-00001'; \
         UPDATE tabProject SET repository = 'old/name' WHERE name = 'PROJ-0001'; \
         UPDATE tabRepository SET project = 'PROJ-0001', enabled = 0, _user_tags = ',core', _assign = '[\"jane@example.com\"]'; \
         UPDATE `tabRepository Issue` SET task = 'TASK-2026-00001' WHERE name = 'old/name-#1'",
    )
    .await;
    erp.add_todo("jane@example.com", "Repository", "old/name", "Look")
        .await
        .expect("a todo");
    erp.add_todo("jane@example.com", "Repository Issue", "old/name-#1", "Look")
        .await
        .expect("a todo");
    erp.add_comment("jane@example.com", "Repository Pull Request", "old/name-#2", "Fine")
        .await
        .expect("a comment");
    erp.add_file("Repository Issue", "old/name-#3", "plan.pdf")
        .await
        .expect("a file");
    erp.add_version("Repository", "old/name", "{}").await.expect("a version");
    let users = [
        ("allow", "Repository"),
        ("for_value", "old/name"),
        ("user", "bob@example.com"),
    ];
    erp.insert("User Permission", "perm", &users).await.expect("a permission");
}

/// Every text of the site in which `needle` is left, but for timelines that tell of the rename and our own bookkeeping.
async fn left_of(desk: &Desk, needle: &str) -> Vec<String> {
    let dump = desk.erp.dump().await;
    dump.lines()
        .filter(|line| line.contains(needle) && !line.contains("renamed from"))
        .map(|line| line.chars().take(200).collect())
        .collect()
}

#[tokio::test]
async fn f14_a_rename_moves_documents_children_and_everything_that_refers_to_them() {
    let desk = furnished(1, "old/name").await;
    refer_to(&desk).await;
    let project_modified = desk.value("SELECT modified FROM tabProject").await;
    let before = parts(&desk).await;
    desk.erp.clock().advance(TimeDelta::minutes(1));
    let mut renamed = repository(1, "new-owner/new.name");
    (renamed.url, renamed.updated_at) = ("https://github.com/x".to_owned(), then() + TimeDelta::hours(1));
    let applied = desk.repository(&renamed).await;
    assert_eq!(applied.counts[&Entity::Repository], counts(0, 1, 0), "{applied:?}");
    assert_eq!(left_of(&desk, "old/name").await, Vec::<String>::new());
    let moved: Vec<String> = before
        .iter()
        .map(|row| row.replace("old/name", "new-owner/new.name"))
        .collect();
    assert_eq!(parts(&desk).await, moved, "parts keep their names, and their Links follow");
    let row = desk.value(
        "SELECT CONCAT_WS(' ', name, full_name, repo_owner, repo_name, project, enabled, _user_tags, _assign) FROM tabRepository",
    );
    assert_eq!(
        row.await,
        r#"new-owner/new.name new-owner/new.name new-owner new.name PROJ-0001 0 ,core ["jane@example.com"]"#
    );
    let items = desk.column("SELECT CONCAT_WS(' ', name, repository, task) FROM `tabRepository Issue` ORDER BY issue_number");
    assert_eq!(
        items.await,
        [
            "new-owner/new.name-#1 new-owner/new.name TASK-2026-00001",
            "new-owner/new.name-#3 new-owner/new.name"
        ]
    );
    assert_eq!(
        desk.value("SELECT github_issue_doc FROM tabTask WHERE github_repo = 'new-owner/new.name'")
            .await,
        "new-owner/new.name-#1"
    );
    assert_eq!(desk.value("SELECT repository FROM tabProject").await, "new-owner/new.name");
    assert_eq!(
        desk.value("SELECT modified FROM tabProject").await,
        project_modified,
        "a link that moves is no edit"
    );
    assert_eq!(
        desk.value("SELECT for_value FROM `tabUser Permission`").await,
        "new-owner/new.name"
    );
    // The copies in Frappe's cache must go, or the next save of the form would bring the old names back.
    let drops = desk
        .column("SELECT CONCAT(doctype, ' ', name) FROM erpnext_github_cache_drop ORDER BY 1")
        .await;
    for cached in ["Project PROJ-0001", "Task TASK-2026-00001"] {
        assert!(drops.iter().any(|drop| drop == cached), "{drops:?}");
    }
    assert_eq!(desk.value("SELECT COUNT(*) FROM erpnext_github_rename").await, "0");
}

#[tokio::test]
async fn f14_after_a_rename_the_same_state_is_written_no_more() {
    let desk = furnished(1, "o/r").await;
    let mut renamed = repository(1, "o/site");
    renamed.updated_at = then() + TimeDelta::hours(1);
    desk.repository(&renamed).await;
    // A second application of everything, under the new name, finds every row and its child rows.
    let mut one = issue(1, then());
    one.item.assignees = vec![person(5, "ann")];
    let again = desk
        .apply(
            1,
            vec![
                Change::Repository(Box::new(renamed)),
                Change::Issues(vec![one, issue(3, then())]),
                Change::AllBranches(branches()),
                Change::AllMembers(vec![member(5, "ann", "write")]),
            ],
        )
        .await;
    assert_eq!(again.touched, Vec::new(), "{again:?}");
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Branch`").await, "2");
}

#[tokio::test]
async fn f14_a_rename_is_one_transaction() {
    let desk = furnished(1, "o/r").await;
    let before = desk.erp.dump().await;
    desk.execute("CREATE TRIGGER no_comment BEFORE INSERT ON tabComment FOR EACH ROW SIGNAL SQLSTATE '45000'")
        .await;
    let failed = desk
        .try_apply(1, vec![Change::Repository(Box::new(repository(1, "o/site")))])
        .await;
    assert!(failed.is_err(), "{failed:?}");
    desk.execute("DROP TRIGGER no_comment").await;
    // AUTO_INCREMENT counts on where a transaction did not.
    let rows = |dump: &str| {
        dump.lines()
            .filter(|line| line.starts_with("INSERT"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&desk.erp.dump().await), rows(&before), "half a rename is none");
}

#[tokio::test]
async fn f14_a_name_that_another_repository_has_taken() {
    let desk = furnished(1, "o/web").await;
    desk.execute("UPDATE tabProject SET repository = 'o/web'").await;
    // `o/web` was renamed on GitHub, and a new repository has the name; the new one is seen first.
    furnish(&desk, 2, "o/web").await;
    let held = desk.column("SELECT CONCAT(github_id, ' ', name = 'o/web') FROM tabRepository ORDER BY github_id");
    assert_eq!(held.await, ["1 0", "2 1"]);
    let aside = desk.value("SELECT name FROM tabRepository WHERE github_id = '1'").await;
    assert_eq!(
        desk.value("SELECT repository FROM tabProject").await,
        aside,
        "the project follows its repository, not the name"
    );
    assert_eq!(
        desk.value(&format!(
            "SELECT COUNT(*) FROM `tabRepository Issue` WHERE repository = '{aside}'"
        ))
        .await,
        "2"
    );
    furnish(&desk, 1, "o/site").await;
    assert_eq!(desk.value("SELECT repository FROM tabProject").await, "o/site");
    let issues = desk.column("SELECT name FROM `tabRepository Issue` ORDER BY name");
    assert_eq!(issues.await, ["o/site-#1", "o/site-#3", "o/web-#1", "o/web-#3"]);
}

#[tokio::test]
async fn f14_two_repositories_swap_their_names() {
    let desk = furnished(1, "o/a").await;
    furnish(&desk, 2, "o/b").await;
    desk.execute(
        "UPDATE tabProject SET repository = 'o/a'; \
         UPDATE tabTask SET github_issue_doc = 'o/b-#1' WHERE name = 'TASK-2026-00002'",
    )
    .await;
    for (id, name) in [(1, "o/b"), (2, "o/a")] {
        furnish(&desk, id, name).await;
    }
    let names = desk.column("SELECT CONCAT(github_id, ' ', name) FROM tabRepository ORDER BY 1");
    assert_eq!(names.await, ["1 o/b", "2 o/a"]);
    assert_eq!(desk.value("SELECT repository FROM tabProject").await, "o/b");
    assert_eq!(
        desk.value("SELECT github_issue_doc FROM tabTask WHERE name = 'TASK-2026-00002'")
            .await,
        "o/a-#1"
    );
    for (table, count) in [
        ("Repository Issue", "4"),
        ("Repository Branch", "4"),
        ("Repository Issue Assignee", "2"),
    ] {
        assert_eq!(
            desk.value(&format!("SELECT COUNT(*) FROM `tab{table}`")).await,
            count,
            "{table}"
        );
    }
}
