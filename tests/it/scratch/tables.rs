//! What a version's tables are like where versions differ.

use erpnext_github::sim::site::{FrappeMajor, table_names};

use crate::support::TestSite;

/// Type of a column, empty where there is none.
async fn column(test: &TestSite, table: &str, column: &str) -> String {
    test.value(&format!(
        "SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() \
         AND table_name = '{table}' AND column_name = '{column}'"
    ))
    .await
}

async fn index(test: &TestSite, table: &str, index: &str) -> String {
    test.value(&format!(
        "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics \
         WHERE table_schema = DATABASE() AND table_name = '{table}' AND index_name = '{index}'"
    ))
    .await
}

#[tokio::test]
async fn versions_differ_where_frappe_differs() {
    let sites = [
        TestSite::new(FrappeMajor::V14).await,
        TestSite::new(FrappeMajor::V15).await,
        TestSite::new(FrappeMajor::V16).await,
    ];
    let expected = [
        ("tabError Log", "name", ["bigint(20)", "varchar(140)", "varchar(140)"]),
        ("tabComment", "name", ["varchar(140)", "varchar(140)", "varchar(140)"]),
        ("tabProject", "docstatus", ["int(1)", "int(1)", "tinyint(4)"]),
        ("tabProject", "idx", ["int(8)", "int(8)", "int(11)"]),
        ("tabUser", "enabled", ["int(1)", "int(1)", "tinyint(4)"]),
        ("tabDocType", "row_format", ["", "varchar(140)", ""]),
        ("tabDocType", "naming_rule", ["varchar(40)", "varchar(64)", "varchar(40)"]),
        ("tabDocField", "not_nullable", ["", "", "tinyint(4)"]),
        ("tabWorkspace", "link_to", ["", "", "varchar(140)"]),
        ("tabTask", "exp_end_date", ["date", "date", "datetime(6)"]),
        ("tabSessions", "device", ["varchar(255)", "", ""]),
        ("tabFile", "_assign", ["text", "text", "text"]),
        ("tabHas Role", "parenttype", ["varchar(140)", "varchar(140)", "varchar(140)"]),
    ];
    for (table, name, types) in expected {
        for (site, wanted) in sites.iter().zip(types) {
            assert_eq!(column(site, table, name).await, wanted, "{table}.{name}");
        }
    }
    for (site, wanted) in sites.iter().zip(["modified", "modified", "creation"]) {
        assert_eq!(index(site, "tabProject", wanted).await, wanted);
    }
    assert_eq!(
        index(&sites[0], "tabHas Role", "modified").await,
        "modified",
        "version 14 gives child tables one"
    );
    assert_eq!(index(&sites[1], "tabHas Role", "modified").await, "");
    assert_eq!(sites[0].value("SELECT NEXTVAL(`version_id_seq`)").await, "1");
    let engine = "SELECT engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'tabError Log'";
    assert_eq!(sites[2].value(engine).await, "MyISAM");
}

#[tokio::test]
async fn every_table_is_there_and_has_its_own_doctype() {
    for major in FrappeMajor::ALL {
        let test = TestSite::new(major).await;
        let tables =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";
        let mut found: Vec<String> = test.query(tables).await.into_iter().flatten().flatten().collect();
        let mut wanted = table_names().expect("descriptions");
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted);
        let without = "SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.tables LEFT JOIN tabDocType \
                       ON table_name = CONCAT('tab', name) WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' \
                       AND table_name NOT LIKE '\\_\\_%' AND name IS NULL";
        assert_eq!(test.value(without).await, "tabSeries,tabSessions,tabSingles");
    }
}

#[tokio::test]
async fn a_rename_finds_the_links_that_frappe_knows() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let links = "SELECT GROUP_CONCAT(CONCAT(parent, '.', fieldname) ORDER BY parent, fieldname) FROM tabDocField \
                 WHERE fieldtype = 'Link' AND options = 'Project'";
    assert_eq!(
        test.value(links).await,
        "Issue.project,Task.project,Timesheet.parent_project,Timesheet Detail.project"
    );
    let dynamic = "SELECT GROUP_CONCAT(CONCAT(parent, '.', fieldname, '=', options) ORDER BY parent, fieldname) FROM tabDocField \
                   WHERE fieldtype = 'Dynamic Link' AND parent IN ('ToDo', 'Comment', 'Tag Link', 'User Permission')";
    assert_eq!(
        test.value(dynamic).await,
        "Comment.reference_name=reference_doctype,Tag Link.document_name=document_type,\
         ToDo.reference_name=reference_type,User Permission.for_value=allow"
    );
    let children = "SELECT options FROM tabDocField WHERE fieldtype = 'Table' AND parent = 'Project'";
    assert_eq!(test.value(children).await, "Project User");
}
