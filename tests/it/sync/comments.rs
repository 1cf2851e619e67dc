//! Comments: of issues and pull requests alike, followed by time, and gone with what they belong to.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::{Fault, World};
use erpnext_github::store::runs::RunStatus;

use super::shifted::{between_pages, finish, mirror as shared};
use crate::support::mirror::Mirror;

const COMMENTS: &str = "SELECT CONCAT_WS(' | ', title, IFNULL(issue, '-'), IFNULL(pull_request, '-'), issue_number, IFNULL(author, '-')) \
                        FROM `tabRepository Comment` ORDER BY CAST(github_id AS UNSIGNED)";
const COUNT: &str = "SELECT COUNT(*) FROM `tabRepository Comment`";

async fn mirror(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = Mirror::new(story).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror
}

/// An issue and a pull request with three comments, whose ids are given.
fn talk(world: &mut World) -> Vec<u64> {
    let web = world.repository("octo/web");
    web.open_issue("An issue");
    web.open_pull_request("A change", "change");
    let long = format!("\n\n  {}\nMore", "🧾".repeat(200));
    let ids = vec![
        web.comment_by(1, "ada-l", "First\nline"),
        web.comment_by(2, "renovate[bot]", &long),
        web.comment_by(1, "grace-h", ""),
    ];
    if let Some(comment) = web.comments.get_mut(&ids[2]) {
        comment.author = None;
    }
    ids
}

#[tokio::test]
async fn s4_comments_of_issues_and_pull_requests_lead_to_them() {
    let mirror = mirror(|world| drop(talk(world))).await;
    let long = format!("{} | - | octo/web-#2 | 2 | renovate[bot]", "🧾".repeat(140));
    assert_eq!(
        mirror.column(COMMENTS).await,
        [
            "First | octo/web-#1 | - | 1 | ada-l",
            long.as_str(),
            " | octo/web-#1 | - | 1 | -"
        ]
    );
    let body = "SELECT CHAR_LENGTH(body) FROM `tabRepository Comment` WHERE issue_number = 2";
    assert_eq!(mirror.erp.value(body).await, "209");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_new_and_changed_comments_come_with_the_next_run_and_deleted_ones_go_with_a_complete_one() {
    let mut ids = Vec::new();
    let mirror = mirror(|world| ids = talk(world)).await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.edit_comment(ids[0], "Better");
    web.delete_comment(ids[1]);
    web.comment_by(2, "ada-l", "New");
    drop(world);
    let report = mirror.sync("octo/web").await;
    let counts = &report.entities[&Entity::Comment].counts;
    assert_eq!((counts.created, counts.updated, counts.deleted), (1, 1, 0), "{report:?}");
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.entities[&Entity::Comment].counts.deleted, 1, "{report:?}");
    let titles: Vec<String> = mirror
        .column("SELECT title FROM `tabRepository Comment` ORDER BY CAST(github_id AS UNSIGNED)")
        .await;
    assert_eq!(titles, ["Better", "", "New"]);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_comments_go_with_a_deleted_issue_and_move_with_a_transferred_one() {
    let mirror = mirror(|world| {
        talk(world);
        world.repository("octo/web").open_issue("Elsewhere");
        world.repository("octo/web").comment_by(3, "ada-l", "Moves");
        world.repository("octo/api");
    })
    .await;
    let mut world = mirror.github.world();
    world.repository("octo/web").delete_item(1);
    world.transfer_issue("octo/web", 3, "octo/api");
    drop(world);
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(report.entities[&Entity::Comment].counts.deleted, 3, "{report:?}");
    mirror.sync("octo/api").await;
    let left = "SELECT CONCAT(repository, ' ', issue_number, ' ', IFNULL(issue, '-')) FROM `tabRepository Comment` ORDER BY 1";
    assert_eq!(mirror.column(left).await, ["octo/api 1 octo/api-#1", "octo/web 2 -"]);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_comments_of_somebody_who_was_hidden_and_is_shown_again_come_back() {
    let mut ids = Vec::new();
    let mirror = mirror(|world| ids = talk(world)).await;
    let hidden = mirror.github.world().repository("octo/web").comments.remove(&ids[0]);
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.erp.value(COUNT).await, "2");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let hidden = hidden.expect("a comment");
    mirror.github.world().repository("octo/web").comments.insert(ids[0], hidden);
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.erp.value(COUNT).await, "3");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_comment_changed_between_two_pages_hides_no_other_and_comes_with_the_next_run() {
    let mirror = shared(|world| {
        world.repository("octo/web").with_issues(5).with_comments(250);
    })
    .await;
    let last = *mirror
        .github
        .world()
        .repository("octo/web")
        .comments
        .keys()
        .next()
        .expect("a comment");
    between_pages(&mirror, "/repos/octo/web/issues/comments", false, |world| {
        world.repository("octo/web").edit_comment(last, "Changed meanwhile");
    })
    .await;
    let stored: u64 = mirror.erp.value(COUNT).await.parse().expect("a number");
    assert!(stored >= 249, "{stored}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(COUNT).await, "250");
    let changed = "SELECT COUNT(*) FROM `tabRepository Comment` WHERE title = 'Changed meanwhile'";
    assert_eq!(mirror.erp.value(changed).await, "1");
    finish(mirror).await;
}

#[tokio::test]
async fn s4_a_list_that_github_ends_is_read_from_its_other_end() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_issues(5).with_comments(750);
        world.last_numbered_page = Some(2);
    })
    .await;
    assert_eq!(mirror.erp.value(COUNT).await, "750");
    mirror.github.forget_requests();
    mirror.sync("octo/web").await;
    assert_eq!(mirror.asked_for(&["/issues/comments"]).len(), 1, "and then as any other");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_run_that_breaks_off_among_comments_leaves_the_cursor() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(5).with_comments(250);
        let broken = Fault::status("/repos/octo/web/issues/comments", 403);
        world.faults.push(broken.containing("page=3"));
    })
    .await;
    let context = mirror.impatient().await;
    let report = mirror.sync_in(&context, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "200");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "250");
    mirror.finish().await;
}

/// All comments of the world, and all that are stored, by id.
async fn both(mirror: &Mirror) -> (Vec<String>, Vec<String>) {
    let mut there: Vec<u64> = mirror
        .github
        .world()
        .repository("octo/web")
        .comments
        .keys()
        .copied()
        .collect();
    there.sort_unstable();
    let here = mirror
        .column("SELECT github_id FROM `tabRepository Comment` ORDER BY CAST(github_id AS UNSIGNED)")
        .await;
    (here, there.iter().map(u64::to_string).collect())
}

#[tokio::test]
async fn s2_comments_that_are_cut_off_go_on_where_they_were_and_what_moved_meanwhile_is_found() {
    for list_end in [None, Some(8)] {
        let mirror = Mirror::new(|world| {
            world.repository("octo/web").with_issues(5).with_comments(2_000);
            world.last_numbered_page = list_end;
            // Where GitHub ends the list, this is among the pages that are read by time.
            let away = Fault::status("/repos/octo/web/issues/comments", 502);
            world.faults.push(away.after(12).always());
        })
        .await;
        let report = mirror.sync_in(&mirror.impatient().await, "octo/web", false).await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        let kept = "SELECT GROUP_CONCAT(feed) FROM `erpnext_github_walk`";
        assert_eq!(mirror.erp.value(kept).await, "comments");
        {
            let mut world = mirror.github.world();
            world.faults.clear();
            let web = world.repository("octo/web");
            let ids: Vec<u64> = web.comments.keys().copied().collect();
            // Some that were read, some that were not.
            for at in [3, 500, 1_000, 1_990] {
                web.delete_comment(ids[at]);
            }
            web.edit_comment(ids[10], "Better");
            web.edit_comment(ids[1_900], "Better");
            web.comment_by(2, "ada-l", "New");
        }
        mirror.github.forget_requests();
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
        let asked = mirror.asked_for(&["/issues/comments"]).len();
        assert!(asked < 15, "{asked} pages of 20");
        mirror.sync("octo/web").await;
        let (here, there) = both(&mirror).await;
        let missing: Vec<&String> = there.iter().filter(|id| !here.contains(id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        mirror.sync_full("octo/web").await;
        let (here, there) = both(&mirror).await;
        assert_eq!(here, there, "what was deleted after it was seen");
        let better = "SELECT COUNT(*) FROM `tabRepository Comment` WHERE body = 'Better'";
        assert_eq!(mirror.erp.value(better).await, "2");
        assert_eq!(mirror.erp.value(kept).await, "");
        mirror.finish().await;
    }
}

#[tokio::test]
async fn s2_a_comment_that_cannot_be_read_does_not_have_all_of_them_read_by_each_run() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(5).with_comments(250);
        let odd = Fault::edit("/repos/octo/web/issues/comments", |body| {
            body[4] = serde_json::json!({ "odd": true });
        });
        world.faults.push(odd.containing("page=2"));
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "249");
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.asked_for(&["/issues/comments"]).len(), 1);
    mirror.sync_full("octo/web").await;
    assert_eq!(mirror.erp.value(COUNT).await, "250", "the walk of the night reads it again");
    mirror.finish().await;
}
