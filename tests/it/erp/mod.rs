//! Documents of ERPNext that the desk's methods make through the bench: in the caller's name, once, and later where it must be.

mod members;
mod projects;
mod shapes;
mod stale;
mod tasks;
mod waiting;
mod who;

use serde_json::Value;

use crate::desk::company;
use crate::support::bench::Bench;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;

const CREATE_TASK: &str = "erpnext_github_integration.api.create_task_from_github_issue";
const CREATE_PROJECT: &str = "erpnext_github_integration.api.create_project_from_repository";
const SYNC_MEMBERS: &str = "erpnext_github_integration.github_api.sync_repo_members";

/// The company of the desk's tests with a bench that answers; its manager may make Tasks and Projects, and so may its pusher.
async fn company_with_bench() -> (Mirror, Desk, Bench) {
    let (mirror, desk) = company().await;
    for user in ["manager@x.com", "pusher@x.com"] {
        let role = [("role", "Projects User")];
        let roles = mirror.erp.erp();
        roles
            .add_child("Has Role", ("User", user, "roles"), &role)
            .await
            .expect("a role");
    }
    let bench = Bench::of(&mirror.erp).await;
    (mirror, desk, bench)
}

/// One column of the Task that belongs to an issue of `octo/web`.
async fn task(mirror: &Mirror, issue: u64, column: &str) -> String {
    let sql = format!("SELECT {column} FROM tabTask WHERE github_repo = 'octo/web' AND github_issue_number = {issue}");
    mirror.erp.value(&sql).await
}

/// How many Tasks belong to an issue.
async fn tasks(mirror: &Mirror, issue: u64) -> String {
    task(mirror, issue, "COUNT(*)").await
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().unwrap_or_default()
}
