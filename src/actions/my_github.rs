//! `desk.connect_github`, `desk.disconnect_github`, `desk.my_connection`: the caller's own connection with GitHub, and what he sees there by it.

use serde_json::{Value, json};

use crate::domain::{Repository, VisibleInstallation};
use crate::frappe::auth::UserId;
use crate::frappe::desk_path::DeskPath;
use crate::frappe::singles;
use crate::github::{GithubError, Pages};
use crate::store::grants::{self as stored, GrantRow, Standing};
use crate::store::installations;
use crate::store::settings::DOCTYPE;

use super::grants::{Begin, Grants};
use super::rights::Rights;
use super::{ActionError, Call, own_address};

/// What an OAuth App has to ask for, so that people can act by it; a GitHub App has permissions instead.
const SCOPES: [&str; 2] = ["repo", "read:org"];
/// Things that are shown of a list.
const MOST: usize = 500;

impl Call<'_> {
    /// Who calls, as one whose own connection it may be.
    pub(super) fn user_id(&self) -> Result<UserId, ActionError> {
        let user = self.caller.user_id();
        user.ok_or_else(|| ActionError::forbidden("log in to use the GitHub integration"))
    }

    /// The connections of the site's people.
    pub(super) async fn grants(&self) -> Result<Grants, ActionError> {
        self.services.grants(self.site).await?.ok_or_else(|| {
            ActionError::NotReady(
                "nobody can connect his account yet: an administrator makes or enters a GitHub App in GitHub Settings first"
                    .to_owned(),
            )
        })
    }

    /// The place in the desk that he is sent to in the end.
    pub(super) fn back_to(&self) -> DeskPath {
        let named = self.arguments.text("back_to");
        named.and_then(|text| DeskPath::parse(&text)).unwrap_or_default()
    }
}

/// Where he authorises the App: the address of GitHub's page, to be opened in a window of its own.
pub(super) async fn connect(call: &Call<'_>) -> Result<Value, ActionError> {
    let grants = call.grants().await?;
    let app = singles::read_field(call.site.db(), DOCTYPE, "app_client_id").await?;
    let is_github_app = app.is_some_and(|id| id.trim() == grants.client_id());
    let before = stored::of_user(call.site.db(), &call.caller.user).await?;
    let begin = Begin {
        redirect_uri: &own_address::page(call.site, "callback").await?,
        back_to: &call.back_to(),
        scopes: if is_github_app { &[] } else { &SCOPES },
        login: before.as_ref().map(|grant| grant.login.as_str()),
        chooses_account: call.arguments.flag("choose_account"),
    };
    let url = grants.begin(call.caller, &begin).await?;
    Ok(json!({ "url": url.as_str() }))
}

/// His tokens are gone here, and what he authorised is taken back on GitHub.
pub(super) async fn disconnect(call: &Call<'_>) -> Result<Value, ActionError> {
    let gone = call.grants().await?.disconnect(&call.user_id()?).await?;
    let mut answer = json!({"success": true, "login": gone.login});
    if let Some(left) = gone.left_on_github {
        answer["warning"] = left.into();
    }
    Ok(answer)
}

/// Whether he is connected, and with `installations` what he sees on GitHub; with `installation` (GitHub's number) the repositories in that one.
pub(super) async fn mine(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let grants = call.services.grants(call.site).await?;
    let row = stored::of_user(call.site.db(), &call.caller.user).await?;
    let slug = singles::read_field(call.site.db(), DOCTYPE, "app_slug").await?;
    let can_install = slug.is_some_and(|slug| !slug.trim().is_empty());
    let is_admin = rights.is_admin();
    let mut answer = json!({
        "configured": grants.is_some(),
        "connected": false,
        "can_install": can_install,
        "may_create_app": is_admin && !can_install,
        "waits": installations::waiting_since(call.site.db(), &call.caller.user).await?.is_some(),
    });
    let (Some(grants), Some(row)) = (grants, row) else {
        return Ok(answer);
    };
    answer["login"] = row.login.as_str().into();
    answer["avatar_url"] = row.avatar_url.as_str().into();
    let problem = problem(&grants, &row);
    answer["connected"] = problem.is_none().into();
    if let Some(problem) = problem {
        answer["problem"] = problem.into();
        return Ok(answer);
    }
    let one = match call.arguments.text("installation") {
        Some(_) => Some(call.arguments.number(&["installation"])?),
        None => None,
    };
    if one.is_some() || call.arguments.flag("installations") {
        match seen(call, rights, &grants, one).await {
            Ok((what, list)) => answer[what] = list,
            Err(error @ ActionError::Db(_)) => return Err(error),
            // That he is connected is the answer all the same.
            Err(error) => {
                answer["connected"] = (!matches!(error, ActionError::ConnectGithub(_))).into();
                answer["problem"] = error.to_string().into();
            }
        }
    }
    Ok(answer)
}

/// Why his connection cannot be used, as far as that is known here.
fn problem(grants: &Grants, row: &GrantRow) -> Option<&'static str> {
    match row.standing {
        Standing::Active if row.client_id == grants.client_id() => None,
        Standing::Active => Some("your connection was made with another App: connect GitHub again"),
        Standing::Revoked => Some("your connection was taken back on GitHub: connect GitHub again"),
        Standing::Lost => Some(
            "your connection with GitHub cannot be renewed, because GitHub's last answer got lost or it was not used for too long: connect GitHub again",
        ),
    }
}

/// What GitHub shows to him: installations, or the repositories of one.
async fn seen(
    call: &Call<'_>,
    rights: &Rights<'_>,
    grants: &Grants,
    one: Option<u64>,
) -> Result<(&'static str, Value), ActionError> {
    let client = grants.token(&call.user_id()?).await?.client()?.for_a_person();
    if let Some(id) = one {
        let repositories = all(client.repositories_visible_in(id)).await?;
        return Ok(("repositories", repositories.iter().map(repository).collect()));
    }
    let mut list = Vec::new();
    for one in all(client.visible_installations()).await? {
        list.push(installation(call, rights, &one).await?);
    }
    Ok(("installations", list.into()))
}

async fn all<T: Send + 'static>(mut pages: Pages<T>) -> Result<Vec<T>, GithubError> {
    let mut all = Vec::new();
    while let Some(page) = pages.next().await? {
        all.extend(page.items);
        if all.len() >= MOST {
            break;
        }
    }
    Ok(all)
}

fn repository(one: &Repository) -> Value {
    json!({
        "id": one.id,
        "full_name": one.name.as_str(),
        "url": one.url,
        "visibility": one.visibility.as_str(),
    })
}

async fn installation(call: &Call<'_>, rights: &Rights<'_>, one: &VisibleInstallation) -> Result<Value, ActionError> {
    let known = installations::with_id(call.site.db(), one.id).await?;
    let account = one.account.as_ref();
    let project = call.arguments.text("project");
    Ok(json!({
        "id": one.id,
        "account": account.map(|account| account.login.as_str()),
        "account_id": account.map(|account| account.id.to_string()),
        "account_type": account.map(|account| account.kind.as_str()),
        "avatar_url": account.map(|account| account.avatar_url.as_str()),
        "all_repositories": one.has_all_repositories,
        "permissions": one.permissions,
        "suspended": one.suspended_at.is_some(),
        "url": one.url,
        "document": known.as_ref().map(|row| row.name.as_str()),
        "mine": known.as_ref().is_some_and(|row| rights.owns(row)),
        "stage": known.as_ref().map(|row| row.course.stage().as_str()),
        "connected": known.is_some_and(|row| project.is_none_or(|project| row.project == project)),
    }))
}
