//! However a mirror came to its state, in many small runs or in one, it says the same.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::runs::RunStatus;

use crate::support::TestSite;
use crate::support::mirror::Mirror;

#[tokio::test]
async fn invariant1_many_incremental_runs_end_in_the_rows_of_one_complete_run() {
    let grown = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(30)
            .with_pull_requests(15)
            .with_branches(4)
            .with_members(4)
            .with_milestones(3);
        let web = world.repository("octo/web");
        let milestone = web.milestones.first().map(|one| one.number);
        (1..=20).for_each(|number| web.item_mut(number).milestone = milestone);
    })
    .await;
    grown.sync("octo/web").await;
    let mut passed = TimeDelta::zero();
    for step in 0..60 {
        let by = TimeDelta::minutes(7);
        passed += by;
        grown.erp.clock().advance(by);
        grown.github.world().evolve(step);
        if step == 20 {
            grown.github.world().rename_repository("octo/web", "octo/site");
        }
        if step == 30 {
            let mut world = grown.github.world();
            let site = world.repository("octo/site");
            site.with_member(Collaborator::new("newcomer", Permission::Maintain));
            site.remove_member("member-001");
            site.delete_branch("feature/branch-0001");
            site.rename_label("bug", "defect");
        }
        if step == 40 {
            let mut world = grown.github.world();
            let site = world.repository("octo/site");
            let milestone = site.milestones.first().map(|one| one.number);
            site.edit_milestone(milestone.expect("a milestone")).title = "Another title".to_owned();
            site.delete_label("defect");
        }
        if step % 4 == 3 {
            let name = if step < 20 { "octo/web" } else { "octo/site" };
            let report = grown.sync(name).await;
            assert_eq!(report.status, RunStatus::Completed, "{report:?}");
            assert_eq!(
                report.full,
                step == 23,
                "only the rename asks for a complete walk: {report:?}"
            );
        }
    }
    let world = grown.github.world().clone();
    let erp = TestSite::new(FrappeMajor::V15).await;
    erp.clock().advance(passed);
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| *new = world.with_clock(clock)).await;
    fresh.sync("octo/site").await;
    let (one, other) = (grown.owned().await, fresh.owned().await);
    assert!(one.len() > 60, "{}", one.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
    grown.finish().await;
    fresh.finish().await;
}
