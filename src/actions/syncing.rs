//! `sync_repo`, `start_sync_all_repositories`, `sync_all_repositories`: a sync that somebody asked for.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::domain::RepoName;
use crate::store::runs::{self, RunStatus, Trigger};
use crate::store::statistics;
use crate::sync::{RunOptions, Selection, SiteReport, SyncError, sync_site};

use super::progress::DeskProgress;
use super::{ActionError, Call, lists};

/// The desk waits two minutes for an answer; what takes longer goes on without it.
const PATIENCE: Duration = Duration::from_secs(100);

/// A sync that goes on whatever becomes of the call.
struct Started {
    progress: Arc<DeskProgress>,
    ended: oneshot::Receiver<Result<SiteReport, SyncError>>,
}

/// What a call waited for.
enum Waited {
    /// The sync ended.
    Ended(Result<SiteReport, SyncError>),
    /// It goes on, as this run.
    GoesOn(Option<String>),
}

/// Syncs one repository. Where somebody is at it already, the answer is his run.
pub(super) async fn repository(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = lists::repository(call).await?;
    let selection = Selection {
        repositories: vec![name.clone()],
        owners: Vec::new(),
    };
    let started = start(call, selection, &format!("GitHub: {name}")).await?;
    let report = match started.wait(call).await {
        Waited::GoesOn(run) => return running(call, &name, run).await,
        Waited::Ended(report) => report?,
    };
    if !report.busy.is_empty() {
        let run = runs::running_of(call.site.db(), name.as_str()).await?;
        return running(call, &name, run).await;
    }
    let Some(one) = report.repositories.first() else {
        return Err(ActionError::invalid(report.errors.join("; ")));
    };
    if one.status == RunStatus::Failed || one.status == RunStatus::Stopped {
        return Err(ActionError::invalid(one.error.clone().unwrap_or_default()));
    }
    let failures: Vec<&String> = one.entities.values().flat_map(|line| &line.reasons).collect();
    let mut answer = counts(call, &one.repository).await?;
    answer["success"] = true.into();
    answer["message"] = format!("Synced repository {}", one.repository).into();
    answer["status"] = one.status.as_str().into();
    answer["failures"] = json!(failures);
    Ok(answer)
}

/// Syncs all repositories that are switched on.
pub(super) async fn all(call: &Call<'_>) -> Result<Value, ActionError> {
    let started = start(call, Selection::default(), "GitHub: all repositories").await?;
    let report = match started.wait(call).await {
        Waited::GoesOn(run) => return Ok(json!({"success": 0, "failed": 0, "status": "running", "run": run})),
        Waited::Ended(report) => report?,
    };
    let done = |status| matches!(status, RunStatus::Completed | RunStatus::CompletedWithFailures);
    let success = report.repositories.iter().filter(|one| done(one.status)).count();
    let failed = report.repositories.len() - success;
    Ok(json!({"success": success, "failed": failed, "errors": report.errors}))
}

/// Begins to sync all repositories, and does not wait.
pub(super) async fn start_all(call: &Call<'_>) -> Result<Value, ActionError> {
    start(call, Selection::default(), "GitHub: all repositories").await?;
    Ok(json!({"status": "queued"}))
}

async fn start(call: &Call<'_>, selection: Selection, title: &str) -> Result<Started, ActionError> {
    let user = &call.caller.user;
    let progress = DeskProgress::start(call.site, user, title);
    let context = call.services.sync_context(call.site, user, progress.clone()).await?;
    let options = RunOptions {
        full: call.arguments.flag("full"),
        trigger: Trigger::Button,
    };
    let (tell, ended) = oneshot::channel();
    call.services.go_on(Box::pin(async move {
        let report = sync_site(&context, &selection, options).await;
        if let Err(Err(error)) = tell.send(report) {
            // Nobody waits any more.
            tracing::warn!(site = context.site.name(), error = %error, "a sync that somebody asked for failed");
        }
    }));
    Ok(Started { progress, ended })
}

impl Started {
    /// Waits as long as the caller does: for the end, or with `background` for the beginning of the run.
    async fn wait(self, call: &Call<'_>) -> Waited {
        let Self { progress, mut ended } = self;
        let mut run = progress.run();
        let begun = async {
            if call.arguments.flag("background") {
                // It fails only where the work ended without a run, which `ended` tells.
                drop(run.wait_for(Option::is_some).await);
            } else {
                tokio::time::sleep(PATIENCE).await;
            }
        };
        tokio::select! {
            biased;
            report = &mut ended => match report {
                Ok(report) => Waited::Ended(report),
                Err(_) => Waited::Ended(Err(SyncError::Stopped)),
            },
            () = begun => Waited::GoesOn(progress.run().borrow().clone()),
        }
    }
}

/// The answer of a sync that goes on.
async fn running(call: &Call<'_>, name: &RepoName, run: Option<String>) -> Result<Value, ActionError> {
    let mut answer = counts(call, name.as_str()).await?;
    answer["success"] = true.into();
    answer["message"] = format!("{name} is being synced").into();
    answer["status"] = "running".into();
    answer["run"] = json!(run);
    Ok(answer)
}

/// What is mirrored of the repository, under the names of the Python app.
async fn counts(call: &Call<'_>, repository: &str) -> Result<Value, ActionError> {
    let counts = statistics::of_repository(call.site.db(), repository).await?;
    Ok(json!({
        "branches": counts.branches,
        "issues": counts.issues.total,
        "pulls": counts.pull_requests.total,
        "members": counts.members,
    }))
}
