//! What labels, milestones, releases, comments and commits cost: a request a page when all is read, one that GitHub does not charge
//! when nothing changed.

use chrono::TimeDelta;
use erpnext_github::domain::{Entity, ReviewState};
use erpnext_github::sim::github::RecordedRequest;
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

const LISTS: [&str; 5] = ["/labels", "/milestones", "/releases", "/issues/comments", "/commits"];

/// How often each list was asked for, and how often that was answered "not modified".
fn asked(requests: &[RecordedRequest]) -> Vec<(usize, usize)> {
    let of = |list: &str| {
        let own = requests.iter().filter(|one| one.path.ends_with(list));
        let known = own.clone().filter(|one| one.status == 304).count();
        (own.count(), known)
    };
    LISTS.iter().map(|list| of(list)).collect()
}

#[tokio::test]
async fn s4_a_list_is_read_a_hundred_at_a_time_and_then_not_at_all() {
    let mirror = Mirror::new(|world| {
        let web = world
            .repository("octo/web")
            .with_issues(20)
            .with_pull_requests(5)
            .with_comments(250)
            .with_commits(230);
        web.with_labels(90).with_milestones(40).with_releases(70);
    })
    .await;
    let first = mirror.sync("octo/web").await;
    assert_eq!(first.status, RunStatus::Completed, "{first:?}");
    assert_eq!(asked(&mirror.github.requests()), [(1, 0), (1, 0), (1, 0), (3, 0), (3, 0)]);
    for _ in 0..2 {
        mirror.erp.clock().advance(TimeDelta::hours(1));
        mirror.github.forget_requests();
        let again = mirror.sync("octo/web").await;
        assert_eq!(again.status, RunStatus::Completed, "{again:?}");
        assert!(again.cost.not_modified >= 4, "{again:?}");
        // The list of branches says that there are no new commits.
        let requests = mirror.github.requests();
        assert_eq!(asked(&requests), [(1, 1), (1, 1), (1, 1), (1, 1), (0, 0)]);
        // Eight of the repository, its items, branches and members; of the lists those that GitHub does not charge.
        assert!(requests.len() <= 8 + 4, "{requests:?}");
    }
    mirror.github.forget_requests();
    let full = mirror.sync_full("octo/web").await;
    assert_eq!(full.status, RunStatus::Completed, "{full:?}");
    assert_eq!(asked(&mirror.github.requests()), [(1, 0), (1, 0), (1, 0), (3, 0), (3, 0)]);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_lists_of_several_pages_are_looked_at_once_more_only_while_something_is_new() {
    let mirror = Mirror::new(|world| {
        let web = world.repository("octo/web");
        web.with_labels(300).with_milestones(150).with_releases(250);
    })
    .await;
    mirror.sync("octo/web").await;
    // Labels: four pages, and the three before the last once more, which GitHub does not charge.
    assert_eq!(asked(&mirror.github.requests())[..3], [(4 + 3, 3), (2 + 1, 1), (3 + 2, 2)]);
    mirror.github.forget_requests();
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.sync_full("octo/web").await;
    assert_eq!(asked(&mirror.github.requests())[..3], [(4, 0), (2, 0), (3, 0)]);
    mirror.github.forget_requests();
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.sync("octo/web").await;
    assert_eq!(asked(&mirror.github.requests())[..3], [(1, 1), (1, 1), (1, 1)]);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_what_changed_costs_the_pages_that_it_fills() {
    let mirror = Mirror::new(|world| {
        let web = world
            .repository("octo/web")
            .with_issues(20)
            .with_pull_requests(3)
            .with_comments(250);
        web.with_releases(250).with_commits(230);
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    let pull = web.items.values().find(|item| item.is_pull_request()).map(|item| item.number);
    web.review(pull.expect("a pull request"), "ada-l", ReviewState::Approved);
    web.comment_by(1, "ada-l", "New");
    web.publish_release("v9");
    web.push("main");
    drop(world);
    mirror.github.forget_requests();
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    // Of releases the second page too: all but one of the first were known, and that page is the first without news.
    assert_eq!(asked(&mirror.github.requests()), [(1, 1), (1, 1), (2, 0), (1, 0), (1, 0)]);
    let created = |entity| report.entities[&entity].counts.created;
    let new = [Entity::Comment, Entity::Commit, Entity::Release, Entity::Review];
    assert_eq!(new.map(created), [1, 1, 1, 1], "{report:?}");
    mirror.finish().await;
}
