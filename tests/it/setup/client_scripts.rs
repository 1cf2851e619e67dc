//! Client Scripts: what the forms get, what an upgrade does with them, and what stays of an administrator.

use erpnext_github::setup;
use erpnext_github::sim::site::FrappeMajor;

use super::{install, options, uninstall};
use crate::support::TestSite;

/// What a version before this one had written.
const OLD: &str = "// an older text";

async fn script(test: &TestSite, name: &str) -> String {
    test.value(&format!(
        "SELECT CONCAT(enabled, script) FROM `tabClient Script` WHERE name = '{name}'"
    ))
    .await
}

/// Makes it look as if an older version had been installed.
async fn age(test: &TestSite, name: &str) {
    for sql in [
        format!("UPDATE `tabClient Script` SET script = '{OLD}' WHERE name = '{name}'"),
        format!("UPDATE erpnext_github_installed SET extra = JSON_SET(extra, '$.wrote.script', '{OLD}') WHERE item = '{name}'"),
    ] {
        test.scratch().execute(&sql).await.expect("changed");
    }
}

#[tokio::test]
async fn every_form_and_list_has_its_script_in_every_version() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = TestSite::new(major).await;
        let plan = setup::plan(test.site(), &options()).await.expect("a plan").to_string();
        install(test.site()).await;
        let sql = "SELECT name, dt, view, module, enabled FROM `tabClient Script` ORDER BY name";
        let rows: Vec<Vec<String>> = test
            .query(sql)
            .await
            .into_iter()
            .map(|row| row.into_iter().flatten().collect())
            .collect();
        let wanted = [
            ("GitHub App Installation", "Form"),
            ("GitHub Event", "Form"),
            ("GitHub Integration", "Form"),
            ("GitHub Integration", "List"),
            ("GitHub Release Rule", "Form"),
            ("GitHub Settings", "Form"),
            ("Project", "Form"),
            ("Repository", "Form"),
            ("Repository Issue", "Form"),
            ("Repository Issue", "List"),
            ("Repository", "List"),
            ("Repository Pull Request", "Form"),
            ("Repository Pull Request", "List"),
            ("Repository Release", "Form"),
            ("Task", "Form"),
            ("User", "Form"),
        ];
        let wanted: Vec<Vec<String>> = wanted
            .iter()
            .map(|(doctype, view)| {
                [&format!("GitHub {doctype} {view}"), *doctype, view, "GitHub", "1"]
                    .map(str::to_owned)
                    .to_vec()
            })
            .collect();
        assert_eq!(rows, wanted, "{major:?}");
        for row in &rows {
            assert!(plan.contains(&row[0]), "the plan does not name {}", row[0]);
        }
        let task = script(&test, "GitHub Task Form").await;
        assert!(task.contains("(function () {") && task.contains("on(\"Task\""), "{task}");
    }
}

#[tokio::test]
async fn an_upgrade_brings_the_new_text_and_leaves_the_switch() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let fresh = script(&test, "GitHub Task Form").await;
    age(&test, "GitHub Task Form").await;
    test.scratch()
        .execute("UPDATE `tabClient Script` SET enabled = 0 WHERE name = 'GitHub Task Form'")
        .await
        .expect("switched off");
    let report = install(test.site()).await;
    assert_eq!(report.rows_updated, 1, "{report}");
    let now = script(&test, "GitHub Task Form").await;
    assert_eq!(now, fresh.replacen('1', "0", 1), "off, with the text of now");
    assert!(install(test.site()).await.is_empty());
}

#[tokio::test]
async fn what_an_administrator_wrote_or_deleted_stays() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    age(&test, "GitHub User Form").await;
    for sql in [
        "UPDATE `tabClient Script` SET script = '// his own' WHERE name = 'GitHub User Form'",
        "DELETE FROM `tabClient Script` WHERE name = 'GitHub Project Form'",
    ] {
        test.scratch().execute(sql).await.expect("changed");
    }
    install(test.site()).await;
    assert_eq!(script(&test, "GitHub User Form").await, "1// his own");
    assert_eq!(script(&test, "GitHub Project Form").await, "");
}

#[tokio::test]
async fn a_removal_takes_ours_and_leaves_those_of_others() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let theirs = [("dt", "Task"), ("view", "Form"), ("enabled", "1"), ("script", "// theirs")];
    test.erp()
        .insert("Client Script", "Their Task", &theirs)
        .await
        .expect("a row");
    let before = test.dump().await;
    install(test.site()).await;
    uninstall(test.site()).await;
    assert!(before == test.dump().await, "a removal left something, or took too much");
}
