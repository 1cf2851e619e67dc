//! Names of labels and milestones where issues and pull requests say them: they change with the thing that they name.

use chrono::{DateTime, TimeDelta, Utc};
use erpnext_github::domain::{Change, Entity};

use super::made::{issue, label, milestone, pull, repository, then};
use super::{Desk, counts};

/// What issues and pull requests say, in the order of their numbers.
const SAID: &str = "SELECT CONCAT_WS(' | ', labels, IFNULL(milestone, '-')) FROM `tabRepository Issue` UNION ALL \
                    SELECT CONCAT_WS(' | ', labels, IFNULL(milestone, '-')) FROM `tabRepository Pull Request`";
const WALKED: &str = "SELECT IFNULL(walked_at, '-') FROM `erpnext_github_cursor` WHERE entity = 'items'";

/// A label and a milestone under these names; three issues and a pull request that say them.
async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let labelled = |number: u64, labels: &[&str]| {
        let mut issue = issue(number, then());
        issue.item.labels = labels.iter().map(|&name| name.to_owned()).collect();
        issue
    };
    let mut issues = vec![
        labelled(1, &["a", "bug", "debug"]),
        labelled(2, &["bug"]),
        labelled(3, &["debug"]),
    ];
    let mut on = pull(4, then());
    on.item.labels = vec!["Bug".to_owned(), "bug".to_owned()];
    issues[0].item.milestone = Some("Spring".to_owned());
    on.item.milestone = Some("Spring".to_owned());
    desk.apply(
        1,
        vec![
            Change::Labels(vec![label(11, "bug"), label(12, "debug")]),
            Change::Milestones(vec![titled("Spring", then())]),
            Change::Issues(issues),
            Change::PullRequests(vec![on]),
        ],
    )
    .await;
    desk.execute("INSERT INTO `erpnext_github_cursor` (repository_id, entity, walked_at) VALUES (1, 'items', '2026-01-01')")
        .await;
    desk.erp.clock().advance(TimeDelta::minutes(1));
    desk
}

fn titled(title: &str, at: DateTime<Utc>) -> erpnext_github::domain::Milestone {
    let mut milestone = milestone(1, at);
    title.clone_into(&mut milestone.title);
    milestone
}

#[tokio::test]
async fn s4_a_renamed_label_is_renamed_in_every_issue_that_has_it_and_in_no_other() {
    let desk = desk().await;
    let untouched = "SELECT modified FROM `tabRepository Issue` WHERE issue_number = 3";
    let before = desk.value(untouched).await;
    let versions = "SELECT GROUP_CONCAT(github_version ORDER BY name) FROM `tabRepository Issue`";
    let version = desk.value(versions).await;
    let applied = desk.apply(1, vec![Change::Labels(vec![label(11, "defect")])]).await;
    assert_eq!(
        desk.column(SAID).await,
        ["a,defect,debug | Spring", "defect | -", "debug | -", "Bug,defect | Spring"]
    );
    assert_eq!(applied.counts[&Entity::Issue], counts(0, 2, 0), "{applied:?}");
    assert_eq!(applied.counts[&Entity::PullRequest], counts(0, 1, 0), "{applied:?}");
    assert_eq!(applied.touched.len(), 1 + 3, "open forms are told: {applied:?}");
    assert_eq!(desk.value(untouched).await, before);
    assert_eq!(desk.value(versions).await, version, "GitHub gives them no new version");
    let again = desk.apply(1, vec![Change::Labels(vec![label(11, "defect")])]).await;
    assert!(again.touched.is_empty(), "{again:?}");
    assert_eq!(desk.value(WALKED).await, "2026-01-01 00:00:00.000000");
}

#[tokio::test]
async fn s4_a_label_that_is_gone_is_taken_from_every_issue() {
    let desk = desk().await;
    desk.apply(1, vec![Change::LabelsGone(vec![11])]).await;
    assert_eq!(
        desk.column(SAID).await,
        ["a,debug | Spring", " | -", "debug | -", "Bug | Spring"]
    );
}

#[tokio::test]
async fn s4_a_milestone_is_renamed_and_taken_where_issues_say_it() {
    let desk = desk().await;
    let later = then() + TimeDelta::minutes(1);
    desk.apply(1, vec![Change::Milestones(vec![titled("Summer", later)])]).await;
    assert_eq!(
        desk.column(SAID).await,
        ["a,bug,debug | Summer", "bug | -", "debug | -", "Bug,bug | Summer"]
    );
    // An older word changes neither the milestone nor the issues.
    desk.apply(1, vec![Change::Milestones(vec![titled("Spring", then())])]).await;
    assert_eq!(desk.column(SAID).await[0], "a,bug,debug | Summer");
    desk.apply(1, vec![Change::MilestonesGone(vec![1_001])]).await;
    assert_eq!(desk.column(SAID).await[0], "a,bug,debug | -");
    assert_eq!(desk.value(WALKED).await, "2026-01-01 00:00:00.000000");
}

#[tokio::test]
async fn s4_a_name_that_another_label_took_over_is_left_to_a_walk_over_all_issues() {
    let desk = desk().await;
    // "bug" may mean either of them in an issue that was read before.
    let swapped = vec![label(11, "defect"), label(13, "bug")];
    desk.apply(1, vec![Change::Labels(swapped)]).await;
    assert_eq!(desk.column(SAID).await[1], "bug | -");
    assert_eq!(desk.value(WALKED).await, "-", "the next run reads all issues");
}
