//! `desk.connect_github`, `desk.disconnect_github`, `desk.my_connection`: the caller's own connection with GitHub. What he sees there by it is
//! `my_installations`.

use serde_json::{Value, json};
use url::Url;

use crate::frappe::auth::UserId;
use crate::frappe::db::DbError;
use crate::frappe::desk_path::DeskPath;
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::store::grants::{self as stored, GrantRow, Standing};
use crate::store::installations;
use crate::store::settings::DOCTYPE;
use crate::sync::Personal;

use super::grants::{Begin, Grants, disconnect_here};
use super::rights::Rights;
use super::switched_on::why_off;
use super::{ActionError, Call, my_installations, own_address};

/// What an OAuth App has to ask for, so that people can act by it; a GitHub App has permissions instead.
const SCOPES: [&str; 2] = ["repo", "read:org"];
/// What is said where a connection is there and nothing to use it with.
const NO_APP: &str = "your connection cannot be used: the App that you authorised is not stored here any more";

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

/// What is asked for when somebody connects: scopes of an OAuth App; nothing of a GitHub App, which has permissions.
pub(super) async fn scopes(site: &Site, grants: &Grants) -> Result<&'static [&'static str], DbError> {
    Ok(if is_github_app(site, grants).await? { &[] } else { &SCOPES })
}

/// Whether people authorise the GitHub App of `site`, and no OAuth App.
pub(super) async fn is_github_app(site: &Site, grants: &Grants) -> Result<bool, DbError> {
    let app = singles::read_field(site.db(), DOCTYPE, "app_client_id").await?;
    Ok(app.is_some_and(|id| id.trim() == grants.client_id()))
}

/// Where he authorises the App: the address of GitHub's page, to be opened in a window of its own.
pub(super) async fn connect(call: &Call<'_>) -> Result<Value, ActionError> {
    let grants = call.grants().await?;
    call.require_switched_on().await?;
    let before = stored::of_user(call.site.db(), &call.caller.user).await?;
    let chooses_account = call.arguments.flag("choose_account");
    let begin = Begin {
        redirect_uri: &own_address::page(call.site, "callback").await?,
        back_to: &call.back_to(),
        scopes: scopes(call.site, &grants).await?,
        // Who wants another one is not led to the one that he had.
        login: before.as_ref().filter(|_| !chooses_account).map(|grant| grant.login.as_str()),
        chooses_account,
    };
    let url = grants.begin(call.caller, &begin).await?;
    Ok(json!({ "url": url.as_str() }))
}

/// His tokens are gone here, and what he authorised is taken back on GitHub as far as it can be told. He can do so whatever else is out of order.
pub(super) async fn disconnect(call: &Call<'_>) -> Result<Value, ActionError> {
    let user = call.user_id()?;
    let gone = match call.services.grants(call.site).await {
        Ok(Some(grants)) => grants.disconnect(&user).await?,
        Err(error) if error.database().is_some() => return Err(error),
        Ok(None) | Err(_) => {
            let web = Url::parse(&call.services.web_url(call.site)?);
            let web = web.map_err(|_| ActionError::NotReady("the address of GitHub's pages cannot be used".to_owned()))?;
            let gone = disconnect_here(call.site, &user, &web).await?;
            gone.ok_or_else(|| ActionError::ConnectGithub(format!("{user} is not connected with GitHub")))?
        }
    };
    let mut answer = json!({"success": true, "login": gone.login});
    if let Some(left) = gone.left_on_github {
        answer["warning"] = left.into();
    }
    Ok(answer)
}

/// Whether he is connected. With `check` GitHub is asked whether that is still so, with `installations` which ones he sees there, and with
/// `installation` (GitHub's number) which repositories in that one; of a `project`, what it is connected with is said beside them.
pub(super) async fn mine(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let off = why_off(call.site).await?;
    let (grants, unusable) = match call.services.grants(call.site).await {
        Ok(grants) => (grants, None),
        Err(error) if error.database().is_some() => return Err(error),
        // He can end his connection all the same.
        Err(error) => (None, Some(error.to_string())),
    };
    let row = stored::of_user(call.site.db(), &call.caller.user).await?;
    let slug = singles::read_field(call.site.db(), DOCTYPE, "app_slug").await?;
    let can_install = slug.is_some_and(|slug| !slug.trim().is_empty());
    let scopes = match &grants {
        Some(grants) => scopes(call.site, grants).await?,
        None => &[],
    };
    let mut answer = json!({
        "configured": grants.is_some(),
        "connected": false,
        "off": off,
        "scopes": scopes,
        "can_install": can_install,
        "may_create_app": rights.is_admin() && !can_install,
        "waits": installations::waiting_since(call.site.db(), &call.caller.user).await?.is_some(),
    });
    let Some(row) = row else {
        return Ok(answer);
    };
    answer["login"] = row.login.as_str().into();
    answer["avatar_url"] = row.avatar_url.as_str().into();
    let Some(grants) = grants else {
        answer["problem"] = unusable.unwrap_or_else(|| NO_APP.to_owned()).into();
        return Ok(answer);
    };
    if let Some(problem) = problem(&grants, &row) {
        answer["problem"] = problem.into();
        return Ok(answer);
    }
    answer["connected"] = true.into();
    if off.is_some() {
        return Ok(answer);
    }
    match asked(call, rights, &mut answer).await {
        Ok(()) => {}
        Err(error @ (ActionError::Db(_) | ActionError::Forbidden(_))) => return Err(error),
        // That GitHub refused his tokens was noted. Else he is connected all the same.
        Err(error) => {
            let now = stored::of_user(call.site.db(), &call.caller.user).await?;
            let lost = now.as_ref().map(|row| problem(&grants, row));
            answer["connected"] = (lost == Some(None) && !matches!(error, ActionError::ConnectGithub(_))).into();
            let reason = lost.flatten().map_or_else(|| error.to_string(), str::to_owned);
            answer["problem"] = reason.into();
        }
    }
    Ok(answer)
}

/// Why his connection cannot be used, as far as that is known here.
fn problem(grants: &Grants, row: &GrantRow) -> Option<&'static str> {
    match row.standing {
        _ if !row.is_himself => Some("your User does not say any more that you are this account on GitHub: connect GitHub again"),
        Standing::Active if row.client_id == grants.client_id() => None,
        Standing::Active => Some("your connection was made with another App: connect GitHub again"),
        Standing::Revoked => Some("your connection was taken back on GitHub: connect GitHub again"),
        Standing::Lost => Some(
            "your connection with GitHub cannot be renewed: it was taken back on GitHub, GitHub's last answer got lost, or it was not used for too long: connect GitHub again",
        ),
    }
}

/// What is asked of GitHub, as the arguments say, by a client that renews his tokens, and notes where GitHub does not take them any more.
async fn asked(call: &Call<'_>, rights: &Rights<'_>, answer: &mut Value) -> Result<(), ActionError> {
    let lists = my_installations::wanted(call)?;
    if lists.is_none() && !call.arguments.flag("check") {
        return Ok(());
    }
    let personal = call.services.github_as(call.site, &call.user_id()?).await?;
    let lost = || ActionError::ConnectGithub("connect GitHub again".to_owned());
    let Personal { client, .. } = personal.ok_or_else(lost)?;
    match lists {
        Some(lists) => my_installations::tell(call, rights, &client, lists, answer).await,
        None => Ok(client.own_account().await.map(drop)?),
    }
}
