//! A real site between whose installation and removal there were syncs.

use erpnext_github::sync::Selection;

use super::uninstall;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

#[tokio::test]
async fn of_a_real_site_that_was_synced_only_files_and_error_logs_are_left() {
    let Some(test) = TestSite::from_dump("of_a_real_site_that_was_synced_only_files_and_error_logs_are_left").await else {
        return;
    };
    let before = test.dump().await;
    let mirror = Mirror::on(test, |world| {
        world
            .repository("octo/web")
            .with_issues(7)
            .with_pull_requests(3)
            .with_branches(3)
            .with_members(3);
    })
    .await;
    let one = |name: &str| Selection {
        repositories: vec![name.parse().expect("a name")],
        owners: Vec::new(),
    };
    assert!(!mirror.run(&one("octo/web"), false).await.has_failures());
    assert!(!mirror.run(&Selection::default(), true).await.has_failures());
    // One failure that has a document, and one that has none.
    mirror.github.world().delete_repository("octo/web");
    assert!(mirror.run(&Selection::default(), false).await.has_failures());
    assert!(mirror.run(&one("octo/wbe"), false).await.has_failures());
    let task = mirror.erp.value("SELECT name FROM tabTask ORDER BY name LIMIT 1").await;
    if !task.is_empty() {
        let erp = mirror.erp.erp();
        erp.set("Task", &task, "github_repo", "octo/web").await.expect("a link");
    }
    let file = mirror
        .erp
        .erp()
        .add_file("Repository", "octo/web", "plan.pdf")
        .await
        .expect("a file");

    let report = uninstall(mirror.site()).await;
    assert_eq!(
        report.kept,
        [
            "files that were attached to our documents: 1",
            "rows of the Error Log about our documents: 2"
        ],
        "{report}"
    );
    let scratch = mirror.erp.scratch();
    let left = format!(
        "DELETE FROM tabFile WHERE name = '{file}'; \
         DELETE FROM `tabError Log` WHERE reference_doctype IN ('Repository', 'GitHub Sync Run')"
    );
    scratch.execute(&left).await.expect("what may differ is taken out");
    assert!(before == mirror.erp.dump().await, "a removal left something else");
}
