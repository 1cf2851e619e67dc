//! Who may do what by the rows of permission that we install, by Frappe's own rules. What Frappe itself answers is asked in `browser/reader.rs`,
//! where a real desk is named.

use erpnext_github::frappe::links::links_to;
use erpnext_github::frappe::permissions::{Right, Roles, with_any, with_document};
use erpnext_github::setup::{self, doctypes};
use erpnext_github::sim::site::FrappeMajor;

use super::{install, options};
use crate::support::TestSite;

const ADMIN: &str = "admin@x.com";
const READER: &str = "reader@x.com";
const OTHER: &str = "other@x.com";
/// Has the desk, and no role of ours.
const DESK: &str = "desk@x.com";
/// A customer of the portal.
const PORTAL: &str = "portal@x.com";
const INSTALLATION: &str = "GitHub App Installation";
const LINK: &str = "GitHub Project Repository";
const RULE: &str = "GitHub Release Rule";

/// Two repositories, each with a reader of its own; an installation and a connection of each.
async fn site(major: FrappeMajor) -> TestSite {
    let test = TestSite::new(major).await;
    install(test.site()).await;
    let erp = test.erp();
    for (user, roles) in [
        (ADMIN, &["GitHub Admin"][..]),
        (READER, &["GitHub User", "Projects User"]),
        (OTHER, &["GitHub User", "Projects User"]),
        (DESK, &["Projects User"]),
        (PORTAL, &[]),
    ] {
        erp.add_user(user, user, roles).await.expect("a user");
    }
    for (user, repository) in [(READER, "octo/web"), (OTHER, "octo/secret")] {
        erp.insert("Repository", repository, &[("full_name", repository)])
            .await
            .expect("a repository");
        let allowed = [("user", user), ("allow", "Repository"), ("for_value", repository)];
        erp.insert("User Permission", repository, &allowed).await.expect("a row");
        let (name, link) = (format!("of {user}"), [("project", "PROJ-0001"), ("repository", repository)]);
        erp.insert(LINK, &name, &link).await.expect("a connection");
        erp.insert(INSTALLATION, &name, &[]).await.expect("an installation");
        for doctype in [LINK, INSTALLATION] {
            erp.set(doctype, &name, "owner", user).await.expect("his");
        }
    }
    let rule = [("repository", "octo/web"), ("project", "PROJ-0001"), ("enabled", "1")];
    erp.insert(RULE, "a rule", &rule).await.expect("a rule");
    // Both repositories are connected with a Project of an admin's, which the reader may not read.
    let link = [("project", "PROJ-0001"), ("repository", "octo/web")];
    erp.insert(LINK, "of an admin", &link).await.expect("a connection");
    test
}

async fn roles(test: &TestSite, user: &str) -> Roles {
    Roles::read(test.site().db(), user, user != PORTAL).await.expect("roles")
}

/// Which of read, write and delete `user` may do with a document.
async fn rights(test: &TestSite, user: &str, doctype: &str, name: &str) -> String {
    let roles = roles(test, user).await;
    let mut rights = String::new();
    for (right, letter) in [(Right::Read, 'r'), (Right::Write, 'w'), (Right::Delete, 'd')] {
        let may = with_document(test.site(), &roles, doctype, name, right).await;
        if may.expect("answered") {
            rights.push(letter);
        }
    }
    rights
}

async fn creates(test: &TestSite, user: &str, doctype: &str) -> bool {
    let roles = roles(test, user).await;
    with_any(test.site().db(), &roles, doctype, Right::Create)
        .await
        .expect("answered")
}

#[tokio::test]
async fn g0_20_installations_repositories_and_links_are_shown_by_rows_of_permission() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = site(major).await;
        for (user, doctype, name, wanted) in [
            (READER, INSTALLATION, "of reader@x.com", "rd"),
            (READER, INSTALLATION, "of other@x.com", ""),
            (DESK, INSTALLATION, "of reader@x.com", ""),
            (PORTAL, INSTALLATION, "of reader@x.com", ""),
            (ADMIN, INSTALLATION, "of reader@x.com", "rwd"),
            (READER, "Repository", "octo/web", "r"),
            (READER, "Repository", "octo/secret", ""),
            (DESK, "Repository", "octo/web", ""),
            (PORTAL, "Repository", "octo/web", ""),
            (ADMIN, "Repository", "octo/secret", "rwd"),
            (READER, LINK, "of reader@x.com", "r"),
            (READER, LINK, "of other@x.com", ""),
            (READER, LINK, "of an admin", ""),
            (DESK, LINK, "of an admin", ""),
            (ADMIN, LINK, "of other@x.com", "rwd"),
            (READER, RULE, "a rule", ""),
            (DESK, RULE, "a rule", ""),
            (ADMIN, RULE, "a rule", "rwd"),
        ] {
            assert_eq!(
                rights(&test, user, doctype, name).await,
                wanted,
                "{major:?}: {user} {doctype} {name}"
            );
        }
        // Frappe has a role of everybody with a desk from 15 on.
        let desk = major != FrappeMajor::V14;
        for (user, doctype, wanted) in [
            (ADMIN, INSTALLATION, true),
            (READER, INSTALLATION, true),
            (DESK, INSTALLATION, desk),
            (PORTAL, INSTALLATION, false),
            (ADMIN, "Repository", true),
            (READER, "Repository", false),
            (ADMIN, LINK, true),
            (READER, LINK, false),
        ] {
            assert_eq!(creates(&test, user, doctype).await, wanted, "{major:?}: {user} {doctype}");
        }
        let mut conn = test.site().db().conn().await.expect("a connection");
        let links = links_to(&mut conn, "Project").await.expect("links");
        assert!(
            !links.iter().any(|link| link.table() == format!("tab{INSTALLATION}")),
            "whoever installs the App for a Project keeps it from being deleted"
        );
    }
}

/// Whether Frappe 14 and 15 list child rows of this DocType to their owners alone, for somebody with these roles (`db_query.py`,
/// `build_match_conditions` and `requires_owner_constraint`). They ask only whether he may read some document of the parent's type; 16 asks for
/// the parent of each row.
async fn lists_own_rows_alone(test: &TestSite, doctype: &str, roles: &[&str]) -> bool {
    let sql = format!(
        "SELECT role, if_owner, `read` OR `select` FROM tabDocPerm WHERE parent = '{doctype}' AND parenttype = 'DocType' AND permlevel = 0"
    );
    let rows = test.query(&sql).await;
    let of = |row: &Vec<Option<String>>, at: usize| row[at].clone().unwrap_or_default();
    let (owned, plain): (Vec<_>, Vec<_>) = rows
        .iter()
        .filter(|row| roles.contains(&of(row, 0).as_str()) && of(row, 2) == "1")
        .partition(|row| of(row, 1) == "1");
    !owned.is_empty() && plain.is_empty()
}

#[tokio::test]
async fn child_rows_are_listed_to_those_who_read_all_parents() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = TestSite::new(major).await;
        install(test.site()).await;
        let all = doctypes().expect("embedded");
        let children: Vec<&str> = all.iter().filter(|one| one.is_table).map(|one| one.name.as_str()).collect();
        assert!(children.len() >= 8, "{children:?}");
        for child in &children {
            for roles in [
                &["All"][..],
                &["All", "Guest", "Desk User", "GitHub User", "Projects User"],
                // A Repository may be shared with somebody who has no role of ours.
                &["All", "Guest", "Desk User", "Employee"],
            ] {
                assert!(lists_own_rows_alone(&test, child, roles).await, "{major:?} {child} {roles:?}");
            }
            for role in ["System Manager", "GitHub Admin"] {
                let roles = ["All", "Desk User", "GitHub User", role];
                assert!(!lists_own_rows_alone(&test, child, &roles).await, "{major:?} {child} {role}");
            }
        }
        // A single row Frappe gives to whoever has the level of the parent's field; admins alone have it.
        let fields = "SELECT GROUP_CONCAT(DISTINCT f.permlevel) FROM tabDocField f JOIN tabDocPerm p ON p.parent = f.parent AND p.role = 'GitHub User' \
                      WHERE f.fieldtype = 'Table'";
        assert_eq!(test.value(fields).await, "1", "{major:?}");
        let levels = "SELECT GROUP_CONCAT(DISTINCT p.role ORDER BY p.role) FROM tabDocPerm p JOIN tabDocField f ON f.parent = p.parent \
                      AND f.fieldtype = 'Table' WHERE p.permlevel = 1 AND p.`read` = 1 AND p.parent LIKE 'Repository%'";
        assert_eq!(test.value(levels).await, "GitHub Admin,System Manager", "{major:?}");
        // A save of a child DocType in the desk drops its rows of permission.
        let sql = "DELETE FROM tabDocPerm WHERE parent IN (SELECT name FROM tabDocType WHERE istable = 1)";
        test.scratch().execute(sql).await.expect("dropped");
        let plan = setup::plan(test.site(), &options()).await.expect("planned");
        assert!(!plan.is_empty(), "doctor says that something is gone");
        install(test.site()).await;
        for child in &children {
            assert!(
                lists_own_rows_alone(&test, child, &["All", "GitHub User"]).await,
                "{major:?} {child}"
            );
        }
    }
}

#[tokio::test]
async fn a_site_from_before_shows_connections_to_whoever_made_them() {
    let test = site(FrappeMajor::V15).await;
    for sql in [
        // Nothing is known of the row that is to come.
        "DELETE FROM erpnext_github_installed WHERE item IN (SELECT name FROM tabDocPerm WHERE parent = 'GitHub Project Repository' AND if_owner = 1)",
        "UPDATE tabDocPerm SET name = 'before', if_owner = 0 WHERE parent = 'GitHub Project Repository' AND role = 'GitHub User'",
        "DELETE FROM erpnext_github_patch WHERE name LIKE '0021%'",
    ] {
        test.scratch().execute(sql).await.expect("as before");
    }
    assert_eq!(rights(&test, READER, LINK, "of an admin").await, "r");
    assert_eq!(
        rights(&test, READER, LINK, "of other@x.com").await,
        "",
        "another repository's"
    );
    install(test.site()).await;
    let sql = "SELECT GROUP_CONCAT(if_owner) FROM tabDocPerm WHERE parent = 'GitHub Project Repository' AND role = 'GitHub User'";
    assert_eq!(test.value(sql).await, "1");
    let test = test.site();
    let roles = Roles::read(test.db(), READER, true).await.expect("roles");
    let may = with_document(test, &roles, LINK, "of an admin", Right::Read).await;
    assert!(!may.expect("answered"));
}

#[tokio::test]
async fn a_site_from_before_shows_rules_and_projects_of_releases_to_admins_alone() {
    let levels = "SELECT GROUP_CONCAT(fieldname, ' ', permlevel ORDER BY fieldname) FROM tabDocField WHERE parent = 'Repository Release' \
                  AND fieldname IN ('project', 'task')";
    let readers =
        "SELECT GROUP_CONCAT(DISTINCT role ORDER BY role) FROM tabDocPerm WHERE parent = 'Repository Release' AND permlevel = 1";
    let test = site(FrappeMajor::V15).await;
    assert_eq!(test.value(levels).await, "project 1,task 1");
    for sql in [
        "INSERT INTO tabDocPerm (name, parent, parenttype, parentfield, role, permlevel, `read`, `write`, `delete`) \
         VALUES ('before', 'GitHub Release Rule', 'DocType', 'permissions', 'GitHub User', 0, 1, 0, 0)",
        "UPDATE tabDocField SET permlevel = 0 WHERE parent = 'Repository Release' AND fieldname IN ('project', 'task')",
        "DELETE FROM erpnext_github_patch WHERE name LIKE '0024%'",
    ] {
        test.scratch().execute(sql).await.expect("as before");
    }
    // As an earlier version noted what it had written: no level.
    test.query(
        "UPDATE erpnext_github_installed i JOIN tabDocField f ON i.tbl = 'tabDocField' AND i.item = f.name \
         SET i.extra = JSON_REMOVE(i.extra, '$.wrote.permlevel') WHERE f.parent = 'Repository Release' AND f.fieldname IN ('project', 'task')",
    )
    .await;
    assert_eq!(rights(&test, READER, RULE, "a rule").await, "r");
    install(test.site()).await;
    assert_eq!(rights(&test, READER, RULE, "a rule").await, "");
    assert_eq!(rights(&test, ADMIN, RULE, "a rule").await, "rwd");
    assert_eq!(test.value(levels).await, "project 1,task 1");
    assert_eq!(test.value(readers).await, "GitHub Admin,System Manager");
}
