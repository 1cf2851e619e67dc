//! What a site has already, made by others: it is used, amended where it must be, and afterwards as it was.

use erpnext_github::sim::site::FrappeMajor;

use super::{install, uninstall};
use crate::support::TestSite;

#[tokio::test]
async fn fields_roles_states_and_a_user_of_others_are_kept_and_put_back() {
    let test = TestSite::new(FrappeMajor::V15).await;
    // What the Python app leaves behind when it is uninstalled.
    let field = [
        ("dt", "Task"),
        ("fieldname", "github_repo"),
        ("label", "Their Label"),
        ("fieldtype", "Link"),
        ("options", "Repository"),
    ];
    test.erp()
        .insert("Custom Field", "Task-github_repo", &field)
        .await
        .expect("a field");
    let field = [
        ("dt", "User"),
        ("fieldname", "github_username"),
        ("label", "Login"),
        ("fieldtype", "Data"),
    ];
    test.erp()
        .insert("Custom Field", "User-github_username", &field)
        .await
        .expect("a field");
    for (table, column) in [("tabUser", "github_username"), ("tabTask", "github_repo")] {
        let sql = format!("ALTER TABLE {table} ADD COLUMN {column} varchar(140)");
        test.scratch().execute(&sql).await.expect("a column");
    }
    test.erp()
        .insert("Role", "GitHub Admin", &[("role_name", "GitHub Admin"), ("disabled", "1")])
        .await
        .expect("a role");
    test.erp()
        .insert(
            "Workflow State",
            "Open",
            &[("workflow_state_name", "Open"), ("style", "Danger")],
        )
        .await
        .expect("a state");
    let user = erpnext_github::setup::integration_user(test.site().name());
    test.erp()
        .insert("User", &user, &[("email", &user), ("enabled", "0")])
        .await
        .expect("a user");
    let before = test.dump().await;

    install(test.site()).await;
    let value = async |sql: &str| test.value(sql).await;
    assert_eq!(
        value("SELECT CONCAT(label, ignore_user_permissions) FROM `tabCustom Field` WHERE name = 'Task-github_repo'").await,
        "Their Label1"
    );
    assert_eq!(
        value("SELECT CONCAT(search_index, permlevel) FROM `tabCustom Field` WHERE name = 'User-github_username'").await,
        "11",
        "nobody says himself who he is on GitHub"
    );
    assert_eq!(value("SELECT disabled FROM tabRole WHERE name = 'GitHub Admin'").await, "0");
    assert_eq!(
        value("SELECT style FROM `tabWorkflow State` WHERE name = 'Open'").await,
        "Danger"
    );
    assert_eq!(
        value(&format!("SELECT enabled FROM tabUser WHERE name = '{user}'")).await,
        "1"
    );
    assert!(install(test.site()).await.is_empty());

    uninstall(test.site()).await;
    assert!(before == test.dump().await, "a removal left something");
}

#[tokio::test]
async fn f05_system_manager_is_added_where_custom_permissions_would_lock_him_out() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let row = [
        ("parent", "Repository"),
        ("role", "GitHub Admin"),
        ("read", "1"),
        ("permlevel", "0"),
    ];
    test.erp()
        .insert("Custom DocPerm", "theirs", &row)
        .await
        .expect("a permission");
    let report = install(test.site()).await;
    assert_eq!(report.rows_inserted, 1, "{report}");
    let sql = "SELECT CONCAT(`read`, `write`, `create`, `delete`) FROM `tabCustom DocPerm` WHERE parent = 'Repository' AND role = 'System Manager'";
    assert_eq!(test.value(sql).await, "1111");
    assert!(install(test.site()).await.is_empty());
    uninstall(test.site()).await;
    assert_eq!(
        test.value("SELECT COUNT(*) FROM `tabCustom DocPerm`").await,
        "0",
        "they hang on a DocType that is gone"
    );
}

#[tokio::test]
async fn a_field_that_the_doctype_has_by_itself_is_not_doubled() {
    let test = TestSite::new(FrappeMajor::V15).await;
    test.scratch()
        .execute("ALTER TABLE tabProject ADD COLUMN project_manager varchar(140)")
        .await
        .expect("a column");
    let field = [
        ("fieldname", "project_manager"),
        ("fieldtype", "Link"),
        ("options", "User"),
        ("label", "Manager"),
    ];
    test.erp()
        .add_child("DocField", ("DocType", "Project", "fields"), &field)
        .await
        .expect("a field");
    let before = test.dump().await;
    install(test.site()).await;
    assert_eq!(
        test.value("SELECT COUNT(*) FROM `tabCustom Field` WHERE name = 'Project-project_manager'")
            .await,
        "0"
    );
    uninstall(test.site()).await;
    assert!(before == test.dump().await);
}
