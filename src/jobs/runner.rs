//! Does the work that is due, site by site.

use std::sync::Arc;

use chrono::NaiveTime;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::frappe::pending;
use crate::frappe::site::Site;
use crate::store::settings::Settings;
use crate::store::{Stamp, cursors, runs};
use crate::sync::{SiteReport, SyncContext, SyncError, sync_due};

use super::Work;
use super::daily::is_due;

/// Sites that are worked on at the same time; each waits for GitHub most of the time.
const SITES_AT_ONCE: usize = 4;
/// Key of daily jobs in the table of cursors, where no repository has this id.
const NO_REPOSITORY: u64 = 0;

/// Says which sites may be worked on: installed with our version, not passive. It is asked every time, so that a site that
/// comes, goes or is restored while we run is noticed.
pub trait SiteSource: Send + Sync + 'static {
    /// Sites whose tables may be read and written.
    fn sites(&self) -> impl Future<Output = Vec<Site>> + Send;
    /// What a sync of that site works with; none when it is switched off, has no credential, or must not speak to GitHub.
    fn sync_context(&self, site: &Site) -> impl Future<Output = Option<SyncContext>> + Send;
    /// Told after a scheduled sync of a site what it did, beside the log.
    fn synced(&self, _report: &SiteReport) {}
}

/// Does work.
#[derive(Clone)]
pub struct Runner<S> {
    source: Arc<S>,
}

impl<S: SiteSource> Runner<S> {
    /// Works on the sites of `source`.
    #[must_use]
    pub fn new(source: Arc<S>) -> Self {
        Self { source }
    }

    /// Takes work from `queue` until `stop`; the work in hand ends at its next page.
    pub async fn run(&self, mut queue: mpsc::Receiver<Work>, stop: CancellationToken) {
        loop {
            let work = tokio::select! {
                () = stop.cancelled() => return,
                work = queue.recv() => work,
            };
            match work {
                Some(work) => drop(self.step(work).await),
                None => return,
            }
        }
    }

    /// Does what is due of one kind of work on every site, and gives how many sites had something to do.
    pub async fn step(&self, work: Work) -> usize {
        stream::iter(self.source.sites().await)
            .map(|site| async move {
                match self.on_site(&site, work).await {
                    Ok(did) => did,
                    Err(error) => {
                        tracing::error!(site = site.name(), error = %error, "scheduled work failed");
                        false
                    }
                }
            })
            .buffer_unordered(SITES_AT_ONCE)
            .filter(|did| std::future::ready(*did))
            .count()
            .await
    }

    async fn on_site(&self, site: &Site, work: Work) -> Result<bool, SyncError> {
        if site.config().maintenance_mode() {
            return Ok(false);
        }
        match work {
            Work::SyncDue => self.sync(site).await,
            Work::FlushCacheDrops => Ok(flush(site).await),
            Work::PruneRuns => prune(site).await,
        }
    }

    async fn sync(&self, site: &Site) -> Result<bool, SyncError> {
        let Some(context) = self.source.sync_context(site).await else {
            return Ok(false);
        };
        let settings = Settings::read(site.db()).await?;
        let Some(report) = sync_due(&context, settings.sync_interval_minutes).await? else {
            return Ok(false);
        };
        self.source.synced(&report);
        for error in &report.errors {
            tracing::warn!(site = site.name(), error, "part of a scheduled sync failed");
        }
        for one in &report.repositories {
            tracing::info!(
                site = site.name(),
                repository = one.repository,
                status = one.status.as_str(),
                "synced"
            );
        }
        Ok(true)
    }
}

/// Drops what waits for the cache. While it is away that is no failure of ours: the drops stay recorded.
async fn flush(site: &Site) -> bool {
    match pending::flush_drops(site).await {
        Ok(done) => done > 0,
        Err(error) => {
            tracing::debug!(site = site.name(), error = %error, "cache drops wait");
            false
        }
    }
}

/// Removes old runs, once a day at a quiet hour of the site.
async fn prune(site: &Site) -> Result<bool, SyncError> {
    const JOB: &str = "job:prune_runs";
    let at = NaiveTime::from_hms_opt(3, 30, 0).unwrap_or_default();
    let stamp = Stamp::now(site, "Administrator").await?;
    let last = cursors::read(site.db(), NO_REPOSITORY, JOB).await?.attempted_at;
    if !is_due(at, stamp.zone, last, stamp.now) {
        return Ok(false);
    }
    cursors::attempt(site.db(), NO_REPOSITORY, JOB, stamp.now).await?;
    let days = Settings::read(site.db()).await?.run_retention_days;
    Ok(runs::prune(site.db(), &stamp, days).await? > 0)
}
