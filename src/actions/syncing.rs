//! `sync_repo`, `start_sync_all_repositories`, `sync_all_repositories`: a sync that somebody asked for.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::RepoName;
use crate::frappe::db::Db;
use crate::store::runs::{self, RunStatus, Trigger};
use crate::store::statistics;
use crate::sync::{RunOptions, Selection, SiteReport, SyncContext, sync_site};

use super::long_work::{self, LongWork, Waited};
use super::progress::DeskProgress;
use super::{ActionError, Call, lists};

/// What a sync of somebody works with.
struct Asked {
    context: SyncContext,
    progress: Arc<DeskProgress>,
    options: RunOptions,
}

/// Syncs one repository. Where somebody is at it already, the answer is his run.
pub(super) async fn repository(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = lists::repository(call).await?;
    let asked = asked(call, &format!("GitHub: {name}")).await?;
    let (progress, named) = (asked.progress.clone(), name.clone());
    let work = async move {
        let selection = Selection {
            repositories: vec![named.clone()],
            owners: Vec::new(),
        };
        let report = sync_site(&asked.context, &selection, asked.options).await?;
        synced(asked.context.site.db(), &named, &report).await
    };
    let begun = long_work::begin_once(call, &progress, format!("sync {name}"), work);
    match begun.wait(call).await {
        Waited::Ended(result) => result,
        Waited::GoesOn(answer) => running(call.site.db(), &name, answer).await,
    }
}

/// Syncs all repositories that are switched on.
pub(super) async fn all(call: &Call<'_>) -> Result<Value, ActionError> {
    match begin_all(call).await?.wait(call).await {
        Waited::Ended(result) => result,
        Waited::GoesOn(answer) => Ok(answer),
    }
}

/// Begins to sync all repositories, and does not wait.
pub(super) async fn start_all(call: &Call<'_>) -> Result<Value, ActionError> {
    begin_all(call).await?;
    Ok(json!({"status": "queued"}))
}

async fn begin_all(call: &Call<'_>) -> Result<LongWork, ActionError> {
    let asked = asked(call, "GitHub: all repositories").await?;
    let progress = asked.progress.clone();
    progress.over_all();
    let work = async move {
        let report = sync_site(&asked.context, &Selection::default(), asked.options).await?;
        let mut answer = asked.progress.so_far();
        answer["errors"] = json!(report.errors);
        Ok(answer)
    };
    Ok(long_work::begin_once(call, &progress, "sync all", work))
}

async fn asked(call: &Call<'_>, title: &str) -> Result<Asked, ActionError> {
    let progress = DeskProgress::of(call, title, true);
    let user = &call.caller.user;
    let context = call.services.sync_context(call.site, user, progress.clone()).await?;
    let options = RunOptions {
        full: call.arguments.flag("full"),
        trigger: Trigger::Button,
    };
    Ok(Asked {
        context,
        progress,
        options,
    })
}

/// The answer of a sync that ended.
async fn synced(db: &Db, name: &RepoName, report: &SiteReport) -> Result<Value, ActionError> {
    if !report.busy.is_empty() {
        let run = runs::running_of(db, Some(name.as_str())).await?;
        return running(db, name, json!({"run": run})).await;
    }
    let Some(one) = report.repositories.first() else {
        return Err(ActionError::invalid(report.errors.join("; ")));
    };
    if one.status == RunStatus::Failed || one.status == RunStatus::Stopped {
        return Err(ActionError::invalid(one.error.clone().unwrap_or_default()));
    }
    let failures: Vec<&String> = one.entities.values().flat_map(|line| &line.reasons).collect();
    let mut answer = counts(db, &one.repository, json!({})).await?;
    answer["success"] = true.into();
    answer["message"] = format!("Synced repository {}", one.repository).into();
    answer["status"] = one.status.as_str().into();
    answer["failures"] = json!(failures);
    Ok(answer)
}

/// The answer of a sync that goes on, whose names are in `answer`.
async fn running(db: &Db, name: &RepoName, answer: Value) -> Result<Value, ActionError> {
    let mut answer = counts(db, name.as_str(), answer).await?;
    answer["success"] = true.into();
    answer["message"] = format!("{name} is being synced").into();
    answer["status"] = "running".into();
    Ok(answer)
}

/// Adds to `answer` what is mirrored of the repository, under the names of the Python app.
async fn counts(db: &Db, repository: &str, mut answer: Value) -> Result<Value, ActionError> {
    let counts = statistics::of_repository(db, repository).await?;
    answer["branches"] = counts.branches.into();
    answer["issues"] = counts.issues.total.into();
    answer["pulls"] = counts.pull_requests.total.into();
    answer["members"] = counts.members.into();
    Ok(answer)
}
