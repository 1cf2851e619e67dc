//! What each method answered in the Python app it answers here: all of its keys, of the same types. Fields are only added.

use std::collections::BTreeSet;

use erpnext_github::actions::{METHODS, Who};
use erpnext_github::sim::github::{Fault, Permission};
use erpnext_github::sim::site::FrappeMajor;
use serde_json::{Value, json};

use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::bench::Bench;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const PREFIX: &str = "erpnext_github_integration.";

/// A method of the contract: its path, its arguments by the names of the Python app, and an answer; null is any value.
type Row = (&'static str, &'static [(&'static str, &'static str)], Value);

const WEB: (&str, &str) = ("repo_full_name", "octo/web");
const NAMED: (&str, &str) = ("repository", "octo/web");

/// What only reads.
fn reading() -> Vec<Row> {
    let card = json!([{"name": "", "full_name": "", "repo_name": "", "url": "", "visibility": "", "last_synced": ""}]);
    let statistics = json!({
        "issues": {"total": 0, "open": 0, "closed": 0},
        "pull_requests": {"total": 0, "open": 0, "closed": 0, "merged": 0},
        "branches": 0,
        "members": 0,
    });
    let sums = json!({"repositories": 0, "issues": 0, "pull_requests": 0, "members": 0, "branches": 0});
    let activity = json!({
        "commits": 0, "issues": 0, "pulls": 0, "period_days": 0,
        "details": {"commits": [{"sha": "", "commit": {"message": ""}}], "issues": [{"number": 0, "title": ""}], "pulls": []},
    });
    vec![
        ("github_api.test_connection", &[], json!({"success": true, "user": ""})),
        (
            "github_api.get_github_username_by_email",
            &[("email", "jane@x.com")],
            json!({"success": true, "github_username": "", "total_results": 0}),
        ),
        ("github_api.get_sync_statistics", &[], sums),
        ("github_api.can_user_sync_repo", &[WEB], json!({"can_sync": true})),
        ("api.can_user_sync_repo", &[WEB], json!({"can_sync": true})),
        (
            "github_api.list_repositories",
            &[("organization", "acme")],
            json!([{"id": 0, "full_name": "", "html_url": "", "private": true}]),
        ),
        (
            "github_api.list_branches",
            &[WEB, ("per_page", "100")],
            json!([{"name": "", "commit": {"sha": ""}, "protected": true}]),
        ),
        (
            "github_api.list_teams",
            &[("org_name", "acme"), ("per_page", "100")],
            json!([{"id": 0, "slug": "", "name": ""}]),
        ),
        (
            "github_api.list_repo_members",
            &[WEB, ("per_page", "100")],
            json!([{"login": "", "id": 0, "permissions": {}}]),
        ),
        ("github_api.get_repository_activity", &[NAMED, ("days", "30")], activity),
        (
            "github_api.list_repository_webhooks",
            &[WEB],
            json!([{"id": 0, "events": [""], "active": true, "config": {"url": ""}}]),
        ),
        ("api.get_user_repositories", &[], card),
        ("api.get_repository_statistics", &[WEB], statistics),
    ]
}

/// What asks GitHub for something, in an order in which each can be done.
fn writing() -> Vec<Row> {
    let issue = json!({"id": 0, "number": 0, "title": "", "html_url": "", "assignees": [{"login": ""}]});
    let pull = json!({"id": 0, "number": 0, "title": "", "html_url": "", "head": {"ref": ""}});
    vec![
        (
            "github_api.fetch_all_repositories",
            &[("organization", "acme")],
            json!({"success": true, "message": ""}),
        ),
        (
            "github_api.sync_repo",
            &[NAMED],
            json!({"success": true, "message": "", "branches": 0, "issues": 0, "pulls": 0, "members": 0}),
        ),
        ("github_api.sync_repo_members", &[WEB], json!({"members": 0})),
        (
            "github_api.create_issue",
            &[NAMED, ("title", "A"), ("body", "b"), ("assignees", "octo"), ("labels", "bug")],
            json!({"issue": issue, "local_doc": ""}),
        ),
        (
            "github_api.bulk_create_issues",
            &[NAMED, ("issues", "[{\"title\": \"B\"}]")],
            json!({"created": 0, "issues": [{"number": 0, "title": ""}]}),
        ),
        (
            "github_api.assign_issue",
            &[WEB, ("issue_number", "2"), ("assignees", "[\"pusher@x.com\"]")],
            issue,
        ),
        (
            "github_api.create_pull_request",
            &[NAMED, ("title", "C"), ("head", "fix"), ("base", "main"), ("body", "b")],
            json!({"pull_request": pull, "local_doc": ""}),
        ),
        (
            "github_api.add_pr_reviewer",
            &[WEB, ("pr_number", "7"), ("reviewers", "[\"pusher@x.com\"]")],
            pull,
        ),
        (
            "github_api.manage_repo_access",
            &[
                WEB,
                ("action", "add_collaborator"),
                ("identifier", "somebody"),
                ("permission", "pull"),
            ],
            json!({"id": 0, "invitee": {"login": ""}, "permissions": ""}),
        ),
        (
            "github_api.create_repository_webhook",
            &[
                WEB,
                ("webhook_url", "https://erp.example.com/other"),
                ("events", "[\"push\"]"),
            ],
            json!({"id": 0, "events": [""], "active": true, "config": {"url": ""}}),
        ),
    ]
}

/// What changes something here.
fn keeping() -> Vec<Row> {
    vec![
        ("github_api.start_sync_all_repositories", &[], json!({"status": ""})),
        ("github_api.sync_all_repositories", &[], json!({"success": 0, "failed": 0})),
        (
            "api.bulk_import_github_data",
            &[WEB, ("import_type", "issues"), ("force_update", "false")],
            json!({"imported": 0, "updated": 0, "skipped": 0, "errors": 0}),
        ),
        (
            "api.link_github_user_to_erp",
            &[("github_username", "jane"), ("erp_user", "Administrator")],
            json!({"success": true, "message": ""}),
        ),
        (
            "api.sync_user_github_profile",
            &[],
            json!({"success": true, "github_info": {"login": "", "id": 0}}),
        ),
        (
            "api.create_task_from_github_issue",
            &[("issue_name", "octo/web-#1"), ("task_title", "T")],
            json!({"success": true, "task": ""}),
        ),
        (
            "api.create_project_from_repository",
            &[("repo_full_name", "octo/secret"), ("project_name", "P")],
            json!({"success": true, "project": ""}),
        ),
    ]
}

/// What `answer` lacks of `shape`, as paths.
fn lacks(shape: &Value, answer: &Value, path: &str, found: &mut Vec<String>) {
    match (shape, answer) {
        (Value::Null, _)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => {}
        (Value::Array(shapes), Value::Array(items)) => match (shapes.first(), items.first()) {
            (Some(shape), Some(item)) => lacks(shape, item, &format!("{path}[0]"), found),
            (Some(_), None) => found.push(format!("{path} is empty")),
            (None, _) => {}
        },
        (Value::Object(shapes), Value::Object(items)) => {
            for (key, shape) in shapes {
                lacks(shape, items.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}"), found);
            }
        }
        (_, other) => found.push(format!("{path} is {other}")),
    }
}

/// A site in whose world every method has something to answer.
async fn everything() -> (Mirror, Desk, (Bench, RedisServer)) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk, bench) = everything_on(site).await;
    (mirror, desk, (bench, redis))
}

/// The same on any site.
async fn everything_on(site: TestSite) -> (Mirror, Desk, Bench) {
    let (mirror, desk) = company_of(site).await;
    let bench = Bench::of(&mirror.erp).await;
    let mut world = mirror.github.world();
    world.user("jane").with_email("jane@x.com");
    world.user("somebody");
    world.organization("acme").owners.push("octo".to_owned());
    world.team("acme", "core");
    world.repository("acme/app");
    let web = world.repository("octo/web");
    web.with_commits(3);
    web.open_issue("New");
    web.push("fix");
    web.add_hook("https://erp.example.com/hook");
    drop(world);
    (mirror, desk, bench)
}

#[tokio::test]
async fn each_method_answers_in_the_shape_of_the_contract() {
    let (mirror, desk, _bench) = everything().await;
    each_answers(&desk, "Administrator").await;
    mirror.finish().await;
}

/// One of the people of a real ERPNext, a System Manager, presses everything; somebody without a role gets nothing of it.
#[tokio::test]
async fn on_the_real_site_each_method_answers_one_of_its_people_and_refuses_another() {
    let redis = RedisServer::start().await;
    let test = "on_the_real_site_each_method_answers_one_of_its_people_and_refuses_another";
    let Some(site) = TestSite::from_dump_cached(test, &redis.url()).await else {
        return;
    };
    let (mirror, desk, _bench) = everything_on(site).await;
    for user in ["gh.admin@example.com", "nobody@example.com"] {
        Desk::log_in(&mirror, user).await;
    }
    let erp = mirror.erp.erp();
    let linked = erp.set("User", "gh.admin@example.com", "github_username", "octo").await;
    linked.expect("set");
    let roles = ("User", "gh.admin@example.com", "roles");
    for role in ["Projects User", "Projects Manager"] {
        erp.add_child("Has Role", roles, &[("role", role)]).await.expect("a role");
    }
    let before = mirror.erp.dump_tables(&["tabProject", "tabTask", "tabUser"]).await;
    for method in METHODS {
        let arguments = [
            WEB,
            ("issue_name", "octo/web-#1"),
            ("project", "PROJ-0001"),
            ("task", "TASK-2026-00001"),
        ];
        let answer = desk.post("nobody@example.com", method.path, &arguments).await;
        let is_for_all = matches!(method.who, Who::DeskUser | Who::Oneself);
        assert_eq!(answer.status == 403, !is_for_all, "{}: {answer:?}", method.path);
    }
    let after = mirror.erp.dump_tables(&["tabProject", "tabTask", "tabUser"]).await;
    assert!(before == after, "who may nothing changed something");
    each_answers(&desk, "gh.admin@example.com").await;
    mirror.finish().await;
}

/// Every method of the contract, called by `user`, who may call all of them.
async fn each_answers(desk: &Desk, user: &str) {
    let (reading, mut writing) = (reading(), writing());
    writing.extend(keeping());
    let listed: BTreeSet<&str> = reading.iter().chain(&writing).map(|row| row.0).collect();
    // The 31st is GitHub's own: `webhooks.github_webhook`, which `webhook::received` tries.
    assert_eq!(listed.len(), 30);
    let answered: BTreeSet<&str> = METHODS.iter().filter_map(|one| one.path.strip_prefix(PREFIX)).collect();
    assert_eq!(listed.difference(&answered).collect::<Vec<_>>(), Vec::<&&str>::new());
    let mut wrong = Vec::new();
    for (method, arguments, shape) in reading {
        let path = format!("{PREFIX}{method}");
        let answer = desk.get(user, &path, arguments).await;
        lacks(&shape, answer.message(), method, &mut wrong);
        let posted = desk.post(user, &path, arguments).await;
        assert_eq!(posted.message(), answer.message(), "{method} by POST, as the desk calls it");
    }
    for (method, arguments, shape) in writing {
        let answer = desk.post(user, &format!("{PREFIX}{method}"), arguments).await;
        lacks(&shape, answer.message(), method, &mut wrong);
        assert!(answer.body.get("_server_messages").is_none(), "{answer:?}");
        desk.ended().await;
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn what_github_answers_with_nothing_is_answered_with_nothing() {
    let (mirror, desk, _bench) = everything().await;
    mirror
        .github
        .world()
        .repository("octo/web")
        .with_member(erpnext_github::sim::github::Collaborator::new("somebody", Permission::Pull));
    let form = [WEB, ("action", "remove_collaborator"), ("identifier", "somebody")];
    let method = format!("{PREFIX}github_api.manage_repo_access");
    let answer = desk.post("admin@x.com", &method, &form).await;
    assert_eq!((answer.status, &answer.body), (200, &json!({})));
    mirror.finish().await;
}

/// Where the Python app answered a failure with status 200 and told it in the answer, so do we, and no message pops up beside it; everything
/// else is an error with its sentence in `_server_messages`.
#[tokio::test]
async fn f43_a_failure_is_told_once_and_in_the_place_where_it_was() {
    let (mirror, desk, _bench) = everything().await;
    let refuse = |path: &str| Fault::status(path, 451).always();
    {
        let mut world = mirror.github.world();
        for path in ["/user", "/user/repos", "/orgs/acme/repos", "/search/users", "/users/jane"] {
            world.faults.push(refuse(path));
        }
        for path in [
            "commits",
            "issues",
            "pulls",
            "branches",
            "collaborators",
            "hooks",
            "collaborators/somebody",
        ] {
            world.faults.push(refuse(&format!("/repos/octo/web/{path}")));
        }
    }
    let in_the_answer: [Row; 6] = [
        ("github_api.test_connection", &[], json!({"success": false, "error": ""})),
        (
            "github_api.get_github_username_by_email",
            &[("email", "jane@x.com")],
            json!({"success": false, "error": ""}),
        ),
        (
            "github_api.get_github_username_by_email",
            &[("email", "no address")],
            json!({"success": false, "error": ""}),
        ),
        (
            "github_api.fetch_all_repositories",
            &[],
            json!({"success": false, "message": ""}),
        ),
        ("github_api.get_repository_activity", &[NAMED], json!({"error": ""})),
        (
            "api.link_github_user_to_erp",
            &[("github_username", "jane"), ("erp_user", "jane@x.com")],
            json!({"success": false, "error": ""}),
        ),
    ];
    let mut wrong = Vec::new();
    for (method, arguments, shape) in in_the_answer {
        let answer = desk.post("admin@x.com", &format!("{PREFIX}{method}"), arguments).await;
        lacks(&shape, answer.message(), method, &mut wrong);
        assert_ne!(answer.message()["success"], true, "{answer:?}");
        assert!(answer.body.get("_server_messages").is_none(), "{answer:?}");
    }
    assert_eq!(wrong, Vec::<String>::new());
    let errors: [(&str, &[(&str, &str)]); 6] = [
        ("github_api.list_repositories", &[]),
        ("github_api.list_branches", &[WEB]),
        ("github_api.list_repo_members", &[WEB]),
        ("github_api.list_repository_webhooks", &[WEB]),
        ("github_api.create_issue", &[NAMED, ("title", "x")]),
        (
            "github_api.manage_repo_access",
            &[WEB, ("action", "add_collaborator"), ("identifier", "somebody")],
        ),
    ];
    for (method, arguments) in errors {
        let answer = desk.post("admin@x.com", &format!("{PREFIX}{method}"), arguments).await;
        assert_eq!(answer.status, 417, "{method}: {answer:?}");
        assert!(answer.sentence().contains("legal reasons"), "{method}: {answer:?}");
        assert!(answer.body.get("message").is_none(), "{answer:?}");
    }
    mirror.finish().await;
}
