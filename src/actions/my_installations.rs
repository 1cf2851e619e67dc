//! What the caller sees on GitHub by his own connection: installations of the App and repositories in them, and which of these a Project is
//! connected with.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::{Repository, Stage, VisibleInstallation};
use crate::frappe::permissions::Right;
use crate::github::{Client, GithubError, Pages};
use crate::store::installations::{self, InstallationRow};
use crate::store::project_links;

use super::rights::Rights;
use super::{ActionError, Call, PROJECT};

/// Things that are shown of a list.
pub(super) const MOST: usize = 500;

/// A list that GitHub is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    /// The installations that he sees.
    Installations,
    /// The repositories that he sees in the installation of that number.
    RepositoriesIn(u64),
}

/// The list that a call asks for, if it does.
pub(super) fn wanted(call: &Call<'_>) -> Result<Option<List>, ActionError> {
    if call.arguments.text("installation").is_some() {
        return Ok(Some(List::RepositoriesIn(call.arguments.number(&["installation"])?)));
    }
    Ok(call.arguments.flag("installations").then_some(List::Installations))
}

/// Puts the list into the answer, and `cut` where GitHub has more.
pub(super) async fn tell(
    call: &Call<'_>,
    rights: &Rights<'_>,
    client: &Client,
    list: List,
    answer: &mut Value,
) -> Result<(), ActionError> {
    let project = of_project(call, rights).await?;
    let is_cut = match list {
        List::Installations => {
            let (seen, is_cut) = all(client.visible_installations()).await?;
            answer["installations"] = told_installations(call, &seen, &project).await?;
            is_cut
        }
        List::RepositoriesIn(id) => {
            let (seen, is_cut) = all(client.repositories_visible_in(id)).await?;
            answer["repositories"] = seen.iter().map(|one| told_repository(one, &project)).collect();
            is_cut
        }
    };
    if is_cut {
        answer["cut"] = MOST.into();
    }
    Ok(())
}

/// The first of a list, and whether GitHub has more.
async fn all<T: Send + 'static>(mut pages: Pages<T>) -> Result<(Vec<T>, bool), GithubError> {
    let mut all = Vec::new();
    while let Some(page) = pages.next().await? {
        all.extend(page.items);
        if all.len() > MOST {
            all.truncate(MOST);
            return Ok((all, true));
        }
    }
    Ok((all, false))
}

/// The Project that a call is about, and the repositories that it is connected with, in small letters.
#[derive(Debug, Default)]
struct OfProject {
    name: Option<String>,
    repositories: BTreeSet<String>,
}

async fn of_project(call: &Call<'_>, rights: &Rights<'_>) -> Result<OfProject, ActionError> {
    let Some(name) = call.arguments.text(PROJECT) else {
        return Ok(OfProject::default());
    };
    if !rights.may_with_project(&name, Right::Read).await? {
        return Err(ActionError::forbidden(format!(
            "you may not read the Project {name}: ask somebody who can share it with you"
        )));
    }
    let connections = project_links::connections_of(call.site.db(), &name).await?;
    Ok(OfProject {
        name: Some(name),
        repositories: connections.iter().map(|one| one.repository.to_lowercase()).collect(),
    })
}

impl OfProject {
    /// How many repositories of an account it is connected with.
    fn of_account(&self, login: &str) -> usize {
        let login = login.to_lowercase();
        let owners = self.repositories.iter().filter_map(|name| name.split_once('/'));
        owners.filter(|(owner, _)| *owner == login).count()
    }

    /// Whether an installation is connected: with the Project, if one is meant; else it is known here.
    fn is_connected(&self, login: &str, row: Option<&InstallationRow>) -> bool {
        match &self.name {
            Some(name) => self.of_account(login) > 0 || row.is_some_and(|row| row.project == *name && !row.course.is_deleted),
            None => row.is_some(),
        }
    }
}

/// Those that GitHub shows to him, and those of his own that it does not show: not told of yet, or out of his reach by now.
async fn told_installations(call: &Call<'_>, seen: &[VisibleInstallation], project: &OfProject) -> Result<Value, ActionError> {
    let (db, user) = (call.site.db(), &call.caller.user);
    let mut list = Vec::new();
    for one in seen {
        let known = installations::with_id(db, one.id).await?;
        list.push(visible(one, known.as_ref(), project, user));
    }
    for row in installations::of_user(db, user).await? {
        let is_listed = row.id.is_some_and(|id| seen.iter().any(|one| one.id == id));
        if !is_listed && !row.course.is_deleted {
            list.push(hidden(&row, project));
        }
    }
    Ok(list.into())
}

fn visible(one: &VisibleInstallation, known: Option<&InstallationRow>, project: &OfProject, user: &str) -> Value {
    let account = one.account.as_ref();
    let login = account.map(|account| account.login.as_str()).unwrap_or_default();
    let is_suspended = one.suspended_at.is_some();
    let own = known.filter(|row| row.owner.eq_ignore_ascii_case(user));
    let mut told = json!({
        "id": one.id,
        "account": account.map(|account| account.login.as_str()),
        "account_id": account.map(|account| account.id.to_string()),
        "account_type": account.map(|account| account.kind.as_str()),
        "avatar_url": account.map(|account| account.avatar_url.as_str()),
        "all_repositories": one.has_all_repositories,
        "permissions": one.permissions,
        "suspended": is_suspended,
        "url": one.url,
        "visible": true,
        "document": known.map(|row| row.name.as_str()),
        // Whoever may install it can have it.
        "nobodys": known.is_some_and(|row| row.course.stage() == Stage::WaitsForUser),
        "stage": known.map(|row| row.course.stage().as_str()),
        "connected": project.is_connected(login, known),
        "connected_repositories": project.of_account(login),
        // Whose it is may say which Project it is for.
        "may_finish": own.is_some_and(|row| row.course.stage() == Stage::WaitsForProject),
    });
    let note = if is_suspended {
        Some("an owner of the account suspended the App: nothing is read or written there until he ends that")
    } else if known.is_some_and(|row| row.permissions_pending) {
        Some("the App asks for more than was granted: until an owner of the account accepts it, some features are switched off")
    } else {
        None
    };
    told["mend"] = note.map(|_| one.url.as_str()).into();
    told["note"] = note.or_else(|| known.and_then(of_stage)).into();
    told
}

fn hidden(row: &InstallationRow, project: &OfProject) -> Value {
    let stage = row.course.stage();
    let note = match stage {
        Stage::WaitsForGithub => of_stage(row),
        // GitHub does not show what is another App's, and that it is, the reason says.
        Stage::Failed | Stage::WaitsForUser if !row.reason.is_empty() => Some(row.reason.as_str()),
        _ => Some("GitHub does not show it to you: you see none of its repositories there, or it was uninstalled just now"),
    };
    json!({
        "id": row.id,
        "account": Some(&row.account_login).filter(|login| !login.is_empty()),
        "account_type": row.account_type,
        "suspended": row.course.is_suspended,
        "url": row.html_url,
        "visible": false,
        "document": row.name,
        "stage": stage.as_str(),
        "connected": project.is_connected(&row.account_login, Some(row)),
        "connected_repositories": project.of_account(&row.account_login),
        "note": note,
    })
}

/// What stands between an installation and its use, where nobody has to mend it on GitHub.
fn of_stage(row: &InstallationRow) -> Option<&'static str> {
    match row.course.stage() {
        Stage::WaitsForGithub => Some(
            "it was begun here, and GitHub has not told of it: it was not finished there, or an owner was asked and has not agreed yet",
        ),
        Stage::IsRead => Some("it is being read"),
        Stage::WaitsForProject => Some("nobody has chosen a Project for it yet"),
        Stage::Failed => Some("it could not be read, which is tried again by itself"),
        Stage::WaitsForUser if row.is_given_up() => {
            Some("what was noted of it here was deleted: whoever installed it, or is an owner there, presses Check Again")
        }
        Stage::WaitsForUser => Some(
            "nobody here is the account that installed it: he connects it on his User, or an owner there presses Check Again",
        ),
        Stage::Done | Stage::Suspended | Stage::Deleted => None,
    }
}

fn told_repository(one: &Repository, project: &OfProject) -> Value {
    json!({
        "id": one.id,
        "full_name": one.name.as_str(),
        "url": one.url,
        "visibility": one.visibility.as_str(),
        "connected": project.repositories.contains(&one.name.as_str().to_lowercase()),
    })
}
