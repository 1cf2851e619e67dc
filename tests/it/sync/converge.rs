//! However a mirror came to its state, in many small runs or in one, and by whichever ways of asking, it says the same.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Permission, World};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::{RepositoryReport, Ways};

use crate::support::TestSite;
use crate::support::mirror::Mirror;

async fn sync(mirror: &Mirror, name: &str, ways: Ways) -> RepositoryReport {
    let mut context = mirror.context().await;
    context.ways = ways;
    let report = mirror.sync_in(&context, name, false).await;
    assert_eq!(report.status, RunStatus::Completed, "{ways:?} {report:?}");
    report
}

/// What happens at a step, beside what happens at every one.
fn turn(world: &mut World, step: u64) {
    world.evolve(step);
    if step == 20 {
        world.rename_repository("octo/web", "octo/site");
    }
    if step == 30 {
        let site = world.repository("octo/site");
        site.with_member(Collaborator::new("newcomer", Permission::Maintain));
        site.remove_member("member-001");
        site.delete_branch("feature/branch-0001");
        site.rename_label("bug", "defect");
    }
    if step == 40 {
        let site = world.repository("octo/site");
        let milestone = site.milestones.first().map(|one| one.number);
        site.edit_milestone(milestone.expect("a milestone")).title = "Another title".to_owned();
        site.delete_label("defect");
    }
}

/// Many runs by `ways`, and one complete run by `other` on another site: the same rows.
async fn converges(ways: Ways, other: Ways) {
    converges_but_for(&[], ways, other).await;
}

/// The same, but for DocTypes and columns that are named.
async fn converges_but_for(left_out: &[&str], ways: Ways, other: Ways) {
    let grown = Mirror::new(|world| {
        let web = world
            .repository("octo/web")
            .with_issues(30)
            .with_pull_requests(15)
            .with_branches(4)
            .with_members(4)
            .with_milestones(3);
        let milestone = web.milestones.first().map(|one| one.number);
        (1..=20).for_each(|number| web.item_mut(number).milestone = milestone);
    })
    .await;
    sync(&grown, "octo/web", ways).await;
    let mut passed = TimeDelta::zero();
    for step in 0..60 {
        let by = TimeDelta::minutes(7);
        passed += by;
        grown.erp.clock().advance(by);
        turn(&mut grown.github.world(), step);
        if step % 4 == 3 {
            let name = if step < 20 { "octo/web" } else { "octo/site" };
            let report = sync(&grown, name, ways).await;
            let is_expected = step == 23 || !ways.incremental;
            assert_eq!(
                report.full, is_expected,
                "only the rename asks for a complete walk: {report:?}"
            );
        }
    }
    let world = grown.github.world().clone();
    let erp = TestSite::new(FrappeMajor::V15).await;
    erp.clock().advance(passed);
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| *new = world.with_clock(clock)).await;
    sync(&fresh, "octo/site", other).await;
    let (one, other) = (grown.owned_but(left_out).await, fresh.owned_but(left_out).await);
    assert!(one.len() > 60, "{}", one.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other, "{ways:?}");
    }
    assert_eq!(one.len(), other.len());
    grown.finish().await;
    fresh.finish().await;
}

#[tokio::test]
async fn invariant1_many_incremental_runs_end_in_the_rows_of_one_complete_run() {
    converges(Ways::default(), Ways::default()).await;
}

#[tokio::test]
async fn invariant1_s5_without_incremental_fetching_the_rows_are_the_same() {
    let ways = Ways {
        incremental: false,
        ..Ways::default()
    };
    converges(ways, Ways::default()).await;
}

#[tokio::test]
async fn invariant1_s5_without_conditional_fetching_the_rows_are_the_same() {
    let ways = Ways {
        conditional: false,
        ..Ways::default()
    };
    converges(ways, Ways::default()).await;
}

#[tokio::test]
async fn invariant1_s5_without_windows_the_rows_are_the_same() {
    let ways = Ways {
        windowed: false,
        side_by_side: false,
        ..Ways::default()
    };
    converges(ways, Ways::default()).await;
}

/// More than GitHub gives by number, all of which one walk reads by windows and the other one, of a GitHub that has no such end, by number.
#[tokio::test]
async fn invariant1_s5_by_windows_and_by_numbers_the_rows_are_the_same() {
    let capped = Mirror::new(|world| {
        world.last_numbered_page = Some(2);
        world.repository("octo/web").with_issues(330).with_pull_requests(20);
    })
    .await;
    sync(&capped, "octo/web", Ways::default()).await;
    let mut passed = TimeDelta::zero();
    for number in 1..=260 {
        let by = TimeDelta::seconds(20);
        passed += by;
        capped.erp.clock().advance(by);
        capped.github.world().repository("octo/web").edit(number).title = format!("Another title of {number}");
    }
    passed += TimeDelta::minutes(10);
    capped.erp.clock().advance(TimeDelta::minutes(10));
    capped.github.forget_requests();
    sync(&capped, "octo/web", Ways::default()).await;
    let windows: BTreeSet<String> = capped
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/issues"))
        .filter_map(|one| {
            one.query
                .split('&')
                .find(|pair| pair.starts_with("since="))
                .map(str::to_owned)
        })
        .collect();
    assert!(windows.len() > 2, "{windows:?}");
    let world = capped.github.world().clone();
    let erp = TestSite::new(FrappeMajor::V15).await;
    erp.clock().advance(passed);
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| {
        *new = world.with_clock(clock);
        new.last_numbered_page = None;
    })
    .await;
    let numbered = Ways {
        windowed: false,
        side_by_side: false,
        ..Ways::default()
    };
    sync(&fresh, "octo/web", numbered).await;
    assert_eq!(capped.owned().await, fresh.owned().await);
    capped.finish().await;
    fresh.finish().await;
}

/// What GraphQL alone tells: lists of REST have no reviews, no counts of a pull request, not who merged it, and no dates of heads.
const BY_GRAPHQL_ALONE: [&str; 7] = [
    "Repository Review",
    "Repository Pull Request.comments",
    "Repository Pull Request.review_decision",
    "Repository Pull Request.mergeable_state",
    "Repository Pull Request.merged_by",
    "Repository Pull Request.merged_by_id",
    "Repository Branch.last_updated",
];

#[tokio::test]
async fn invariant1_s5_without_graphql_the_rows_are_those_with_it_but_for_what_it_alone_tells() {
    let ways = Ways {
        graphql: false,
        ..Ways::default()
    };
    converges_but_for(&BY_GRAPHQL_ALONE, ways, Ways::default()).await;
}

#[tokio::test]
async fn invariant1_s5_without_graphql_many_runs_end_in_the_rows_of_one() {
    // What GraphQL alone tells (reviews, dates of heads) is in neither.
    let ways = Ways {
        graphql: false,
        ..Ways::default()
    };
    converges(ways, ways).await;
}

#[tokio::test]
async fn invariant1_s5_with_none_of_them_many_runs_end_in_the_rows_of_one() {
    let plain = Ways {
        incremental: false,
        conditional: false,
        windowed: false,
        graphql: false,
        side_by_side: false,
    };
    let rest = Ways {
        graphql: false,
        ..Ways::default()
    };
    converges(rest, plain).await;
}
