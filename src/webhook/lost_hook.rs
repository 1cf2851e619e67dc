//! A hook was deleted on GitHub, and said so with its last delivery: it is looked at at once, and administrators are told.

use crate::frappe::db::DbError;
use crate::frappe::error_log;
use crate::frappe::site::Site;
use crate::store::Stamp;
use crate::store::hooks::{self, Home};
use crate::store::repositories;

/// A hook that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostHook {
    /// GitHub's number of it.
    pub id: u64,
    /// The organisation that it told of, where it was no repository's.
    pub organization: Option<String>,
}

/// Has the hook made again, where one is kept right there: for `repository`, or for the organisation. Done again it changes nothing, so
/// that it comes before the delivery's end.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn note(site: &Site, stamp: &Stamp, hook: &LostHook, repository: Option<u64>) -> Result<(), DbError> {
    if let Some(id) = repository {
        hooks::suspect(site.db(), id, stamp.now).await?;
    }
    match &hook.organization {
        Some(login) => hooks::suspect_home(site.db(), &Home::organization(login), stamp.now).await,
        None => Ok(()),
    }
}

/// Says where administrators look that GitHub delivers nothing any more, and what follows. It may fail: `doctor` says it as well.
pub(super) async fn say(site: &Site, hook: &LostHook, repository: Option<u64>) {
    if let Err(error) = write(site, hook, repository).await {
        tracing::warn!(site = site.name(), error = %error, "the Error Log could not be written");
    }
}

async fn write(site: &Site, hook: &LostHook, repository: Option<u64>) -> Result<(), DbError> {
    let (home, name) = match (repository, &hook.organization) {
        (Some(id), _) => {
            let name = repositories::named(site.db(), id).await?;
            (Home::Repository(id), name.unwrap_or_else(|| id.to_string()))
        }
        (None, Some(login)) => (Home::organization(login), login.clone()),
        (None, None) => return Ok(()),
    };
    let is_kept = hooks::find(site.db(), &home).await?.is_some_and(|row| !row.is_leaving);
    tracing::warn!(site = site.name(), repository = %name, "the webhook was deleted on GitHub");
    let title = format!("The webhook {} of {name} was deleted on GitHub", hook.id);
    let text = if is_kept {
        "It is kept right from here, so that it is made again within a minute. If it is not wanted, switch Manage Webhook of the \
         Repository off, or run `erpnext-github hooks remove`."
    } else {
        "Changes are found by syncs alone from now on, minutes or an hour later. To have them at once again, open the Repository and \
         create its webhook."
    };
    let reference = repository.map(|_| ("Repository", name.as_str()));
    error_log::write(site, &title, text, reference).await.map(drop)
}
