//! Small works, each a call into the room that knows how.

use chrono::NaiveTime;

use crate::actions::{self, settle_waiting};
use crate::frappe::pending;
use crate::frappe::site::Site;
use crate::store::inbox::{self, Keep};
use crate::store::runs::RunStatus;
use crate::store::settings::Settings;
use crate::store::{Stamp, cursors, runs, stored_parts, waiting, writes};
use crate::sync::{RepositoryReport, SyncContext, SyncError};

use super::daily::is_due;

/// Key of jobs of a site in the table of cursors, where no repository has this id.
pub(super) const NO_REPOSITORY: u64 = 0;

/// How the run of one repository ended; what went wrong, with its reason.
pub(super) fn tell(site: &str, run: &RepositoryReport) {
    let (repository, status) = (run.repository.as_str(), run.status.as_str());
    match run.status {
        RunStatus::Failed => tracing::warn!(site, repository, status, reason = run.reason(), "not synced"),
        RunStatus::CompletedWithFailures => tracing::warn!(site, repository, status, reason = run.reason(), "synced in part"),
        RunStatus::Completed | RunStatus::Stopped | RunStatus::Running => tracing::info!(site, repository, status, "synced"),
    }
}

/// Drops what waits for the cache. While it is away that is no failure of ours: the drops stay recorded.
pub(super) async fn flush(site: &Site) -> bool {
    match pending::flush_drops(site).await {
        Ok(done) => done > 0,
        Err(error) => {
            tracing::debug!(site = site.name(), error = %error, "cache drops wait");
            false
        }
    }
}

/// Does what waits for the bench. What cannot be done now stays; only a database that is away is worth a line.
pub(super) async fn settle(site: &Site) -> bool {
    match settle_waiting(site).await {
        Ok(settled) => settled > 0,
        Err(error) => {
            tracing::warn!(site = site.name(), error = %error, "what waits for ERPNext could not be looked at");
            false
        }
    }
}

/// True where writes were left; a site where none was is not asked for its credential.
pub(super) async fn has_writes_left(site: &Site) -> bool {
    actions::is_unsettled(site).await.unwrap_or_else(|error| {
        tracing::warn!(site = site.name(), error = %error, "writes could not be looked at");
        false
    })
}

/// Brings writes to an end that were left.
pub(super) async fn settle_writes(site: &Site, context: &SyncContext) -> bool {
    match actions::settle_site(context).await {
        Ok(settled) => settled > 0,
        Err(error) => {
            tracing::warn!(site = site.name(), error = %error, "writes could not be settled");
            false
        }
    }
}

/// Removes old runs and old commits, once a day at a quiet hour of the site.
pub(super) async fn prune(site: &Site) -> Result<bool, SyncError> {
    const JOB: &str = "job:prune_runs";
    let at = NaiveTime::from_hms_opt(3, 30, 0).unwrap_or_default();
    let stamp = Stamp::now(site, "Administrator").await?;
    let last = cursors::read(site.db(), NO_REPOSITORY, JOB).await?.attempted_at;
    if !is_due(at, stamp.zone, last, stamp.now) {
        return Ok(false);
    }
    cursors::attempt(site.db(), NO_REPOSITORY, JOB, stamp.now).await?;
    let settings = Settings::read(site.db()).await?;
    let days = settings.run_retention_days;
    let mut old = runs::prune(site.db(), &stamp, days).await? + writes::prune(site.db(), &stamp, days).await?;
    let keep = Keep {
        events: settings.event_retention_days,
        errors: days,
    };
    old += inbox::prune(site.db(), &stamp, keep).await?;
    old += stored_parts::prune_commits(site.db(), &stamp, settings.commit_history_days).await?;
    Ok(old + waiting::prune(site.db(), stamp.now).await? > 0)
}
