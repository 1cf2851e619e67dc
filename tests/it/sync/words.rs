//! A label or milestone that gets another name or goes: the same run brings it to the issues, of which GitHub says that nothing changed.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const SAID: &str = "SELECT CONCAT_WS(' | ', labels, IFNULL(milestone, '-')) FROM `tabRepository Issue` ORDER BY issue_number";

#[tokio::test]
async fn s4_the_run_that_finds_a_label_or_milestone_renamed_renames_it_in_the_issues() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web").with_issues(3);
        for name in ["urgent", "given up"] {
            web.add_label(name);
        }
        for number in 1..=3 {
            let item = web.item_mut(number);
            (item.labels, item.milestone) = (Vec::new(), None);
        }
        web.item_mut(1).labelled("urgent").labelled("given up");
        web.item_mut(2).labelled("given up");
        let spring = web.add_milestone("Spring");
        web.item_mut(3).milestone = Some(spring);
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror.column(SAID).await,
        ["urgent,given up | -", "given up | -", " | Spring"]
    );
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.rename_label("urgent", "today");
    web.delete_label("given up");
    let spring = web.milestones.last().expect("a milestone").number;
    web.edit_milestone(spring).title = "Summer".to_owned();
    drop(world);
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert!(!report.full);
    assert_eq!(
        report.entities[&Entity::Issue].counts.updated,
        4,
        "the first one twice: {report:?}"
    );
    assert_eq!(mirror.column(SAID).await, ["today | -", " | -", " | Summer"]);
    let issues = mirror.asked_for(&["/issues"]);
    assert_eq!(issues.len(), 1, "no issue is asked for because of it: {issues:?}");
    mirror.finish().await;
}
