//! Which hooks are to be looked at: those that settings changed, all after nobody was there, and else each in its turn.

use chrono::TimeDelta;

use crate::clock::is_over;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::store::{cursors, hooks};

use super::{HookError, address, app, events, wanted};

/// Key of the heartbeat in the table of cursors, where no repository has this id.
const NO_REPOSITORY: u64 = 0;
const HEARTBEAT: &str = "job:repair_hooks";
/// Somebody says so often that he is there.
const BEAT: TimeDelta = TimeDelta::minutes(1);
/// Nobody was there for so long: deliveries were lost.
const GAP: TimeDelta = TimeDelta::minutes(10);

/// Beats; where nobody did so for a while, all hooks are suspected. Has hooks looked at that are not as documents and settings want them, and that
/// of the GitHub App looked through.
/// This is done once a minute by all processes together, or at once where somebody saved something.
///
/// # Errors
/// When the database cannot be used.
pub async fn prepare(site: &Site, at_once: bool) -> Result<(), DbError> {
    let (db, now) = (site.db(), site.clock().now());
    let last = cursors::read(db, NO_REPOSITORY, HEARTBEAT).await?.attempted_at;
    if !at_once && !is_over(last, BEAT, now) {
        return Ok(());
    }
    if last.is_some_and(|last| (now - last).abs() > GAP) {
        let suspected = hooks::suspect_all(db, now).await?;
        tracing::info!(
            site = site.name(),
            count = suspected,
            "nobody took deliveries for a while: webhooks are looked at"
        );
    }
    cursors::attempt(db, NO_REPOSITORY, HEARTBEAT, now).await?;
    app::prepare(site, now).await?;
    hooks::mark(db, now).await?;
    if hooks::count(db).await? == 0 {
        return Ok(());
    }
    match compare(site).await {
        Ok(()) => Ok(()),
        Err(HookError::Db(error)) => Err(error),
        // What cannot be wanted is told where a hook is looked at.
        Err(error) => {
            tracing::debug!(site = site.name(), error = %error, "webhooks could not be compared with the settings");
            Ok(())
        }
    }
}

/// Marks hooks that were set with another secret, for another address or for other events than are wanted now.
async fn compare(site: &Site) -> Result<(), HookError> {
    let (db, now) = (site.db(), site.clock().now());
    let (_secret, mark) = wanted::secret(site).await?;
    let settings = events::of_settings(db).await?;
    let address = address::of_site(site, None).await.ok();
    for one in hooks::candidates(db).await? {
        let moved = !one.has_given_address && address.as_ref().is_some_and(|address| *address != one.address);
        let listens = events::choose([&one.wanted_events, &settings]);
        let other_events = listens.is_ok_and(|listens| !events::same(listens.iter().map(String::as_str), one.events.split(',')));
        if moved || other_events || one.secret_mark != mark {
            hooks::settle_drift(db, &one.key, now).await?;
        }
    }
    Ok(())
}

/// True where a hook has its turn.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_work_due(site: &Site) -> Result<bool, DbError> {
    Ok(!hooks::due(site.db(), site.clock().now()).await?.is_empty())
}
