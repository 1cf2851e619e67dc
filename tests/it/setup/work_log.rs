//! The report GitHub Work Log: what is installed of it, what its statement gives, and who may see which rows.

use erpnext_github::sim::site::FrappeMajor;

use super::{install, uninstall};
use crate::support::TestSite;

const QUERY: &str = "SELECT query FROM tabReport WHERE name = 'GitHub Work Log'";

/// Every name that the statement takes.
const NAMES: [&str; 4] = ["from_date", "to_date", "project", "person"];

/// Filters as the desk sends them; an empty one is sent as nothing.
struct Filters<'a> {
    from: &'a str,
    to: &'a str,
    project: &'a str,
    person: &'a str,
}

const ALL: Filters<'_> = Filters {
    from: "2026-02-01",
    to: "2026-02-28",
    project: "",
    person: "",
};

/// The statement with its filters, as the bench's driver puts them in.
async fn statement(test: &TestSite, filters: &Filters<'_>) -> String {
    statement_with(test, filters, "NULL").await
}

/// The same, where an empty filter is sent as `nothing`.
async fn statement_with(test: &TestSite, filters: &Filters<'_>, nothing: &str) -> String {
    let quoted = |value: &str| match value {
        "" => nothing.to_owned(),
        value => format!("'{}'", value.replace('\'', "\\'")),
    };
    let query = test.value(QUERY).await;
    let left = NAMES
        .iter()
        .fold(query.clone(), |query, name| query.replace(&format!("%({name})s"), ""));
    assert!(!left.contains('%'), "the driver reads every % as a filter: {left}");
    let values = [filters.from, filters.to, filters.project, filters.person];
    NAMES.iter().zip(values).fold(query, |query, (name, value)| {
        query.replace(&format!("%({name})s"), &quoted(value))
    })
}

async fn rows(test: &TestSite, filters: &Filters<'_>) -> Vec<String> {
    let rows = test.query(&statement(test, filters).await).await;
    let line = |row: Vec<Option<String>>| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join("|");
    rows.into_iter().map(line).collect()
}

/// A site with some work of two people in two repositories.
async fn at_work() -> TestSite {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let erp = test.erp();
    erp.add_user("ann@x.com", "Ann", &[]).await.expect("a user");
    erp.set("User", "ann@x.com", "github_username", "Ann-Gh")
        .await
        .expect("a login");
    for repository in ["octo/web", "octo/api"] {
        erp.insert("Repository", repository, &[("full_name", repository)])
            .await
            .expect("a repository");
    }
    for sql in [
        "INSERT INTO `tabGitHub Project Repository` (name, project, repository) VALUES ('one', 'PROJ-0001', 'octo/web')",
        "INSERT INTO `tabRepository Commit` (name, repository, author, author_name, committed_at) VALUES \
         ('c1', 'octo/web', 'ann-gh', 'Ann', '2026-02-03 23:59:59'), ('c2', 'octo/web', 'ann-gh', 'Ann', '2026-02-03 08:00:00'), \
         ('c3', 'octo/api', '', 'No Account', '2026-02-04 08:00:00'), ('c4', 'octo/web', 'ann-gh', 'Ann', '2026-03-01 00:00:00'), \
         ('c5', 'octo/api', '', 'ann-gh', '2026-02-04 09:00:00')",
        "INSERT INTO `tabRepository Pull Request` (name, repository, pr_number, author, created_at) VALUES \
         ('octo/web-#2', 'octo/web', 2, 'ann-gh', '2026-02-03 10:00:00')",
        "INSERT INTO `tabRepository Issue` (name, repository, issue_number, author, created_at) VALUES \
         ('octo/web-#1', 'octo/web', 1, 'ben', '2026-02-28 23:00:00')",
        "INSERT INTO `tabRepository Review` (name, repository, pr_number, reviewer, submitted_at) VALUES \
         ('r1', 'octo/web', 2, 'ben', '2026-02-03 11:00:00')",
        "INSERT INTO `tabRepository Comment` (name, repository, issue_number, author, created_at, deleted_on_github) VALUES \
         ('m1', 'octo/web', 1, 'ben', '2026-02-03 12:00:00', 0), ('m2', 'octo/web', 1, 'ben', '2026-02-03 12:00:00', 1)",
    ] {
        test.scratch().execute(sql).await.expect(sql);
    }
    test
}

#[tokio::test]
async fn g1_17_each_person_and_day_with_what_was_done() {
    let test = at_work().await;
    assert_eq!(
        rows(&test, &ALL).await,
        [
            "2026-02-28|ben|ben|octo/web|0|0|0|1|0",
            // Whoever writes Ann's login as his name is not Ann.
            "2026-02-04|ann-gh||octo/api|1|0|0|0|0",
            "2026-02-04|No Account||octo/api|1|0|0|0|0",
            "2026-02-03|Ann|ann-gh|octo/web|2|1|0|0|0",
            "2026-02-03|ben|ben|octo/web|0|0|1|0|1",
        ]
    );
    for (filters, wanted) in [
        (
            Filters {
                project: "PROJ-0001",
                ..ALL
            },
            3,
        ),
        (Filters { project: "P'ROJ", ..ALL }, 0),
        (
            Filters {
                person: "ann@x.com",
                ..ALL
            },
            1,
        ),
        (Filters { person: "Ann", ..ALL }, 1),
        (Filters { person: "BEN", ..ALL }, 2),
        (
            Filters {
                from: "2026-02-04",
                ..ALL
            },
            3,
        ),
        (Filters { to: "2026-02-03", ..ALL }, 2),
        (Filters { to: "2026-03-01", ..ALL }, 6),
    ] {
        assert_eq!(
            rows(&test, &filters).await.len(),
            wanted,
            "{}",
            statement(&test, &filters).await
        );
    }
    // An account that two users claim is neither's.
    let erp = test.erp();
    erp.add_user("other@x.com", "Other", &[]).await.expect("a user");
    erp.set("User", "other@x.com", "github_username", "ann-gh")
        .await
        .expect("a login");
    assert!(
        rows(&test, &ALL)
            .await
            .contains(&"2026-02-03|ann-gh|ann-gh|octo/web|2|1|0|0|0".to_owned())
    );
}

#[tokio::test]
async fn g1_17_whoever_runs_it_elsewhere_names_the_filters_as_they_are_declared_and_leaves_some_empty() {
    let test = at_work().await;
    let declared = "SELECT GROUP_CONCAT(fieldname ORDER BY idx) FROM `tabReport Filter` WHERE parent = 'GitHub Work Log'";
    assert_eq!(test.value(declared).await, NAMES.join(","));
    let query = test.value(QUERY).await;
    for name in NAMES {
        assert!(query.contains(&format!("%({name})s")), "the statement does not take {name}");
    }
    let of_project = Filters {
        project: "PROJ-0001",
        ..ALL
    };
    let of_person = Filters { person: "Ann", ..ALL };
    for nothing in ["NULL", "''", "'%'"] {
        for (filters, wanted) in [(&ALL, 5), (&of_project, 3), (&of_person, 1)] {
            let sql = statement_with(&test, filters, nothing).await;
            assert_eq!(test.query(&sql).await.len(), wanted, "{sql}");
        }
    }
    // Frappe would refuse an empty Link to whoever reads no Project, and look for one that is called %.
    let links = "SELECT COUNT(*) FROM `tabReport Filter` WHERE parent = 'GitHub Work Log' AND fieldtype = 'Link'";
    assert_eq!(test.value(links).await, "0");
}

#[tokio::test]
async fn g1_17_an_account_is_its_number_and_who_left_keeps_his_name() {
    let test = at_work().await;
    // An account is its number: what it did before it was renamed is its own, and who has the old login by now is somebody else.
    let erp = test.erp();
    for (field, value) in [("github_user_id", "77"), ("github_username", "ann-now"), ("enabled", "0")] {
        erp.set("User", "ann@x.com", field, value).await.expect("a field");
    }
    test.query("UPDATE `tabRepository Commit` SET author_id = '77' WHERE name IN ('c1', 'c2')")
        .await;
    test.query("UPDATE `tabRepository Pull Request` SET author_id = '78'").await;
    test.query("UPDATE `tabRepository Issue` SET author = NULL").await;
    assert_eq!(
        rows(&test, &ALL).await,
        [
            "2026-02-28|ghost||octo/web|0|0|0|1|0",
            "2026-02-04|ann-gh||octo/api|1|0|0|0|0",
            "2026-02-04|No Account||octo/api|1|0|0|0|0",
            "2026-02-03|ann-gh|ann-gh|octo/web|0|1|0|0|0",
            // She left the company, and keeps her name in what she did.
            "2026-02-03|Ann|ann-now|octo/web|2|0|0|0|0",
            "2026-02-03|ben|ben|octo/web|0|0|1|0|1",
        ]
    );
    for (person, wanted) in [("ann@x.com", 1), ("ann-now", 1), ("Ann", 1), ("ann-gh", 3)] {
        assert_eq!(rows(&test, &Filters { person, ..ALL }).await.len(), wanted, "{person}");
    }
}

#[tokio::test]
async fn the_statement_is_what_frappe_runs_and_holds_against_user_permissions_in_every_version() {
    for major in [FrappeMajor::V14, FrappeMajor::V15, FrappeMajor::V16] {
        let test = TestSite::new(major).await;
        let before = test.dump().await;
        install(test.site()).await;
        let row = "SELECT CONCAT_WS('|', report_name, ref_doctype, module, is_standard, report_type, add_total_row, disabled, prepared_report) \
                   FROM tabReport WHERE name = 'GitHub Work Log'";
        assert_eq!(
            test.value(row).await,
            "GitHub Work Log|Repository|GitHub|No|Query Report|1|0|0",
            "{major:?}"
        );
        let roles = "SELECT GROUP_CONCAT(role ORDER BY idx) FROM `tabHas Role` WHERE parent = 'GitHub Work Log' AND parenttype = 'Report'";
        assert_eq!(test.value(roles).await, "System Manager,GitHub Admin,GitHub User");
        let filters = "SELECT GROUP_CONCAT(fieldname ORDER BY idx) FROM `tabReport Filter` WHERE parent = 'GitHub Work Log'";
        assert_eq!(test.value(filters).await, "from_date,to_date,project,person");
        let query = test.value(QUERY).await;
        assert!(
            query.starts_with("SELECT") && !query.contains("--") && !query.contains(';'),
            "{query}"
        );
        // Frappe hides rows by the Links among the columns. There must be the one that confines, and no other.
        let links: Vec<&str> = query
            .split(":Link/")
            .skip(1)
            .filter_map(|rest| rest.split(':').next())
            .collect();
        assert_eq!(links, ["Repository"]);
        let script = test
            .value("SELECT javascript FROM tabReport WHERE name = 'GitHub Work Log'")
            .await;
        assert!(script.contains("get_chart_data"), "{script}");
        uninstall(test.site()).await;
        assert!(before == test.dump().await, "something hangs about, or too much went");
    }
}

#[tokio::test]
async fn a_report_that_an_administrator_deleted_stays_away_and_what_people_added_goes_with_ours() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let before = test.dump().await;
    install(test.site()).await;
    let parent = ("Report", "GitHub Work Log", "roles");
    test.erp()
        .add_child("Has Role", parent, &[("role", "Projects Manager")])
        .await
        .expect("a role");
    for sql in [
        "DELETE FROM tabReport WHERE name = 'GitHub Work Log'",
        "DELETE FROM `tabReport Filter` WHERE parent = 'GitHub Work Log'",
        "DELETE FROM `tabHas Role` WHERE parent = 'GitHub Work Log' AND role <> 'Projects Manager'",
    ] {
        test.scratch().execute(sql).await.expect(sql);
    }
    install(test.site()).await;
    let left = "SELECT (SELECT COUNT(*) FROM tabReport WHERE name = 'GitHub Work Log') + \
                (SELECT COUNT(*) FROM `tabReport Filter` WHERE parent = 'GitHub Work Log')";
    assert_eq!(test.value(left).await, "0");
    uninstall(test.site()).await;
    assert!(before == test.dump().await, "something hangs about, or too much went");
}

#[tokio::test]
async fn the_statement_reads_no_large_table_whole() {
    let test = at_work().await;
    for (table, time, more) in [
        ("Repository Commit", "committed_at", "sha"),
        ("Repository Pull Request", "created_at", "pr_number"),
        ("Repository Issue", "created_at", "issue_number"),
        ("Repository Review", "submitted_at", "pr_number"),
        ("Repository Comment", "created_at", "issue_number"),
    ] {
        let fill = format!(
            "INSERT INTO `tab{table}` (name, repository, `{more}`, `{time}`) \
             SELECT CONCAT('x', seq), ELT(1 + seq % 4, 'octo/web', 'octo/api', 'octo/c', 'octo/d'), 1000 + seq, \
             '2024-01-01' + INTERVAL seq * 3 HOUR FROM seq_1_to_6000"
        );
        test.scratch().execute(&fill).await.expect("filled");
        test.scratch()
            .execute(&format!("ANALYZE TABLE `tab{table}`"))
            .await
            .expect("analyzed");
    }
    for name in ["octo/c", "octo/d"] {
        test.erp()
            .insert("Repository", name, &[("full_name", name)])
            .await
            .expect("a repository");
    }
    for filters in [
        ALL,
        Filters {
            project: "PROJ-0001",
            ..ALL
        },
    ] {
        let sql = statement(&test, &filters).await;
        let plan = test.query(&format!("EXPLAIN {sql}")).await;
        let of_large = plan.iter().filter(|line| line[2].as_deref() == Some("x"));
        assert!(of_large.clone().count() >= 5, "{plan:?}");
        for line in of_large {
            assert_ne!(line[3].as_deref(), Some("ALL"), "{line:?}");
        }
    }
}
