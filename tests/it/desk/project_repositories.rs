//! G0 1, 14, 15: who leads a Project connects it with repositories, and says what of them reaches it. G1 17: what was done in them.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::told_company;
use crate::support::Told;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const DESK: &str = "erpnext_github_integration.desk.";

async fn post(desk: &Desk, user: &str, method: &str, arguments: &[(&str, &str)]) -> Answer {
    desk.post(user, &format!("{DESK}{method}"), arguments).await
}

#[tokio::test]
async fn g0_15_a_manager_connects_follows_and_disconnects_what_he_may_see() {
    let (mirror, desk, _told) = told_company().await;
    let web = [("project", "TRY-1"), ("repository", "octo/web")];
    let connected = post(&desk, "manager@x.com", "connect_repository", &web).await;
    assert_eq!(
        connected.message()["message"],
        "TRY-1 is connected with octo/web already",
        "the link had its row"
    );
    let secret = [("project", "TRY-1"), ("repository", "octo/secret")];
    let absent = [("project", "TRY-1"), ("repository", "octo/absent")];
    let mut refused = Vec::new();
    for arguments in [&secret, &absent] {
        let answer = post(&desk, "manager@x.com", "connect_repository", arguments).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        refused.push(answer.sentence().replace(arguments[1].1, "it"));
    }
    assert_eq!(refused[0], refused[1], "whether it is there is not for him to know");
    let by_admin = post(&desk, "admin@x.com", "connect_repository", &secret).await;
    let message = by_admin.message();
    assert_eq!(
        (&message["success"], &message["main"], &message["message"]),
        (
            &json!(true),
            &json!("octo/web"),
            &json!("TRY-1 is connected with octo/secret")
        )
    );
    // The people of the Project read it from now on.
    let shown = desk
        .get(
            "manager@x.com",
            &format!("{DESK}project_repositories"),
            &[("project", "TRY-1")],
        )
        .await;
    let rows = shown.message()["repositories"].as_array().cloned().unwrap_or_default();
    let of = |row: &Value| format!("{} {} {}", row["repository"], row["main"], row["may_read"]);
    let rows: Vec<String> = rows.iter().map(of).collect();
    assert_eq!(rows, ["\"octo/web\" true true", "\"octo/secret\" false true"]);
    let flags = [
        ("project", "TRY-1"),
        ("repository", "octo/secret"),
        ("following", "1"),
        ("service_issues", "0"),
    ];
    let followed = post(&desk, "manager@x.com", "follow_repository", &flags).await;
    let secret_now = &followed.message()["repositories"][1];
    assert_eq!(
        [
            &secret_now["following"],
            &secret_now["service_issues"],
            &secret_now["service_pull_requests"]
        ],
        [&json!(true), &json!(false), &json!(true)],
        "{followed:?}"
    );
    let parted = post(&desk, "manager@x.com", "disconnect_repository", &web).await;
    assert_eq!(parted.message()["main"], "octo/secret", "{parted:?}");
    let again = post(&desk, "manager@x.com", "disconnect_repository", &web).await;
    assert_eq!(again.status, 417, "{again:?}");
    let main = "SELECT CONCAT_WS(' ', p.repository, (SELECT GROUP_CONCAT(name, '>', project) FROM tabRepository WHERE project > '')) \
                FROM tabProject p WHERE p.name = 'TRY-1'";
    assert_eq!(mirror.erp.value(main).await, "octo/secret octo/secret>TRY-1");
    mirror.finish().await;
}

/// The company, with commits, pull requests and comments in `octo/web`.
async fn at_work() -> (Mirror, Desk, Told) {
    let (mirror, desk, told) = told_company().await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        for number in 0..3 {
            web.push("main");
            web.open_pull_request(&format!("Change {number}"), &format!("change/{number}"));
            web.comment_by(1, "octo", "A word");
        }
    }
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::seconds(1));
    (mirror, desk, told)
}

async fn feed(desk: &Desk, user: &str, arguments: &[(&str, &str)]) -> Value {
    let answer = desk.get(user, &format!("{DESK}activity_feed"), arguments).await;
    answer.message().clone()
}

/// Names of a page's entries.
fn names(page: &Value) -> Vec<String> {
    let entries = page["entries"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|one| one["name"].to_string()).collect()
}

#[tokio::test]
async fn g1_17_the_feed_counts_commits_pull_requests_and_comments_and_goes_on_page_by_page() {
    let (mirror, desk, _told) = at_work().await;
    let table_counts = "SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM `tabRepository Commit`), (SELECT COUNT(*) FROM `tabRepository Pull Request`), \
                        (SELECT COUNT(*) FROM `tabRepository Comment`))";
    let stored = mirror.erp.value(table_counts).await;
    let whole = feed(&desk, "member@x.com", &[("repository", "octo/web"), ("limit", "100")]).await;
    let counts = &whole["counts"];
    let counted = format!("{} {} {}", counts["commits"], counts["pull_requests"], counts["comments"]);
    assert_eq!(counted, stored, "{whole}");
    let all = names(&whole);
    assert!(all.len() >= 7 && whole["next"].is_null(), "{whole}");
    let entries = whole["entries"].as_array().expect("a list").iter();
    let kinds: BTreeSet<&str> = entries.filter_map(|one| one["kind"].as_str()).collect();
    let counted = BTreeSet::from(["comment", "commit", "pull_request"]);
    assert_eq!(kinds, counted, "issues are for the work log, and reactions are no activity");
    let (mut paged, mut before) = (Vec::new(), Value::Null);
    loop {
        let mut arguments = vec![("repository", "octo/web"), ("limit", "2")];
        let place = before.as_str().unwrap_or_default().to_owned();
        if !place.is_empty() {
            arguments.push(("before", place.as_str()));
        }
        let page = feed(&desk, "member@x.com", &arguments).await;
        paged.extend(names(&page));
        before = page["next"].clone();
        if before.is_null() {
            break;
        }
    }
    assert_eq!(paged, all, "nothing twice, nothing left out");
    let odd = desk
        .get(
            "member@x.com",
            &format!("{DESK}activity_feed"),
            &[("repository", "octo/web"), ("before", "x")],
        )
        .await;
    assert_eq!(odd.status, 417, "{odd:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn g1_17_a_projects_feed_shows_what_it_follows_to_those_who_may_read_it() {
    let (mirror, desk, _told) = at_work().await;
    let whole = feed(&desk, "member@x.com", &[("repository", "octo/web"), ("limit", "100")]).await;
    let all = names(&whole);
    let of_project = feed(&desk, "Administrator", &[("project", "TRY-1"), ("limit", "100")]).await;
    assert_eq!(names(&of_project), all);
    let nothing = feed(&desk, "desk@x.com", &[("project", "TRY-1")]).await;
    assert_eq!(nothing["entries"], json!([]), "he does not read the repository");
    let flags = [
        ("project", "TRY-1"),
        ("repository", "octo/web"),
        ("service_pull_requests", "0"),
        ("service_issues", "0"),
    ];
    post(&desk, "admin@x.com", "connect_repository", &flags).await;
    let commits = feed(&desk, "Administrator", &[("project", "TRY-1"), ("limit", "100")]).await;
    let kinds = commits["entries"].as_array().cloned().unwrap_or_default();
    assert!(
        !kinds.is_empty() && kinds.iter().all(|one| one["kind"] == "commit"),
        "{commits}"
    );
    assert_eq!(commits["counts"]["comments"], 0);
    post(
        &desk,
        "admin@x.com",
        "follow_repository",
        &[("project", "TRY-1"), ("repository", "octo/web"), ("following", "0")],
    )
    .await;
    assert_eq!(
        feed(&desk, "Administrator", &[("project", "TRY-1")]).await["entries"],
        json!([])
    );
    mirror.finish().await;
}

#[tokio::test]
async fn no_page_of_the_feed_reads_a_whole_table() {
    let (mirror, desk, _told) = told_company().await;
    for sql in [
        "INSERT INTO `tabRepository Commit` (name, repository, sha, committed_at) \
         SELECT CONCAT('c', seq), IF(seq % 3, 'x/y', 'octo/web'), seq, '2026-02-01' + INTERVAL seq MINUTE FROM seq_1_to_6000",
        "INSERT INTO `tabRepository Pull Request` (name, repository, pr_number, state, created_at) \
         SELECT CONCAT('x/y-#', seq), 'x/y', seq, 'open', '2026-02-01' + INTERVAL seq MINUTE FROM seq_1_to_6000",
        "INSERT INTO `tabRepository Comment` (name, repository, issue_number, created_at) \
         SELECT CONCAT('m', seq), IF(seq % 3, 'x/y', 'octo/web'), seq, '2026-02-01' + INTERVAL seq MINUTE FROM seq_1_to_6000",
        "ANALYZE TABLE `tabRepository Commit`, `tabRepository Pull Request`, `tabRepository Comment`",
    ] {
        mirror.erp.scratch().execute(sql).await.expect(sql);
    }
    mirror.erp.record().await;
    let before = [("repository", "octo/web"), ("before", "2026-02-02 00:00:00.000000|c1")];
    for arguments in [&before[..1], &before[..], &[("project", "TRY-1")]] {
        desk.get("Administrator", &format!("{DESK}activity_feed"), arguments).await;
    }
    let mut statements = mirror.erp.statements().await;
    statements.retain(|sql| sql.contains("tabRepository Comm"));
    assert!(statements.len() >= 5, "{statements:?}");
    for sql in statements {
        for line in mirror.erp.query(&format!("EXPLAIN {sql}")).await {
            let of_a_table = !line[2].as_deref().unwrap_or("<").starts_with('<');
            let reads_all = line[3].as_deref() == Some("ALL");
            let sorts = line
                .last()
                .is_some_and(|extra| extra.as_deref().unwrap_or_default().contains("filesort"));
            assert!(!of_a_table || !(reads_all || sorts), "{sql}: {line:?}");
        }
    }
    mirror.finish().await;
}

#[tokio::test]
async fn a_repository_that_is_switched_off_says_so_and_who_may_follow_switches_it_on_there() {
    let (mirror, desk, _told) = told_company().await;
    let off = "UPDATE tabRepository SET enabled = 0 WHERE name = 'octo/secret'";
    mirror.erp.scratch().execute(off).await.expect("off");
    let secret = [("project", "TRY-1"), ("repository", "octo/secret")];
    let connected = post(&desk, "admin@x.com", "connect_repository", &secret).await;
    let message = connected.message();
    assert_eq!(
        (&message["not_mirrored"], &message["may_mirror"]),
        (&json!(true), &json!(true)),
        "{message}"
    );
    assert!(message["message"].to_string().contains("is not mirrored"), "{message}");
    assert_eq!(message["repositories"][1]["mirrored"], false, "{message}");
    let with_mirror = [secret[0], secret[1], ("mirror", "1")];
    let refused = post(&desk, "manager@x.com", "connect_repository", &with_mirror).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let path = format!("{DESK}project_repositories");
    let shown = desk.get("manager@x.com", &path, &[("project", "TRY-1")]).await;
    let shown = shown.message();
    assert_eq!(
        (&shown["may_mirror"], &shown["repositories"][1]["mirrored"]),
        (&json!(false), &json!(false))
    );
    let on = post(&desk, "admin@x.com", "connect_repository", &with_mirror).await;
    assert_eq!(
        (&on.message()["not_mirrored"], &on.message()["repositories"][1]["mirrored"]),
        (&json!(false), &json!(true)),
        "{on:?}"
    );
    let enabled = "SELECT enabled FROM tabRepository WHERE name = 'octo/secret'";
    assert_eq!(mirror.erp.value(enabled).await, "1");
    mirror.finish().await;
}

#[tokio::test]
async fn what_reached_a_project_last_is_what_the_caller_may_read_however_much_else_there_was() {
    let (mirror, desk, _told) = told_company().await;
    let secret = [("project", "TRY-1"), ("repository", "octo/secret")];
    post(&desk, "admin@x.com", "connect_repository", &secret).await;
    let ids = "SELECT GROUP_CONCAT(github_id ORDER BY name DESC) FROM tabRepository WHERE name IN ('octo/web', 'octo/secret')";
    let ids = mirror.erp.value(ids).await;
    let (web, hidden) = ids.split_once(',').expect("two");
    for at in 0..20_u32 {
        let id = if at == 0 { web } else { hidden };
        let name = if at == 0 { "octo/web" } else { "octo/secret" };
        for sql in [
            format!(
                "INSERT INTO `tabGitHub Event` (name, repository_id, event, status, received_at, creation, modified) \
                 VALUES ('e{at}', '{id}', 'push', 'processed', '2026-01-01 00:00:{at:02}', NOW(), NOW())"
            ),
            format!(
                "INSERT INTO `tabGitHub Event Project` (name, parent, parenttype, parentfield, project, creation, modified) \
                 VALUES ('p{at}', 'e{at}', 'GitHub Event', 'projects', 'TRY-1', '2026-01-01 00:00:{at:02}', NOW())"
            ),
            format!(
                "INSERT INTO `tabRepository Release` (name, repository, project, tag_name, published_at, creation, modified) \
                 VALUES ('r{at}', '{name}', 'TRY-1', 'v{at}', '2026-01-01 00:00:{at:02}', NOW(), NOW())"
            ),
        ] {
            mirror.erp.scratch().execute(&sql).await.expect("a row");
        }
    }
    // Who reads one of the two.
    let erp = mirror.erp.erp();
    let rule = [("role", "GitHub User"), ("read", "1"), ("permlevel", "0")];
    erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &rule)
        .await
        .expect("a row");
    let path = format!("{DESK}project_overview");
    let shown = desk.get("member@x.com", &path, &[("project", "TRY-1")]).await;
    let shown = shown.message();
    let names = |key: &str| -> Vec<String> {
        let all = shown[key].as_array().cloned().unwrap_or_default();
        all.iter()
            .map(|one| one["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(
        (names("reached"), names("releases")),
        (vec!["e0".to_owned()], vec!["r0".to_owned()]),
        "{shown}"
    );
    mirror.finish().await;
}
