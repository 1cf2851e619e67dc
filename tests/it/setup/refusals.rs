//! Sites that setup does not touch, with one sentence that says why and what to do.

use erpnext_github::setup::{self, SetupError};
use erpnext_github::sim::site::FrappeMajor;

use super::{install, options, try_install};
use crate::support::TestSite;

/// Refused with these words, and nothing was changed.
async fn assert_refused(test: &TestSite, words: &[&str]) {
    let before = test.dump().await;
    let error = try_install(test.site()).await.expect_err("must be refused").to_string();
    for word in words {
        assert!(error.contains(word), "{word} in: {error}");
    }
    assert!(before == test.dump().await, "a refused installation changed something");
}

/// Refused before anything is done, which the plan says too.
async fn assert_refused_and_planned(test: &TestSite, words: &[&str]) {
    assert_refused(test, words).await;
    let plan = setup::plan(test.site(), &options()).await.expect("a plan");
    let refusals = plan.refusals().join("; ");
    assert!(words.iter().all(|word| refusals.contains(word)), "{refusals}");
    assert!(plan.to_string().contains("STOP"), "{plan}");
}

#[tokio::test]
async fn the_python_app_is_installed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let apps = r#"["frappe", "erpnext", "erpnext_github_integration"]"#;
    let sql = format!("UPDATE tabDefaultValue SET defvalue = '{apps}' WHERE parent = '__global' AND defkey = 'installed_apps'");
    test.scratch().execute(&sql).await.expect("written");
    assert_refused_and_planned(&test, &["erpnext_github_integration is installed", "uninstall-app"]).await;
}

#[tokio::test]
async fn a_doctype_of_our_name_belongs_to_somebody_else() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.erp()
        .insert("DocType", "Repository", &[("module", "Core"), ("custom", "1")])
        .await
        .expect("a DocType");
    assert_refused_and_planned(&test, &["Repository (of module Core)", "rename or delete"]).await;
}

#[tokio::test]
async fn a_table_of_our_name_was_left_behind() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.scratch()
        .execute("CREATE TABLE `tabRepository Issue` (name varchar(140) PRIMARY KEY)")
        .await
        .expect("a table");
    assert_refused_and_planned(&test, &["tabRepository Issue", "drop them"]).await;
}

#[tokio::test]
async fn the_module_belongs_to_an_app() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.erp()
        .insert(
            "Module Def",
            "GitHub",
            &[("module_name", "GitHub"), ("custom", "0"), ("app_name", "other")],
        )
        .await
        .expect("a module");
    assert_refused_and_planned(&test, &["module GitHub belongs to an app"]).await;
}

#[tokio::test]
async fn a_field_of_our_name_is_of_another_kind() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let field = [("dt", "Task"), ("fieldname", "github_issue_number"), ("fieldtype", "Data")];
    test.erp()
        .insert("Custom Field", "Task-github_issue_number", &field)
        .await
        .expect("a field");
    assert_refused_and_planned(&test, &["Task.github_issue_number is a Data, not a Int"]).await;
}

#[tokio::test]
async fn the_database_user_may_not_alter() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let database = test.scratch().credentials().database.clone();
    let scope = format!("`{}`.*", database.replace('_', "\\_"));
    let sql = format!(
        "REVOKE ALL PRIVILEGES ON {scope} FROM '{database}'@'%'; GRANT SELECT, INSERT, UPDATE, DELETE ON {scope} TO '{database}'@'%';"
    );
    test.scratch().server().run_sql(None, &sql).await.expect("revoked");
    assert_refused_and_planned(&test, &["lacks CREATE, ALTER, INDEX, DROP"]).await;
}

#[tokio::test]
async fn a_row_has_no_room_left() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let columns: Vec<String> = (0..16).map(|n| format!("ADD COLUMN filler_{n} varchar(1000)")).collect();
    let used = test
        .scratch()
        .execute(&format!("ALTER TABLE tabUser {}", columns.join(", ")))
        .await;
    // As wide as it gets: how many columns fit depends on what the table has.
    if used.is_err() {
        let columns = &columns[..12];
        test.scratch()
            .execute(&format!("ALTER TABLE tabUser {}", columns.join(", ")))
            .await
            .expect("altered");
    }
    for length in [1000, 500, 250, 125, 60] {
        let mut fits = true;
        while fits {
            let column = format!("more_{length}_{}", test.value("SELECT UUID_SHORT()").await);
            let sql = format!("ALTER TABLE tabUser ADD COLUMN `{column}` varchar({length})");
            fits = test.scratch().execute(&sql).await.is_ok();
        }
    }
    assert_refused_and_planned(&test, &["tabUser has no room for 2 more columns"]).await;
}

#[tokio::test]
async fn the_version_of_frappe_is_too_old() {
    let test = TestSite::new(FrappeMajor::V14).await;
    let sql = "UPDATE `tabInstalled Application` SET app_version = '13.58.0' WHERE app_name = 'frappe'";
    test.scratch().execute(sql).await.expect("written");
    assert_refused(&test, &["13.58.0", "14"]).await;
}

#[tokio::test]
async fn erpnext_is_not_installed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.scratch().execute("DROP TABLE tabTask").await.expect("dropped");
    assert_refused_and_planned(&test, &["ERPNext is not installed (tabTask is missing)"]).await;
}

#[tokio::test]
async fn the_file_cannot_be_written() {
    let test = TestSite::new(FrappeMajor::V15).await;
    // A folder in the place of the temporary file's folder: even root cannot write there.
    let file = test.site().config().file();
    let moved = file.with_extension("moved");
    std::fs::rename(&file, &moved).expect("moved");
    std::fs::create_dir(&file).expect("a folder");
    let error = try_install(test.site()).await.expect_err("nothing can be read there");
    assert!(
        matches!(
            error,
            SetupError::Instance(_) | SetupError::SiteFile(_) | SetupError::EncryptionKey(_)
        ),
        "{error}"
    );
    std::fs::remove_dir(&file).expect("removed");
    std::fs::rename(&moved, &file).expect("moved back");
    install(test.site()).await;
}
