//! Which Frappe a site runs on, and what is refused.

use erpnext_github::frappe::columns::Columns;
use erpnext_github::frappe::version::{self, VersionError};
use erpnext_github::frappe::{error_log, users};

use super::{FrappeMajor, TestSite, one, sql};

#[tokio::test]
async fn each_version_is_known() {
    for (major, number) in [(FrappeMajor::V14, 14), (FrappeMajor::V15, 15), (FrappeMajor::V16, 16)] {
        let test = TestSite::new(major).await;
        let version = test.site().version().await.expect("known");
        assert_eq!(version.major, number);
        assert!(version.text.starts_with(&format!("{number}.")), "{version}");
    }
}

#[tokio::test]
async fn what_we_cannot_work_with_is_told() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let (site, db) = (test.site(), test.site().db());
    let says =
        |version: &str| format!("UPDATE `tabInstalled Application` SET app_version = '{version}' WHERE app_name = 'frappe'");

    sql(site, &[&says("13.58.1")]).await;
    let message = version::read(db).await.expect_err("too old").to_string();
    assert!(
        message.contains("runs Frappe 13.58.1: version 14 or later is needed"),
        "{message}"
    );

    // The row is written last by a migration: a table that is ahead of it, or behind, belongs to one that was broken off.
    for (said, looks) in [("14.93.2", "15 or later"), ("16.0.0", "15 or older")] {
        sql(site, &[&says(said)]).await;
        let error = version::read(db).await.expect_err("broken off");
        assert!(
            matches!(&error, VersionError::Migrating { tables, .. } if *tables == looks),
            "{error}"
        );
        assert!(error.to_string().contains("migrate`, then try again"), "{error}");
    }

    sql(site, &["DELETE FROM `tabInstalled Application`"]).await;
    assert!(matches!(version::read(db).await, Err(VersionError::NoSite { .. })));
    sql(site, &["DROP TABLE `tabInstalled Application`"]).await;
    let message = version::read(db).await.expect_err("no site").to_string();
    assert!(message.contains("holds no Frappe site"), "{message}");
}

#[tokio::test]
async fn columns_are_those_that_exist() {
    let test = TestSite::new(FrappeMajor::V14).await;
    let columns = Columns::probe(test.site().db(), &["tabError Log", "tabNowhere"])
        .await
        .expect("read");
    assert!(columns.has("tabError Log", "method") && !columns.has("tabError Log", "trace_id"));
    assert!(
        columns
            .type_of("tabError Log", "name")
            .is_some_and(|kind| kind.starts_with("bigint"))
    );
    assert!(columns.has_table("tabError Log") && !columns.has_table("tabNowhere"));
    assert!(
        columns
            .of("tabError Log")
            .any(|(name, kind)| (name, kind) == ("creation", "datetime(6)"))
    );
}

#[tokio::test]
async fn a_real_site_is_known_and_read() {
    let Some(test) = TestSite::from_dump("a_real_site_is_known_and_read").await else {
        return;
    };
    let site = test.site();
    assert_eq!(site.version().await.expect("known").major, 15);
    let people = users::people(site.db()).await.expect("read");
    assert!(people.iter().any(|one| one.name == "Administrator") && people.iter().all(|one| one.name != "Guest"));
    error_log::write(site, "GitHub: a test", "text", Some(("User", "Administrator")))
        .await
        .expect("written");
    assert_eq!(
        one(site, "SELECT error FROM `tabError Log` WHERE method = 'GitHub: a test'").await,
        "text"
    );
}
