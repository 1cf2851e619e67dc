//! Does the work that is due: each kind of work on each site is a task of its own, so that none waits for another.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveTime;
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::actions::{self, settle_waiting};
use crate::frappe::pending;
use crate::frappe::site::Site;
use crate::frappe::watched;
use crate::places::{Place, Places};
use crate::store::inbox::{self, Keep};
use crate::store::runs::RunStatus;
use crate::store::settings::Settings;
use crate::store::{Stamp, cursors, runs, stored_parts, waiting, writes};
use crate::sync::{RepositoryReport, SiteReport, SyncContext, SyncError, sync_due};

use super::Work;
use super::daily::is_due;
use super::under_way::{Begun, UnderWay};

/// Sites on which one kind of work goes on at the same time. One that waits for a limit of GitHub or for the end of a maintenance
/// is not counted.
const SITES_AT_ONCE: usize = 4;
/// Work under way gets this long to end after shutdown was asked for; supervisors kill after 30 s.
const GRACE: Duration = Duration::from_secs(25);
/// Key of daily jobs in the table of cursors, where no repository has this id.
const NO_REPOSITORY: u64 = 0;

/// Says which sites may be worked on. It is asked every time, so that a site that comes, goes or is restored while we run is noticed.
pub trait SiteSource: Send + Sync + 'static {
    /// The sites that there are, their configuration read afresh; nothing is connected.
    fn sites(&self) -> Vec<Site>;
    /// True when the site's tables may be read and written: installed with our version, not passive.
    fn is_served(&self, site: &Site) -> impl Future<Output = bool> + Send;
    /// What a sync of that site works with; none when it is switched off, has no credential, or must not speak to GitHub.
    fn sync_context(&self, site: &Site) -> impl Future<Output = Option<SyncContext>> + Send;
    /// Does what follows from saves in the site's desk; true when there was something.
    fn look_at_desk(&self, _site: &Site) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
    /// Works on what waits in the site's inbox; true when there was something.
    fn work_on_deliveries(&self, _site: &Site) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
    /// Reads what deliveries told of without saying it; true when there was something.
    fn refresh(&self, _site: &Site) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
    /// Told after a scheduled sync of a site what it did, beside the log.
    fn synced(&self, _report: &SiteReport) {}
}

/// Does work. Clones know of each other's.
pub struct Runner<S> {
    source: Arc<S>,
    under_way: UnderWay,
    /// For each kind of work its own, so that quick work need not wait for long work.
    places: Arc<[(Work, Places)]>,
}

impl<S> Clone for Runner<S> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            under_way: self.under_way.clone(),
            places: Arc::clone(&self.places),
        }
    }
}

impl<S: SiteSource> Runner<S> {
    /// Works on the sites of `source`.
    #[must_use]
    pub fn new(source: Arc<S>) -> Self {
        Self::at_once(source, SITES_AT_ONCE)
    }

    /// Works on the sites of `source`, one kind of work on at most `sites` of them at the same time.
    #[must_use]
    pub fn at_once(source: Arc<S>, sites: usize) -> Self {
        Self {
            source,
            under_way: UnderWay::default(),
            places: Work::ALL.map(|work| (work, Places::new(sites))).into(),
        }
    }

    /// Takes work from `queue` until `stop`, which must stop the source's syncs as well. What is under way then gets 25 s to end, and
    /// is broken off when it does not.
    pub async fn run(&self, queue: mpsc::Receiver<Work>, stop: CancellationToken) {
        self.run_with_grace(queue, stop, GRACE).await;
    }

    async fn run_with_grace(&self, mut queue: mpsc::Receiver<Work>, stop: CancellationToken, grace: Duration) {
        let mut tasks = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                work = queue.recv() => match work {
                    Some(work) => self.begin(work).into_iter().for_each(|task| drop(tasks.spawn(task))),
                    None => break,
                },
                Some(ended) = tasks.join_next() => complain(ended),
            }
        }
        for (_, places) in self.places.iter() {
            places.close();
        }
        let all_end = async {
            while let Some(ended) = tasks.join_next().await {
                complain(ended);
            }
        };
        if tokio::time::timeout(grace, all_end).await.is_err() {
            for (work, site) in self.under_way.list() {
                tracing::warn!(site, job = ?work, "work was broken off at shutdown; what it had stored stays");
            }
            tasks.shutdown().await;
        }
    }

    /// Does what is due of one kind of work on every site where it is not under way already, and gives on how many sites there was
    /// something to do.
    pub async fn step(&self, work: Work) -> usize {
        let did = join_all(self.begin(work)).await;
        did.into_iter().filter(|did| *did).count()
    }

    /// A task for each site where this work is not under way; it tells whether there was something to do.
    fn begin(&self, work: Work) -> Vec<impl Future<Output = bool> + Send + use<S>> {
        let mut tasks = Vec::new();
        for site in self.source.sites() {
            if let Some(begun) = self.under_way.begin(work, site.name()) {
                tasks.push(self.clone().on_site(site, work, begun));
            }
        }
        tasks
    }

    async fn on_site(self, site: Site, work: Work, _begun: Begun) -> bool {
        // None at shutdown.
        let Some(place) = self.place(work).await else { return false };
        match self.work(&site, work, place).await {
            Ok(did) => did,
            Err(error) => {
                tracing::error!(site = site.name(), error = %error, "scheduled work failed");
                false
            }
        }
    }

    async fn place(&self, work: Work) -> Option<Place> {
        let (_, places) = self.places.iter().find(|(one, _)| *one == work)?;
        places.take().await
    }

    async fn work(&self, site: &Site, work: Work, place: Place) -> Result<bool, SyncError> {
        if site.config().maintenance_mode() || !self.source.is_served(site).await {
            return Ok(false);
        }
        match work {
            Work::SyncDue => self.sync(site, place).await,
            Work::LookAtDesk => Ok(self.source.look_at_desk(site).await),
            Work::WorkOnDeliveries => Ok(self.source.work_on_deliveries(site).await),
            Work::Refresh => Ok(self.source.refresh(site).await),
            Work::FlushCacheDrops => {
                let dropped = flush(site).await;
                Ok(watched::look_again(site).await? > 0 || dropped)
            }
            Work::SettleWaiting => Ok(settle(site).await),
            Work::PruneRuns => prune(site).await,
            Work::SettleWrites => Ok(self.settle(site, place).await),
        }
    }

    /// Brings writes to an end that were left; a site where none was is not asked for its credential.
    async fn settle(&self, site: &Site, place: Place) -> bool {
        match actions::is_unsettled(site).await {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => {
                tracing::warn!(site = site.name(), error = %error, "writes could not be looked at");
                return false;
            }
        }
        let Some(context) = self.source.sync_context(site).await else {
            return false;
        };
        match actions::settle_site(&context.at(place)).await {
            Ok(settled) => settled > 0,
            Err(error) => {
                tracing::warn!(site = site.name(), error = %error, "writes could not be settled");
                false
            }
        }
    }

    async fn sync(&self, site: &Site, place: Place) -> Result<bool, SyncError> {
        let Some(context) = self.source.sync_context(site).await else {
            return Ok(false);
        };
        let settings = Settings::read(site.db()).await?;
        let Some(report) = sync_due(&context.at(place), settings.sync_interval_minutes).await? else {
            return Ok(false);
        };
        self.source.synced(&report);
        for error in &report.errors {
            tracing::warn!(site = site.name(), error, "part of a scheduled sync failed");
        }
        report.repositories.iter().for_each(|run| tell(site.name(), run));
        Ok(true)
    }
}

/// How the run of one repository ended; what went wrong, with its reason.
fn tell(site: &str, run: &RepositoryReport) {
    let (repository, status) = (run.repository.as_str(), run.status.as_str());
    match run.status {
        RunStatus::Failed => tracing::warn!(site, repository, status, reason = run.reason(), "not synced"),
        RunStatus::CompletedWithFailures => tracing::warn!(site, repository, status, reason = run.reason(), "synced in part"),
        RunStatus::Completed | RunStatus::Stopped | RunStatus::Running => tracing::info!(site, repository, status, "synced"),
    }
}

/// A task that broke is a fault of ours; the others go on.
fn complain(ended: Result<bool, tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(error = %error, "scheduled work broke");
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

/// Does what waits for the bench. What cannot be done now stays; only a database that is away is worth a line.
async fn settle(site: &Site) -> bool {
    match settle_waiting(site).await {
        Ok(settled) => settled > 0,
        Err(error) => {
            tracing::warn!(site = site.name(), error = %error, "what waits for ERPNext could not be looked at");
            false
        }
    }
}

/// Removes old runs and old commits, once a day at a quiet hour of the site.
async fn prune(site: &Site) -> Result<bool, SyncError> {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;
    use crate::clock::SystemClock;
    use crate::frappe::db::Databases;
    use crate::frappe::site_config::SiteConfig;

    /// One site whose database never answers.
    #[derive(Default)]
    struct Hanging {
        begun: Notify,
        asked: AtomicUsize,
    }

    impl SiteSource for Hanging {
        fn sites(&self) -> Vec<Site> {
            let config = SiteConfig::for_tests(r#"{"db_name": "x", "db_password": "x"}"#);
            vec![Site::new(config, &Databases::new(1), Arc::new(SystemClock)).expect("a site")]
        }

        async fn is_served(&self, _site: &Site) -> bool {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.begun.notify_one();
            std::future::pending().await
        }

        async fn sync_context(&self, _site: &Site) -> Option<SyncContext> {
            None
        }
    }

    #[tokio::test]
    async fn what_does_not_end_in_time_is_broken_off() {
        let (source, stop) = (Arc::new(Hanging::default()), CancellationToken::new());
        let runner = Runner::new(source.clone());
        let (queue, work) = mpsc::channel(1);
        let running = tokio::spawn({
            let (runner, stop) = (runner.clone(), stop.clone());
            async move { runner.run_with_grace(work, stop, Duration::from_millis(1)).await }
        });
        queue.send(Work::SyncDue).await.expect("taken");
        source.begun.notified().await;
        assert_eq!(runner.step(Work::SyncDue).await, 0, "it is under way");
        assert_eq!(source.asked.load(Ordering::Relaxed), 1);
        stop.cancel();
        running.await.expect("it ends");
        assert_eq!(runner.under_way.list(), []);
    }
}
