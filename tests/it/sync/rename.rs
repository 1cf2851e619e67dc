//! F-14 in whole runs: a repository that was renamed, transferred, or whose name another one has.

use chrono::TimeDelta;
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::Selection;

use crate::support::mirror::Mirror;

const NAMES: &str = "SELECT GROUP_CONCAT(name ORDER BY CAST(github_id AS UNSIGNED)) FROM tabRepository";

async fn two() -> Mirror {
    let mirror = Mirror::new(|world| {
        world.repository("octo/a").with_issues(2).with_pull_requests(1);
        world.repository("octo/b").with_issues(1);
    })
    .await;
    mirror.sync("octo/a").await;
    mirror.sync("octo/b").await;
    let sql = "UPDATE tabProject SET repository = 'octo/a'; UPDATE tabRepository SET project = 'PROJ-0001' WHERE name = 'octo/a'; \
               UPDATE tabTask SET github_repo = 'octo/a', github_issue_doc = 'octo/a-#1' WHERE name = 'TASK-2026-00001'";
    mirror.erp.scratch().execute(sql).await.expect("links");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror
}

async fn links(mirror: &Mirror) -> String {
    mirror
        .erp
        .value(
            "SELECT CONCAT_WS(' ', p.repository, t.github_repo, t.github_issue_doc) FROM tabProject p, tabTask t \
             WHERE t.name = 'TASK-2026-00001'",
        )
        .await
}

#[tokio::test]
async fn f14_a_renamed_repository_is_followed_by_the_old_and_by_the_new_name() {
    for asked in ["octo/a", "octo/site"] {
        let mirror = two().await;
        mirror.github.world().rename_repository("octo/a", "octo/site");
        let report = mirror.sync(asked).await;
        assert_eq!(
            (report.status, report.repository.as_str()),
            (RunStatus::Completed, "octo/site"),
            "{report:?}"
        );
        assert_eq!(mirror.erp.value(NAMES).await, "octo/site,octo/b");
        assert_eq!(links(&mirror).await, "octo/site octo/site octo/site-#1");
        let row = "SELECT GROUP_CONCAT(DISTINCT repository) FROM `tabGitHub Sync Run` WHERE repository <> 'octo/b'";
        assert_eq!(mirror.erp.value(row).await, "octo/site", "the runs of before follow too");
        let before = mirror.mirror_without_notes().await;
        mirror.sync_full("octo/site").await;
        assert_eq!(mirror.mirror_without_notes().await, before);
        mirror.finish().await;
    }
}

#[tokio::test]
async fn f14_a_transfer_to_another_owner_and_an_owners_own_rename() {
    let mirror = two().await;
    let mut world = mirror.github.world();
    world.organization("acme").owners.push("octo".to_owned());
    world.rename_repository("octo/a", "acme/a");
    drop(world);
    mirror.run(&Selection::default(), false).await;
    assert_eq!(mirror.erp.value(NAMES).await, "acme/a,octo/b");
    let mut world = mirror.github.world();
    world.rename_account("octo", "octavia");
    world.rename_account("acme", "umbrella");
    drop(world);
    let report = mirror.run(&Selection::default(), false).await;
    assert!(!report.has_failures(), "{report:?}");
    assert_eq!(mirror.erp.value(NAMES).await, "umbrella/a,octavia/b");
    let owner = mirror
        .erp
        .value("SELECT CONCAT(repo_owner, ' ', owner_type) FROM tabRepository WHERE name = 'umbrella/a'")
        .await;
    assert_eq!(owner, "umbrella Organization");
    assert_eq!(links(&mirror).await, "umbrella/a umbrella/a umbrella/a-#1");
    mirror.finish().await;
}

#[tokio::test]
async fn f14_two_repositories_that_swapped_their_names() {
    let mirror = two().await;
    let mut world = mirror.github.world();
    world.rename_repository("octo/a", "octo/c");
    world.rename_repository("octo/b", "octo/a");
    world.rename_repository("octo/c", "octo/b");
    drop(world);
    let report = mirror.run(&Selection::default(), false).await;
    assert!(!report.has_failures(), "{report:?}");
    assert_eq!(mirror.erp.value(NAMES).await, "octo/b,octo/a");
    assert_eq!(links(&mirror).await, "octo/b octo/b octo/b-#1");
    let issues = "SELECT GROUP_CONCAT(name ORDER BY name) FROM `tabRepository Issue`";
    assert_eq!(mirror.erp.value(issues).await, "octo/a-#1,octo/b-#1,octo/b-#2");
    mirror.finish().await;
}

#[tokio::test]
async fn f14_a_rename_of_case_only() {
    let mirror = two().await;
    mirror.github.world().rename_repository("octo/a", "octo/A");
    let report = mirror.sync("octo/a").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(NAMES).await, "octo/A,octo/b");
    assert_eq!(links(&mirror).await, "octo/A octo/A octo/A-#1");
    mirror.finish().await;
}

#[tokio::test]
async fn f14_archived_and_made_private_is_mirrored() {
    let mirror = two().await;
    let mut world = mirror.github.world();
    let a = world.repository("octo/a");
    (a.archived, a.visibility, a.updated_at) = (true, erpnext_github::domain::Visibility::Private, a.now());
    drop(world);
    mirror.sync("octo/a").await;
    let state = mirror
        .erp
        .value("SELECT CONCAT(archived, visibility) FROM tabRepository WHERE name = 'octo/a'")
        .await;
    assert_eq!(state, "1Private");
    mirror.finish().await;
}

#[tokio::test]
async fn f14_under_a_name_that_another_document_had_every_address_is_read_anew() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/x2").with_issues(2);
        world.repository("octo/x3").with_issues(1);
    })
    .await;
    mirror.sync("octo/x2").await;
    mirror.sync("octo/x3").await;
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    mirror.github.world().rename_repository("octo/x2", "octo/x1");
    mirror.sync("octo/x1").await;
    mirror.erp.clock().advance(chrono::TimeDelta::hours(1));
    let mut world = mirror.github.world();
    world.rename_repository("octo/x3", "octo/aside");
    world.rename_repository("octo/x1", "octo/x3");
    world.rename_repository("octo/aside", "octo/x1");
    drop(world);
    mirror.sync("octo/x1").await;
    mirror.sync("octo/x3").await;
    let odd =
        "SELECT GROUP_CONCAT(name, ' ', url) FROM `tabRepository Issue` WHERE url NOT LIKE CONCAT('%/', repository, '/issues/%')";
    assert_eq!(mirror.erp.value(odd).await, "");
    mirror.finish().await;
}
