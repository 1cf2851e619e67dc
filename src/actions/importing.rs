//! `bulk_import_github_data`: all issues, or all pull requests, of a repository.

use serde_json::{Value, json};

use crate::domain::{Entity, RepoName, Service};
use crate::frappe::db::Db;
use crate::store::repositories::{self, Tracked};
use crate::store::runs::{self, RunStatus};
use crate::sync::{EntityLine, Import, RepositoryReport, SyncContext, SyncError, import_items};

use super::progress::DeskProgress;
use super::{ActionError, Call, lists, long_work};

/// Imports what `import_type` says. What is here already is written again with `force_update`, else only where GitHub says something else.
pub(super) async fn bulk(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = lists::repository(call).await?;
    let import = Import {
        entity: entity(call)?,
        rewrite: call.arguments.flag("force_update"),
    };
    let service = match import.entity {
        Entity::PullRequest => Service::PullRequests,
        _ => Service::Issues,
    };
    call.services.require_service(call.site, name.as_str(), service).await?;
    let progress = DeskProgress::of(call, &format!("GitHub: {name}"), true);
    progress.counts([("errors", 0)]);
    progress.counts_rows_as(["imported", "updated", "skipped"]);
    let user = &call.caller.user;
    let context = call.services.sync_context(call.site, user, progress.clone()).await?;
    let what = format!("import {} {name}", import.entity.as_str());
    let work = async move { into(&context, &name, import).await };
    long_work::answer_once(call, &progress, what, work).await
}

fn entity(call: &Call<'_>) -> Result<Entity, ActionError> {
    match call.arguments.required(&["import_type"])?.as_str() {
        "issues" => Ok(Entity::Issue),
        "pull_requests" => Ok(Entity::PullRequest),
        other => Err(ActionError::invalid(format!(
            "`import_type` is issues or pull_requests, not {other}"
        ))),
    }
}

async fn into(context: &SyncContext, name: &RepoName, import: Import) -> Result<Value, ActionError> {
    let db = context.site.db();
    let tracked = repositories::find(db, name.as_str()).await?;
    let tracked = tracked.unwrap_or_else(|| Tracked::named(name));
    match import_items(context, &tracked, import).await {
        Ok(report) => imported(&report, import.entity),
        Err(SyncError::Busy { .. }) => busy(db, name).await,
        Err(error) => Err(error.into()),
    }
}

/// The answer of an import that ended.
fn imported(report: &RepositoryReport, entity: Entity) -> Result<Value, ActionError> {
    let run = report.entities.get(&entity).cloned().unwrap_or_default();
    let line = EntityLine::from(&run);
    if matches!(report.status, RunStatus::Failed | RunStatus::Stopped) {
        return Err(ActionError::invalid(format!(
            "Bulk import failed: {}. Before that: {} imported, {} updated, {} skipped",
            report.reason(),
            line.created,
            line.updated,
            line.unchanged
        )));
    }
    Ok(json!({
        "imported": line.created,
        "updated": line.updated,
        "skipped": line.unchanged,
        "errors": line.failed,
        "failures": line.reasons,
        "status": report.status.as_str(),
    }))
}

/// The answer where somebody is at the repository: this call imported nothing, and his run can be looked at.
async fn busy(db: &Db, name: &RepoName) -> Result<Value, ActionError> {
    Ok(json!({
        "imported": 0,
        "updated": 0,
        "skipped": 0,
        "errors": 0,
        "failures": [],
        "status": "running",
        "run": runs::running_of(db, Some(name.as_str())).await?,
        "message": format!("{name} is being synced or imported; import again when that has ended"),
    }))
}
