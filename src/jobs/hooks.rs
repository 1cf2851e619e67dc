//! Scheduled work on webhooks; a site with nothing to do is not asked for its credential.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::actions;
use crate::domain::budget::Purpose;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::places::Place;
use crate::store::{hooks, repositories};
use crate::sync::{SyncContext, SyncError};
use crate::webhook::hooks::{Clients, Home, HookRow, is_work_due, prepare, sweep};

use super::SiteSource;

/// Finds out which webhooks are to be looked at, and looks at them.
pub(super) async fn repair<S: SiteSource>(source: &S, site: &Site, place: Place) -> Result<bool, SyncError> {
    prepare(site, false).await?;
    if !is_work_due(site).await? {
        return Ok(false);
    }
    let Some(context) = source.sync_context(site).await else {
        return Ok(false);
    };
    let looked = actions::hooks::repair(&context.at(place).on(Purpose::Hooks)).await;
    let looked =
        looked.inspect_err(|error| tracing::warn!(site = site.name(), error = %error, "webhooks could not be looked at"));
    Ok(looked.is_ok_and(|looked| looked > 0))
}

/// Asks GitHub again for what it could not deliver.
pub(super) async fn redeliver<S: SiteSource>(source: &S, site: &Site, place: Place) -> Result<bool, SyncError> {
    if hooks::sweeps_due(site.db(), site.clock().now()).await?.is_empty() {
        return Ok(false);
    }
    let Some(context) = source.sync_context(site).await else {
        return Ok(false);
    };
    let context = context.at(place).on(Purpose::Hooks);
    let swept = sweep(&context.site, &Own(&context), &context.owner, &context.stop).await?;
    Ok(swept.hooks > 0)
}

/// The credential of a hook's repository; of an organisation's hook, that of one of its repositories; of the App's, the App's own.
struct Own<'c>(&'c SyncContext);

impl Clients for Own<'_> {
    fn of<'a>(&'a self, row: &'a HookRow) -> BoxFuture<'a, Result<Client, DbError>> {
        async move {
            let db = self.0.site.db();
            let name = match &row.home {
                Home::Repository(id) => repositories::named(db, *id).await?,
                Home::Organization(login) => hooks::repository_of_owner(db, login).await?.map(|(name, _)| name),
                Home::App(_) => return Ok(self.0.reach.as_app().await?.like(&self.0.client)),
            };
            Ok(match name {
                Some(name) => self.0.of_repository(&name).await?.0.client,
                None => self.0.client.clone(),
            })
        }
        .boxed()
    }
}
