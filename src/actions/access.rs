//! `manage_repo_access`: who may do what in a repository, people and teams.

use serde_json::Value;

use crate::domain::{Login, Permission, RepoName, Service, TeamSlug};
use crate::github::Write;

use super::logins::Directory;
use super::writing::{self, Press};
use super::{ActionError, Call, issues, lists};

/// `manage_repo_access(repo_full_name, action, identifier, permission='push')`. A person is named by his login or as a user of the site, a
/// team by its slug.
pub(super) async fn manage(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let action = call.arguments.required(&["action"])?;
    let identifier = call.arguments.required(&["identifier"])?;
    let write = wanted(call, &repository, &action, &identifier).await?;
    let writing = writing::writing(call, repository, Service::Repositories).await?;
    let press = Press { write, task: None };
    Ok(issues::raw(writing::press(call, writing, press).await?))
}

async fn wanted(call: &Call<'_>, repository: &RepoName, action: &str, identifier: &str) -> Result<Write, ActionError> {
    let permission = || -> Result<Permission, ActionError> {
        let text = call.arguments.text("permission").unwrap_or_else(|| "push".to_owned());
        text.parse()
            .map_err(|error: crate::domain::InvalidPermission| ActionError::invalid(error.to_string()))
    };
    // `Add Collaborator` is how the old dialog wrote it.
    match action.to_ascii_lowercase().replace(' ', "_").as_str() {
        "add_collaborator" => Ok(Write::AddCollaborator {
            login: person(call, identifier).await?,
            permission: permission()?,
        }),
        "remove_collaborator" => Ok(Write::RemoveCollaborator {
            login: person(call, identifier).await?,
        }),
        "add_team" => Ok(Write::AddTeam {
            organization: owner(repository)?,
            team: team(identifier)?,
            permission: permission()?,
        }),
        "remove_team" => Ok(Write::RemoveTeam {
            organization: owner(repository)?,
            team: team(identifier)?,
        }),
        _ => Err(ActionError::invalid(
            "`action` must be add_collaborator, remove_collaborator, add_team or remove_team",
        )),
    }
}

async fn person(call: &Call<'_>, identifier: &str) -> Result<Login, ActionError> {
    let mut found = Directory::read(call.site.db()).await?.logins(&[identifier.to_owned()])?;
    found.pop().ok_or_else(|| ActionError::invalid("`identifier` is missing"))
}

fn owner(repository: &RepoName) -> Result<Login, ActionError> {
    lists::login(repository.owner())
}

fn team(identifier: &str) -> Result<TeamSlug, ActionError> {
    identifier
        .parse()
        .map_err(|error: crate::domain::InvalidTeamSlug| ActionError::invalid(error.to_string()))
}
