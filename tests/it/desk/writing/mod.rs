//! Methods that change something on GitHub: their answers, their rows, and what becomes of them when answers are lost.

mod access;
mod assigning;
mod elsewhere;
mod hooks;
mod issues;
mod killed;
mod lost;
mod pulls;
mod refused;
mod tasks;

use crate::support::mirror::Mirror;

/// Module of the methods.
pub(super) const GITHUB_API: &str = "erpnext_github_integration.github_api.";
/// Opens an issue.
pub(super) const CREATE_ISSUE: &str = "erpnext_github_integration.github_api.create_issue";

/// All rows of writes, by place, number and kind: kind, number, status, whether stored, and why.
pub(super) async fn rows(mirror: &Mirror) -> Vec<String> {
    let sql = "SELECT CONCAT(kind, ' ', number, ' ', status, ' ', mirrored, ' ', LEFT(IFNULL(reason, ''), 60)) FROM `tabGitHub Write` \
               ORDER BY position, number, kind";
    let rows = mirror.erp.query(sql).await;
    rows.into_iter()
        .flatten()
        .flatten()
        .map(|row| row.trim().to_owned())
        .collect()
}

/// Titles of all issues that GitHub has in `octo/web`, the oldest first.
pub(super) fn titles(mirror: &Mirror) -> Vec<String> {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    home.items.values().map(|item| item.title.clone()).collect()
}

/// How often GitHub was sent a write by that verb; questions of GraphQL are none.
pub(super) fn sent(mirror: &Mirror, method: &str) -> usize {
    let requests = mirror.github.requests();
    let writes = requests
        .iter()
        .filter(|request| request.method == method && request.operation.is_none());
    writes.count()
}
