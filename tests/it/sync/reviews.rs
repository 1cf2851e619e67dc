//! Reviews: they come with what is asked of their pull requests.

use chrono::TimeDelta;
use erpnext_github::domain::{Entity, ReviewState};
use erpnext_github::sim::github::{Fault, World};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const REVIEWS: &str = "SELECT CONCAT_WS(' | ', title, pull_request, pr_number, IFNULL(reviewer, '-'), IFNULL(reviewer_id, '-') <> '-', state) \
                       FROM `tabRepository Review` ORDER BY CAST(github_id AS UNSIGNED)";
const COUNT: &str = "SELECT COUNT(*) FROM `tabRepository Review`";

async fn mirror(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = Mirror::new(story).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror
}

/// A pull request with four reviews, whose ids are given; one is pending, one was written by nobody that is left.
fn reviewed(world: &mut World) -> Vec<u64> {
    let web = world.repository("octo/web");
    web.open_pull_request("A change", "change");
    let ids: Vec<u64> = [
        ("ada-l", ReviewState::ChangesRequested),
        ("copilot[bot]", ReviewState::Commented),
        ("octo", ReviewState::Pending),
        ("left", ReviewState::Approved),
    ]
    .map(|(login, state)| web.review(1, login, state))
    .into();
    let pull = web.item_mut(1).pull_request.as_mut().expect("a pull request");
    pull.reviews[3].author = None;
    ids
}

#[tokio::test]
async fn s4_reviews_come_without_a_request_of_their_own_and_pending_ones_not_at_all() {
    let mirror = mirror(|world| drop(reviewed(world))).await;
    assert_eq!(
        mirror.column(REVIEWS).await,
        [
            "changes requested by ada-l | octo/web-#1 | 1 | ada-l | 1 | changes_requested",
            "commented by copilot[bot] | octo/web-#1 | 1 | copilot[bot] | 1 | commented",
            "approved by ghost | octo/web-#1 | 1 | - | 0 | approved",
        ]
    );
    let rest = "SELECT CONCAT_WS(' ', LENGTH(commit_sha), submitted_at, url LIKE '%/pull/1#pullrequestreview-%') FROM `tabRepository Review` LIMIT 1";
    assert_eq!(mirror.erp.value(rest).await, "40 2026-03-01 07:00:00.000000 1");
    let asked = mirror.github.requests();
    let details = asked.iter().filter(|one| one.path == "/graphql").count();
    assert!(details <= 3, "details, commit dates, people: {details}");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_dismissed_review_and_one_that_vanished_are_followed() {
    let mut ids = Vec::new();
    let mirror = mirror(|world| ids = reviewed(world)).await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.dismiss_review(1, ids[0]);
    let pull = web.item_mut(1).pull_request.as_mut().expect("a pull request");
    pull.reviews.remove(1);
    drop(world);
    let report = mirror.sync("octo/web").await;
    let counts = &report.entities[&Entity::Review].counts;
    assert_eq!((counts.updated, counts.deleted), (1, 1), "{report:?}");
    assert_eq!(
        mirror.column(REVIEWS).await[0],
        "dismissed by ada-l | octo/web-#1 | 1 | ada-l | 1 | dismissed"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_more_reviews_than_a_page_holds_are_all_read() {
    let mirror = mirror(|world| {
        let web = world.repository("octo/web");
        for change in ["one", "two"] {
            let number = web.open_pull_request(change, change).number;
            for step in 0..230 {
                web.review(number, &format!("reviewer-{step}"), ReviewState::Commented);
            }
        }
    })
    .await;
    assert_eq!(mirror.erp.value(COUNT).await, "460");
    let asked = mirror.github.requests();
    let more = |one: &&erpnext_github::sim::github::RecordedRequest| {
        one.operation
            .as_ref()
            .is_some_and(|sent| sent.query.contains("query MoreReviews"))
    };
    assert_eq!(asked.iter().filter(more).count(), 2, "both pull requests in one query a page");
    mirror.finish().await;
}

/// A world whose pull request has more reviews than a page holds; GitHub does not give the second page, so many times.
async fn with_a_hole(times: usize) -> Mirror {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.open_pull_request("one", "one");
        for step in 0..130 {
            web.review(1, &format!("reviewer-{step}"), ReviewState::Commented);
        }
        for _ in 0..times {
            let hole = Fault::edit("/graphql", |body| body["data"]["p0"] = serde_json::Value::Null);
            world.faults.push(hole.containing("query MoreReviews"));
        }
    })
    .await;
    // Longer ago than an incremental run reaches back.
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror
}

const NOTED: &str = "SELECT COUNT(*) FROM `erpnext_github_cursor` WHERE entity LIKE 'reviews:%'";

#[tokio::test]
async fn s4_reviews_that_could_not_all_be_read_are_counted_and_asked_for_again() {
    let mirror = with_a_hole(2).await;
    for _ in 0..2 {
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
        assert_eq!(report.entities[&Entity::Review].failed, 1, "{report:?}");
        assert_eq!(mirror.erp.value(COUNT).await, "100");
        assert_eq!(mirror.erp.value(NOTED).await, "1");
        mirror.erp.clock().advance(TimeDelta::hours(1));
    }
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "130");
    assert_eq!(mirror.erp.value(NOTED).await, "0");
    mirror.github.forget_requests();
    mirror.sync("octo/web").await;
    assert_eq!(mirror.asked_for(&["/graphql"]), Vec::<String>::new(), "it is settled");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_reviews_that_cannot_be_read_hold_up_neither_their_pull_request_nor_the_cursor() {
    let mirror = Mirror::new(|world| {
        reviewed(world);
        world.repository("octo/web").with_issues(3);
        let broken = Fault::edit("/graphql", |body| {
            body["data"]["nodes"][0]["reviews"] = serde_json::Value::Null;
            body["errors"] = serde_json::json!([{
                "type": "SERVICE_UNAVAILABLE", "path": ["nodes", 0, "reviews"], "message": "Something broke",
            }]);
        });
        world.faults.push(broken.containing("query PullRequestDetails"));
    })
    .await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(report.entities[&Entity::PullRequest].failed, 0, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "0");
    let head = "SELECT IFNULL(head_branch, '-') FROM `tabRepository Pull Request`";
    assert_eq!(mirror.erp.value(head).await, "change", "the rest of the answer counts");
    let cursor =
        "SELECT CONCAT(cursor_at IS NOT NULL, walked_at IS NOT NULL) FROM `erpnext_github_cursor` WHERE entity = 'items'";
    assert_eq!(mirror.erp.value(cursor).await, "11");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert!(!report.full);
    assert_eq!(mirror.erp.value(COUNT).await, "3");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_review_that_is_not_what_github_describes_is_counted_and_keeps_what_is_stored() {
    let mirror = mirror(|world| drop(reviewed(world))).await;
    let mut world = mirror.github.world();
    world.repository("octo/web").edit(1).title = "Changed".to_owned();
    let odd = Fault::edit("/graphql", |body| {
        body["data"]["nodes"][0]["reviews"]["nodes"][0]["state"] = serde_json::json!("AMAZED");
    });
    world.faults.push(odd.containing("query PullRequestDetails"));
    drop(world);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(report.entities[&Entity::Review].failed, 1, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "3");
    assert_eq!(
        mirror.erp.value("SELECT title FROM `tabRepository Pull Request`").await,
        "Changed"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_review_of_which_github_does_not_say_whether_it_is_there_is_asked_for_again() {
    let mirror = mirror(|world| drop(reviewed(world))).await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    let pull = web.edit(1).pull_request.as_mut().expect("a pull request");
    pull.reviews.remove(0);
    world
        .faults
        .push(Fault::status("/graphql", 403).containing("query NodesThere"));
    drop(world);
    let context = mirror.impatient().await;
    let report = mirror.sync_in(&context, "octo/web", false).await;
    assert_eq!(report.status, RunStatus::CompletedWithFailures, "{report:?}");
    assert_eq!(report.entities[&Entity::Issue].failed, 0, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "3");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "2");
    mirror.finish().await;
}

#[tokio::test]
async fn s4_reviews_and_comments_go_with_their_pull_request() {
    let mirror = mirror(|world| {
        reviewed(world);
        world.repository("octo/web").comment(1);
    })
    .await;
    mirror.github.world().repository("octo/web").delete_item(1);
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(COUNT).await, "0");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Comment`").await, "0");
    mirror.finish().await;
}
