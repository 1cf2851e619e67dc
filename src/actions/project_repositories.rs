//! `desk.project_repositories` and what changes them: which repositories a Project is connected with, and what of them reaches it.

use serde_json::{Value, json};

use crate::domain::{InvalidRepoName, RepoName};
use crate::frappe::modified::modified;
use crate::store::project_links::{self, Flags};
use crate::store::{Stamp, integration_repositories, overview, readers, repositories};

use super::integrations::written;
use super::rights::{Rights, repository_argument};
use super::{ActionError, Arguments, Call, PROJECT};

/// The repositories of a Project, for those who lead it. One that the caller may not read is told all the same: it is his Project's.
pub(super) async fn list(rights: &Rights<'_>, arguments: &Arguments) -> Result<Value, ActionError> {
    let project = arguments.required(&[PROJECT])?;
    let db = rights.site.db();
    let mut repositories = Vec::new();
    for connection in project_links::connections_of(db, &project).await? {
        let reads = rights.reads(&connection.repository).await?;
        let mut one = json!(connection);
        one["may_read"] = reads.into();
        repositories.push(one);
    }
    Ok(json!({"project": project, "repositories": repositories, "may_mirror": rights.is_admin()}))
}

/// Connects the Project with one more repository, which the caller reads or works on: the people of the Project will read it. One that somebody switched off
/// brings nothing, which is said; with `mirror` an admin switches it on.
pub(super) async fn connect(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let repository = rights.connectable(call.arguments).await?;
    let project = call.arguments.required(&[PROJECT])?;
    let known = overview::repositories_of(call.site.db(), &project).await?;
    if call.arguments.flag("mirror") {
        mirror(call, rights, &repository).await?;
    }
    project_links::join(call.site, &call.caller.user, (&project, &repository), &flags(call.arguments)).await?;
    readers::settle(call.site).await?;
    let message = if known.contains(&repository) {
        format!("{project} is connected with {repository} already")
    } else {
        format!("{project} is connected with {repository}")
    };
    let mut answer = answered(call, &project, &repository, &message).await?;
    answer["may_mirror"] = rights.is_admin().into();
    Ok(answer)
}

/// Has a repository mirrored that somebody switched off. That is for those who follow repositories.
async fn mirror(call: &Call<'_>, rights: &Rights<'_>, repository: &str) -> Result<(), ActionError> {
    if !rights.is_admin() {
        return Err(ActionError::forbidden(format!(
            "{repository} is not mirrored, and a GitHub Admin may switch that on: ask one"
        )));
    }
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    require_shown(call, repository).await?;
    if integration_repositories::switch_on(call.site.db(), &stamp, repository).await? {
        written(call.site, &stamp.user, "Repository", &[repository.to_owned()]).await;
    }
    Ok(())
}

/// Refuses what GitHub does not show: an integration may have let it go whose credential alone reaches it, and mirrored by another it would be taken for deleted.
async fn require_shown(call: &Call<'_>, repository: &str) -> Result<(), ActionError> {
    let tracked = repositories::find(call.site.db(), repository).await?;
    if tracked.is_none_or(|tracked| tracked.enabled) {
        return Ok(());
    }
    let name: RepoName = repository
        .parse()
        .map_err(|error: InvalidRepoName| ActionError::invalid(error.to_string()))?;
    match call.github_for(&name).await?.repository(&name).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_gone() => Err(ActionError::invalid(format!(
            "GitHub does not show {repository} to the credential that it would be read with: follow it in the list of the GitHub Integration that reaches it, \
             then connect it here"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Takes a connection back.
pub(super) async fn disconnect(call: &Call<'_>) -> Result<Value, ActionError> {
    let project = call.arguments.required(&[PROJECT])?;
    let repository = repository_argument(call.arguments)?;
    let parted = project_links::part(call.site, &call.caller.user, (&project, repository.as_str())).await?;
    if parted.is_none() {
        return Err(not_connected(&project, repository.as_str()));
    }
    readers::settle(call.site).await?;
    let message = format!("{project} is no longer connected with {repository}");
    answered(call, &project, repository.as_str(), &message).await
}

/// Says what of a repository is to reach the Project.
pub(super) async fn follow(call: &Call<'_>) -> Result<Value, ActionError> {
    let project = call.arguments.required(&[PROJECT])?;
    let repository = repository_argument(call.arguments)?;
    let link = (project.as_str(), repository.as_str());
    if !project_links::follow(call.site, &call.caller.user, link, &flags(call.arguments)).await? {
        return Err(not_connected(&project, repository.as_str()));
    }
    let message = format!("what reaches {project} of {repository} is saved");
    answered(call, &project, repository.as_str(), &message).await
}

fn not_connected(project: &str, repository: &str) -> ActionError {
    ActionError::invalid(format!(
        "{project} is not connected with {repository}: reload the form, which shows the repositories that it has"
    ))
}

/// What the arguments tell of flags.
fn flags(arguments: &Arguments) -> Flags {
    let flag = |name: &str| arguments.text(name).map(|_| arguments.flag(name));
    Flags {
        following: flag("following"),
        issues: flag("service_issues"),
        pull_requests: flag("service_pull_requests"),
        releases: flag("service_releases"),
    }
}

/// What is so now.
async fn answered(call: &Call<'_>, project: &str, repository: &str, message: &str) -> Result<Value, ActionError> {
    let db = call.site.db();
    let connections = project_links::connections_of(db, project).await?;
    let main = connections.iter().find(|one| one.main).map(|one| one.repository.as_str());
    let one = connections.iter().find(|one| one.repository.eq_ignore_ascii_case(repository));
    let is_off = one.is_some_and(|one| !one.mirrored);
    let message = if is_off {
        format!("{message}; it is not mirrored, so that nothing of it reaches the Project: a GitHub Admin can switch that on")
    } else {
        message.to_owned()
    };
    Ok(json!({
        "success": true,
        "message": message,
        "not_mirrored": is_off,
        "project": project,
        "repository": repository,
        "main": main,
        "repositories": connections,
        "modified": modified(db, "Project", project).await?,
    }))
}
