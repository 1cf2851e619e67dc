//! F-18: what is older never overwrites what is newer; order and repetition make no difference.

use chrono::TimeDelta;
use erpnext_github::domain::{Absence, Change, Entity};

use super::made::{issue, pull, repository, then};
use super::{Desk, counts};

#[tokio::test]
async fn f18_an_older_answer_is_counted_as_stale_and_changes_nothing() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let mut newer = issue(7, then() + TimeDelta::seconds(1));
    newer.item.title = "Newer".to_owned();
    newer.item.assignees = vec![super::made::person(5, "late")];
    let mut newer_pull = pull(8, then() + TimeDelta::seconds(1));
    newer_pull.item.title = "Newer".to_owned();
    desk.apply(1, vec![Change::Issues(vec![newer]), Change::PullRequests(vec![newer_pull])])
        .await;
    let tables = [
        "tabRepository",
        "tabRepository Issue",
        "tabRepository Issue Assignee",
        "tabRepository Pull Request",
    ];
    let before = desk.erp.dump_tables(&tables).await;
    desk.erp.clock().advance(TimeDelta::minutes(1));
    let applied = desk
        .apply(
            1,
            vec![
                Change::Issues(vec![issue(7, then())]),
                Change::PullRequests(vec![pull(8, then())]),
            ],
        )
        .await;
    assert_eq!(applied.counts[&Entity::Issue].stale, 1, "{applied:?}");
    assert_eq!(applied.counts[&Entity::PullRequest].stale, 1, "{applied:?}");
    assert_eq!(applied.touched, Vec::new());
    assert_eq!(desk.erp.dump_tables(&tables).await, before);
}

#[tokio::test]
async fn f18_an_older_answer_of_the_repository_changes_nothing() {
    let desk = Desk::new().await;
    let mut newer = repository(1, "o/r");
    newer.updated_at = then() + TimeDelta::minutes(1);
    newer.description = "Newer".to_owned();
    desk.repository(&newer).await;
    let applied = desk.repository(&repository(1, "o/r")).await;
    assert_eq!(applied.counts[&Entity::Repository].stale, 1, "{applied:?}");
    assert_eq!(desk.value("SELECT description FROM tabRepository").await, "Newer");
}

#[tokio::test]
async fn f18_order_and_repetition_within_one_set_make_no_difference() {
    let (desk, other) = (Desk::new().await, Desk::new().await);
    let versions: Vec<_> = (0..4)
        .map(|second| {
            let mut one = issue(7, then() + TimeDelta::seconds(second));
            one.item.title = format!("Version {second}");
            one.item.assignees = vec![super::made::person(
                u64::try_from(second).unwrap_or(0) + 1,
                &format!("p{second}"),
            )];
            one
        })
        .collect();
    desk.repository(&repository(1, "o/r")).await;
    other.repository(&repository(1, "o/r")).await;
    for version in versions.iter().rev() {
        desk.apply(1, vec![Change::Issues(vec![version.clone()])]).await;
    }
    let shuffled = [2, 0, 3, 1, 3].map(|at| versions[at].clone()).to_vec();
    let applied = other.apply(1, vec![Change::Issues(shuffled)]).await;
    assert_eq!(
        applied.counts[&Entity::Issue],
        counts(1, 0, 0),
        "one document, however often it comes"
    );
    let tables = ["tabRepository Issue", "tabRepository Issue Assignee"];
    assert_eq!(desk.erp.dump_tables(&tables).await, other.erp.dump_tables(&tables).await);
    assert_eq!(desk.value("SELECT title FROM `tabRepository Issue`").await, "Version 3");
}

#[tokio::test]
async fn f18_a_late_answer_does_not_bring_back_what_is_gone() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    desk.apply(
        1,
        vec![
            Change::Issues(vec![issue(7, then()), issue(9, then())]),
            Change::PullRequests(vec![pull(8, then())]),
        ],
    )
    .await;
    desk.apply(
        1,
        vec![
            Change::IssuesGone(vec![(7, Absence::Deleted)]),
            Change::PullRequestsGone(vec![(8, Absence::Deleted)]),
        ],
    )
    .await;
    let applied = desk
        .apply(
            1,
            vec![
                Change::Issues(vec![issue(7, then() + TimeDelta::hours(1))]),
                Change::PullRequests(vec![pull(8, then() + TimeDelta::hours(1))]),
            ],
        )
        .await;
    assert_eq!(applied.counts[&Entity::Issue].stale, 1, "{applied:?}");
    assert_eq!(applied.counts[&Entity::PullRequest].stale, 1, "{applied:?}");
    let names = desk.column("SELECT name FROM `tabRepository Issue` UNION SELECT name FROM `tabRepository Pull Request`");
    assert_eq!(names.await, ["o/r-#9"]);
}

#[tokio::test]
async fn f13_a_source_that_does_not_know_the_detail_leaves_it_alone() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let mut known = pull(8, then());
    if let Some(detail) = known.detail.as_mut() {
        detail.reviewers = vec![super::made::person(4, "rita")];
        detail.review_decision = Some(Some("approved".to_owned()));
    }
    desk.apply(1, vec![Change::PullRequests(vec![known.clone()])]).await;
    let mut brief = pull(8, then() + TimeDelta::minutes(1));
    (brief.id, brief.detail, brief.item.comments) = (None, None, None);
    brief.item.title = "Newer".to_owned();
    desk.apply(1, vec![Change::PullRequests(vec![brief])]).await;
    let row = desk
        .erp
        .query(
            "SELECT title, github_id, mergeable_state, review_decision, head_branch, comments, \
             (SELECT github_username FROM `tabRepository PR Reviewer`) FROM `tabRepository Pull Request`",
        )
        .await;
    let row: Vec<String> = row.concat().into_iter().map(Option::unwrap_or_default).collect();
    assert_eq!(row, ["Newer", "20008", "clean", "approved", "change-8", "0", "rita"]);
    // Not computed just now is not known either.
    let mut uncomputed = pull(8, then() + TimeDelta::minutes(2));
    if let Some(detail) = uncomputed.detail.as_mut() {
        (detail.mergeable_state, detail.review_decision) = (None, None);
    }
    desk.apply(1, vec![Change::PullRequests(vec![uncomputed])]).await;
    let state = desk.value("SELECT CONCAT(mergeable_state, ' ', review_decision) FROM `tabRepository Pull Request`");
    assert_eq!(state.await, "clean approved");
}
