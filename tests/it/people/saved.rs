//! D15: a save in the desk leads to what follows from it, at the schedule's next look.

use chrono::TimeDelta;
use erpnext_github::jobs::{Runner, Work, schedule};
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;

use super::{CONFINED, HOLDERS};
use crate::frappe::redis_server::RedisServer;
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// A synced site with a Redis, the repository `octo/web` with the member ann, who is nobody here yet, and what looks at its desk.
async fn mirror() -> (Mirror, RedisServer, Runner<erpnext_github::app::Served>) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, |world| {
        let web = world.repository("octo/web").with_issues(2).with_pull_requests(1);
        web.with_member(Collaborator::new("ann", Permission::Pull));
        web.item_mut(1).assigned_to("ann");
    })
    .await;
    mirror.sync("octo/web").await;
    let runner = runner(&mirror);
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    // What the first look wrote, the second one sees.
    runner.step(Work::LookAtDesk).await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 0);
    (mirror, redis, runner)
}

/// Somebody saves a value in the desk, a moment later than the one before.
async fn save(mirror: &Mirror, doctype: &str, name: &str, column: &str, value: &str) {
    mirror.erp.clock().advance(TimeDelta::seconds(20));
    let erp = mirror.erp.erp();
    erp.set(doctype, name, column, value).await.expect("saved");
    let zone = mirror.site().zone().await.expect("a zone");
    let now = zone.to_local(mirror.site().clock().now()).to_string();
    erp.set(doctype, name, "modified", &now).await.expect("saved");
}

#[test]
fn d15_the_desk_is_looked_at_every_fifteen_seconds() {
    let schedule = schedule().expect("the file");
    let cron = schedule
        .iter()
        .find(|(work, _)| *work == Work::LookAtDesk)
        .map(|(_, cron)| cron.as_str());
    assert_eq!(cron, Some("7/15 * * * * *"));
}

#[tokio::test]
async fn d15_a_release_that_is_given_to_a_project_follows_its_rename_from_then_on() {
    let (mirror, _redis, runner) = mirror().await;
    let erp = mirror.erp.erp();
    erp.add_project("P-1", "One").await.expect("a project");
    let says = "SELECT IFNULL(project, '-') FROM `tabRepository Release`";
    let release = [("repository", "octo/web"), ("tag_name", "v1")];
    erp.insert("Repository Release", "r1", &release).await.expect("a release");
    while runner.step(Work::LookAtDesk).await > 0 {}
    // Nothing else was saved: neither the Project, nor a connection.
    save(&mirror, "Repository Release", "r1", "project", "P-1").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    mirror
        .erp
        .query("UPDATE tabProject SET name = 'Website' WHERE name = 'P-1'")
        .await;
    mirror.erp.clock().advance(TimeDelta::minutes(11));
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value(says).await, "Website");
    // What is no Project came by REST.
    save(&mirror, "Repository Release", "r1", "project", "Web").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value(says).await, "-");
}

#[tokio::test]
async fn d15_a_project_that_is_connected_lets_its_people_read() {
    let (mirror, _redis, runner) = mirror().await;
    save(&mirror, "Project", "PROJ-0001", "repository", "octo/web").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value("SELECT project FROM tabRepository").await, "PROJ-0001");
    assert_eq!(mirror.erp.value(CONFINED).await, "bob>octo/web");
    save(&mirror, "Project", "PROJ-0001", "repository", "").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value("SELECT project FROM tabRepository").await, "");
    assert_eq!(
        (mirror.erp.value(CONFINED).await, mirror.erp.value(HOLDERS).await),
        (String::new(), String::new())
    );
    runner.step(Work::LookAtDesk).await;
    assert_eq!(
        runner.step(Work::LookAtDesk).await,
        0,
        "what we wrote ourselves leads to nothing"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f20_a_login_that_is_typed_into_a_user_links_his_rows_at_once() {
    let (mirror, _redis, runner) = mirror().await;
    save(&mirror, "User", "bob@example.com", "github_username", "ann").await;
    mirror.github.forget_requests();
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    for table in ["Repository Member", "Repository Issue Assignee"] {
        let sql = format!("SELECT user FROM `tab{table}` WHERE github_username = 'ann'");
        assert_eq!(mirror.erp.value(&sql).await, "bob@example.com", "{table}");
    }
    assert_eq!(mirror.erp.value(CONFINED).await, "bob>octo/web");
    assert_eq!(mirror.github.requests().len(), 0, "GitHub is not asked for it");
    save(&mirror, "User", "bob@example.com", "enabled", "0").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value(HOLDERS).await, "");
    mirror.finish().await;
}

#[tokio::test]
async fn d15_a_task_that_names_an_issue_or_a_pull_request_is_named_by_it() {
    let (mirror, _redis, runner) = mirror().await;
    let numbers = "SELECT CONCAT((SELECT MIN(issue_number) FROM `tabRepository Issue`), ' ', (SELECT MIN(pr_number) FROM `tabRepository Pull Request`))";
    let numbers = mirror.erp.value(numbers).await;
    let (issue, pull) = numbers.split_once(' ').expect("two numbers");
    save(&mirror, "Task", "TASK-2026-00001", "github_repo", "octo/web").await;
    save(&mirror, "Task", "TASK-2026-00001", "github_issue_number", issue).await;
    save(&mirror, "Task", "TASK-2026-00002", "github_repo", "octo/web").await;
    save(&mirror, "Task", "TASK-2026-00002", "github_pr_number", pull).await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    let tasks = "SELECT CONCAT_WS(',', (SELECT GROUP_CONCAT(task) FROM `tabRepository Issue`), (SELECT GROUP_CONCAT(task) FROM `tabRepository Pull Request`))";
    assert_eq!(mirror.erp.value(tasks).await, "TASK-2026-00001,TASK-2026-00002");
    // A Task that stands there stays.
    save(
        &mirror,
        "Task",
        "TASK-2026-00002",
        "github_issue_doc",
        &format!("octo/web-#{issue}"),
    )
    .await;
    runner.step(Work::LookAtDesk).await;
    assert_eq!(mirror.erp.value(tasks).await, "TASK-2026-00001,TASK-2026-00002");
    mirror.finish().await;
}

#[tokio::test]
async fn g2_3_a_repository_made_by_hand_gets_owner_name_and_address_and_a_malformed_name_is_told() {
    let (mirror, _redis, runner) = mirror().await;
    mirror.github.world().repository("octo/api");
    for name in ["octo/api", "no slash"] {
        let values = [("full_name", name), ("enabled", "1")];
        mirror.erp.erp().insert("Repository", name, &values).await.expect("made");
    }
    save(&mirror, "Repository", "octo/api", "enabled", "1").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    let web = mirror.app().hosts(mirror.site().config()).expect("hosts").web;
    let filled = "SELECT CONCAT_WS(' ', repo_owner, repo_name, url, visibility) FROM tabRepository WHERE name = 'octo/api'";
    assert_eq!(mirror.erp.value(filled).await, format!("octo api {web}octo/api Private"));
    assert_eq!(runner.step(Work::SyncDue).await, 1);
    let told = "SELECT last_sync_error FROM tabRepository WHERE name = 'no slash'";
    assert!(
        mirror.erp.value(told).await.contains("OWNER/NAME"),
        "{}",
        mirror.erp.value(told).await
    );
    mirror.finish_with_errors(1).await;
}

#[tokio::test]
async fn d15_a_step_that_cannot_be_done_waits_and_keeps_no_other_from_being_done() {
    let (mirror, mut redis, runner) = mirror().await;
    redis.stop();
    save(&mirror, "Repository", "octo/web", "project", "PROJ-0001").await;
    save(&mirror, "Task", "TASK-2026-00001", "github_issue_doc", "octo/web-#1").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 0, "not all of it");
    assert_eq!(
        mirror.erp.value("SELECT repository FROM tabProject").await,
        "",
        "it waits for the cache"
    );
    assert_eq!(mirror.erp.value(CONFINED).await, "bob>octo/web");
    assert_eq!(
        mirror.erp.value("SELECT GROUP_CONCAT(task) FROM `tabRepository Issue`").await,
        "TASK-2026-00001"
    );
    redis.start_again().await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 1);
    assert_eq!(mirror.erp.value("SELECT repository FROM tabProject").await, "octo/web");
    mirror.finish().await;
}

#[tokio::test]
async fn d17_on_a_copy_nothing_is_looked_at() {
    let (mirror, _redis, runner) = mirror().await;
    mirror
        .erp
        .scratch()
        .set_config("erpnext_github_instance_id", "another".into())
        .expect("the file");
    save(&mirror, "Project", "PROJ-0001", "repository", "octo/web").await;
    assert_eq!(runner.step(Work::LookAtDesk).await, 0);
    assert_eq!(mirror.erp.value("SELECT project FROM tabRepository").await, "");
}
