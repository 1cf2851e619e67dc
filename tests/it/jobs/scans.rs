//! Nothing that is done again and again reads the whole of a table that grows: the statements are taken from the server's log while
//! everything is done that a site does, and MariaDB is asked how it runs each of them. What is new cannot hide.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use erpnext_github::actions::METHODS;
use erpnext_github::jobs::Work;
use erpnext_github::sim::github::World;

use super::runner;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;
use crate::webhook::Hooked;

/// Rows that each table gets beside those of the story.
const ROWS: u32 = 2_000;
/// An answer of so many rows is no look at a few.
const MANY: u64 = 600;

/// Somebody who works on the repository of the story and runs nothing.
const MEMBER: &str = "member@x.com";

/// Tables that grow with GitHub or with the years.
const GROWING: [&str; 26] = [
    "tabRepository Issue",
    "tabRepository Issue Assignee",
    "tabRepository Pull Request",
    "tabRepository PR Assignee",
    "tabRepository PR Reviewer",
    "tabRepository Branch",
    "tabRepository Member",
    "tabRepository Label",
    "tabRepository Milestone",
    "tabRepository Release",
    "tabRepository Release Asset",
    "tabRepository Comment",
    "tabRepository Review",
    "tabRepository Commit",
    "tabGitHub Event",
    "tabGitHub Write",
    "tabGitHub Sync Run",
    "tabGitHub Sync Run Entity",
    "erpnext_github_tombstone",
    "erpnext_github_login",
    "erpnext_github_commit",
    "erpnext_github_payload",
    "erpnext_github_preview",
    "tabTask",
    "tabToDo",
    "tabComment",
];

/// What may read all of a table, by a part of its text, and why.
const ALLOWED: [(&str, &str); 3] = [
    (
        "SELECT (SELECT COUNT(*) FROM `tabRepository`), (SELECT COUNT(*)",
        "somebody asks how many there are of all, which nothing keeps",
    ),
    ("EXISTS (SELECT 1 FROM `tabGitHub Event`)", "the first row answers"),
    (
        "name IN (SELECT delivery_id FROM `erpnext_github_payload`)",
        "what is to be removed of all that is kept, which is that of three days",
    ),
];

fn story(world: &mut World) {
    let web = world
        .repository("octo/web")
        .with_issues(12)
        .with_pull_requests(5)
        .with_comments(8)
        .with_commits(5)
        .with_milestones(2)
        .with_labels(3)
        .with_releases(2);
    web.with_branches(6);
}

/// The value of a column in the row number `seq`; none for one that stays as it is by default.
fn value(table: &str, column: &str, kind: &str, must: bool) -> Option<String> {
    let of = |text: &str| Some(format!("'{text}'"));
    match column {
        "name" | "sha" | "login" | "delivery_id" => Some("CONCAT('fill-', seq)".to_owned()),
        "repository" | "repo_full_name" => Some("CONCAT('fill/r', seq MOD 40)".to_owned()),
        "parent" | "issue" | "pull_request" => Some("CONCAT('fill/r-#', seq)".to_owned()),
        "parenttype" if table.contains("Run Entity") => of("GitHub Sync Run"),
        "parenttype" if table.contains("Issue Assignee") => of("Repository Issue"),
        "parenttype" if table.contains("PR ") => of("Repository Pull Request"),
        "parenttype" if table.contains("Asset") => of("Repository Release"),
        "parenttype" => of("Repository"),
        "state" => Some("IF(seq MOD 10 = 0, 'open', 'closed')".to_owned()),
        "entity" => of("label"),
        "status" if table == "tabGitHub Event" => of("processed"),
        "status" if table == "tabGitHub Write" => of("done"),
        "status" if table == "tabGitHub Sync Run" => of("Completed"),
        "repository_id" if kind.starts_with("varchar") => Some("CAST(900000 + seq MOD 40 AS CHAR)".to_owned()),
        "repository_id" => Some("900000 + seq MOD 40".to_owned()),
        "issue_number" | "pr_number" | "milestone_number" | "number" | "deployment_id" => Some("seq".to_owned()),
        "github_id" => Some("CAST(800000 + seq AS CHAR)".to_owned()),
        // Some time before what happens now, and not old enough to be removed.
        "modified" | "creation" | "received_at" | "available_at" | "started_at" | "ended_at" | "committed_at" | "created_at"
        | "_sent_at" | "looked_up_at" => Some("TIMESTAMP'2026-03-01 00:00:00' - INTERVAL seq MINUTE".to_owned()),
        "told_at" => Some("1772150000 - seq".to_owned()),
        _ if !must => None,
        _ if kind.contains("int") || kind.contains("decimal") => Some("0".to_owned()),
        _ if kind.starts_with("date") => Some("NOW()".to_owned()),
        _ => of("x"),
    }
}

async fn fill(mirror: &Mirror) {
    for table in GROWING {
        let columns = mirror
            .erp
            .query(&format!(
                "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL AND EXTRA = '' \
                 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'"
            ))
            .await;
        let cell = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let set: Vec<(String, String)> = columns
            .iter()
            .filter_map(|row| {
                let (column, kind) = (cell(&row[0]), cell(&row[1]));
                Some((format!("`{column}`"), value(table, &column, &kind, cell(&row[2]) == "1")?))
            })
            .collect();
        let (names, values): (Vec<String>, Vec<String>) = set.into_iter().unzip();
        let sql = format!(
            "INSERT INTO `{table}` ({}) SELECT {} FROM seq_1_to_{ROWS}",
            names.join(", "),
            values.join(", ")
        );
        mirror.erp.scratch().execute(&sql).await.expect(&sql);
        mirror.erp.query(&format!("ANALYZE TABLE `{table}`")).await;
    }
}

/// Everything that a site does while nobody looks, and while somebody does.
async fn live(hooked: &Hooked) {
    let mirror = &hooked.mirror;
    for full in [false, true] {
        mirror.erp.clock().advance(TimeDelta::hours(2));
        let before = mirror.github.world().clone();
        for seed in 0..6 {
            mirror.erp.clock().advance(TimeDelta::seconds(30));
            mirror.github.world().evolve(40 + seed);
        }
        for (at, told) in mirror.github.deliveries_since(&before).iter().enumerate() {
            let payload = serde_json::from_str(&told.payload).expect("JSON");
            hooked.deliver(&format!("told-{full}-{at}"), told.event, &payload).await;
        }
        mirror.sync_in(&mirror.context().await, "octo/web", full).await;
        for work in Work::ALL {
            runner(mirror).step(work).await;
        }
    }
    let desk = Desk::of(mirror).await;
    let issue = mirror
        .erp
        .value("SELECT MAX(name) FROM `tabRepository Issue` WHERE repository = 'octo/web'")
        .await;
    for method in METHODS.iter().filter(|method| !method.path.contains("manage_repo_access")) {
        let arguments = [
            ("repo_full_name", "octo/web"),
            ("repository", "octo/web"),
            ("issue_name", issue.as_str()),
            ("project", "TRY-1"),
            ("task", "TASK-2026-00001"),
        ];
        // A user of the desk is confined to his repositories: other statements.
        for user in ["Administrator", MEMBER] {
            desk.post(user, method.path, &arguments).await;
        }
    }
    desk.ended().await;
}

/// What the program said since the record began, whatever bytes are in it: payloads are compressed.
async fn statements(mirror: &Mirror) -> Vec<String> {
    let user = &mirror.erp.scratch().credentials().database;
    let log = format!(
        "SELECT argument FROM mysql.general_log WHERE user_host LIKE '{}[%' AND command_type IN ('Query', 'Execute')",
        user.replace('_', "\\_")
    );
    mirror.erp.query(&log).await.into_iter().flatten().flatten().collect()
}

/// False for a statement that the server noted with its marks instead of its values; it is there a second time.
fn is_filled_in(sql: &str) -> bool {
    !sql.split('\'').step_by(2).any(|outside| outside.contains('?'))
}

/// The statement without what differs from one time to the next.
fn shape(sql: &str) -> String {
    let (mut shape, mut letters) = (String::new(), sql.chars().peekable());
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            while let Some(inner) = letters.next() {
                match inner {
                    '\\' => drop(letters.next()),
                    '\'' => break,
                    _ => {}
                }
            }
            shape.push('?');
        } else if letter.is_ascii_digit() {
            while letters.peek().is_some_and(char::is_ascii_digit) {
                letters.next();
            }
            shape.push('?');
        } else {
            shape.push(letter);
        }
    }
    while shape.contains("?, ?") || shape.contains("?,?") {
        shape = shape.replace("?, ?", "?").replace("?,?", "?");
    }
    shape
}

#[tokio::test]
async fn e3_no_query_of_a_way_that_is_often_gone_reads_a_whole_table() {
    let hooked = Hooked::new(story).await;
    let mirror = &hooked.mirror;
    mirror.erp.erp().add_project("TRY-1", "A try").await.expect("a project");
    mirror.erp.connect("TRY-1", "octo/web").await;
    let erp = mirror.erp.erp();
    erp.add_user(MEMBER, "Some Body", &["GitHub User", "Projects User"])
        .await
        .expect("a user");
    erp.set("Project", "TRY-1", "project_manager", MEMBER).await.expect("set");
    let confined = [("user", MEMBER), ("allow", "Repository"), ("for_value", "octo/web")];
    erp.insert("User Permission", "of-member", &confined).await.expect("a row");
    for user in ["Administrator", MEMBER] {
        Desk::log_in(mirror, user).await;
    }
    fill(mirror).await;
    mirror.erp.record().await;
    live(&hooked).await;
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    for sql in statements(mirror).await {
        let verbs = ["SELECT ", "UPDATE ", "DELETE "];
        let explained = verbs.iter().any(|verb| sql.starts_with(verb)) || sql.starts_with("INSERT") && sql.contains(" SELECT ");
        if explained && !sql.contains("information_schema") && !sql.starts_with("SELECT @@") && is_filled_in(&sql) {
            shapes.insert(shape(&sql), sql);
        }
    }
    assert!(shapes.len() > 150, "{} statements were met", shapes.len());
    let explained = shapes
        .values()
        .filter(|sql| !ALLOWED.iter().any(|(part, _)| sql.contains(part)));
    no_scans(mirror, explained).await;
}

/// MariaDB reads no whole table for any of these.
async fn no_scans(mirror: &Mirror, statements: impl Iterator<Item = &String>) {
    let mut scans = Vec::new();
    for sql in statements {
        let plan = mirror.erp.scratch().query(&format!("EXPLAIN {sql}")).await;
        if let Err(error) = &plan {
            scans.push(format!("{error}: {sql:.400}"));
        }
        for line in plan.unwrap_or_default() {
            // Columns of EXPLAIN: id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra.
            let cell = |at: usize| line[at].as_deref().unwrap_or_default();
            let many = cell(8).parse::<u64>().is_ok_and(|rows| rows >= MANY);
            if many && !cell(2).starts_with('<') && matches!(cell(3), "ALL" | "index") {
                scans.push(format!("{} {} of {} rows: {sql:.400}", cell(2), cell(3), cell(8)));
            }
        }
    }
    assert!(scans.is_empty(), "{} scans\n{}", scans.len(), scans.join("\n"));
}

/// The counts that Frappe itself makes for the workspace, whenever somebody opens it, as `frappe.desk` asks for them.
#[tokio::test]
async fn s3_what_the_workspace_counts_reads_no_whole_table() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(3);
    })
    .await;
    mirror.sync("octo/web").await;
    fill(&mirror).await;
    let workspace: serde_json::Value = serde_json::from_str(include_str!("../../../hooks/workspace.json")).expect("JSON");
    let mut counts = Vec::new();
    for shortcut in workspace["shortcuts"].as_array().expect("shortcuts") {
        let conditions: Option<Vec<String>> = shortcut["filter"]
            .as_object()
            .expect("a filter")
            .iter()
            .map(|(field, value)| Some(format!("`{field}` = '{}'", value.as_str()?)))
            .collect();
        // Of repositories there are few.
        let Some(conditions) = conditions else { continue };
        let table = shortcut["link_to"].as_str().expect("a DocType");
        counts.push(format!(
            "SELECT COUNT(*) FROM `tab{table}` WHERE {}",
            conditions.join(" AND ")
        ));
    }
    assert_eq!(counts.len(), 3, "{counts:?}");
    no_scans(&mirror, counts.iter()).await;
    mirror.finish().await;
}
