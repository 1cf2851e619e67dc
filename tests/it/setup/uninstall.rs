//! Removals after people worked: what hangs on our DocTypes goes, what others refer to stays, and the losses are counted.

use erpnext_github::frappe::error_log;
use erpnext_github::setup::{self, Losses};
use erpnext_github::sim::site::FrappeMajor;

use super::{install, uninstall};
use crate::support::TestSite;

fn count(losses: &Losses, words: &str) -> u64 {
    losses
        .items
        .iter()
        .find(|loss| loss.what.contains(words))
        .map(|loss| loss.count)
        .unwrap_or_default()
}

/// A repository with two issues, a linked task, comments, a share, permissions and additions of an administrator.
async fn work(test: &TestSite) {
    let erp = test.erp();
    erp.insert("Repository", "acme/web", &[("full_name", "acme/web")])
        .await
        .expect("a row");
    for number in ["1", "2"] {
        let values = [("repository", "acme/web"), ("issue_number", number), ("title", "A")];
        erp.insert("Repository Issue", &format!("acme/web-#{number}"), &values)
            .await
            .expect("a row");
    }
    erp.set("Task", "TASK-2026-00001", "github_repo", "acme/web")
        .await
        .expect("a value");
    erp.set("Task", "TASK-2026-00001", "github_issue_number", "1")
        .await
        .expect("a value");
    erp.set("User", "bob@example.com", "github_username", "bob")
        .await
        .expect("a value");
    erp.add_comment("bob@example.com", "Repository Issue", "acme/web-#1", "Seen")
        .await
        .expect("a comment");
    erp.add_todo("bob@example.com", "Repository Issue", "acme/web-#1", "Look")
        .await
        .expect("an assignment");
    let permission = [
        ("user", "bob@example.com"),
        ("allow", "Repository"),
        ("for_value", "acme/web"),
    ];
    erp.insert("User Permission", "up1", &permission).await.expect("a permission");
    let share = [
        ("user", "bob@example.com"),
        ("share_doctype", "Repository"),
        ("share_name", "acme/web"),
        ("read", "1"),
    ];
    erp.insert("DocShare", "share1", &share).await.expect("a share");
    let field = [("fieldname", "team"), ("fieldtype", "Data"), ("label", "Team")];
    erp.add_child("DocField", ("DocType", "Repository", "fields"), &field)
        .await
        .expect("a field");
    erp.add_child("Has Role", ("User", "bob@example.com", "roles"), &[("role", "GitHub User")])
        .await
        .expect("a role");
    let found = "INSERT INTO __global_search (doctype, name, title) VALUES ('DocType', 'Repository', 'Repository'), \
                 ('Repository Issue', 'acme/web-#1', 'A')";
    test.scratch().execute(found).await.expect("found by the search");
}

#[tokio::test]
async fn what_would_be_lost_is_counted() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    assert!(
        setup::losses(test.site()).await.expect("losses").is_empty(),
        "a fresh installation holds nothing of anybody"
    );
    work(&test).await;
    let losses = setup::losses(test.site()).await.expect("losses");
    for (words, number) in [
        ("rows of tabRepository", 1),
        ("rows of tabRepository Issue", 2),
        ("values of github_repo in tabTask", 1),
        ("values of github_issue_number in tabTask", 1),
        ("values of github_username in tabUser", 1),
        ("comments on our documents", 1),
        ("assignments of our documents", 1),
        ("user permissions on our DocTypes", 1),
        ("shares of our documents", 1),
        ("fields that were added to our DocTypes", 1),
        ("users with the role GitHub User", 1),
    ] {
        let losses_of = losses.items.iter().filter(|loss| loss.what == words);
        assert_eq!(losses_of.map(|loss| loss.count).sum::<u64>(), number, "{words} in {losses}");
    }
    let without = losses.without_data();
    assert_eq!(count(&without, "rows of"), 0);
    assert_eq!(count(&without, "comments"), 0);
    assert_eq!(count(&without, "fields that were added"), 1);
}

#[tokio::test]
async fn what_hangs_on_our_doctypes_goes_and_nothing_else() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.erp()
        .add_comment("bob@example.com", "Task", "TASK-2026-00001", "Mine")
        .await
        .expect("a comment");
    let before = test.dump().await;
    install(test.site()).await;
    work(&test).await;
    uninstall(test.site()).await;
    assert!(before == test.dump().await, "something hangs about, or too much went");
}

#[tokio::test]
async fn files_and_error_logs_stay_and_are_told_with_their_number() {
    for major in [FrappeMajor::V14, FrappeMajor::V15] {
        let test = TestSite::new(major).await;
        install(test.site()).await;
        work(&test).await;
        for name in ["a.pdf", "b.pdf"] {
            test.erp()
                .add_file("Repository Issue", "acme/web-#1", name)
                .await
                .expect("a file");
        }
        test.erp().add_file("Task", "TASK-2026-00001", "c.pdf").await.expect("a file");
        let reference = Some(("Repository", "acme/web"));
        error_log::write(test.site(), "GitHub sync of acme/web failed", "404", reference)
            .await
            .expect("written");
        let report = uninstall(test.site()).await;
        assert_eq!(
            report.kept,
            [
                "files that were attached to our documents: 2",
                "rows of the Error Log about our documents: 1"
            ],
            "{report}"
        );
        assert_eq!(
            test.value("SELECT COUNT(*) FROM tabFile WHERE file_name LIKE '_.pdf'").await,
            "3"
        );
        assert_eq!(test.value("SELECT COUNT(*) FROM `tabError Log`").await, "1");
    }
}

#[tokio::test]
async fn a_user_that_others_refer_to_is_disabled_and_a_role_stays() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let user = setup::integration_user(test.site().name());
    test.erp()
        .set("Task", "TASK-2026-00002", "owner", &user)
        .await
        .expect("a value");
    test.erp()
        .add_child("Has Role", ("User", "jane@example.com", "roles"), &[("role", "GitHub Admin")])
        .await
        .expect("a role");
    let report = uninstall(test.site()).await;
    assert_eq!(report.kept.len(), 2, "{report}");
    let sql = format!("SELECT CONCAT(enabled, IFNULL(api_key, '-'), IFNULL(api_secret, '-')) FROM tabUser WHERE name = '{user}'");
    assert_eq!(test.value(&sql).await, "0--");
    assert_eq!(
        test.value("SELECT GROUP_CONCAT(name, disabled) FROM tabRole WHERE name LIKE 'GitHub%'")
            .await,
        "GitHub Admin0",
        "Frappe strips users of a disabled role at their next save"
    );
    assert_eq!(
        test.value("SELECT COUNT(*) FROM `tabHas Role` WHERE role = 'GitHub Admin'")
            .await,
        "1",
        "hers is not ours to take"
    );
    assert_eq!(
        test.value(&format!("SELECT COUNT(*) FROM __Auth WHERE name = '{user}'"))
            .await,
        "0"
    );
    // Coming back brings both to life again.
    install(test.site()).await;
    assert_eq!(
        test.value(&format!(
            "SELECT CONCAT(enabled, CHAR_LENGTH(api_key)) FROM tabUser WHERE name = '{user}'"
        ))
        .await,
        "115"
    );
    assert_eq!(
        test.value("SELECT disabled FROM tabRole WHERE name = 'GitHub Admin'").await,
        "0"
    );
}

#[tokio::test]
async fn a_site_without_an_installation_has_nothing_to_remove() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let report = uninstall(test.site()).await;
    assert!(report.is_empty(), "{report}");
    assert!(setup::losses(test.site()).await.expect("losses").is_empty());
}
