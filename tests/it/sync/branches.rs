//! Branches: the form holds the default, the protected and the five hundred latest; the total says how many there are.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

#[tokio::test]
async fn s2_of_many_branches_the_default_the_protected_and_the_latest_are_held() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web").with_branches(620);
        web.default_branch = "feature/branch-0000".to_owned();
        for branch in &mut web.branches {
            branch.protected = branch.name == "feature/branch-0001";
        }
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(report.entities[&Entity::Branch].fetched, 620);
    let held = "SELECT CONCAT(branches_total, ' ', (SELECT COUNT(*) FROM `tabRepository Branch`), ' ', \
                (SELECT COUNT(*) FROM `tabRepository Branch` WHERE branch_name IN ('feature/branch-0000', 'feature/branch-0001', 'feature/branch-0618')), ' ', \
                (SELECT COUNT(*) FROM `tabRepository Branch` WHERE branch_name IN ('main', 'feature/branch-0002', 'feature/branch-0118'))) \
                FROM tabRepository";
    assert_eq!(mirror.erp.value(held).await, "620 502 3 0");
    let before = mirror.erp.dump_tables(&["tabRepository Branch"]).await;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.dump_tables(&["tabRepository Branch"]).await, before);
    // A push to an old one brings it in, and the oldest of the latest goes.
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.world().repository("octo/web").push("feature/branch-0050");
    let report = mirror.sync("octo/web").await;
    let line = &report.entities[&Entity::Branch].counts;
    assert_eq!((line.created, line.deleted), (1, 1), "{report:?}");
    mirror.finish().await;
}

/// How many commits were asked about, by query, since requests were forgotten.
fn asked_dates(mirror: &Mirror) -> Vec<usize> {
    let requests = mirror.github.requests();
    let queries = requests.iter().filter_map(|one| Some(one.operation.as_ref()?.query.as_str()));
    queries
        .filter(|query| query.contains("CommitDates"))
        .map(|query| query.matches(": object(oid:").count())
        .collect()
}

#[tokio::test]
async fn s3_a_commits_date_is_asked_for_once_held_or_not() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_branches(620);
    })
    .await;
    mirror.sync("octo/web").await;
    assert_eq!(asked_dates(&mirror), [100, 100, 100, 100, 100, 100, 20]);
    let before = mirror.erp.dump_tables(&["tabRepository Branch"]).await;
    for full in [false, true] {
        mirror.github.forget_requests();
        mirror.erp.clock().advance(TimeDelta::hours(1));
        mirror.sync_in(&mirror.context().await, "octo/web", full).await;
        assert_eq!(asked_dates(&mirror), [0; 0], "a commit does not change its date");
    }
    assert_eq!(mirror.erp.dump_tables(&["tabRepository Branch"]).await, before);
    // One push, one date; and what no branch points to any more is forgotten.
    mirror.github.forget_requests();
    mirror.github.world().repository("octo/web").push("feature/branch-0050");
    mirror.sync("octo/web").await;
    assert_eq!(asked_dates(&mirror), [1]);
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_commit").await, "620");
    // Held rows that somebody removed come back without a question.
    mirror.github.forget_requests();
    let held = mirror.erp.dump_tables(&["tabRepository Branch"]).await;
    let remove = "DELETE FROM `tabRepository Branch` WHERE branch_name LIKE 'feature/branch-03%'";
    mirror.erp.scratch().execute(remove).await.expect("removed");
    mirror.sync("octo/web").await;
    assert_eq!(asked_dates(&mirror), [0; 0]);
    let again = mirror.erp.dump_tables(&["tabRepository Branch"]).await;
    assert_eq!(again.lines().count(), held.lines().count());
    mirror.finish().await;
}

#[tokio::test]
async fn f15_a_new_branch_has_its_head_its_date_and_its_repository() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web");
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    let sha = world.repository("octo/web").push("topic/ümlaut");
    world.repository("octo/web").protect("topic/ümlaut");
    drop(world);
    mirror.sync("octo/web").await;
    let row = mirror
        .erp
        .query(
            "SELECT CONCAT_WS(' ', repo_full_name, branch_name, protected, commit_sha, last_updated, parent, parenttype, parentfield) \
             FROM `tabRepository Branch` WHERE branch_name LIKE 'topic%'",
        )
        .await;
    let expected = format!("octo/web topic/ümlaut 1 {sha} 2026-03-01 08:00:00.000000 octo/web Repository branches_table");
    assert_eq!(row.concat(), [Some(expected)]);
    mirror.finish().await;
}

#[tokio::test]
async fn an_empty_repository_has_no_branches_and_is_complete() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/new").without_commits();
    })
    .await;
    let report = mirror.sync("octo/new").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror
            .erp
            .value("SELECT CONCAT(is_synced, branches_total) FROM tabRepository")
            .await,
        "10"
    );
    mirror.finish().await;
}
