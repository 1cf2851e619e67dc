//! What an administrator changed stays, over installations and upgrades.

use erpnext_github::sim::site::FrappeMajor;

use super::install;
use crate::support::TestSite;

async fn field_order(test: &TestSite, doctype: &str) -> Vec<String> {
    let sql = format!("SELECT fieldname FROM tabDocField WHERE parent = '{doctype}' ORDER BY idx");
    test.query(&sql).await.into_iter().flatten().flatten().collect()
}

/// Adds a field behind another, and numbers the fields anew, as the desk does.
async fn add_field_behind(test: &TestSite, doctype: &str, fieldname: &str, behind: &str) {
    let field = [("fieldname", fieldname), ("fieldtype", "Data"), ("label", "Extra")];
    test.erp()
        .add_child("DocField", ("DocType", doctype, "fields"), &field)
        .await
        .expect("a field");
    let mut order = field_order(test, doctype).await;
    order.retain(|name| name != fieldname);
    let at = order.iter().position(|name| name == behind).expect("that field") + 1;
    order.insert(at, fieldname.to_owned());
    for (name, idx) in order.iter().zip(1..) {
        let sql = format!("UPDATE tabDocField SET idx = {idx} WHERE parent = '{doctype}' AND fieldname = '{name}'");
        test.scratch().execute(&sql).await.expect("moved");
    }
    test.scratch()
        .execute(&format!("ALTER TABLE `tab{doctype}` ADD COLUMN `{fieldname}` varchar(140)"))
        .await
        .expect("a column");
}

#[tokio::test]
async fn additions_and_switches_survive_an_installation() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    add_field_behind(&test, "Repository", "team", "description").await;
    for change in [
        "UPDATE tabDocField SET hidden = 1, label = 'Stars!' WHERE parent = 'Repository' AND fieldname = 'stargazers_count'",
        "UPDATE tabWebhook SET enabled = 1, request_url = 'http://elsewhere/' WHERE webhook_doctype = 'Task'",
        "UPDATE `tabWorkflow State` SET style = 'Danger' WHERE name = 'Merged'",
        "UPDATE tabDocPerm SET `export` = 0 WHERE parent = 'Repository' AND role = 'GitHub User'",
        "DELETE FROM tabDocPerm WHERE parent = 'Repository Issue' AND role = 'GitHub User'",
        "DELETE FROM `tabDocType Link` WHERE parent = 'Task' AND link_doctype = 'Repository Pull Request'",
        "UPDATE `tabCustom Field` SET label = 'Repo' WHERE name = 'Task-github_repo'",
        "UPDATE tabSingles SET value = '5' WHERE doctype = 'GitHub Settings' AND field = 'sync_interval_minutes'",
    ] {
        test.scratch().execute(change).await.expect("changed");
    }
    let before = test.dump().await;
    let report = install(test.site()).await;
    assert!(report.is_empty(), "{report}");
    assert!(before == test.dump().await, "an installation undid what an administrator did");
}

#[tokio::test]
async fn an_upgrade_changes_what_it_must_and_keeps_what_he_changed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let order = field_order(&test, "Repository").await;
    // An older release had no `archived`, another label and another length, and knew nothing of an index.
    for change in [
        "DELETE FROM tabDocField WHERE parent = 'Repository' AND fieldname = 'archived'",
        "DELETE FROM erpnext_github_installed WHERE tbl = 'tabDocField' AND extra LIKE '%\"fieldname\":\"archived\"%'",
        "ALTER TABLE tabRepository DROP COLUMN archived, DROP INDEX github_id, MODIFY url varchar(140)",
        "ALTER TABLE `tabRepository Issue` MODIFY url varchar(200)",
        "UPDATE tabDocField SET label = 'Old Label', hidden = 1 WHERE parent = 'Repository' AND fieldname = 'url'",
        "UPDATE tabDocField SET `length` = 0 WHERE parent = 'Repository' AND fieldname = 'url'",
        "UPDATE tabDocField SET `length` = 200 WHERE parent = 'Repository Issue' AND fieldname = 'url'",
        "UPDATE erpnext_github_installed i JOIN tabDocField f ON i.tbl = 'tabDocField' AND i.item = f.name \
         SET i.extra = JSON_SET(JSON_REMOVE(i.extra, '$.wrote.length'), '$.wrote.label', 'Old Label') \
         WHERE f.parent = 'Repository' AND f.fieldname = 'url'",
        "UPDATE erpnext_github_site SET v = '0' WHERE k = 'schema_version'",
    ] {
        test.scratch().execute(change).await.expect("changed");
    }
    add_field_behind(&test, "Repository", "team", "description").await;
    let modified = "SELECT modified FROM tabDocType WHERE name = 'Repository'";
    let stamp = test.value(modified).await;
    test.clock().advance(chrono::TimeDelta::hours(1));
    let report = install(test.site()).await;
    assert_eq!(
        (report.rows_inserted, report.columns.len(), report.indexes.len()),
        (1, 2, 1),
        "{report:?}"
    );
    let url = "SELECT CONCAT(label, hidden, `length`) FROM tabDocField WHERE parent = 'Repository' AND fieldname = 'url'";
    assert_eq!(test.value(url).await, "URL1500", "our label and length, his hiding");
    let column = async |table: &str, column: &str| {
        test.value(&format!(
            "SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' AND COLUMN_NAME = '{column}'"
        ))
        .await
    };
    assert_eq!(column("tabRepository", "url").await, "varchar(500)");
    assert_eq!(column("tabRepository", "archived").await, "int(1)");
    assert_eq!(
        column("tabRepository Issue", "url").await,
        "varchar(200)",
        "he chose that length"
    );
    let index = "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'tabRepository' \
                 AND COLUMN_NAME = 'github_id'";
    assert_eq!(
        test.value(index).await,
        "github_id_index",
        "as Frappe names one that is added later"
    );
    let mut wanted = order;
    let at = wanted.iter().position(|name| name == "description").expect("that field") + 1;
    wanted.insert(at, "team".to_owned());
    assert_eq!(
        field_order(&test, "Repository").await,
        wanted,
        "his field keeps its place, ours come where they belong"
    );
    assert_ne!(test.value(modified).await, stamp, "browsers must read the form anew");
    assert!(install(test.site()).await.is_empty());
}

#[tokio::test]
async fn what_must_be_there_comes_back() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    for change in [
        "DELETE FROM tabDocType WHERE name = 'Repository Branch'",
        "DELETE FROM tabDocField WHERE parent = 'Repository Branch'",
        "DELETE FROM `tabCustom Field` WHERE name = 'Task-github_repo'",
        "DELETE FROM __Auth WHERE doctype = 'GitHub Settings'",
        "UPDATE tabSingles SET value = '' WHERE doctype = 'GitHub Settings' AND field = 'webhook_secret'",
    ] {
        test.scratch().execute(change).await.expect("changed");
    }
    let report = install(test.site()).await;
    assert_eq!((report.rows_inserted, report.secrets), (8, 1), "{report:?}");
    assert_eq!(
        test.value("SELECT COUNT(*) FROM __Auth WHERE doctype = 'GitHub Settings'")
            .await,
        "1"
    );
    assert!(install(test.site()).await.is_empty());
}
