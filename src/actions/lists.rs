//! `list_*`: what GitHub lists, as it writes it.

use serde_json::{Value, json};

use crate::domain::{Login, RepoName, Service};
use crate::github::{HookHome, Pages};
use crate::store::overview;

use super::rights::known_repository;
use super::{ActionError, Call, answer};

/// `list_branches(repo_full_name)`.
pub(super) async fn branches(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = repository(call).await?;
    require_repositories(call, &name).await?;
    all(call.github_for(&name).await?.branches_as_is(&name)).await
}

/// `list_repo_members(repo_full_name)`.
pub(super) async fn members(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = repository(call).await?;
    all(call.github_for(&name).await?.collaborators_as_is(&name)).await
}

/// `list_repository_webhooks(repo_full_name)`.
pub(super) async fn webhooks(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = repository(call).await?;
    all(call.github_for(&name).await?.hooks(&HookHome::Repository(name))).await
}

/// `list_teams(org_name)`.
pub(super) async fn teams(call: &Call<'_>) -> Result<Value, ActionError> {
    let organization = login(&call.arguments.required(&["org_name", "organization"])?)?;
    all(call.github().await?.teams_as_is(&organization)).await
}

/// `list_repositories(organization=None)`: of an organisation, or all that the token's account can reach.
pub(super) async fn repositories(call: &Call<'_>) -> Result<Value, ActionError> {
    let organization = call.arguments.text("organization");
    let organization = organization.as_deref().map(login).transpose()?;
    all(call.github().await?.repositories_as_is(organization.as_ref())).await
}

/// Refuses what would be asked of GitHub where the service is off that it belongs to.
async fn require_repositories(call: &Call<'_>, name: &RepoName) -> Result<(), ActionError> {
    let service = Service::Repositories;
    call.services.require_service(call.site, name.as_str(), service).await
}

/// `list_labels(repo_full_name)`: what an issue can be labelled with; GitHub is asked where nothing was synced yet.
pub(super) async fn labels(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = repository(call).await?;
    if is_synced(call, &name).await? {
        return answer(overview::offered_labels(call.site.db(), name.as_str()).await?);
    }
    require_repositories(call, &name).await?;
    let labels = all(call.github_for(&name).await?.labels_as_is(&name)).await?;
    Ok(of_each(
        &labels,
        |label| json!({"name": label["name"], "color": label["color"], "description": label["description"]}),
    ))
}

/// `list_milestones(repo_full_name)`: the open ones, which an issue can be put into; GitHub is asked where nothing was synced yet.
pub(super) async fn milestones(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = repository(call).await?;
    if is_synced(call, &name).await? {
        return answer(overview::offered_milestones(call.site.db(), name.as_str()).await?);
    }
    require_repositories(call, &name).await?;
    let milestones = all(call.github_for(&name).await?.milestones_as_is(&name)).await?;
    Ok(of_each(
        &milestones,
        |one| json!({"number": one["number"], "title": one["title"], "due_on": one["due_on"]}),
    ))
}

async fn is_synced(call: &Call<'_>, name: &RepoName) -> Result<bool, ActionError> {
    let entry = overview::entry(call.site.db(), name.as_str()).await?;
    Ok(entry.is_some_and(|entry| entry.is_synced))
}

/// `list_assignees(repo_full_name)`: whom an issue can be given to.
pub(super) async fn assignees(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = repository(call).await?;
    let people = all(call.github_for(&name).await?.assignees_as_is(&name)).await?;
    Ok(of_each(
        &people,
        |person| json!({"login": person["login"], "id": person["id"], "type": person["type"]}),
    ))
}

fn of_each(list: &Value, shown: impl Fn(&Value) -> Value) -> Value {
    list.as_array().into_iter().flatten().map(shown).collect()
}

/// A login that somebody typed.
pub(super) fn login(text: &str) -> Result<Login, ActionError> {
    text.parse::<Login>()
        .map_err(|error| ActionError::invalid(format!("{error}: write it as on GitHub, for example frappe")))
}

/// The repository that is named, by the name that it has here.
pub(super) async fn repository(call: &Call<'_>) -> Result<RepoName, ActionError> {
    let name = known_repository(call.site, call.arguments).await?;
    name.parse::<RepoName>().map_err(|_| {
        ActionError::invalid(format!(
            "{name} lost its name on GitHub to another repository; sync it, or name the other one"
        ))
    })
}

/// All pages as one list.
async fn all(mut pages: Pages<Value>) -> Result<Value, ActionError> {
    let mut items = Vec::new();
    while let Some(page) = pages.next().await? {
        items.extend(page.items);
    }
    Ok(Value::Array(items))
}
