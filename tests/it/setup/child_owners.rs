//! Whose child rows are that earlier versions wrote: nobody's who is confined to some repositories.

use erpnext_github::setup::doctypes;
use erpnext_github::sim::site::FrappeMajor;

use super::install;
use crate::support::TestSite;

/// More than are written at a time.
const MANY: usize = 5_400;

async fn owners(test: &TestSite, table: &str) -> String {
    let sql = format!("SELECT GROUP_CONCAT(DISTINCT IFNULL(owner, '-') ORDER BY owner) FROM `{table}`");
    test.value(&sql).await
}

#[tokio::test]
async fn child_rows_from_before_are_taken_from_whoever_pressed_the_button() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let all = doctypes().expect("embedded");
    let tables: Vec<String> = all
        .iter()
        .filter(|one| one.is_table)
        .map(|one| format!("tab{}", one.name))
        .collect();
    for table in &tables {
        let rows = format!(
            "INSERT INTO `{table}` (name, owner, modified) VALUES ('a', 'ann@x.com', '2026-01-01'), ('b', 'Administrator', '2026-01-01'), \
             ('c', NULL, '2026-01-01'), ('ö', 'administrator', '2026-01-01')"
        );
        test.scratch().execute(&rows).await.expect("rows");
    }
    let many = format!(
        "INSERT INTO `tabRepository Member` (name, owner, modified) SELECT CONCAT('m', seq), 'ben@x.com', '2026-01-01' FROM seq_1_to_{MANY}"
    );
    test.scratch().execute(&many).await.expect("many rows");
    // A site as a version before this one left it.
    let before = "DELETE FROM erpnext_github_patch WHERE name LIKE '0024%'";
    for _ in 0..2 {
        test.scratch().execute(before).await.expect("as before");
        let report = install(test.site()).await;
        assert_eq!(report.patches.len(), 1, "{:?}", report.patches);
        for table in &tables {
            let owners = owners(&test, table).await;
            assert!(owners.eq_ignore_ascii_case("Administrator"), "{table}: {owners}");
            let changed = format!("SELECT COUNT(*) FROM `{table}` WHERE modified <> '2026-01-01'");
            assert_eq!(test.value(&changed).await, "0", "{table}: Frappe sees no save in it");
        }
    }
    // Where nothing is to be changed, nothing is locked or written.
    test.record().await;
    test.scratch().execute(before).await.expect("as before");
    install(test.site()).await;
    let written = test.statements().await;
    let written: Vec<&String> = written
        .iter()
        .filter(|one| one.starts_with("UPDATE `tab") && one.contains("owner = 'Administrator'") && !one.contains("NULL"))
        .collect();
    assert!(written.is_empty(), "{written:?}");
}
