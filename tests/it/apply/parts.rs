//! Parts of a repository, one at a time as webhooks bring them: in any order, and more than once.

use chrono::TimeDelta;
use erpnext_github::domain::{Absence, Change, Entity, ReviewState};

use super::made::{asset, comment, commit, issue, label, milestone, pull, release, repository, review, then, utc};
use super::{Desk, counts};

const TABLES: [&str; 7] = [
    "tabRepository Label",
    "tabRepository Milestone",
    "tabRepository Release",
    "tabRepository Release Asset",
    "tabRepository Comment",
    "tabRepository Review",
    "tabRepository Commit",
];

async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    desk.apply(
        1,
        vec![
            Change::Issues(vec![issue(1, then())]),
            Change::PullRequests(vec![pull(2, then())]),
            Change::Labels(vec![label(11, "bug")]),
            Change::Milestones(vec![milestone(1, then())]),
            Change::Releases(vec![release(21, then())]),
            Change::Comments(vec![comment(31, 1, then())]),
            Change::Reviews(vec![review(41, 2)]),
            Change::Commits(vec![commit("a", "main")]),
        ],
    )
    .await;
    desk
}

#[tokio::test]
async fn invariant5_the_same_again_writes_nothing() {
    let desk = desk().await;
    let before = desk.erp.dump_tables(&TABLES).await;
    desk.erp.clock().advance(TimeDelta::minutes(1));
    let applied = desk
        .apply(
            1,
            vec![
                Change::Labels(vec![label(11, "bug"), label(11, "bug")]),
                Change::Milestones(vec![milestone(1, then())]),
                Change::Releases(vec![release(21, then())]),
                Change::Comments(vec![comment(31, 1, then())]),
                Change::Reviews(vec![review(41, 2)]),
                Change::Commits(vec![commit("a", "main")]),
            ],
        )
        .await;
    for (entity, line) in &applied.counts {
        assert_eq!(*line, counts(0, 0, 1), "{entity:?}");
    }
    assert_eq!(applied.counts.len(), 6);
    assert_eq!(applied.touched, Vec::new());
    assert_eq!(desk.erp.dump_tables(&TABLES).await, before);
}

#[tokio::test]
async fn f18_an_older_word_of_what_has_a_version_changes_nothing() {
    let desk = desk().await;
    let (old, new) = (then() - TimeDelta::seconds(1), then() + TimeDelta::seconds(1));
    let mut newer = (milestone(1, new), release(21, new), comment(31, 1, new), review(41, 2));
    newer.0.title = "Newer".to_owned();
    newer.1.name = "Newer".to_owned();
    newer.2.body = "Newer".to_owned();
    (newer.3.body, newer.3.updated_at) = ("Newer".to_owned(), Some(new));
    let changes = vec![
        Change::Milestones(vec![newer.0]),
        Change::Releases(vec![newer.1]),
        Change::Comments(vec![newer.2]),
        Change::Reviews(vec![newer.3]),
    ];
    desk.apply(1, changes).await;
    let before = desk.erp.dump_tables(&TABLES).await;
    let mut older = review(41, 2);
    older.updated_at = Some(old);
    let applied = desk
        .apply(
            1,
            vec![
                Change::Milestones(vec![milestone(1, old)]),
                Change::Releases(vec![release(21, old)]),
                Change::Comments(vec![comment(31, 1, then())]),
                Change::Reviews(vec![older]),
            ],
        )
        .await;
    for (entity, line) in &applied.counts {
        assert_eq!(line.stale, 1, "{entity:?} {line:?}");
    }
    assert_eq!(desk.erp.dump_tables(&TABLES).await, before);
}

#[tokio::test]
async fn f18_what_was_deleted_is_not_brought_back_by_a_delivery_that_was_under_way() {
    let desk = desk().await;
    let gone = || {
        vec![
            Change::LabelsGone(vec![11, 404]),
            Change::MilestonesGone(vec![1_001]),
            Change::ReleasesGone(vec![21]),
            Change::CommentsGone(vec![31]),
            Change::ReviewsGone(vec![41]),
        ]
    };
    let applied = desk.apply(1, gone()).await;
    for (entity, line) in &applied.counts {
        assert_eq!(line.deleted, 1, "{entity:?} {line:?}");
    }
    let again = desk.apply(1, gone()).await;
    assert!(again.counts.values().all(|line| line.deleted == 0), "{again:?}");
    let applied = desk
        .apply(
            1,
            vec![
                Change::Labels(vec![label(11, "bug")]),
                Change::Milestones(vec![milestone(1, then())]),
                Change::Releases(vec![release(21, then())]),
                Change::Comments(vec![comment(31, 1, then())]),
                Change::Reviews(vec![review(41, 2)]),
            ],
        )
        .await;
    for (entity, line) in &applied.counts {
        assert_eq!((line.created, line.stale), (0, 1), "{entity:?} {line:?}");
    }
    for table in TABLES.iter().filter(|table| !table.ends_with("Commit")) {
        assert_eq!(desk.value(&format!("SELECT COUNT(*) FROM `{table}`")).await, "0", "{table}");
    }
    // Another thing of the same id is none: the kinds have graves of their own.
    desk.apply(1, vec![Change::Labels(vec![label(21, "other")])]).await;
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Label`").await, "1");
    desk.apply(
        1,
        vec![
            Change::PartsBack(Entity::Label, vec![11]),
            Change::Labels(vec![label(11, "bug")]),
        ],
    )
    .await;
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Label`").await, "2");
}

#[tokio::test]
async fn f18_a_delete_that_comes_before_what_it_deletes_holds() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    desk.apply(1, vec![Change::CommentsGone(vec![31])]).await;
    desk.apply(1, vec![Change::Comments(vec![comment(31, 1, then())])]).await;
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Comment`").await, "0");
}

#[tokio::test]
async fn f19_comments_and_reviews_go_with_what_they_belong_to_and_late_ones_stay_away() {
    let desk = desk().await;
    let mut on_pull = comment(32, 2, then());
    on_pull.on_pull_request = true;
    desk.apply(1, vec![Change::Comments(vec![on_pull.clone()])]).await;
    let applied = desk
        .apply(
            1,
            vec![
                Change::IssuesGone(vec![(1, Absence::Deleted)]),
                Change::PullRequestsGone(vec![(2, Absence::Deleted)]),
            ],
        )
        .await;
    assert_eq!(applied.counts[&Entity::Comment].deleted, 2, "{applied:?}");
    assert_eq!(applied.counts[&Entity::Review].deleted, 1, "{applied:?}");
    let late = then() + TimeDelta::days(365);
    let mut review = review(42, 2);
    review.updated_at = Some(late);
    let applied = desk
        .apply(
            1,
            vec![
                Change::Comments(vec![comment(33, 1, late), on_pull]),
                Change::Reviews(vec![review]),
            ],
        )
        .await;
    assert_eq!(applied.counts[&Entity::Comment].stale, 2, "{applied:?}");
    assert_eq!(applied.counts[&Entity::Review].stale, 1, "{applied:?}");
}

#[tokio::test]
async fn f19_a_comment_is_no_reason_to_keep_an_issue_that_is_gone() {
    let desk = desk().await;
    desk.apply(1, vec![Change::IssuesGone(vec![(1, Absence::Deleted)])]).await;
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "0");
}

#[tokio::test]
async fn s4_a_part_that_somebodys_document_refers_to_is_marked_once() {
    let desk = desk().await;
    let name = desk.value("SELECT name FROM `tabRepository Comment`").await;
    let erp = desk.erp.erp();
    erp.add_todo("jane@example.com", "Repository Comment", &name, "Answer")
        .await
        .expect("a todo");
    desk.apply(1, vec![Change::IssuesGone(vec![(1, Absence::Deleted)])]).await;
    let marked = "SELECT CONCAT(deleted_on_github, ' ', title) FROM `tabRepository Comment`";
    assert_eq!(desk.value(marked).await, "1 Comment 31");
    let applied = desk.apply(1, vec![Change::CommentsGone(vec![31])]).await;
    assert_eq!(applied.counts[&Entity::Comment].deleted, 0, "{applied:?}");
}

#[tokio::test]
async fn s4_a_review_that_was_dismissed_stays_so_whatever_comes_late() {
    let desk = desk().await;
    let mut dismissed = review(41, 2);
    dismissed.state = ReviewState::Dismissed;
    desk.apply(1, vec![Change::Reviews(vec![dismissed])]).await;
    let applied = desk.apply(1, vec![Change::Reviews(vec![review(41, 2)])]).await;
    assert_eq!(applied.counts[&Entity::Review].stale, 1, "{applied:?}");
    let mut pending = review(43, 2);
    pending.state = ReviewState::Pending;
    desk.apply(1, vec![Change::Reviews(vec![pending])]).await;
    let states = desk.column("SELECT title FROM `tabRepository Review`").await;
    assert_eq!(states, ["dismissed by rita"], "what is pending is its author's alone");
}

#[tokio::test]
async fn s4_a_source_that_tells_no_time_of_change_leaves_the_stored_one() {
    let desk = desk().await;
    let mut brief = release(21, then());
    (brief.updated_at, brief.created_at, brief.name) = (None, None, "Renamed".to_owned());
    let mut known = review(41, 2);
    known.updated_at = Some(then());
    desk.apply(1, vec![Change::Releases(vec![brief]), Change::Reviews(vec![known])])
        .await;
    let mut edited = review(41, 2);
    edited.body = "Edited".to_owned();
    desk.apply(1, vec![Change::Reviews(vec![edited])]).await;
    let told = "SELECT CONCAT_WS(' ', title, updated_at, created_at, github_version) FROM `tabRepository Release`";
    let version = then().timestamp();
    assert_eq!(
        desk.value(told).await,
        format!("Renamed 2026-02-10 10:04:05.000000 2026-02-10 10:04:05.000000 {version}")
    );
    let told = "SELECT CONCAT_WS(' ', body, updated_at, github_version) FROM `tabRepository Review`";
    assert_eq!(desk.value(told).await, format!("Edited 2026-02-10 10:04:05.000000 {version}"));
}

#[tokio::test]
async fn s4_the_files_of_a_release_are_followed_one_by_one() {
    let desk = desk().await;
    let names = "SELECT GROUP_CONCAT(asset_name, ' ', size ORDER BY idx) FROM `tabRepository Release Asset`";
    assert_eq!(desk.value(names).await, "file-2100.zip 3000000000");
    let mut more = release(21, then());
    more.assets.insert(0, asset(5));
    let applied = desk.apply(1, vec![Change::Releases(vec![more])]).await;
    assert_eq!(
        applied.counts[&Entity::Release],
        counts(0, 1, 0),
        "the same version, but not the same"
    );
    assert_eq!(desk.value(names).await, "file-5.zip 3000000000,file-2100.zip 3000000000");
}

#[tokio::test]
async fn s4_a_push_makes_commits_and_changes_nothing_of_those_that_are_there() {
    let desk = desk().await;
    let brief = |sha: &str, branch: &str| {
        let mut one = commit(sha, branch);
        (one.is_brief, one.author, one.authored_at, one.committed_at) = (true, None, None, utc("2026-02-11T00:00:00Z"));
        one
    };
    let rows = "SELECT CONCAT_WS(' ', LEFT(sha, 1), branch, IFNULL(author, '-'), IFNULL(authored_at, '-'), committed_at) \
                FROM `tabRepository Commit` ORDER BY sha";
    let applied = desk
        .apply(1, vec![Change::Commits(vec![brief("a", "topic"), brief("b", "topic")])])
        .await;
    assert_eq!(applied.counts[&Entity::Commit], counts(1, 0, 1), "{applied:?}");
    let whole = "a main mona 2026-02-10 10:04:05.000000 2026-02-10 10:04:05.000000";
    assert_eq!(desk.column(rows).await, [whole, "b topic - - 2026-02-10 19:00:00.000000"]);
    // The merge of the topic: the same commit on the default branch.
    desk.apply(1, vec![Change::Commits(vec![brief("b", "main")])]).await;
    assert_eq!(desk.column(rows).await, [whole, "b main - - 2026-02-10 19:00:00.000000"]);
    // And late word of the topic, and what the sync knows.
    desk.apply(1, vec![Change::Commits(vec![brief("b", "topic"), commit("b", "topic")])])
        .await;
    assert_eq!(
        desk.column(rows).await,
        [whole, "b main mona 2026-02-10 10:04:05.000000 2026-02-10 10:04:05.000000"]
    );
    desk.apply(1, vec![Change::CommitsGone(vec!["b".repeat(40)])]).await;
    desk.apply(1, vec![Change::Commits(vec![brief("b", "topic")])]).await;
    assert_eq!(desk.column(rows).await.len(), 2, "a push brings it back");
}
