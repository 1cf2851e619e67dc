//! What a user may do with a document, rule by rule as Frappe has them. Project stands for any DocType: the small site has no
//! rows of permission for it, so that each test writes its own.

use erpnext_github::frappe::permissions::{Right, Roles, with_any, with_document};
use erpnext_github::sim::site::FrappeMajor;

use super::{TestSite, sql};

const JANE: &str = "jane@x.com";

async fn site() -> TestSite {
    let test = TestSite::new(FrappeMajor::V15).await;
    let erp = test.erp();
    erp.add_user(JANE, "Jane Doe", &["Reader"]).await.expect("a user");
    erp.add_project("TRY-0001", "A try").await.expect("a project");
    erp.add_project("TRY-0002", "Another try").await.expect("a project");
    sql(
        test.site(),
        &[
            "DELETE FROM `tabDocPerm` WHERE parent = 'Project'",
            "DELETE FROM `tabCustom DocPerm` WHERE parent = 'Project'",
        ],
    )
    .await;
    test
}

/// A row of permission for Project.
async fn grant(test: &TestSite, table: &str, role: &str, right: &str, more: &[(&str, &str)]) {
    let given = |key: &str| right == key || more.iter().any(|(one, _)| *one == key);
    let mut values = vec![("role", role), (right, "1"), ("permlevel", "0")];
    // MariaDB's defaults grant them.
    values.extend(
        ["read", "write", "create", "delete"]
            .into_iter()
            .filter(|key| !given(key))
            .map(|key| (key, "0")),
    );
    values.retain(|(key, _)| *key == right || !more.iter().any(|(one, _)| one == key));
    values.extend_from_slice(more);
    if table == "DocPerm" {
        test.erp()
            .add_child("DocPerm", ("DocType", "Project", "permissions"), &values)
            .await
            .expect("a row");
    } else {
        values.push(("parent", "Project"));
        test.erp()
            .insert("Custom DocPerm", &format!("{role}-{right}"), &values)
            .await
            .expect("a row");
    }
}

async fn may(test: &TestSite, user: &str, right: Right, name: &str) -> bool {
    let roles = Roles::read(test.site().db(), user, true).await.expect("roles");
    with_document(test.site(), &roles, "Project", name, right)
        .await
        .expect("answered")
}

async fn may_any(test: &TestSite, right: Right) -> bool {
    let roles = Roles::read(test.site().db(), JANE, true).await.expect("roles");
    with_any(test.site().db(), &roles, "Project", right).await.expect("answered")
}

#[tokio::test]
async fn a_role_grants_what_its_row_says_and_nothing_more() {
    let test = site().await;
    assert!(!may(&test, JANE, Right::Read, "TRY-0001").await, "no row, no right");
    assert!(may(&test, "Administrator", Right::Delete, "TRY-0001").await);
    grant(&test, "DocPerm", "Reader", "read", &[]).await;
    assert!(may(&test, JANE, Right::Read, "TRY-0001").await);
    assert!(!may(&test, JANE, Right::Write, "TRY-0001").await);
    assert!(
        !may(&test, JANE, Right::Read, "TRY-9999").await,
        "what is not there cannot be read"
    );
    grant(&test, "DocPerm", "Reader", "delete", &[("permlevel", "1")]).await;
    assert!(
        !may(&test, JANE, Right::Delete, "TRY-0001").await,
        "another level is for fields"
    );
    for (role, user) in [("All", JANE), ("Guest", "Guest"), ("Desk User", JANE)] {
        sql(test.site(), &["DELETE FROM `tabDocPerm` WHERE parent = 'Project'"]).await;
        grant(&test, "DocPerm", role, "read", &[]).await;
        assert!(may(&test, user, Right::Read, "TRY-0001").await, "{role} comes by itself");
        assert_eq!(may(&test, "Guest", Right::Read, "TRY-0001").await, role == "Guest");
    }
}

#[tokio::test]
async fn one_row_of_the_site_replaces_all_standard_ones() {
    let test = site().await;
    grant(&test, "DocPerm", "Reader", "read", &[]).await;
    grant(&test, "Custom DocPerm", "Somebody Else", "read", &[]).await;
    assert!(!may(&test, JANE, Right::Read, "TRY-0001").await);
    grant(&test, "Custom DocPerm", "Reader", "write", &[]).await;
    assert!(may(&test, JANE, Right::Write, "TRY-0001").await);
}

#[tokio::test]
async fn what_only_owners_may_do_only_owners_do() {
    let test = site().await;
    grant(&test, "DocPerm", "Reader", "write", &[("if_owner", "1"), ("create", "1")]).await;
    test.erp()
        .set("Project", "TRY-0001", "owner", "Jane@X.com")
        .await
        .expect("set");
    assert!(may(&test, JANE, Right::Write, "TRY-0001").await);
    assert!(!may(&test, JANE, Right::Write, "TRY-0002").await);
    assert!(may_any(&test, Right::Create).await, "nobody owns what is not made yet");
    assert!(!may_any(&test, Right::Write).await);
}

#[tokio::test]
async fn user_permissions_confine_by_name_and_by_link() {
    let test = site().await;
    grant(&test, "DocPerm", "Reader", "read", &[]).await;
    let erp = test.erp();
    // Which fields there are is known for some seconds.
    let field = [("fieldname", "customer"), ("fieldtype", "Link"), ("options", "Customer")];
    erp.add_child("DocField", ("DocType", "Project", "fields"), &field)
        .await
        .expect("a field");
    let confine = async |name: &str, allow: &str, value: &str, more: &[(&str, &str)]| {
        let mut values = vec![("user", JANE), ("allow", allow), ("for_value", value)];
        values.extend_from_slice(more);
        erp.insert("User Permission", name, &values).await.expect("a row");
    };
    confine("p1", "Project", "try-0001", &[]).await;
    assert!(may(&test, JANE, Right::Read, "TRY-0001").await);
    assert!(!may(&test, JANE, Right::Read, "TRY-0002").await);
    assert!(may(&test, "Administrator", Right::Read, "TRY-0002").await);

    sql(test.site(), &["DELETE FROM `tabUser Permission`"]).await;
    confine(
        "p2",
        "Project",
        "TRY-0001",
        &[("applicable_for", "Task"), ("apply_to_all_doctypes", "0")],
    )
    .await;
    assert!(may(&test, JANE, Right::Read, "TRY-0002").await, "it speaks of tasks alone");

    sql(test.site(), &["DELETE FROM `tabUser Permission`"]).await;
    confine("p3", "Customer", "Acme", &[]).await;
    erp.set("Project", "TRY-0001", "customer", "Acme").await.expect("set");
    erp.set("Project", "TRY-0002", "customer", "Other").await.expect("set");
    assert!(may(&test, JANE, Right::Read, "TRY-0001").await);
    assert!(!may(&test, JANE, Right::Read, "TRY-0002").await);
    erp.set("Project", "TRY-0002", "customer", "").await.expect("set");
    assert!(
        may(&test, JANE, Right::Read, "TRY-0002").await,
        "an empty link confines nobody"
    );
    erp.set_single("System Settings", "apply_strict_user_permissions", "1")
        .await
        .expect("set");
    assert!(!may(&test, JANE, Right::Read, "TRY-0002").await, "unless the site is strict");
}

#[tokio::test]
async fn what_is_shared_may_be_done_whatever_the_roles_say() {
    let test = site().await;
    let erp = test.erp();
    let values = [
        ("user", JANE),
        ("share_doctype", "Project"),
        ("share_name", "TRY-0001"),
        ("read", "1"),
    ];
    erp.insert("DocShare", "s1", &values).await.expect("a share");
    assert!(may(&test, JANE, Right::Read, "TRY-0001").await);
    assert!(!may(&test, JANE, Right::Write, "TRY-0001").await);
    assert!(!may(&test, JANE, Right::Read, "TRY-0002").await);
    let values = [
        ("share_doctype", "Project"),
        ("share_name", "TRY-0002"),
        ("read", "1"),
        ("write", "1"),
        ("everyone", "1"),
    ];
    erp.insert("DocShare", "s2", &values).await.expect("a share");
    assert!(may(&test, JANE, Right::Write, "TRY-0002").await);
}
