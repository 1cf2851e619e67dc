//! Scheduled work on webhooks; a site with nothing to do is not asked for its credential.

use crate::actions;
use crate::domain::budget::Purpose;
use crate::frappe::site::Site;
use crate::places::Place;
use crate::store::hooks;
use crate::sync::SyncError;
use crate::webhook::hooks::{is_work_due, prepare, sweep};

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
    let swept = sweep(&context.site, &context.client, &context.owner, &context.stop).await?;
    Ok(swept.hooks > 0)
}
