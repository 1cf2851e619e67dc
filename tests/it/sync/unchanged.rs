//! The first test of every entity: a second run of the same state writes nothing that GitHub owns.

use erpnext_github::domain::{Entity, ReviewState};
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

/// Columns that a run may set though nothing changed: when it was and how it went.
const BOOKKEEPING: [&str; 4] = ["tabGitHub Sync Run", "erpnext_github_", "tabSingles", "SET last_sync_error"];

#[tokio::test]
async fn a_second_run_writes_nothing_that_github_owns() {
    let mirror = Mirror::new(|world| {
        world.user("jane");
        world.user("bob");
        let web = world
            .repository("octo/web")
            .with_issues(120)
            .with_pull_requests(30)
            .with_branches(5)
            .with_comments(120)
            .with_releases(3)
            .with_labels(120)
            .with_milestones(3)
            .with_commits(121);
        let pull = web.items.values().find(|item| item.is_pull_request()).map(|item| item.number);
        let pull = pull.expect("a pull request");
        web.review(pull, "bob", ReviewState::Approved);
        web.with_member(Collaborator::new("jane", Permission::Push));
        web.item_mut(3).assigned_to("jane").labelled("bug");
    })
    .await;
    let first = mirror.sync("octo/web").await;
    assert_eq!(first.status, RunStatus::Completed, "{first:?}");
    assert_eq!(first.entities[&Entity::Issue].counts.created, 120, "{first:?}");
    assert_eq!(first.entities[&Entity::PullRequest].counts.created, 30, "{first:?}");
    for (entity, stored) in [
        (Entity::Comment, 120),
        (Entity::Release, 3),
        (Entity::Label, 125),
        (Entity::Milestone, 3),
        (Entity::Review, 1),
        // The first one is two years old.
        (Entity::Commit, 120),
    ] {
        assert_eq!(first.entities[&entity].counts.created, stored, "{entity:?} {first:?}");
    }
    let before = mirror.mirror().await;
    for full in [false, true] {
        mirror.erp.record().await;
        let again = if full {
            mirror.sync_full("octo/web").await
        } else {
            mirror.sync("octo/web").await
        };
        assert_eq!(again.status, RunStatus::Completed, "{again:?}");
        for (entity, run) in &again.entities {
            let counts = &run.counts;
            assert_eq!(
                (counts.created, counts.updated, counts.deleted),
                (0, 0, 0),
                "{entity:?} {counts:?}"
            );
        }
        let writes: Vec<String> = mirror
            .erp
            .writes()
            .await
            .into_iter()
            .filter(|statement| !BOOKKEEPING.iter().any(|allowed| statement.contains(allowed)))
            .collect();
        assert_eq!(writes, Vec::<String>::new());
    }
    assert_eq!(mirror.mirror().await, before);
    mirror.finish().await;
}
