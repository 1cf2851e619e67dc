//! F-40 and the names of documents: one row a number, whatever the race and however long the name.

use erpnext_github::domain::{Change, Entity};

use super::made::{issue, pull, repository, then};
use super::{Desk, counts};

#[tokio::test]
async fn f40_repository_and_number_are_unique_and_looked_up_by_an_index() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    for (table, number) in [("Repository Issue", "issue_number"), ("Repository Pull Request", "pr_number")] {
        let key = desk
            .value(&format!(
                "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics \
             WHERE table_schema = DATABASE() AND table_name = 'tab{table}' AND non_unique = 0 AND index_name <> 'PRIMARY' \
             GROUP BY index_name HAVING COUNT(*) = 2"
            ))
            .await;
        assert_eq!(key, format!("repository,{number}"));
        desk.execute(&format!(
            "INSERT INTO `tab{table}` (name, repository, {number}) SELECT CONCAT('o/r-#', seq), 'o/r', seq FROM seq_1_to_500"
        ))
        .await;
        let plan = desk
            .erp
            .query(&format!(
                "EXPLAIN SELECT name FROM `tab{table}` WHERE repository = 'o/r' AND {number} = 77"
            ))
            .await;
        // Columns of EXPLAIN: id, select_type, table, type, possible_keys, key, ..., rows.
        assert_eq!(plan[0][3].as_deref(), Some("const"), "{plan:?}");
        let second = desk
            .erp
            .scratch()
            .execute(&format!(
                "INSERT INTO `tab{table}` (name, repository, {number}) VALUES ('other', 'o/r', 77)"
            ))
            .await;
        assert!(second.is_err(), "a second row of the same number must be refused");
    }
}

#[tokio::test]
async fn f40_applying_finds_its_rows_by_key() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    for sql in [
        "EXPLAIN SELECT name FROM tabRepository WHERE github_id = '1' LIMIT 1",
        "EXPLAIN SELECT name FROM `tabRepository Issue` WHERE github_id = '1'",
        "EXPLAIN SELECT name FROM `tabRepository Member` WHERE github_username = 'x'",
        "EXPLAIN SELECT name FROM `tabRepository Issue Assignee` WHERE parent IN ('o/r-#1', 'o/r-#2')",
        "EXPLAIN SELECT name FROM `tabProject` WHERE repository = 'o/r'",
        "EXPLAIN SELECT name FROM `tabTask` WHERE github_repo = 'o/r' AND github_issue_number = 1",
    ] {
        let plan = desk.erp.query(sql).await;
        assert!(plan[0][4].is_some(), "no index for {sql}: {plan:?}");
    }
}

#[tokio::test]
async fn f40_two_writers_at_once_end_in_one_row_each() {
    let desk = Desk::new().await;
    desk.repository(&repository(1, "o/r")).await;
    let batch = |from: u64| vec![Change::Issues((from..from + 60).map(|n| issue(n, then())).collect())];
    let (a, b, c) = tokio::join!(desk.apply(1, batch(1)), desk.apply(1, batch(30)), desk.apply(1, batch(1)));
    let created: u64 = [&a, &b, &c]
        .iter()
        .map(|applied| applied.counts[&Entity::Issue].created)
        .sum();
    assert_eq!(desk.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "89");
    assert!(created >= 89, "{created}");
    let again = desk.apply(1, batch(1)).await;
    assert_eq!(again.counts[&Entity::Issue], counts(0, 0, 60));
}

#[tokio::test]
async fn a_name_that_would_pass_140_characters_is_made_of_ids() {
    let desk = Desk::new().await;
    let long = format!("{}/{}", "o".repeat(39), "n".repeat(97));
    assert_eq!(long.len(), 137);
    desk.repository(&repository(77, &long)).await;
    desk.apply(
        77,
        vec![
            Change::Issues(vec![issue(1, then()), issue(12, then())]),
            Change::PullRequests(vec![pull(1_234_567, then())]),
        ],
    )
    .await;
    let names =
        desk.column("SELECT name FROM `tabRepository Issue` UNION SELECT name FROM `tabRepository Pull Request` ORDER BY 1");
    assert_eq!(
        names.await,
        ["gh-77-#1234567".to_owned(), "gh-77-#12".to_owned(), format!("{long}-#1")]
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
}
