//! What is deleted between two pages, where the list is stored as a whole set: branches and members. And what a list costs that never
//! stands still, and one that does.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use erpnext_github::sim::github::Fault;
use erpnext_github::store::runs::RunStatus;

use super::shifted::{CURSOR, between_pages, finish, mirror};

#[tokio::test]
async fn f15_a_branch_deleted_between_two_pages_hides_no_other() {
    for first in [true, false] {
        let mirror = mirror(|world| {
            world.repository("octo/web").with_branches(350);
        })
        .await;
        if !first {
            mirror.sync("octo/web").await;
        }
        between_pages(&mirror, "/repos/octo/web/branches", false, |world| {
            world.repository("octo/web").delete_branch("feature/branch-0007");
        })
        .await;
        let sql = "SELECT CONCAT(branch_name, commit_sha, last_updated IS NULL) FROM `tabRepository Branch` ORDER BY BINARY branch_name";
        let here: Vec<String> = mirror.erp.query(sql).await.concat().into_iter().flatten().collect();
        let mut there: Vec<String> = mirror
            .github
            .world()
            .repository("octo/web")
            .branches
            .iter()
            .map(|branch| format!("{}{}0", branch.name, branch.sha))
            .collect();
        there.sort();
        assert_eq!(here, there);
        assert_eq!(mirror.erp.value("SELECT branches_total FROM tabRepository").await, "349");
        finish(mirror).await;
    }
}

#[tokio::test]
async fn f15_a_push_while_branches_are_read_hides_none() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_branches(350);
    })
    .await;
    between_pages(&mirror, "/repos/octo/web/branches", false, |world| {
        world.repository("octo/web").push("feature/branch-0007");
    })
    .await;
    assert_eq!(mirror.erp.value("SELECT branches_total FROM tabRepository").await, "350");
    let asked = mirror.github.requests();
    let lists = asked.iter().filter(|one| one.path.ends_with("/branches")).count();
    assert_eq!(lists, 4 + 3, "four pages, and three of them looked at once more");
    finish(mirror).await;
}

#[tokio::test]
async fn f31_a_member_who_leaves_between_two_pages_hides_no_other() {
    for first in [true, false] {
        let mirror = mirror(|world| {
            world.repository("octo/web").with_members(230);
        })
        .await;
        if !first {
            mirror.sync("octo/web").await;
        }
        between_pages(&mirror, "/repos/octo/web/collaborators", false, |world| {
            world.repository("octo/web").remove_member("member-007");
        })
        .await;
        let sql = "SELECT github_username FROM `tabRepository Member` ORDER BY 1";
        let here: Vec<String> = mirror.erp.query(sql).await.concat().into_iter().flatten().collect();
        let mut there: Vec<String> = mirror
            .github
            .world()
            .repository("octo/web")
            .collaborators
            .iter()
            .map(|one| one.login.clone())
            .collect();
        there.sort();
        assert_eq!(here, there);
        finish(mirror).await;
    }
}

#[tokio::test]
async fn where_nothing_is_deleted_no_list_is_asked_twice() {
    let mirror = mirror(|world| {
        world
            .repository("octo/web")
            .with_issues(210)
            .with_pull_requests(40)
            .with_branches(150)
            .with_members(130);
    })
    .await;
    mirror.sync("octo/web").await;
    // A complete walk ends with the question what changed meanwhile.
    for (full, issues) in [(false, 1), (true, 3 + 1)] {
        mirror.erp.clock().advance(TimeDelta::hours(1));
        mirror.github.forget_requests();
        if full {
            mirror.sync_full("octo/web").await;
        } else {
            mirror.sync("octo/web").await;
        }
        let requests = mirror.github.requests();
        let of = |part: &str| requests.iter().filter(|one| one.path.ends_with(part)).count();
        assert_eq!((of("/issues"), of("/branches"), of("/collaborators")), (issues, 2, 2));
        let still = requests
            .iter()
            .filter_map(|one| Some(one.operation.as_ref()?.query.as_str()))
            .filter(|query| query.contains("StillThere"))
            .count();
        assert_eq!(still, 0, "nothing is missing");
    }
    finish(mirror).await;
}

/// What leaves out another row of each answer at `path`.
fn restless(path: &str) -> Fault {
    let turn = AtomicUsize::new(0);
    let edit = move |body: &mut serde_json::Value| {
        if let Some(rows) = body.as_array_mut() {
            rows.remove(turn.fetch_add(1, Ordering::Relaxed));
        }
    };
    Fault::edit(path, edit).always()
}

#[tokio::test]
async fn a_list_that_never_stands_still_is_read_three_times_and_moves_no_cursor() {
    let mirror = mirror(|world| {
        world
            .repository("octo/web")
            .with_issues(20)
            .with_branches(150)
            .with_members(5);
    })
    .await;
    mirror.sync("octo/web").await;
    let before = (mirror.erp.value(CURSOR).await, mirror.mirror_without_notes().await);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let faults = [restless("/repos/octo/web/issues"), restless("/repos/octo/web/branches")];
    mirror.github.world().faults.extend(faults);
    mirror.github.forget_requests();
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    for entity in ["Issue", "Branch"] {
        let sql = format!("SELECT reason FROM `tabGitHub Sync Run Entity` WHERE entity = '{entity}' AND failed = 1");
        let reason = mirror.erp.value(&sql).await;
        assert!(reason.contains("changed while it was read"), "{entity}: {reason}");
    }
    assert_eq!((mirror.erp.value(CURSOR).await, mirror.mirror_without_notes().await), before);
    let pages = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/issues"))
        .count();
    assert_eq!(pages, 3);
    mirror.github.world().faults.clear();
    finish(mirror).await;
}
