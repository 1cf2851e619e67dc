//! F-19: what is gone vanishes only after a complete walk, each absence confirmed.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Effect, Fault};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const NUMBERS: &str = "SELECT GROUP_CONCAT(CONCAT(issue_number, IF(deleted_on_github, '!', '')) ORDER BY issue_number) FROM `tabRepository Issue` \
                       WHERE repository = 'octo/web'";

async fn mirror() -> Mirror {
    let mirror = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(5)
            .with_pull_requests(2)
            .with_branches(3)
            .with_members(3);
        world.repository("octo/api");
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    world.repository("octo/web").delete_item(2);
    world.transfer_issue("octo/web", 3, "octo/api");
    drop(world);
    mirror
}

#[tokio::test]
async fn f19_deleted_and_transferred_issues_vanish_after_a_complete_walk_only() {
    let mirror = mirror().await;
    mirror.sync("octo/web").await;
    assert_eq!(
        mirror.erp.value(NUMBERS).await,
        "1,2,3,4,5",
        "an incremental run sees what changed, not what is gone"
    );
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(report.entities[&Entity::Issue].counts.deleted, 2, "{report:?}");
    assert_eq!(mirror.erp.value(NUMBERS).await, "1,4,5");
    mirror.sync("octo/api").await;
    let moved = mirror
        .erp
        .value("SELECT name FROM `tabRepository Issue` WHERE repository = 'octo/api'")
        .await;
    assert_eq!(moved, "octo/api-#1");
    mirror.finish().await;
}

#[tokio::test]
async fn f19_where_a_task_links_it_the_issue_is_marked_and_the_link_stays() {
    let mirror = mirror().await;
    let sql = "UPDATE tabTask SET github_repo = 'octo/web', github_issue_doc = 'octo/web-#2', github_issue_number = 2 WHERE name = 'TASK-2026-00001'";
    mirror.erp.scratch().execute(sql).await.expect("a link");
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.erp.value(NUMBERS).await, "1,2!,4,5");
    let link = mirror
        .erp
        .value("SELECT github_issue_doc FROM tabTask WHERE name = 'TASK-2026-00001'")
        .await;
    assert_eq!(link, "octo/web-#2");
    let again = mirror.sync_full("octo/web").await;
    assert_eq!(again.entities[&Entity::Issue].counts.deleted, 0, "{again:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn f19_what_a_list_left_out_but_github_still_has_is_not_deleted() {
    let mirror = mirror().await;
    // A page that lacks two rows, as when a list shifts while it is read.
    let shorter = Fault::edit("/repos/octo/web/issues", |body| {
        if let Some(rows) = body.as_array_mut() {
            rows.drain(..2);
        }
    });
    mirror.github.world().faults.push(shorter);
    mirror.sync_full("octo/web").await;
    assert_eq!(
        mirror.erp.value(NUMBERS).await,
        "1,4,5",
        "only the two that GitHub says are gone"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f19_an_unclear_answer_deletes_nothing_and_moves_no_cursor() {
    let unclear = serde_json::json!({ "type": "SERVICE_UNAVAILABLE", "message": "Something went wrong" });
    for effect in [
        Effect::GraphqlErrors(vec![unclear]),
        Effect::Truncated,
        Effect::Answer {
            status: 500,
            headers: Vec::new(),
            body: None,
        },
    ] {
        let mirror = mirror().await;
        let before = mirror
            .erp
            .value("SELECT cursor_at FROM erpnext_github_cursor WHERE entity = 'items'")
            .await;
        mirror
            .github
            .world()
            .faults
            .push(Fault::on("/graphql", effect).containing("StillThere").always());
        let report = mirror.sync_in(&mirror.impatient().await, "octo/web", true).await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert_eq!(mirror.erp.value(NUMBERS).await, "1,2,3,4,5");
        let after = mirror
            .erp
            .value("SELECT cursor_at FROM erpnext_github_cursor WHERE entity = 'items'")
            .await;
        assert_eq!(after, before);
        mirror.finish().await;
    }
}

#[tokio::test]
async fn f19_issues_that_are_switched_off_are_kept() {
    let mirror = mirror().await;
    mirror.github.world().repository("octo/web").has_issues = false;
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror.erp.value(NUMBERS).await,
        "1,2,3,4,5",
        "they come back when switched on again"
    );
    assert_eq!(
        mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Pull Request`").await,
        "2"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f15_deleted_branches_and_removed_members_disappear_with_any_complete_list() {
    let mirror = mirror().await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.delete_branch("feature/branch-0000");
    web.remove_member("member-001");
    drop(world);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Branch].counts.deleted, 1, "{report:?}");
    assert_eq!(report.entities[&Entity::Member].counts.deleted, 1, "{report:?}");
    let left = mirror
        .erp
        .value("SELECT GROUP_CONCAT(commit_sha = REPEAT('0', 40)) FROM `tabRepository Branch`")
        .await;
    assert_eq!(left, "0,0", "no row of zeros is left behind");
    mirror.finish().await;
}

#[tokio::test]
async fn f19_what_comes_back_as_it_was_is_mirrored_again() {
    let mirror = mirror().await;
    let link = "UPDATE tabTask SET github_repo = 'octo/web', github_issue_doc = 'octo/web-#5', github_issue_number = 5 WHERE name = 'TASK-2026-00001'";
    mirror.erp.scratch().execute(link).await.expect("a link");
    let hidden: Vec<_> = {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        [4, 5]
            .map(|number| {
                let item = web.item(number).expect("an issue").clone();
                web.delete_item(number);
                item
            })
            .into()
    };
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.erp.value(NUMBERS).await, "1,5!");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    for item in hidden {
        mirror.github.world().repository("octo/web").restore_item(item);
    }
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(NUMBERS).await, "1,4,5");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.github.forget_requests();
    mirror.sync_full("octo/web").await;
    let requests = mirror.github.requests();
    let queries = requests.iter().filter_map(|one| one.operation.as_ref());
    let asked = queries.filter(|operation| operation.query.contains("StillThere")).count();
    assert_eq!(asked, 0, "nothing is doubtful any more");
    mirror.finish().await;
}
