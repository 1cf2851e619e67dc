//! What the panels of the forms show, and to whom.

use chrono::TimeDelta;
use erpnext_github::frappe::{instance, site_config_file};
use erpnext_github::sim::github::{Fault, ReviewDecision};
use serde_json::{Value, json};

use super::company;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;
use crate::webhook::deliver;

const DESK: &str = "erpnext_github_integration.desk.";

async fn overview(desk: &Desk, user: &str, what: &str, arguments: &[(&str, &str)]) -> Value {
    let answer = desk.get(user, &format!("{DESK}{what}"), arguments).await;
    answer.message().clone()
}

/// A company whose repository has pull requests of every kind, and a Task with an issue and a pull request.
async fn at_work() -> (Mirror, Desk) {
    let (mirror, desk) = company().await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.with_branches(3);
        let asked = web.open_pull_request("Waits for Member", "fix/a").pull_request.as_mut();
        asked.expect("a pull request").reviewers.push("member".to_owned());
        let wanted = web.open_pull_request("Waits for anybody", "fix/b").pull_request.as_mut();
        wanted.expect("a pull request").review_decision = Some(ReviewDecision::ReviewRequired);
        let draft = web.open_pull_request("Not yet", "fix/c").pull_request.as_mut();
        let draft = draft.expect("a pull request");
        draft.draft = true;
        draft.reviewers.push("member".to_owned());
        let good = web.open_pull_request("Good", "fix/d").pull_request.as_mut();
        good.expect("a pull request").review_decision = Some(ReviewDecision::Approved);
        web.open_pull_request("Done", "fix/e");
        web.merge(8, "octo");
        web.edit(1).assignees = vec!["pusher".to_owned(), "stranger".to_owned()];
    }
    mirror.sync("octo/web").await;
    let erp = mirror.erp.erp();
    for (column, value) in [
        ("github_repo", "octo/web"),
        ("github_issue_number", "1"),
        ("github_pr_number", "4"),
        ("project", "TRY-1"),
    ] {
        erp.set("Task", "TASK-2026-00001", column, value).await.expect("set");
    }
    (mirror, desk)
}

#[tokio::test]
async fn a_repositorys_panel_says_how_it_stands_and_what_may_be_done() {
    let (mirror, desk) = at_work().await;
    let arguments = [("repository", "octo/web")];
    let shown = overview(&desk, "member@x.com", "repository_overview", &arguments).await;
    assert_eq!(
        [
            &shown["repository"],
            &shown["default_branch"],
            &shown["visibility"],
            &shown["archived"],
            &shown["is_synced"],
            &shown["open_issues"],
            &shown["open_pull_requests"],
            &shown["running"],
        ],
        [
            &json!("octo/web"),
            &json!("main"),
            &json!("Public"),
            &json!(false),
            &json!(true),
            &json!(2),
            &json!(4),
            &Value::Null,
        ],
        "{shown}"
    );
    assert_eq!(
        (&shown["last_run"]["status"], &shown["last_run"]["failed"]),
        (&json!("Completed"), &json!([]))
    );
    assert!(
        shown["last_synced"].is_string() && shown["pushed_at"].is_string(),
        "in Frappe's form: {shown}"
    );
    let nothing = json!({"work": false, "admin": false, "create_task": false, "create_project": false});
    assert_eq!((&shown["may"], &shown["projects"]), (&nothing, &json!([])));
    let admin = overview(&desk, "Administrator", "repository_overview", &arguments).await;
    let everything = json!({"work": true, "admin": true, "create_task": true, "create_project": true});
    assert_eq!((&admin["may"], &admin["projects"]), (&everything, &json!(["TRY-1"])));
    mirror.finish().await;
}

#[tokio::test]
async fn the_panels_show_the_latest_release_and_what_github_delivered() {
    let (mirror, desk) = company().await;
    {
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.publish_release("v1.0");
        web.publish_release("v2.0-rc").prerelease = true;
        web.publish_release("v3.0").draft = true;
    }
    mirror.sync("octo/web").await;
    let id = mirror
        .erp
        .value("SELECT github_id FROM tabRepository WHERE name = 'octo/web'")
        .await;
    let id: u64 = id.parse().expect("a number");
    let payload = json!({"action": "started", "repository": {"id": id, "full_name": "octo/older-name"}});
    for delivery in ["one", "two"] {
        assert_eq!(deliver(&mirror, &desk, (delivery, "watch"), &payload).await, 202);
        mirror.erp.clock().advance(TimeDelta::seconds(1));
    }
    let of_repository = overview(&desk, "member@x.com", "repository_overview", &[("repository", "octo/web")]).await;
    let of_project = overview(&desk, "Administrator", "project_overview", &[("project", "TRY-1")]).await;
    for shown in [&of_repository, &of_project["repositories"][0]] {
        assert_eq!(shown["latest_release"]["tag_name"], "v1.0", "{shown}");
        let names: Vec<&Value> = shown["deliveries"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, ["two", "one"]);
        assert_eq!(shown["deliveries"][0]["status"], "ignored");
        let reason = shown["deliveries"][0]["reason"].as_str().unwrap_or_default();
        assert!(reason.contains("not mirrored"), "{shown}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn a_repositorys_panel_says_what_failed_in_its_last_sync() {
    let (mirror, desk) = company().await;
    mirror.erp.clock().advance(TimeDelta::minutes(5));
    let refused = Fault::status("/repos/octo/web/collaborators", 403).always();
    mirror.github.world().faults.push(refused);
    mirror.sync("octo/web").await;
    let shown = overview(&desk, "admin@x.com", "repository_overview", &[("repository", "octo/web")]).await;
    let last = &shown["last_run"];
    assert_eq!(last["status"], "Completed with failures");
    assert_eq!(last["failed"][0]["entity"], "Member", "{last}");
    assert!(
        last["failed"][0]["reason"].as_str().is_some_and(|text| !text.is_empty()),
        "{last}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_projects_panel_shows_what_waits_for_a_review_in_repositories_that_one_may_read() {
    let (mirror, desk) = at_work().await;
    let project = [("project", "TRY-1")];
    let shown = overview(&desk, "Administrator", "project_overview", &project).await;
    let one = &shown["repositories"][0];
    assert_eq!(
        [
            &one["repository"],
            &one["open_issues"],
            &one["open_pull_requests"],
            &one["may"]["work"]
        ],
        [&json!("octo/web"), &json!(2), &json!(4), &json!(true)],
        "{shown}"
    );
    let titles: Vec<&str> = one["waiting_for_review"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|pull| pull["title"].as_str())
        .collect();
    assert_eq!(
        titles,
        ["Waits for Member", "Waits for anybody"],
        "no draft, none that is approved"
    );
    assert_eq!(one["waiting_for_review"][0]["name"], "octo/web-#4");
    // Somebody who may write the Project and does not lead it, and may not read the repository.
    let other = overview(&desk, "desk@x.com", "project_overview", &project).await;
    assert_eq!(
        (&other["repositories"], &other["may"]["link"]),
        (&json!([]), &json!(false)),
        "{other}"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn a_tasks_panel_shows_its_issue_its_pull_request_and_the_branches() {
    let (mirror, desk) = at_work().await;
    let task = [("task", "TASK-2026-00001")];
    let shown = overview(&desk, "Administrator", "task_overview", &task).await;
    let issue = &shown["issue"];
    assert_eq!((&issue["name"], &issue["number"]), (&json!("octo/web-#1"), &json!(1)));
    assert_eq!(
        issue["assignees"],
        json!([{"login": "pusher", "user": "pusher@x.com"}, {"login": "stranger", "user": null}])
    );
    let pull = &shown["pull_request"];
    assert_eq!(
        [
            &pull["number"],
            &pull["state"],
            &pull["draft"],
            &pull["head_branch"],
            &pull["base_branch"],
            &pull["team_reviewers"],
            &pull["reviewers"],
        ],
        [
            &json!(4),
            &json!("open"),
            &json!(false),
            &json!("fix/a"),
            &json!("main"),
            &json!([]),
            &json!([{"login": "member", "user": "member@x.com"}]),
        ],
        "{pull}"
    );
    assert_eq!(
        (&shown["default_branch"], &shown["branches"][0]),
        (&json!("main"), &json!("main"))
    );
    let suggested = shown["suggested_branch"].as_str().unwrap_or_default();
    assert!(suggested.starts_with("task-2026-00001-"), "{suggested}");
    assert_eq!(shown["may"]["work"], true);
    // Somebody who may read the Task, and not the repository, sees what the Task says and no more.
    let other = overview(&desk, "desk@x.com", "task_overview", &task).await;
    assert_eq!(
        [
            &other["repository"],
            &other["issue"],
            &other["pull_request"],
            &other["branches"],
            &other["may"]["work"]
        ],
        [&json!("octo/web"), &Value::Null, &Value::Null, &json!([]), &json!(false)],
        "{other}"
    );
    let bare = overview(&desk, "desk@x.com", "task_overview", &[("task", "TASK-2026-00002")]).await;
    assert_eq!((&bare["repository"], &bare["issue"]), (&Value::Null, &Value::Null), "{bare}");
    mirror.finish().await;
}

#[tokio::test]
async fn g2_2_the_settings_panel_says_whose_token_it_is_and_the_next_step() {
    let (mirror, desk) = company().await;
    let shown = overview(&desk, "admin@x.com", "settings_overview", &[]).await;
    assert_eq!(
        [
            &shown["enabled"],
            &shown["passive"],
            &shown["token"]["login"],
            &shown["token"]["error"]
        ],
        [&json!(true), &Value::Null, &json!("octo"), &Value::Null],
        "{shown}"
    );
    assert_eq!(shown["version"], env!("CARGO_PKG_VERSION"));
    assert!(
        shown["budget"]["remaining"].is_u64() && shown["budget"]["reset"].is_string(),
        "{shown}"
    );
    assert!(shown["spent"].is_object(), "{shown}");
    let runs = shown["last_runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 2);
    let steps = |shown: &Value| -> Vec<String> {
        let steps = shown["steps"].as_array().expect("a list").iter();
        steps
            .map(|step| format!("{} {}", step["key"].as_str().unwrap_or_default(), step["done"]))
            .collect()
    };
    assert_eq!(
        steps(&shown),
        [
            "token true",
            "secret true",
            "repositories true",
            "webhook false",
            "first_sync true"
        ]
    );
    mirror
        .erp
        .erp()
        .insert("GitHub Write", "w1", &[("kind", "create_webhook"), ("status", "done")])
        .await
        .expect("a row");
    let shown = overview(&desk, "admin@x.com", "settings_overview", &[]).await;
    assert!(steps(&shown).contains(&"webhook true".to_owned()), "{shown}");
    // A token that GitHub does not take any more is told; a form opens all the same.
    mirror.github.world().faults.push(Fault::status("/user", 401));
    let refused = overview(&desk, "admin@x.com", "settings_overview", &[]).await;
    assert!(
        refused["token"]["error"].as_str().is_some_and(|text| text.contains("401")),
        "{refused}"
    );
    // Switched off, GitHub is not spoken to.
    let before = mirror.github.requests().len();
    let erp = mirror.erp.erp();
    erp.set_single("GitHub Settings", "enabled", "0").await.expect("set");
    let off = overview(&desk, "admin@x.com", "settings_overview", &[]).await;
    assert_eq!(
        (&off["enabled"], &off["token"]["login"]),
        (&json!(false), &Value::Null),
        "{off}"
    );
    assert_eq!(mirror.github.requests().len(), before);
    mirror.finish().await;
}

#[tokio::test]
async fn d17_on_a_copy_the_settings_panel_says_why_nothing_is_done() {
    let (mirror, desk) = company().await;
    let file = mirror.site().config().file();
    site_config_file::set_key(&file, instance::FILE_KEY, &"0123456789abcdef0123456789abcdef".into()).expect("written");
    let before = mirror.github.requests().len();
    let shown = overview(&desk, "admin@x.com", "settings_overview", &[]).await;
    assert!(
        shown["passive"].as_str().is_some_and(|text| text.contains("adopt --site")),
        "{shown}"
    );
    assert_eq!(mirror.github.requests().len(), before);
    let other = desk.get("admin@x.com", &format!("{DESK}rights"), &[]).await;
    assert_eq!(other.status, 417, "everything else says so, too: {other:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn everybody_learns_what_he_is() {
    let (mirror, desk) = company().await;
    for (user, rights) in [
        ("admin@x.com", json!({"admin": true, "enabled": true, "user_login": null})),
        (
            "pusher@x.com",
            json!({"admin": false, "enabled": true, "user_login": "pusher"}),
        ),
    ] {
        assert_eq!(overview(&desk, user, "rights", &[]).await, rights, "{user}");
    }
    mirror.finish().await;
}

#[tokio::test]
async fn no_panel_reads_a_whole_table() {
    const LARGE: [&str; 7] = [
        "`tabRepository Issue`",
        "`tabRepository Pull Request`",
        "`tabRepository Branch`",
        "`tabRepository PR Reviewer`",
        "`tabGitHub Sync Run`",
        "`tabTask`",
        "`tabProject`",
    ];
    let (mirror, desk) = at_work().await;
    for sql in [
        "INSERT INTO `tabRepository Issue` (name, repository, issue_number, state) \
         SELECT CONCAT('x/y-#', seq), 'x/y', seq, IF(seq % 10, 'closed', 'open') FROM seq_1_to_3000",
        "INSERT INTO `tabRepository Pull Request` (name, repository, pr_number, state) \
         SELECT CONCAT('x/y-#', seq), 'x/y', seq, IF(seq % 10, 'closed', 'open') FROM seq_1_to_3000",
        "INSERT INTO `tabGitHub Sync Run` (name, repository, status, started_at) \
         SELECT CONCAT('r', seq), IF(seq % 10, 'x/y', 'octo/web'), 'Completed', NOW() - INTERVAL seq MINUTE FROM seq_1_to_3000",
        "INSERT INTO `tabTask` (name, subject) SELECT CONCAT('T-', seq), 'x' FROM seq_1_to_3000",
        "INSERT INTO `tabProject` (name, project_name) SELECT CONCAT('P-', seq), CONCAT('P-', seq) FROM seq_1_to_3000",
        "INSERT INTO `tabRepository PR Reviewer` (name, parent, parenttype, parentfield) \
         SELECT CONCAT('v', seq), CONCAT('x/y-#', seq), 'Repository Pull Request', 'reviewers_table' FROM seq_1_to_3000",
        "INSERT INTO `tabRepository Branch` (name, parent, parenttype, parentfield, repo_full_name, branch_name) \
         SELECT CONCAT('b', seq), 'x/y', 'Repository', 'branches_table', 'x/y', CONCAT('b', seq) FROM seq_1_to_3000",
        "ANALYZE TABLE `tabRepository Issue`, `tabRepository Pull Request`, `tabRepository PR Reviewer`, `tabRepository Branch`, \
         `tabGitHub Sync Run`, `tabTask`, `tabProject`",
    ] {
        mirror.erp.scratch().execute(sql).await.expect(sql);
    }
    mirror.erp.record().await;
    for (what, arguments) in [
        ("repository_overview", [("repository", "octo/web")]),
        ("project_overview", [("project", "TRY-1")]),
        ("task_overview", [("task", "TASK-2026-00001")]),
        ("settings_overview", [("x", "y")]),
    ] {
        overview(&desk, "Administrator", what, &arguments).await;
    }
    let mut statements = mirror.erp.statements().await;
    statements.retain(|sql| sql.starts_with("SELECT ") && LARGE.iter().any(|table| sql.contains(table)));
    assert!(statements.len() >= 12, "{statements:?}");
    for sql in statements {
        for line in mirror.erp.query(&format!("EXPLAIN {sql}")).await {
            // Columns of EXPLAIN: id, select_type, table, type, ... What a UNION gave is read whole, of course.
            let of_a_table = !line[2].as_deref().unwrap_or("<").starts_with('<');
            assert!(!of_a_table || line[3].as_deref() != Some("ALL"), "{sql}: {line:?}");
        }
    }
    mirror.finish().await;
}
