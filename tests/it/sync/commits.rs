//! Commits of the default branch: what a push brings, what a merge brings in from before, what a rewritten branch no longer has.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Fault, World};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const COUNT: &str = "SELECT COUNT(*) FROM `tabRepository Commit`";

async fn mirror(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = Mirror::new(story).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.forget_requests();
    mirror
}

/// `octo/web` with so many commits, an hour apart; the first of them is two years old, which is too old to be kept.
async fn with_commits(count: u64) -> Mirror {
    mirror(|world| {
        world.repository("octo/web").with_commits(count);
    })
    .await
}

/// Hashes here and on GitHub of what the default branch leads to, as far back as is kept.
async fn both(mirror: &Mirror) -> (Vec<String>, Vec<String>) {
    let here = mirror
        .column("SELECT sha FROM `tabRepository Commit` WHERE branch = 'main' ORDER BY 1")
        .await;
    let mut world = mirror.github.world();
    let now = world.now();
    let web = world.repository("octo/web");
    let main = web.branch("main").expect("main").sha.clone();
    let kept = web
        .history(&main)
        .into_iter()
        .filter(|(_, commit)| commit.committed_at >= now - TimeDelta::days(90));
    let mut there: Vec<String> = kept.map(|(sha, _)| sha.to_owned()).collect();
    there.sort();
    (here, there)
}

#[tokio::test]
async fn s4_commits_are_stored_as_far_back_as_the_settings_say() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_commits(50);
    })
    .await;
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "commit_history_days", "1")
        .await
        .expect("the setting");
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(COUNT).await, "25", "an hour apart, the newest one now");
    let row = "SELECT CONCAT_WS(' | ', title, branch, author, author_name, author_email, committed_at, LENGTH(sha), url LIKE '%/octo/web/commit/%') \
               FROM `tabRepository Commit` ORDER BY committed_at DESC LIMIT 1";
    assert_eq!(
        mirror.erp.value(row).await,
        "Work on main | main | octo | octo | octo@example.com | 2026-03-01 07:00:00.000000 | 40 | 1"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_without_a_push_no_commit_is_asked_for_and_after_one_a_page() {
    let mirror = with_commits(350).await;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.asked_for(&["/commits"]), Vec::<String>::new());
    mirror.github.world().repository("octo/web").push("main");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Commit].counts.created, 1, "{report:?}");
    assert_eq!(mirror.asked_for(&["/commits"]), ["/commits"]);
    let (here, there) = both(&mirror).await;
    assert_eq!(here, there);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_merge_brings_in_what_is_older_than_what_was_there() {
    let mut number = 0;
    let mirror = mirror(|world| {
        let web = world.repository("octo/web").with_commits(450);
        number = web.open_pull_request("An old change", "change").number;
        let now = web.now();
        let sha = web.branch("change").expect("a branch").sha.clone();
        // Among the oldest that are kept, on the last page of the list.
        if let Some(commit) = web.commits.get_mut(&sha) {
            commit.committed_at = now - TimeDelta::hours(440);
        }
    })
    .await;
    assert_eq!(mirror.erp.value(COUNT).await, "449");
    mirror.github.world().repository("octo/web").merge(number, "octo");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Commit].counts.created, 2, "{report:?}");
    let (here, there) = both(&mirror).await;
    assert_eq!(here, there);
    mirror.github.forget_requests();
    mirror.github.world().repository("octo/web").push("main");
    mirror.sync("octo/web").await;
    assert_eq!(
        mirror.asked_for(&["/commits"]),
        ["/commits"],
        "what was brought in is settled"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_rewritten_branch_loses_what_it_no_longer_leads_to() {
    let mirror = with_commits(120).await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    let main = web.branch("main").expect("main").sha.clone();
    let before: Vec<String> = web.history(&main).into_iter().map(|(sha, _)| sha.to_owned()).collect();
    for branch in web.branches.iter_mut().filter(|branch| branch.name == "main") {
        branch.sha.clone_from(&before[3]);
    }
    web.push("main");
    drop(world);
    let report = mirror.sync("octo/web").await;
    let counts = &report.entities[&Entity::Commit].counts;
    assert_eq!((counts.created, counts.deleted), (1, 3), "{report:?}");
    let (here, there) = both(&mirror).await;
    assert_eq!(here, there);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_another_default_branch_is_read_anew() {
    let mirror = mirror(|world| {
        let web = world.repository("octo/web").with_commits(5);
        web.branch_off("trunk", "main");
    })
    .await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    (web.default_branch, web.updated_at) = ("trunk".to_owned(), web.now());
    drop(world);
    mirror.sync("octo/web").await;
    let branches = "SELECT GROUP_CONCAT(DISTINCT branch) FROM `tabRepository Commit`";
    assert_eq!(mirror.erp.value(branches).await, "trunk");
    assert_eq!(mirror.erp.value(COUNT).await, "4");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_repository_without_commits_is_no_failure() {
    let mirror = mirror(|world| {
        world.repository("octo/web").without_commits();
    })
    .await;
    assert_eq!(mirror.erp.value(COUNT).await, "0");
    mirror.github.world().repository("octo/web").push("main");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "1");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_run_that_breaks_off_among_commits_is_no_beginning_for_the_next() {
    let mirror = with_commits(20).await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    for _ in 0..250 {
        web.push("main");
    }
    let broken = Fault::status("/repos/octo/web/commits", 403).containing("page=2");
    world.faults.push(broken);
    drop(world);
    let context = mirror.impatient().await;
    let report = mirror.sync_in(&context, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    mirror.sync("octo/web").await;
    let (here, there) = both(&mirror).await;
    assert_eq!(here.len(), 19 + 250);
    assert_eq!(here, there);
    mirror.finish().await;
}
