//! Each entity: the same again writes nothing, a change writes exactly its rows, and what people own stays.

use chrono::TimeDelta;
use erpnext_github::domain::{Change, Entity, IssueState};

use super::made::{branch, comment, commit, issue, label, member, milestone, person, pull, release, repository, review, then};
use super::{Desk, counts};

const OURS: &str = "SELECT CONCAT(d.doctype, ' ', d.name) FROM ( \
    SELECT 'Repository' doctype, name, modified FROM tabRepository UNION ALL SELECT 'Issue', name, modified FROM `tabRepository Issue` \
    UNION ALL SELECT 'PR', name, modified FROM `tabRepository Pull Request` \
    UNION ALL SELECT 'Branch', branch_name, modified FROM `tabRepository Branch` \
    UNION ALL SELECT 'Member', github_username, modified FROM `tabRepository Member` \
    UNION ALL SELECT 'Assignee', CONCAT(parent, ' ', github_username), modified FROM `tabRepository Issue Assignee` \
    UNION ALL SELECT 'Reviewer', CONCAT(parent, ' ', github_username), modified FROM `tabRepository PR Reviewer` \
    UNION ALL SELECT 'Label', label_name, modified FROM `tabRepository Label` \
    UNION ALL SELECT 'Milestone', title, modified FROM `tabRepository Milestone` \
    UNION ALL SELECT 'Release', tag_name, modified FROM `tabRepository Release` \
    UNION ALL SELECT 'Asset', asset_name, modified FROM `tabRepository Release Asset` \
    UNION ALL SELECT 'Comment', title, modified FROM `tabRepository Comment` \
    UNION ALL SELECT 'Review', title, modified FROM `tabRepository Review` \
    UNION ALL SELECT 'Commit', LEFT(sha, 1), modified FROM `tabRepository Commit` \
    ) d WHERE d.modified >= '2026-03-01 08:00:00' ORDER BY 1";

fn everything() -> Vec<Change> {
    let mut one = issue(1, then());
    one.item.assignees = vec![person(5, "ann"), person(6, "ben")];
    let mut three = pull(3, then());
    if let Some(detail) = three.detail.as_mut() {
        detail.reviewers = vec![person(6, "ben")];
    }
    vec![
        Change::Repository(Box::new(repository(1, "o/r"))),
        Change::Issues(vec![one, issue(2, then())]),
        Change::PullRequests(vec![three, pull(4, then())]),
        Change::AllBranches(vec![branch("main", then()), branch("dev", then())]),
        Change::AllMembers(vec![member(5, "ann", "write"), member(6, "ben", "admin")]),
        Change::Labels(vec![label(1, "bug"), label(2, "idea")]),
        Change::Milestones(vec![milestone(1, then())]),
        Change::Releases(vec![release(1, then())]),
        Change::Comments(vec![comment(1, 1, then())]),
        Change::Reviews(vec![review(1, 3)]),
        Change::Commits(vec![commit("a", "main")]),
    ]
}

async fn furnished() -> Desk {
    let desk = Desk::new().await;
    desk.apply(1, everything()).await;
    // An hour later: eight in the morning in New York.
    desk.erp.clock().advance(TimeDelta::hours(1));
    desk
}

#[tokio::test]
async fn noop_of_every_entity() {
    let desk = furnished().await;
    let before = desk.erp.dump().await;
    desk.erp.record().await;
    let again = desk.apply(1, everything()).await;
    assert_eq!(desk.erp.writes().await, Vec::<String>::new());
    assert_eq!(again.touched, Vec::new());
    for entity in Entity::ALL {
        let line = &again.counts[&entity];
        assert_eq!(
            (line.created, line.updated, line.deleted, line.stale),
            (0, 0, 0, 0),
            "{entity:?} {line:?}"
        );
        assert!(line.unchanged > 0, "{entity:?}");
    }
    assert_eq!(desk.erp.dump().await, before);
}

#[tokio::test]
async fn a_changed_issue_touches_its_row_alone() {
    let desk = furnished().await;
    let mut one = issue(2, then() + TimeDelta::minutes(1));
    (one.state, one.state_reason, one.item.closed_at) = (IssueState::Closed, Some("completed".to_owned()), Some(then()));
    let applied = desk.apply(1, vec![Change::Issues(vec![issue(2, then()), one])]).await;
    assert_eq!(applied.counts[&Entity::Issue], counts(0, 1, 0));
    assert_eq!(desk.column(OURS).await, ["Issue o/r-#2"]);
}

#[tokio::test]
async fn a_changed_part_touches_its_row_alone() {
    let desk = furnished().await;
    let mut newer = release(1, then() + TimeDelta::minutes(1));
    newer.assets[0].size = 1;
    let changes = vec![
        Change::Labels(vec![label(1, "bug"), label(2, "thought")]),
        Change::Releases(vec![newer]),
    ];
    let applied = desk.apply(1, changes).await;
    assert_eq!(applied.counts[&Entity::Label], counts(0, 1, 1));
    assert_eq!(desk.column(OURS).await, ["Asset file-100.zip", "Label thought", "Release v1"]);
}

#[tokio::test]
async fn a_new_assignee_touches_the_issue_and_one_row() {
    let desk = furnished().await;
    let mut one = issue(1, then() + TimeDelta::minutes(1));
    one.item.assignees = vec![person(5, "ann"), person(6, "ben"), person(7, "cid")];
    desk.apply(1, vec![Change::Issues(vec![one])]).await;
    assert_eq!(desk.column(OURS).await, ["Assignee o/r-#1 cid", "Issue o/r-#1"]);
}

#[tokio::test]
async fn a_changed_reviewer_touches_the_pull_request_and_its_row() {
    let desk = furnished().await;
    let mut three = pull(3, then() + TimeDelta::minutes(1));
    if let Some(detail) = three.detail.as_mut() {
        detail.reviewers = vec![person(5, "ann")];
    }
    desk.apply(1, vec![Change::PullRequests(vec![three])]).await;
    assert_eq!(desk.column(OURS).await, ["PR o/r-#3", "Reviewer o/r-#3 ann"]);
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository PR Reviewer`").await, "1");
}

#[tokio::test]
async fn a_pushed_a_deleted_and_a_new_branch_touch_the_repository_and_their_rows() {
    let desk = furnished().await;
    let pushed = branch("main", then() + TimeDelta::minutes(1));
    let applied = desk
        .apply(1, vec![Change::AllBranches(vec![pushed, branch("dev", then())])])
        .await;
    assert_eq!(desk.column(OURS).await, ["Branch main", "Repository o/r"]);
    assert_eq!(applied.touched.len(), 1, "{applied:?}");
    desk.erp.clock().advance(TimeDelta::hours(1));
    let applied = desk.apply(1, vec![Change::AllBranches(vec![branch("dev", then())])]).await;
    assert_eq!(applied.counts[&Entity::Branch].deleted, 1);
    assert_eq!(
        desk.value("SELECT CONCAT(branches_total, ' ', (SELECT COUNT(*) FROM `tabRepository Branch`)) FROM tabRepository")
            .await,
        "1 1"
    );
}

#[tokio::test]
async fn f31_a_changed_role_and_a_leaver_touch_the_repository_and_their_rows() {
    let desk = furnished().await;
    let applied = desk
        .apply(1, vec![Change::AllMembers(vec![member(5, "ann", "maintain")])])
        .await;
    assert_eq!(desk.column(OURS).await, ["Member ann", "Repository o/r"]);
    assert_eq!(
        (
            applied.counts[&Entity::Member].updated,
            applied.counts[&Entity::Member].deleted
        ),
        (1, 1)
    );
    assert_eq!(
        desk.column("SELECT CONCAT(role, ' ', permission) FROM `tabRepository Member`")
            .await,
        ["maintainer maintain"]
    );
}

#[tokio::test]
async fn a_changed_description_touches_the_repository_alone() {
    let desk = furnished().await;
    let mut changed = repository(1, "o/r");
    (changed.description, changed.updated_at) = ("Other".to_owned(), then() + TimeDelta::minutes(1));
    desk.repository(&changed).await;
    assert_eq!(desk.column(OURS).await, ["Repository o/r"]);
    let mut starred = changed.clone();
    starred.stargazers_count += 10;
    let applied = desk.repository(&starred).await;
    assert_eq!(
        applied.counts[&Entity::Repository],
        counts(0, 0, 1),
        "a star is no reason for a new modified"
    );
}

#[tokio::test]
async fn what_people_own_survives_every_write() {
    let desk = furnished().await;
    let own = "_assign = '[\"jane@example.com\"]', _user_tags = ',core', _comments = '[]', _liked_by = '[]'";
    desk.execute(&format!(
        "UPDATE tabRepository SET project = 'PROJ-0001', enabled = 0, sync_interval_minutes = 15, webhook_events = 'push', {own}; \
         UPDATE `tabRepository Issue` SET task = 'TASK-2026-00001', {own}; \
         UPDATE `tabRepository Pull Request` SET task = 'TASK-2026-00002', {own}"
    ))
    .await;
    let later = then() + TimeDelta::hours(2);
    let mut changed = repository(1, "o/r");
    (changed.description, changed.updated_at) = ("Other".to_owned(), later);
    let set = vec![
        Change::Repository(Box::new(changed)),
        Change::Issues(vec![issue(1, later), issue(2, later)]),
        Change::PullRequests(vec![pull(3, later), pull(4, later)]),
        Change::AllBranches(Vec::new()),
        Change::AllMembers(Vec::new()),
    ];
    let applied = desk.apply(1, set).await;
    assert_eq!(applied.counts[&Entity::Issue], counts(0, 2, 0));
    let own = "_assign = '[\"jane@example.com\"]' AND _user_tags = ',core' AND _comments = '[]' AND _liked_by = '[]'";
    for (table, more, count) in [
        (
            "Repository",
            "project = 'PROJ-0001' AND enabled = 0 AND sync_interval_minutes = 15 AND webhook_events = 'push'",
            "1",
        ),
        ("Repository Issue", "task = 'TASK-2026-00001'", "2"),
        ("Repository Pull Request", "task = 'TASK-2026-00002'", "2"),
    ] {
        let kept = desk
            .value(&format!("SELECT COUNT(*) FROM `tab{table}` WHERE {own} AND {more}"))
            .await;
        assert_eq!(kept, count, "{table}");
    }
    let made = desk
        .value("SELECT COUNT(*) FROM `tabRepository Issue` WHERE creation < '2026-03-01 08:00:00' AND owner = 'Administrator'");
    assert_eq!(made.await, "2", "creation and owner are the first writer's");
}

#[tokio::test]
async fn what_somebody_changed_by_hand_in_githubs_columns_is_mended() {
    let desk = furnished().await;
    desk.execute("UPDATE `tabRepository Issue` SET title = 'Mine', state = 'closed' WHERE issue_number = 2; DELETE FROM `tabRepository Issue Assignee`")
        .await;
    let applied = desk.apply(1, everything()).await;
    assert_eq!(applied.counts[&Entity::Issue], counts(0, 2, 0));
    assert_eq!(
        desk.value("SELECT CONCAT(title, ' ', state) FROM `tabRepository Issue` WHERE issue_number = 2")
            .await,
        "Title of 2 open"
    );
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Issue Assignee`").await, "2");
}
