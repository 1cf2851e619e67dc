//! What is deleted between two pages of a list moves everything behind it one place up, so that something is passed over. The
//! run that meets this ends with every remaining row there and right; the quiet case costs no request.

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault, Gate, Paging, World};
use erpnext_github::store::runs::RunStatus;
use erpnext_github::sync::RepositoryReport;

use crate::support::mirror::Mirror;

pub(super) const CURSOR: &str = "SELECT cursor_at FROM erpnext_github_cursor WHERE entity = 'items'";

pub(super) async fn mirror(story: impl FnOnce(&mut World)) -> Arc<Mirror> {
    Arc::new(Mirror::new(story).await)
}

/// A run during which `act` happens between the first and the second page of the list at `path`.
pub(super) async fn between_pages(
    mirror: &Arc<Mirror>,
    path: &str,
    full: bool,
    act: impl FnOnce(&mut World),
) -> RepositoryReport {
    let gate = Gate::closed();
    let second = Fault::on(path, Effect::Held(gate.clone())).after(1);
    mirror.github.world().faults.push(second);
    let run = tokio::spawn({
        let mirror = mirror.clone();
        async move {
            if full {
                mirror.sync_full("octo/web").await
            } else {
                mirror.sync("octo/web").await
            }
        }
    });
    gate.reached(1).await;
    act(&mut mirror.github.world());
    gate.open();
    let report = run.await.expect("the run");
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    report
}

/// Number and title of every issue and pull request, here and on GitHub.
pub(super) async fn items(mirror: &Mirror) -> (Vec<String>, Vec<String>) {
    let sql = "SELECT CONCAT(LPAD(issue_number, 4, '0'), ' ', title) FROM `tabRepository Issue` \
               UNION ALL SELECT CONCAT(LPAD(pr_number, 4, '0'), ' ', title) FROM `tabRepository Pull Request` ORDER BY 1";
    let here = mirror.erp.query(sql).await.concat().into_iter().flatten().collect();
    let mut world = mirror.github.world();
    let items = world.repository("octo/web").items.values();
    let there = items.map(|item| format!("{:04} {}", item.number, item.title)).collect();
    (here, there)
}

pub(super) async fn finish(mirror: Arc<Mirror>) {
    Arc::into_inner(mirror).expect("alone").finish().await;
}

#[tokio::test]
async fn f19_an_issue_deleted_between_two_pages_of_the_first_walk_hides_no_other() {
    // With 101 of them the one that is passed over is the last, and the second page has nothing.
    for (issues, pulls) in [(240, 30), (101, 0), (202, 0)] {
        let mirror = mirror(|world| {
            world.repository("octo/web").with_issues(issues).with_pull_requests(pulls);
        })
        .await;
        between_pages(&mirror, "/repos/octo/web/issues", false, |world| {
            world.repository("octo/web").delete_item(7);
        })
        .await;
        let (here, there) = items(&mirror).await;
        assert_eq!(here, there);
        assert_eq!(mirror.erp.value(CURSOR).await, "2026-03-01 12:00:00.000000");
        finish(mirror).await;
    }
}

#[tokio::test]
async fn f19_what_a_later_walk_passes_over_is_brought_up_to_date_by_the_same_run() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(150);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(25));
    between_pages(&mirror, "/repos/octo/web/issues", true, |world| {
        let web = world.repository("octo/web");
        web.delete_item(7);
        // It changed a while ago; the next incremental run would not ask for it.
        web.item_mut(101).title = "Changed".to_owned();
    })
    .await;
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    assert_eq!(mirror.erp.value(CURSOR).await, "2026-03-02 13:00:00.000000");
    finish(mirror).await;
}

#[tokio::test]
async fn f19_an_issue_deleted_between_two_pages_of_what_changed_hides_no_other() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(260);
    })
    .await;
    mirror.sync("octo/web").await;
    for number in 1..=250 {
        mirror.erp.clock().advance(TimeDelta::seconds(10));
        mirror.github.world().repository("octo/web").edit(number).title = format!("Changed {number}");
    }
    let report = between_pages(&mirror, "/repos/octo/web/issues", false, |world| {
        world.repository("octo/web").delete_item(7);
    })
    .await;
    assert!(!report.full, "{report:?}");
    let (here, mut there) = items(&mirror).await;
    there.push("0007 Changed 7".to_owned());
    there.sort();
    assert_eq!(here, there, "only what is gone waits for a complete walk");
    finish(mirror).await;
}

#[tokio::test]
async fn more_changes_of_one_second_than_a_page_holds_are_all_read() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(260);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    for number in 1..=250 {
        mirror.github.world().repository("octo/web").edit(number).title = format!("Changed {number}");
    }
    mirror.erp.clock().advance(TimeDelta::seconds(1));
    mirror.github.world().repository("octo/web").edit(255).title = "Changed 255".to_owned();
    mirror.github.forget_requests();
    mirror.sync("octo/web").await;
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    let pages = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/issues"))
        .count();
    assert_eq!(pages, 3, "each once");
    finish(mirror).await;
}

#[tokio::test]
async fn lists_with_cursors_pass_nothing_over_and_are_walked_once() {
    let mirror = mirror(|world| {
        world.paging = Paging::Cursors;
        world.repository("octo/web").with_issues(250);
    })
    .await;
    between_pages(&mirror, "/repos/octo/web/issues", false, |world| {
        world.repository("octo/web").delete_item(7);
    })
    .await;
    let (here, mut there) = items(&mirror).await;
    there.push(here[6].clone());
    there.sort();
    assert_eq!(here, there, "what is gone is found by the next complete walk");
    let pages = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/issues"))
        .count();
    assert_eq!(pages, 3 + 1, "and what changed meanwhile");
    mirror.sync_full("octo/web").await;
    let (here, there) = items(&mirror).await;
    assert_eq!(here, there);
    finish(mirror).await;
}

#[tokio::test]
async fn what_a_list_leaves_out_twice_is_kept_and_holds_nothing_up() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(20);
    })
    .await;
    mirror.sync("octo/web").await;
    let before = items(&mirror).await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let hidden = Fault::edit("/repos/octo/web/issues", |body| {
        if let Some(rows) = body.as_array_mut() {
            rows.remove(4);
        }
    });
    mirror.github.world().faults.push(hidden.always());
    mirror.github.forget_requests();
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(items(&mirror).await, before);
    assert_eq!(mirror.erp.value(CURSOR).await, "2026-03-01 13:00:00.000000");
    let pages = mirror
        .github
        .requests()
        .iter()
        .filter(|one| one.path.ends_with("/issues"))
        .count();
    assert_eq!(pages, 2, "once more, and that is that");
    finish(mirror).await;
}
