//! `desk.choose_repositories`: an installation for all repositories of an account follows none by itself. Somebody
//! says which of them a Project is about.
//!
//! What he may choose from is what GitHub shows to him there by his own connection: people of the Project will read it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::Repository;
use crate::store::installations::{self, InstallationRow};
use crate::store::{Stamp, project_links, readers, repositories, tell as tell_touched};
use crate::sync::keep_repository;

use super::super::{ActionError, Call, PROJECT, Services};
use super::recover::all;
use super::tell;
use crate::frappe::auth::UserId;
use crate::frappe::site::Site;

/// Repositories of one call.
const MOST: usize = 100;

/// Follows those of the ids `repositories`, and connects them with the Project. One that somebody switched off here stays so, which the answer says.
pub(in crate::actions) async fn choose(call: &Call<'_>) -> Result<Value, ActionError> {
    let name = call.arguments.required(&["installation"])?;
    let project = call.arguments.required(&[PROJECT])?;
    let wanted = call.arguments.texts("repositories")?;
    if wanted.is_empty() || wanted.len() > MOST {
        return Err(ActionError::invalid(format!("choose 1 to {MOST} repositories")));
    }
    let row = usable(call, &name).await?;
    let id = row.id.unwrap_or_default();
    let seen = offered(call.services, call.site, &call.user_id()?, id).await?;
    let seen: BTreeMap<String, Repository> = seen.into_iter().map(|one| (one.id.to_string(), one)).collect();
    let mut chosen = Vec::new();
    for id in &wanted {
        let found = seen.get(id).ok_or_else(|| {
            ActionError::invalid(format!(
                "GitHub shows no repository of the number {id} to you in this installation: reload, and choose from the list"
            ))
        })?;
        chosen.push(found);
    }
    let (db, user) = (call.site.db(), &call.caller.user);
    let stamp = Stamp::now(call.site, user.as_str()).await?;
    if row.project.is_empty() {
        installations::choose(db, &stamp, &row.name, &project, "").await?;
    }
    let mut names = Vec::new();
    for one in chosen {
        let applied = keep_repository(call.site, call.services.owner(), &stamp, one, &|| true).await?;
        tell_touched(call.site, user, &applied.touched).await;
        installations::follow(db, &stamp, id, one.id, applied.rows().created > 0).await?;
        // Whoever renamed it meanwhile renamed the document.
        let kept = repositories::named(db, one.id).await?;
        let kept = kept.ok_or_else(|| ActionError::Missing(format!("{} was not kept: try again", one.name)))?;
        project_links::join_for(call.site, user, (&project, &kept), id).await?;
        installations::joined(db, id, one.id).await?;
        names.push(kept);
    }
    readers::settle(call.site).await?;
    tell(call.site, &row.name).await;
    let connections = project_links::connections_of(db, &project).await?;
    Ok(json!({
        "success": true,
        "installation": row.name,
        "project": project,
        "not_mirrored": project_links::not_mirrored(&connections, &names),
        "repositories": names,
    }))
}

/// The installation of that name, which is there and may be asked.
async fn usable(call: &Call<'_>, name: &str) -> Result<InstallationRow, ActionError> {
    let row = installations::named(call.site.db(), name).await?;
    let row = row.ok_or_else(|| ActionError::Missing(format!("there is no installation {name}")))?;
    if row.course.is_deleted || row.id.is_none() {
        return Err(ActionError::invalid(format!(
            "the App is not installed in {} any more: install it again",
            row.account_login
        )));
    }
    if row.course.is_suspended {
        return Err(ActionError::invalid(format!(
            "the App is suspended in {}: have an owner of the account unsuspend it at {}",
            row.account_login, row.html_url
        )));
    }
    Ok(row)
}

/// What GitHub shows to `user` in the installation of that number.
pub(in crate::actions) async fn offered(
    services: &dyn Services,
    site: &Site,
    user: &UserId,
    id: u64,
) -> Result<Vec<Repository>, ActionError> {
    let grants = services.grants(site).await?.ok_or_else(|| {
        ActionError::NotReady(
            "nobody can connect his account here: an administrator enters the App's client id and secret in GitHub Settings"
                .to_owned(),
        )
    })?;
    let client = grants.token(user).await?.client()?.for_a_person();
    let mut seen = all(client.repositories_visible_in(id)).await?;
    seen.sort_by_cached_key(|one| one.name.as_str().to_lowercase());
    Ok(seen)
}
