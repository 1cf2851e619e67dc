//! `desk.install_app`, `desk.latest_installation`, `desk.finish_installation`: installing the App from the desk, and what became of it. What GitHub
//! tells is read by `settle`; what it did not tell is looked for by `recover`, and whose that is by `whose`; `choosing` follows some of an installation for all.

mod choosing;
mod held_up;
mod leaving;
mod orphans;
mod recover;
mod settle;
mod whose;

use serde_json::{Value, json};
use url::Url;

use crate::domain::RepositorySelection;
use crate::frappe::realtime::{Event, Room};
use crate::frappe::site::Site;
use crate::store::grants::{self as stored, Standing};
use crate::store::installations::{self, InstallationRow};
use crate::store::{Stamp, readers};

use super::grants::{Purpose, set_out};
use super::rights::Rights;
use super::{ActionError, Call, PROJECT, own_address};

pub(super) use choosing::{choose, offered};
pub(super) use held_up::resume;
pub use recover::sweep_installations;
pub(super) use recover::{check, claim, read_anew};
pub use settle::settle_installations;

/// What open desks are told by, of an installation or a connection of their user.
pub(super) const TOLD: &str = "github_connected";

/// Where he installs the App: the address of GitHub's page, to be opened in a window of its own.
pub(super) async fn install(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    // Whoever installs is known by his account: GitHub tells who did.
    call.grants().await?;
    call.require_switched_on().await?;
    let grant = stored::of_user(call.site.db(), &call.caller.user).await?;
    if grant.is_none_or(|grant| grant.standing != Standing::Active || !grant.is_himself) {
        return Err(ActionError::ConnectGithub(
            "connect GitHub first: whoever installs the App is known by his account".to_owned(),
        ));
    }
    let project = call.arguments.text(PROJECT).unwrap_or_default();
    if !project.is_empty() {
        rights.require_lead(&project).await?;
    }
    let web = Url::parse(&call.services.web_url(call.site)?);
    let web = web.map_err(|_| ActionError::NotReady("the address of GitHub's pages cannot be used".to_owned()))?;
    let page = match call.services.github_app(call.site).await? {
        Some(app) => app.install_page(&web),
        None => None,
    };
    let page = page.and_then(|page: String| Url::parse(&page).ok());
    let mut page = page.ok_or_else(|| {
        ActionError::NotReady(
            "there is no GitHub App yet: an administrator makes or enters one in GitHub Settings first".to_owned(),
        )
    })?;
    let setup = own_address::page(call.site, "setup").await?;
    let (state, _verifier) = set_out(call.site, call.caller, Purpose::InstallApp, &setup, &call.back_to())
        .await
        .map_err(super::grants::GrantError::from)?;
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    let name = installations::begin(call.site.db(), &stamp, &project).await?;
    page.query_pairs_mut().append_pair("state", state.expose());
    Ok(json!({"url": page.as_str(), "installation": name}))
}

/// How far the caller's last installation is, or the one of GitHub's number `installation_id`. Of one that is known and not his, nothing but that it is
/// there: whoever waits for it is to look at the page again.
pub(super) async fn latest(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let db = call.site.db();
    let row = match call.arguments.text("installation_id") {
        Some(_) => {
            let id = call.arguments.number(&["installation_id"])?;
            match installations::with_id(db, id).await? {
                Some(row) if !rights.owns(&row) => return Ok(not_his(id)),
                row => row,
            }
        }
        None => installations::latest_of(db, &call.caller.user).await?,
    };
    Ok(row.map_or(Value::Null, |row| shown(&row)))
}

/// All that is told of an installation that is somebody else's, or nobody's yet.
fn not_his(id: u64) -> Value {
    json!({"installation_id": id.to_string(), "is_yours": false, "is_under_way": false})
}

/// An installation as scripts are told of it.
fn shown(row: &InstallationRow) -> Value {
    json!({
        "name": row.name,
        "is_yours": true,
        "installation_id": row.id.map(|id| id.to_string()),
        "account": row.account_login,
        "account_type": row.account_type,
        "url": row.html_url,
        "all_repositories": row.selection == Some(RepositorySelection::All),
        "project": Some(&row.project).filter(|project| !project.is_empty()),
        "origin": row.course.origin.as_str(),
        "processing": row.course.processing.as_str(),
        "stage": row.course.stage().as_str(),
        "is_under_way": row.course.stage().is_under_way(),
        "permissions_pending": row.permissions_pending,
        "reason": row.reason,
    })
}

/// Chooses the Project of an installation that began on GitHub, or another one; its picked repositories belong to it then.
pub(super) async fn finish(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let name = call.arguments.required(&["installation"])?;
    let project = call.arguments.required(&[PROJECT])?;
    let row = installations::named(call.site.db(), &name).await?;
    let row = row.ok_or_else(|| ActionError::Missing(format!("there is no installation {name}")))?;
    if row.course.is_deleted {
        return Err(ActionError::invalid(format!(
            "the App is not installed in {} any more: install it again",
            row.account_login
        )));
    }
    let seen = if rights.is_admin() {
        None
    } else {
        settle::shown(call.services, call.site, &call.user_id()?, &row).await?
    };
    let stamp = Stamp::now(call.site, call.caller.user.as_str()).await?;
    installations::choose(call.site.db(), &stamp, &row.name, &project, "").await?;
    if let Some(id) = row.id {
        installations::join_anew(call.site.db(), id).await?;
    }
    let linked = settle::link(call.site, (&call.caller.user, seen.as_ref()), &row, &project).await?;
    readers::settle(call.site).await?;
    tell(call.site, &row.name).await;
    Ok(json!({"success": true, "installation": row.name, "project": project, "repositories": linked}))
}

/// Tells the open desks of whose it is, and open forms of it, how far it is by now.
pub(super) async fn tell(site: &Site, name: &str) {
    let Ok(Some(row)) = installations::named(site.db(), name).await else {
        return;
    };
    let message = json!({"installation": row.name, "stage": row.course.stage().as_str(), "project": row.project});
    site.tell(&[
        Event::custom(TOLD, Room::User(row.owner.clone()), message),
        Event::doc_update(installations::DOCTYPE, &row.name, &row.modified),
        Event::list_update(installations::DOCTYPE, &row.name, &row.owner),
    ])
    .await;
}
