//! The page of the desk: what it leads to, whose it stays, and that it goes without a trace.

use erpnext_github::sim::site::FrappeMajor;
use serde_json::Value;

use super::{install, uninstall};
use crate::support::TestSite;

const PAGE: &str = "SELECT CONCAT(title, ' ', module, ' ', public, ' ', is_hidden) FROM tabWorkspace WHERE name = 'GitHub'";

async fn labels(test: &TestSite, table: &str) -> Vec<String> {
    let sql =
        format!("SELECT label FROM `tabWorkspace {table}` WHERE parent = 'GitHub' AND parenttype = 'Workspace' ORDER BY idx");
    test.query(&sql).await.into_iter().flatten().flatten().collect()
}

#[tokio::test]
async fn every_block_of_the_page_names_a_row_and_every_row_a_doctype_in_every_version() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = TestSite::new(major).await;
        install(test.site()).await;
        assert_eq!(test.value(PAGE).await, "GitHub GitHub 1 0");
        let (links, shortcuts) = (labels(&test, "Link").await, labels(&test, "Shortcut").await);
        let content = test.value("SELECT content FROM tabWorkspace WHERE name = 'GitHub'").await;
        let blocks: Vec<Value> = serde_json::from_str(&content).expect("a list");
        let of = |kind: &str, key: &str| -> Vec<String> {
            let blocks = blocks.iter().filter(|block| block["type"] == kind);
            blocks
                .filter_map(|block| block["data"][key].as_str())
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(of("shortcut", "shortcut_name"), shortcuts);
        let cards = of("card", "card_name");
        assert!(
            !cards.is_empty() && cards.iter().all(|card| links.contains(card)),
            "{cards:?} {links:?}"
        );
        let sql = "SELECT COUNT(*) FROM (SELECT link_to FROM `tabWorkspace Link` WHERE parent = 'GitHub' AND type = 'Link' \
                   UNION ALL SELECT link_to FROM `tabWorkspace Shortcut` WHERE parent = 'GitHub') one \
                   WHERE link_to NOT IN (SELECT name FROM tabDocType UNION SELECT name FROM tabReport)";
        assert_eq!(test.value(sql).await, "0", "nothing leads to what is not there");
        for filter in test
            .query("SELECT stats_filter FROM `tabWorkspace Shortcut` WHERE parent = 'GitHub'")
            .await
        {
            let filter: Value = serde_json::from_str(filter[0].as_deref().unwrap_or_default()).expect("an object");
            assert!(filter.as_object().is_some_and(|fields| !fields.is_empty()), "{filter}");
        }
    }
}

#[tokio::test]
async fn a_page_that_an_administrator_deleted_stays_away_and_one_that_he_hid_stays_hidden() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let hide = "UPDATE tabWorkspace SET is_hidden = 1, sequence_id = 3 WHERE name = 'GitHub'";
    test.scratch().execute(hide).await.expect("hidden");
    install(test.site()).await;
    assert_eq!(test.value(PAGE).await, "GitHub GitHub 1 1");
    for table in ["tabWorkspace", "tabWorkspace Link", "tabWorkspace Shortcut"] {
        let column = if table == "tabWorkspace" { "name" } else { "parent" };
        let sql = format!("DELETE FROM `{table}` WHERE {column} = 'GitHub'");
        test.scratch().execute(&sql).await.expect("deleted");
    }
    install(test.site()).await;
    assert_eq!(labels(&test, "Link").await.len() + labels(&test, "Shortcut").await.len(), 0);
    assert_eq!(
        test.value("SELECT COUNT(*) FROM tabWorkspace WHERE name = 'GitHub'").await,
        "0"
    );
}

#[tokio::test]
async fn a_page_of_that_name_that_is_not_ours_stays_as_it_is() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let page = [("label", "GitHub"), ("title", "Mine"), ("public", "1"), ("content", "[]")];
    test.erp().insert("Workspace", "GitHub", &page).await.expect("a page");
    let before = test.dump().await;
    install(test.site()).await;
    assert_eq!(labels(&test, "Link").await.len() + labels(&test, "Shortcut").await.len(), 0);
    assert_eq!(
        test.value("SELECT title FROM tabWorkspace WHERE name = 'GitHub'").await,
        "Mine"
    );
    uninstall(test.site()).await;
    assert!(before == test.dump().await, "something hangs about, or too much went");
}

#[tokio::test]
async fn what_people_added_to_our_page_goes_with_it() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    install(test.site()).await;
    let parent = ("Workspace", "GitHub", "shortcuts");
    let shortcut = [("label", "Mine"), ("type", "DocType"), ("link_to", "Task")];
    test.erp()
        .add_child("Workspace Shortcut", parent, &shortcut)
        .await
        .expect("a row");
    uninstall(test.site()).await;
    assert!(before == test.dump().await, "something hangs about, or too much went");
}
