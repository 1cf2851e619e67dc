//! `sync_repo_members`: the members of a repository as GitHub has them, and as users of the connected Projects.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::RepoName;
use crate::frappe::auth::Caller;
use crate::store::projects::{self, Members};
use crate::store::repositories::{self, Tracked};
use crate::store::runs::{self, RunStatus, Trigger};
use crate::store::statistics;
use crate::sync::{SyncContext, SyncError, sync_members};
use crate::telemetry::Reporter as _;

use super::progress::DeskProgress;
use super::{ActionError, Call, erp, lists, long_work};

/// Syncs the members, and adds those who are users here to the Projects.
pub(super) async fn sync(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = lists::repository(call).await?;
    let progress = DeskProgress::of(call, &format!("GitHub: members of {name}"), true);
    let context = call
        .services
        .sync_context(call.site, &call.caller.user, progress.clone())
        .await?;
    let stored = statistics::of_repository(call.site.db(), name.as_str()).await?;
    progress.counts([("members", stored.members)]);
    let caller = call.caller.clone();
    // The Projects are written as the caller, so that another one's press is work of its own.
    let (what, shown) = (format!("members {name} {}", caller.user), progress.clone());
    let work = async move { work(&context, &caller, &name, &shown).await };
    long_work::answer_once(call, &progress, what, work).await
}

async fn work(context: &SyncContext, caller: &Caller, name: &RepoName, progress: &DeskProgress) -> Result<Value, ActionError> {
    let db = context.site.db();
    let mut run = None;
    let tracked = repositories::find(db, name.as_str()).await?;
    let tracked = tracked.unwrap_or_else(|| Tracked::named(name));
    let mut warnings = Vec::new();
    let repository = match sync_members(context, &tracked, Trigger::Button).await {
        Ok((report, unmatched)) => {
            if matches!(report.status, RunStatus::Failed | RunStatus::Stopped) {
                return Err(ActionError::invalid(report.reason().to_owned()));
            }
            let reasons = [
                report.reason().to_owned(),
                unmatched.map_or_else(String::new, |error| error.to_string()),
            ];
            warnings.extend(reasons.into_iter().filter(|reason| !reason.is_empty()));
            report.repository
        }
        // Whoever is at it reads the members too; the Projects get those who are known so far.
        Err(busy @ SyncError::Busy { .. }) => {
            warnings.push(busy.to_string());
            run = runs::running_of(db, Some(name.as_str())).await?;
            if let Some(run) = &run {
                progress.begun(run);
            }
            name.to_string()
        }
        Err(error) => return Err(error.into()),
    };
    let projects = erp::add_members(&context.site, caller, &repository).await?;
    let members = projects::members_of(db, &repository).await?;
    let count = statistics::of_repository(db, &repository).await?.members;
    let mut answer = answer(&repository, count, &members, &projects, &warnings);
    if let Some(run) = run {
        answer["run"] = run.into();
    }
    Ok(answer)
}

/// The contract's `members`, and who was added, was there, and is no user here.
fn answer(repository: &str, count: u64, members: &Members, projects: &[Map<String, Value>], warnings: &[String]) -> Value {
    let all = |key: &str| -> BTreeSet<String> {
        let lists = projects.iter().filter_map(|project| project.get(key)?.as_array());
        lists.flatten().filter_map(|user| Some(user.as_str()?.to_owned())).collect()
    };
    let mut answer = json!({
        "success": true,
        "repository": repository,
        "members": count,
        "added": all("added"),
        "present": all("present"),
        "unmatched": members.unmatched,
        "projects": projects,
    });
    let told = projects
        .iter()
        .filter_map(|project| Some(format!("{}: {}", text(project, "project"), project.get("error")?.as_str()?)));
    let warnings: Vec<String> = warnings.iter().cloned().chain(told).collect();
    if !warnings.is_empty() {
        answer["warning"] = warnings.join("; ").into();
    }
    answer
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}
