//! A removal that leaves the data, and coming back to it.

use erpnext_github::setup::{self, State};
use erpnext_github::sim::site::FrappeMajor;

use super::{install, try_uninstall, uninstall};
use crate::support::TestSite;

#[tokio::test]
async fn data_stays_is_taken_up_again_and_can_still_be_removed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    install(test.site()).await;
    test.erp()
        .insert("Repository", "acme/web", &[("full_name", "acme/web"), ("github_id", "1")])
        .await
        .expect("a row");
    test.erp()
        .set("Task", "TASK-2026-00001", "github_repo", "acme/web")
        .await
        .expect("a value");
    let secret = "SELECT password FROM __Auth WHERE doctype = 'GitHub Settings'";
    let kept_secret = test.value(secret).await;

    let removed = try_uninstall(test.site(), true).await.expect("removed");
    assert!(
        removed.tables.is_empty() && removed.columns == 0 && removed.rows > 250,
        "{removed}"
    );
    assert_eq!(setup::state(test.site()).await.expect("state"), State::Remains);
    for (table, condition) in [
        ("tabDocType", "module = 'GitHub'"),
        ("tabDocField", "parent LIKE 'Repository%'"),
        ("tabCustom Field", "module = 'GitHub'"),
        ("tabRole", "name LIKE 'GitHub%'"),
        ("tabDocType Link", "link_doctype LIKE 'Repository%'"),
        ("tabWebhook", "name LIKE 'erpnext-github%'"),
        ("tabUser", "name LIKE 'github-integration@%'"),
        ("tabModule Def", "name = 'GitHub'"),
    ] {
        assert_eq!(
            test.value(&format!("SELECT COUNT(*) FROM `{table}` WHERE {condition}")).await,
            "0",
            "{table}"
        );
    }
    assert_eq!(test.value("SELECT github_id FROM tabRepository").await, "1");
    assert_eq!(
        test.value("SELECT COUNT(*) FROM tabTask WHERE github_repo = 'acme/web'")
            .await,
        "1"
    );
    assert_eq!(test.value(secret).await, kept_secret);

    let report = install(test.site()).await;
    assert!(report.tables.is_empty() && report.columns.is_empty(), "{report}");
    assert_eq!(setup::state(test.site()).await.expect("state"), State::Current);
    assert_eq!(test.value(secret).await, kept_secret);
    assert_eq!(
        test.value("SELECT COUNT(*) FROM tabTask WHERE github_repo = 'acme/web'")
            .await,
        "1"
    );
    assert!(install(test.site()).await.is_empty());

    test.erp()
        .set("Task", "TASK-2026-00001", "github_repo", "")
        .await
        .expect("a value");
    try_uninstall(test.site(), true).await.expect("removed");
    uninstall(test.site()).await;
    assert!(before == test.dump().await, "removing the rest left something");
}

#[tokio::test]
async fn a_role_that_people_gave_outlives_a_removal_that_keeps_the_data_and_opens_nothing_when_we_come_back() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let erp = test.erp();
    erp.insert("Repository", "acme/web", &[("full_name", "acme/web")])
        .await
        .expect("a row");
    for role in ["GitHub User", "GitHub Admin"] {
        erp.add_child("Has Role", ("User", "bob@example.com", "roles"), &[("role", role)])
            .await
            .expect("a role");
    }
    let losses = setup::losses(test.site()).await.expect("losses").without_data();
    assert!(!losses.to_string().contains("with the role"), "{losses}");
    let given =
        "SELECT GROUP_CONCAT(role ORDER BY role) FROM `tabHas Role` WHERE parent = 'bob@example.com' AND role LIKE 'GitHub%'";
    try_uninstall(test.site(), true).await.expect("removed");
    assert_eq!(test.value(given).await, "GitHub Admin,GitHub User");
    assert_eq!(
        test.value("SELECT GROUP_CONCAT(name, disabled) FROM tabRole WHERE name LIKE 'GitHub%'")
            .await,
        "GitHub Admin0,GitHub User0"
    );
    test.scratch()
        .execute("DELETE FROM `tabHas Role` WHERE role = 'GitHub Admin' AND parent = 'bob@example.com'")
        .await
        .expect("taken by hand");
    install(test.site()).await;
    assert_eq!(test.value(given).await, "GitHub User");
    let confined =
        "SELECT GROUP_CONCAT(for_value) FROM `tabUser Permission` WHERE user = 'bob@example.com' AND allow = 'Repository'";
    assert_eq!(
        test.value(confined).await,
        "no repository",
        "he has none, and would read all without the row"
    );
}
