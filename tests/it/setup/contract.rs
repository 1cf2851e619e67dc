//! What is made is what Frappe itself would make: held against the real site's own tables.

use std::collections::{BTreeMap, BTreeSet};

use erpnext_github::setup::{self, doctypes};
use erpnext_github::sim::site::FrappeMajor;

use super::install;
use crate::support::TestSite;

/// Type of a column with `NOT NULL`, as Frappe made it.
async fn columns(test: &TestSite, table: &str) -> BTreeMap<String, String> {
    let sql = format!(
        "SELECT COLUMN_NAME, CONCAT(COLUMN_TYPE, IF(IS_NULLABLE = 'NO', ' NOT NULL', '')) FROM information_schema.COLUMNS \
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'"
    );
    let rows = test.query(&sql).await.into_iter();
    rows.map(|row| (row[0].clone().unwrap_or_default(), row[1].clone().unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn every_field_has_the_column_that_frappe_gives_such_fields() {
    let Some(test) = TestSite::from_dump("every_field_has_the_column_that_frappe_gives_such_fields").await else {
        return;
    };
    // What Frappe made for its own fields of that type and length, in tables that it created with this version.
    let theirs = test
        .query(
            "SELECT f.fieldtype, f.length, CONCAT(c.COLUMN_TYPE, IF(c.IS_NULLABLE = 'NO', ' NOT NULL', '')), COUNT(*) FROM tabDocField f \
             JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = CONCAT('tab', f.parent) \
             AND c.COLUMN_NAME = f.fieldname WHERE f.parent NOT IN ('DocType', 'DocField', 'DocPerm', 'DefaultValue', 'File') \
             GROUP BY 1, 2, 3 ORDER BY COUNT(*)",
        )
        .await;
    // The commonest wins: some old core tables differ.
    let usual: BTreeMap<(String, String), String> = theirs
        .into_iter()
        .map(|row| {
            let cell = |at: usize| row[at].clone().unwrap_or_default();
            ((cell(0), cell(1)), cell(2))
        })
        .collect();
    install(test.site()).await;
    let mut compared = BTreeSet::new();
    for doctype in doctypes().expect("embedded") {
        let Some(table) = doctype.table() else { continue };
        let made = columns(&test, &table).await;
        for field in doctype.stored_fields() {
            let made = made
                .get(&field.fieldname)
                .unwrap_or_else(|| panic!("{table}.{} is missing", field.fieldname));
            let wanted = match (field.fieldtype.as_str(), field.length) {
                ("Int", 12..) => "bigint(20) NOT NULL".to_owned(),
                ("Data", length @ 64..) => format!("varchar({length})"),
                (fieldtype, length) => usual[&(fieldtype.to_owned(), length.to_string())].clone(),
            };
            assert_eq!(*made, wanted, "{table}.{} ({})", field.fieldname, field.fieldtype);
            compared.insert(field.fieldtype.clone());
        }
        assert_eq!(made.contains_key("parent"), doctype.is_table, "{table}");
        assert_eq!(made.contains_key("_assign"), !doctype.is_table, "{table}");
    }
    assert!(compared.len() >= 8, "{compared:?}");
}

#[tokio::test]
async fn standard_columns_and_indexes_are_those_of_the_version() {
    let Some(test) = TestSite::from_dump("standard_columns_and_indexes_are_those_of_the_version").await else {
        return;
    };
    install(test.site()).await;
    for (ours, theirs) in [("tabRepository", "tabProject"), ("tabRepository Member", "tabProject User")] {
        let (ours, theirs) = (columns(&test, ours).await, columns(&test, theirs).await);
        for standard in [
            "name",
            "creation",
            "modified",
            "modified_by",
            "owner",
            "docstatus",
            "idx",
            "parent",
            "parentfield",
            "parenttype",
            "_user_tags",
            "_comments",
            "_assign",
            "_liked_by",
        ] {
            assert_eq!(ours.get(standard), theirs.get(standard), "{standard}");
        }
    }
    let create = test.query("SHOW CREATE TABLE `tabRepository`").await[0][1]
        .clone()
        .unwrap_or_default();
    for line in [
        "PRIMARY KEY (`name`)",
        "UNIQUE KEY `full_name` (`full_name`)",
        "KEY `github_id` (`github_id`)",
        "KEY `project` (`project`)",
        "KEY `modified` (`modified`)",
        "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC",
    ] {
        assert!(create.contains(line), "{line} in {create}");
    }
}

#[tokio::test]
async fn every_version_has_every_field_in_its_metadata_and_its_tables() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = TestSite::new(major).await;
        install(test.site()).await;
        for doctype in doctypes().expect("embedded") {
            let sql = format!(
                "SELECT fieldname FROM tabDocField WHERE parent = '{}' ORDER BY idx",
                doctype.name
            );
            let rows: Vec<String> = test.query(&sql).await.into_iter().filter_map(|row| row[0].clone()).collect();
            let fields: Vec<&String> = doctype.fields.iter().map(|field| &field.fieldname).collect();
            assert!(rows.iter().eq(fields), "{} on {major:?}", doctype.name);
            if let Some(table) = doctype.table() {
                let columns = columns(&test, &table).await;
                assert!(
                    doctype.stored_fields().all(|field| columns.contains_key(&field.fieldname)),
                    "{table}"
                );
            }
        }
        let flag = columns(&test, "tabRepository").await["archived"].clone();
        let wanted = if major == FrappeMajor::V16 {
            "tinyint(4) NOT NULL"
        } else {
            "int(1) NOT NULL"
        };
        assert_eq!(flag, wanted);
    }
}

#[tokio::test]
async fn what_is_looked_up_is_found_by_an_index() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    for (table, condition) in [
        ("tabRepository", "github_id = '1'"),
        ("tabRepository", "project = 'P'"),
        ("tabRepository Issue", "repository = 'a/b' AND issue_number = 1"),
        ("tabRepository Issue", "github_id = '1'"),
        ("tabRepository Issue", "task = 'T'"),
        ("tabRepository Pull Request", "repository = 'a/b' AND pr_number = 1"),
        ("tabRepository Pull Request", "github_id = '1'"),
        ("tabRepository Member", "github_username = 'x'"),
        ("tabRepository Member", "github_id = '1'"),
        ("tabRepository Issue Assignee", "user = 'x'"),
        ("tabRepository PR Reviewer", "github_id = '1'"),
        ("tabRepository Label", "repository = 'a/b' AND label_name = 'bug'"),
        ("tabRepository Milestone", "repository = 'a/b' AND milestone_number = 1"),
        ("tabRepository Release", "repository = 'a/b'"),
        ("tabRepository Release Asset", "parent = 'x'"),
        ("tabRepository Comment", "repository = 'a/b' AND issue_number = 1"),
        ("tabRepository Comment", "issue = 'a/b-#1'"),
        ("tabRepository Comment", "pull_request = 'a/b-#1'"),
        ("tabRepository Review", "repository = 'a/b' AND pr_number = 1"),
        ("tabRepository Review", "pull_request = 'a/b-#1'"),
        ("tabRepository Commit", "repository = 'a/b' AND committed_at > '2026-01-01'"),
        ("tabRepository Commit", "committed_at < '2026-01-01'"),
        ("tabRepository Commit", "sha = 'x'"),
        ("tabGitHub Event", "status = 'unprocessed'"),
        ("tabGitHub Sync Run", "repository = 'a/b'"),
        ("tabTask", "github_repo = 'a/b' AND github_issue_number = 1"),
        ("tabTask", "github_issue_doc = 'a/b-#1'"),
        ("tabProject", "repository = 'a/b'"),
        ("tabUser", "github_username = 'x'"),
        ("tabUser", "github_user_id = '1'"),
    ] {
        let sql = format!(
            "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' \
             AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = '{}'",
            condition.split(' ').next().unwrap_or_default()
        );
        assert_ne!(test.value(&sql).await, "0", "{table}: {condition}");
    }
    let unique = "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 \
                  AND INDEX_NAME IN ('unique_repository_issue_number', 'unique_repository_pr_number')";
    assert_eq!(test.value(unique).await, "4");
}

#[tokio::test]
async fn an_index_on_a_single_column_of_others_has_its_flag() {
    // Frappe drops an index on a column whose field does not ask for one (frappe-internals 2.3).
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let sql = "SELECT s.TABLE_NAME, s.COLUMN_NAME FROM information_schema.STATISTICS s JOIN `tabCustom Field` f \
               ON s.TABLE_NAME = CONCAT('tab', f.dt) AND s.COLUMN_NAME = f.fieldname \
               WHERE s.TABLE_SCHEMA = DATABASE() AND f.search_index = 0 AND s.INDEX_NAME NOT IN ( \
               SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 2)";
    assert_eq!(test.query(sql).await, Vec::<Vec<Option<String>>>::new());
}

#[tokio::test]
async fn f05_permissions_lock_nobody_out() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    // F-5: the Python app's Custom DocPerm rows took System Manager's access away.
    assert_eq!(test.value("SELECT COUNT(*) FROM `tabCustom DocPerm`").await, "0");
    for doctype in doctypes().expect("embedded").iter().filter(|doctype| !doctype.is_table) {
        for role in ["System Manager", "GitHub Admin"] {
            let sql = format!(
                "SELECT `read` FROM tabDocPerm WHERE parent = '{}' AND role = '{role}'",
                doctype.name
            );
            assert_eq!(test.value(&sql).await, "1", "{role} on {}", doctype.name);
        }
    }
    let sql = "SELECT GROUP_CONCAT(parent ORDER BY parent), MAX(`write` + `create` + `delete`) FROM tabDocPerm \
               WHERE role = 'GitHub User' AND if_owner = 0";
    let rows = test.query(sql).await;
    assert_eq!(
        rows[0][0].as_deref(),
        Some(
            "Repository,Repository Comment,Repository Commit,Repository Issue,Repository Label,Repository Milestone,Repository Pull Request,\
             Repository Release,Repository Review"
        )
    );
    assert_eq!(rows[0][1].as_deref(), Some("0"));
    let own =
        "SELECT GROUP_CONCAT(parent ORDER BY parent), MAX(`write`) FROM tabDocPerm WHERE role = 'GitHub User' AND if_owner = 1";
    let rows = test.query(own).await;
    assert_eq!(
        rows[0][0].as_deref(),
        Some("GitHub App Installation,GitHub Project Repository")
    );
    assert_eq!(rows[0][1].as_deref(), Some("0"));
    // Frappe refuses to save a DocType with a row for a role that is marked as custom.
    assert_eq!(
        test.value("SELECT SUM(is_custom) FROM tabRole WHERE name LIKE 'GitHub%'")
            .await,
        "0"
    );
}

#[tokio::test]
async fn the_ledger_names_every_column_and_index_on_tables_of_others() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let snapshot = "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() \
                    AND TABLE_NAME IN ('tabProject', 'tabTask', 'tabUser')";
    let before: BTreeSet<_> = test.query(snapshot).await.into_iter().flatten().flatten().collect();
    let report = setup::install(test.site(), &super::options(), &|_| ())
        .await
        .expect("installed");
    let after: BTreeSet<_> = test.query(snapshot).await.into_iter().flatten().flatten().collect();
    let made: BTreeSet<_> = after.difference(&before).cloned().collect();
    let ledger = "SELECT CONCAT(tbl, '.', item) FROM erpnext_github_installed WHERE kind = 'column'";
    let recorded: BTreeSet<_> = test.query(ledger).await.into_iter().flatten().flatten().collect();
    assert_eq!(made, recorded);
    assert_eq!(made, report.columns.into_iter().collect());
}

/// Fields that reports, scripts and habits built on the Python app know, with their labels, in the order of its forms.
const KNOWN_FIELDS: [(&str, &str); 8] = [
    (
        "GitHub Settings",
        "auth_type=Auth Type|personal_access_token=Personal Access Token|oauth_client_id=OAuth Client ID|oauth_client_secret=OAuth Client Secret|\
         webhook_secret=Webhook Secret|default_organization=Default Organization|default_visibility=Default Visibility|last_sync=Last Sync|enabled=Enabled",
    ),
    (
        "Repository",
        "full_name=Full Name|github_id=GitHub ID|project=Project|is_synced=Is Synced|last_synced=Last Synced|enabled=Enabled|repo_name=Repo Name|\
         repo_owner=Repo Owner|default_branch=Default Branch|url=URL|visibility=Visibility|branches_table=Branches Table|members_table=Members Table",
    ),
    (
        "Repository Branch",
        "repo_full_name=Repository Full Name|branch_name=Branch Name|protected=Protected|commit_sha=Commit SHA|last_updated=Last Updated",
    ),
    (
        "Repository Member",
        "repo_full_name=Repository Full Name|github_username=GitHub Username|github_id=GitHub ID|role=Role|email=Email",
    ),
    (
        "Repository Issue",
        "title=Title|repository=Repository|issue_number=Issue Number|url=URL|github_id=GitHub ID|labels=Labels|created_at=Created At|\
         updated_at=Updated At|state=State|body=Body|assignees_table=Assignees",
    ),
    ("Repository Issue Assignee", "issue=Issue|user=User"),
    (
        "Repository Pull Request",
        "title=Title|repository=Repository|pr_number=PR Number|author=Author|github_id=GitHub ID|url=URL|head_branch=Head Branch|\
         base_branch=Base Branch|mergeable_state=Mergeable State|body=Body|created_at=Created At|updated_at=Updated At|state=State|reviewers_table=Reviewers",
    ),
    ("Repository PR Reviewer", "pull_request=Pull Request|user=User"),
];

#[test]
fn fields_that_people_know_keep_their_names_labels_and_order() {
    let all = doctypes().expect("embedded");
    for (name, known) in KNOWN_FIELDS {
        let doctype = all.iter().find(|doctype| doctype.name == name).expect("the DocType");
        let mut fields = doctype.fields.iter();
        for known in known.split('|') {
            let (fieldname, label) = known.split_once('=').expect("name and label");
            let found = fields.any(|field| field.fieldname == fieldname && field.text("label") == label);
            assert!(
                found,
                "{name}: {fieldname} ({label}) is missing, out of order, or has another label"
            );
        }
    }
}

#[test]
fn what_github_owns_is_read_only_and_no_person_is_mandatory() {
    /// What belongs to ERPNext.
    const OURS: [(&str, &[&str]); 4] = [
        (
            "Repository",
            &[
                "full_name",
                "project",
                "enabled",
                "sync_interval_minutes",
                "manage_webhook",
                "webhook_events",
                "integration",
                "access_token",
            ],
        ),
        ("Repository Issue", &["task"]),
        ("Repository Pull Request", &["task"]),
        ("Repository Release", &["project", "task"]),
    ];
    for doctype in doctypes()
        .expect("embedded")
        .iter()
        .filter(|doctype| doctype.name.starts_with("Repository"))
    {
        let ours = OURS
            .iter()
            .find(|(name, _)| *name == doctype.name)
            .map_or(&[][..], |(_, fields)| *fields);
        for field in doctype
            .fields
            .iter()
            .filter(|field| field.is_stored() || field.fieldtype == "Table")
        {
            assert_eq!(
                field.is_read_only(),
                !ours.contains(&field.fieldname.as_str()),
                "{}.{}",
                doctype.name,
                field.fieldname
            );
        }
    }
    let people = doctypes()
        .expect("embedded")
        .iter()
        .filter(|doctype| doctype.is_table && doctype.field("user").is_some());
    for doctype in people {
        assert!(
            doctype.field("github_username").is_some() && doctype.field("github_id").is_some(),
            "{}",
            doctype.name
        );
        let user = doctype.field("user").expect("a user");
        assert!(!user.is_required() && user.ignores_user_permissions(), "{}", doctype.name);
    }
}

#[tokio::test]
async fn s4_what_github_users_read_is_filtered_by_the_repository_that_they_may_see() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let sql = "SELECT p.parent FROM tabDocPerm p WHERE p.role = 'GitHub User' AND p.if_owner = 0 AND p.parent <> 'Repository' AND NOT EXISTS ( \
               SELECT 1 FROM tabDocField f WHERE f.parent = p.parent AND f.fieldname = 'repository' AND f.fieldtype = 'Link' \
               AND f.options = 'Repository' AND f.ignore_user_permissions = 0 AND f.reqd = 1)";
    assert_eq!(test.query(sql).await, Vec::<Vec<Option<String>>>::new());
    let sql = "SELECT name FROM tabDocType WHERE name LIKE 'Repository %' AND istable = 0 AND in_create = 0";
    assert_eq!(
        test.query(sql).await,
        Vec::<Vec<Option<String>>>::new(),
        "nobody makes them in the desk"
    );
    // Other Links hide nothing: a comment is seen by whoever sees its repository.
    let sql = "SELECT f.parent, f.fieldname FROM tabDocField f JOIN tabDocType d ON d.name = f.parent WHERE d.module = 'GitHub' \
               AND d.name LIKE 'Repository %' AND f.fieldtype = 'Link' AND f.fieldname <> 'repository' AND f.ignore_user_permissions = 0";
    assert_eq!(test.query(sql).await, Vec::<Vec<Option<String>>>::new());
}
