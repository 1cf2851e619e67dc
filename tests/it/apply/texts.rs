//! F-10: what is long, odd or empty on GitHub is stored as well as the columns allow, and stops nothing.

use erpnext_github::domain::{Change, Entity};

use super::made::{branch, issue, pull, repository, then};
use super::{Desk, counts};

#[tokio::test]
async fn f10_long_titles_and_bodies_are_kept_whole() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let mut one = issue(1, then());
    one.item.title = "🚀".repeat(1_000);
    one.item.body = "漢".repeat(65_536);
    one.item.author = None;
    let mut two = issue(2, then());
    two.item.body = "😀".repeat(65_536);
    let applied = desk
        .apply(1, vec![Change::Issues(vec![one.clone(), two, issue(3, then())])])
        .await;
    assert_eq!(applied.counts[&Entity::Issue], counts(3, 0, 0));
    let lengths =
        desk.column("SELECT CONCAT(CHAR_LENGTH(title), ' ', CHAR_LENGTH(body)) FROM `tabRepository Issue` ORDER BY issue_number");
    assert_eq!(lengths.await, ["1000 65536", "10 65536", "10 4"]);
    assert_eq!(
        desk.value(
            "SELECT body = REPEAT('漢', 65536) AND title = REPEAT('🚀', 1000) FROM `tabRepository Issue` WHERE issue_number = 1"
        )
        .await,
        "1"
    );
    let again = desk.apply(1, vec![Change::Issues(vec![one])]).await;
    assert_eq!(again.counts[&Entity::Issue], counts(0, 0, 1));
}

#[tokio::test]
async fn f10_what_does_not_fit_a_column_is_cut_at_a_character_and_stays_equal_the_next_time() {
    let desk = Desk::new().await;
    let mut home = repository(1, "o/r");
    home.description = "ü".repeat(40_000);
    desk.repository(&home).await;
    let mut one = pull(1, then());
    one.item.labels = (0..100).map(|n| format!("label-{n:03}-{}", "x".repeat(40))).collect();
    one.item.milestone = Some("m".repeat(400));
    one.item.url = format!("https://github.com/{}", "u".repeat(700));
    if let Some(detail) = one.detail.as_mut() {
        detail.head_branch = "b".repeat(300);
        detail.team_reviewers = vec!["t".repeat(200), "u".repeat(200)];
    }
    desk.apply(1, vec![Change::PullRequests(vec![one.clone()])]).await;
    let lengths = desk.value(
        "SELECT CONCAT_WS(' ', CHAR_LENGTH(labels), CHAR_LENGTH(milestone), CHAR_LENGTH(url), CHAR_LENGTH(head_branch), \
         CHAR_LENGTH(team_reviewers), (SELECT CHAR_LENGTH(description) FROM tabRepository)) FROM `tabRepository Pull Request`",
    );
    assert_eq!(lengths.await, "5099 255 500 255 401 32767");
    assert_eq!(desk.repository(&home).await.counts[&Entity::Repository], counts(0, 0, 1));
    let again = desk.apply(1, vec![Change::PullRequests(vec![one])]).await;
    assert_eq!(again.counts[&Entity::PullRequest], counts(0, 0, 1));
}

#[tokio::test]
async fn f10_branch_names_that_differ_in_case_or_are_long_are_rows_of_their_own() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let long = "feature/".to_owned() + &"x".repeat(240);
    let names = [
        "Main",
        "main",
        "MAIN",
        "ma\u{131}n",
        "release",
        "rélease",
        "a/b-c",
        "a-b/c",
        &long,
    ];
    let all: Vec<_> = names.iter().map(|name| branch(name, then())).collect();
    let applied = desk.apply(1, vec![Change::AllBranches(all.clone())]).await;
    assert_eq!(applied.counts[&Entity::Branch], counts(names.len() as u64, 0, 0));
    let mut stored = desk.column("SELECT branch_name FROM `tabRepository Branch`").await;
    stored.sort();
    let mut expected = names.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(stored, expected);
    let again = desk.apply(1, vec![Change::AllBranches(all)]).await;
    assert_eq!(again.touched, Vec::new());
}

#[tokio::test]
async fn f10_repositories_whose_names_run_together_do_not_meet() {
    let desk = Desk::new().await;
    // `a/b` + `c-d` and `a/b-c` + `d` had one name in the Python app.
    for (id, name, of) in [(1, "a/b", "c-d"), (2, "a/b-c", "d")] {
        desk.repository(&repository(id, name)).await;
        desk.apply(id, vec![Change::AllBranches(vec![branch(of, then())])]).await;
    }
    assert_eq!(
        desk.value("SELECT COUNT(DISTINCT name) FROM `tabRepository Branch`").await,
        "2"
    );
}

#[tokio::test]
async fn f10_a_zero_byte_and_line_breaks_are_stored_as_they_are() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let mut one = issue(1, then());
    one.item.body = "a\0b\r\nc\\'\"`; DROP TABLE x; -- %s {{ frappe }}".to_owned();
    one.item.title = "tab\there 'quoted'".to_owned();
    desk.apply(1, vec![Change::Issues(vec![one.clone()])]).await;
    assert_eq!(
        desk.value("SELECT HEX(LEFT(body, 6)) FROM `tabRepository Issue`").await,
        "6100620D0A63"
    );
    let again = desk.apply(1, vec![Change::Issues(vec![one])]).await;
    assert_eq!(again.counts[&Entity::Issue], counts(0, 0, 1));
}
