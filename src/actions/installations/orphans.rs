//! What is left of installations whose row somebody deleted.

use crate::frappe::site::Site;
use crate::store::installations::{self, Told, Word};
use crate::store::lease::{self, Taken};
use crate::store::{Stamp, readers};

use super::super::{ActionError, Services};
use super::leaving;
use super::settle::LEASE;

/// Looks after what is left of installations whose row somebody deleted. What was uninstalled is ended: what it connected, and that it is followed.
/// One that GitHub has still, or that is of another App than the present one and not replaced by that, gets a row again, which is nobody's: whoever deletes
/// his row gives it up, and takes nothing from the Projects of others.
///
/// # Errors
/// When the App cannot be spoken for, or the cache or the database cannot be used.
pub(super) async fn sweep_orphans(services: &dyn Services, site: &Site, stamp: &Stamp) -> Result<(), ActionError> {
    installations::note_apps(site.db()).await?;
    if installations::orphans(site.db()).await?.is_empty() {
        return Ok(());
    }
    let Taken::Ours(lease) = lease::take(site.db(), LEASE, services.owner()).await? else {
        return Ok(());
    };
    let _beating = lease.keep_alive(site.db());
    let done = keep_or_leave(services, site, stamp).await;
    lease.release(site.db()).await?;
    done?;
    readers::settle(site).await?;
    Ok(())
}

async fn keep_or_leave(services: &dyn Services, site: &Site, stamp: &Stamp) -> Result<(), ActionError> {
    // Without the App nobody can say whether they are there.
    let Some(app) = services.as_app(site).await? else {
        return Ok(());
    };
    let orphans = installations::orphans(site.db()).await?;
    // Another App than theirs can say nothing of them.
    let present = if orphans.iter().any(|one| one.app_id.is_some()) {
        Some(app.github_app().await?.value.id)
    } else {
        None
    };
    for orphan in orphans {
        let id = orphan.id;
        if let Some(present) = present.filter(|present| orphan.is_of_another_app(*present)) {
            // Where the present one is installed in its place, whoever deleted its row is done with it.
            if installations::is_replaced(site.db(), &orphan, present).await? {
                leaving::leave_all(site, stamp, id).await?;
            } else {
                installations::put_back(site.db(), stamp, &orphan).await?;
            }
            continue;
        }
        match app.installation(id).await {
            Ok(Some(found)) => {
                let told = Told {
                    installation: &found,
                    word: Word::Changed,
                    sender: None,
                    requester: None,
                    proven: None,
                };
                installations::told(site.db(), stamp, &told).await?;
            }
            Ok(None) => leaving::leave_all(site, stamp, id).await?,
            Err(error) => {
                tracing::debug!(site = site.name(), error = %error, "an installation without a row cannot be asked for");
            }
        }
    }
    Ok(())
}
