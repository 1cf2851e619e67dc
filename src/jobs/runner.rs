//! Does the work that is due: each kind of work on each site is a task of its own, so that none waits for another.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::ReconciliationPeriod;
use crate::domain::budget::Purpose;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::watched;
use crate::places::{Place, Places};
use crate::store::settings::Settings;
use crate::sync::{SiteReport, SyncContext, SyncError, sync_due};

use super::chores::{flush, has_writes_left, prune, settle, settle_writes, tell};
use super::holding::Holding;
use super::measure::Measured;
use super::under_way::{Begun, UnderWay};
use super::{Replicas, Work, hooks, making_sure};

/// Sites on which one kind of work goes on at the same time. One that waits for a limit of GitHub or for the end of a maintenance
/// is not counted.
const SITES_AT_ONCE: usize = 4;
/// Work under way gets this long to end after shutdown was asked for; supervisors kill after 30 s.
const GRACE: Duration = Duration::from_secs(25);
/// Giving back what this process holds takes this long at most: a database that is away ends the leases by itself.
const GIVING_BACK: Duration = Duration::from_secs(2);

/// Says which sites may be worked on. It is asked every time, so that a site that comes, goes or is restored while we run is noticed.
pub trait SiteSource: Send + Sync + 'static {
    /// Name of this process in leases.
    fn owner(&self) -> String;
    /// How often sites are compared with GitHub.
    fn reconciliation_period(&self) -> ReconciliationPeriod {
        ReconciliationPeriod::AsSettled
    }
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
    /// Asks GitHub, now and then, for what it did not tell of the App's installations; true when it was asked.
    fn sweep_installations(&self, _site: &Site) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
    /// Told after a scheduled sync of a site what it did, beside the log.
    fn synced(&self, _report: &SiteReport) {}
}

/// Does work. Clones know of each other's.
pub struct Runner<S> {
    source: Arc<S>,
    under_way: UnderWay,
    holding: Holding,
    compared: making_sure::Begun,
    measured: Measured,
    /// For each kind of work its own, so that quick work need not wait for long work.
    places: Arc<[(Work, Places)]>,
}

impl<S> Clone for Runner<S> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            under_way: self.under_way.clone(),
            holding: self.holding.clone(),
            compared: self.compared.clone(),
            measured: self.measured.clone(),
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
            holding: Holding::default(),
            compared: making_sure::Begun::default(),
            measured: Measured::default(),
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
        let _away = tokio::time::timeout(GIVING_BACK, self.holding.release()).await;
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
            // Another replica does it now.
            Err(SyncError::Db(DbError::Fenced { .. })) => {
                tracing::warn!(site = site.name(), job = ?work, "left to the process that has taken over the schedule");
                false
            }
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
        let fenced = match work.replicas() {
            Replicas::Every => None,
            Replicas::One => match self.holding.hold(site, &self.source.owner()).await? {
                Some(fenced) => Some(fenced),
                None => return Ok(false),
            },
        };
        let site = fenced.as_ref().unwrap_or(site);
        match work {
            Work::SyncDue => self.sync(site, place).await,
            Work::Reconcile => self.reconcile(site, place).await,
            Work::Walk => self.walk(site, place).await,
            Work::Measure => {
                let sites: Vec<String> = self.source.sites().iter().map(|site| site.name().to_owned()).collect();
                self.measured.take(site, &sites).await.map(|()| false)
            }
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
            Work::RepairHooks => hooks::repair(&*self.source, site, place).await,
            Work::Redeliver => {
                let swept = self.source.sweep_installations(site).await;
                Ok(hooks::redeliver(&*self.source, site, place).await? || swept)
            }
        }
    }

    async fn settle(&self, site: &Site, place: Place) -> bool {
        if !has_writes_left(site).await {
            return false;
        }
        match self.source.sync_context(site).await {
            Some(context) => settle_writes(site, &context.at(place).on(Purpose::Desk)).await,
            None => false,
        }
    }

    async fn reconcile(&self, site: &Site, place: Place) -> Result<bool, SyncError> {
        let settings = Settings::read(site.db()).await?;
        let Some(period) = making_sure::period(self.source.reconciliation_period(), &settings) else {
            return Ok(false);
        };
        let Some(which) = making_sure::due(site, &self.compared, period).await? else {
            return Ok(false);
        };
        match self.source.sync_context(site).await {
            Some(context) => making_sure::compare(&context.at(place), &self.compared, which).await,
            None => Ok(false),
        }
    }

    async fn walk(&self, site: &Site, place: Place) -> Result<bool, SyncError> {
        let due = making_sure::due_for_a_walk(site).await?;
        if due.is_empty() {
            return Ok(false);
        }
        match self.source.sync_context(site).await {
            Some(context) => Ok(making_sure::walk_through(&context.at(place), due).await? > 0),
            None => Ok(false),
        }
    }

    async fn sync(&self, site: &Site, place: Place) -> Result<bool, SyncError> {
        let Some(context) = self.source.sync_context(site).await else {
            return Ok(false);
        };
        let settings = Settings::read(site.db()).await?;
        // Two rounds, so that one that is late or was put off does not have everything read.
        let period = making_sure::period(self.source.reconciliation_period(), &settings).unwrap_or_default();
        let since = site.clock().now() - period - period.max(TimeDelta::minutes(1));
        let Some(report) = sync_due(&context.at(place), settings.sync_interval_minutes, since).await? else {
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

/// A task that broke is a fault of ours; the others go on.
fn complain(ended: Result<bool, tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(error = %error, "scheduled work broke");
    }
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
        fn owner(&self) -> String {
            "a test".to_owned()
        }

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
