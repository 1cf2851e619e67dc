//! A site that waits keeps neither another site nor other work from going on.

use std::sync::Arc;
use std::time::Duration;

use erpnext_github::app::Served;
use erpnext_github::frappe::site::Site;
use erpnext_github::jobs::{Runner, SiteSource, Work};
use erpnext_github::sim::github::{Effect, Fault, Gate};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions};
use erpnext_github::sync::{Pace, SiteReport, SyncContext};
use tokio::sync::mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::mirror::Mirror;
use crate::support::{Heard, TestSite};

/// Far beyond what ending takes, far below what GitHub asks to wait.
const AT_MOST: Duration = Duration::from_secs(20);
const PAUSED: &str = "paused: the bench is in maintenance mode";
const STATUS: &str = "SELECT GROUP_CONCAT(repository, ' ', status) FROM `tabGitHub Sync Run`";

/// The sites of two mirrors, as one `serve` would work on them.
struct Both {
    sites: [(String, Served); 2],
    heard: Arc<Heard>,
    done: UnboundedSender<String>,
}

impl Both {
    fn of(&self, site: &Site) -> &Served {
        let found = self.sites.iter().find(|(name, _)| name == site.name());
        &found.expect("one of the two").1
    }
}

impl SiteSource for Both {
    fn owner(&self) -> String {
        self.sites[0].1.owner()
    }

    fn sites(&self) -> Vec<Site> {
        self.sites.iter().flat_map(|(_, served)| served.sites()).collect()
    }

    async fn is_served(&self, site: &Site) -> bool {
        self.of(site).is_served(site).await
    }

    async fn sync_context(&self, site: &Site) -> Option<SyncContext> {
        let mut context = self.of(site).sync_context(site).await?;
        context.reporter = self.heard.clone();
        context.pace = Pace {
            maintenance: Duration::from_millis(1),
            ..Pace::default()
        };
        Some(context)
    }

    fn synced(&self, report: &SiteReport) {
        self.done.send(report.site.clone()).expect("somebody listens");
    }
}

/// Two sites, the first with a GitHub that holds the second page of issues back, and a runner with so many places.
struct Scene {
    first: Mirror,
    second: Mirror,
    gate: Gate,
    heard: Arc<Heard>,
    runner: Runner<Both>,
    queue: Sender<Work>,
    done: UnboundedReceiver<String>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

async fn mirror(name: &str) -> Mirror {
    let options = SiteOptions {
        site_name: name.to_owned(),
        ..SiteOptions::default()
    };
    Mirror::on(TestSite::with(FrappeMajor::V15, options).await, |world| {
        world.repository("octo/web").with_issues(150);
        world.repository("octo/api").with_issues(1);
    })
    .await
}

/// Has `mirror` follow a repository that was never synced, which is due at once.
async fn follow(mirror: &Mirror, repository: &str) {
    let values = [("full_name", repository), ("enabled", "1")];
    let erp = mirror.erp.erp();
    erp.insert("Repository", repository, &values).await.expect("a repository");
}

impl Scene {
    async fn set(places: usize) -> Self {
        let (first, second) = tokio::join!(mirror("first.example.com"), mirror("second.example.com"));
        let gate = Gate::closed();
        let second_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing("page=2");
        first.github.world().faults.push(second_page);
        follow(&first, "octo/web").await;
        let (stop, heard) = (CancellationToken::new(), Arc::new(Heard::new()));
        let served = |mirror: &Mirror| {
            let name = mirror.site().name().to_owned();
            let names = vec![name.clone()];
            (name, Served::new(mirror.app().clone(), move || names.clone(), stop.clone()))
        };
        let (sender, done) = mpsc::unbounded_channel();
        let source = Both {
            sites: [served(&first), served(&second)],
            heard: heard.clone(),
            done: sender,
        };
        let runner = Runner::at_once(Arc::new(source), places);
        let (queue, work): (_, Receiver<Work>) = mpsc::channel(1);
        let running = tokio::spawn({
            let (runner, stop) = (runner.clone(), stop.clone());
            async move { runner.run(work, stop).await }
        });
        Self {
            first,
            second,
            gate,
            heard,
            runner,
            queue,
            done,
            stop,
            running,
        }
    }

    async fn look(&self) {
        self.queue.send(Work::SyncDue).await.expect("the runner takes work");
    }

    async fn synced(&mut self, site: &str) {
        let done = tokio::time::timeout(AT_MOST, self.done.recv()).await;
        assert_eq!(done.expect("a site is synced").as_deref(), Some(site));
    }

    /// Asks everything to end, and gives what is left.
    async fn end(self) -> [Mirror; 2] {
        self.stop.cancel();
        let ended = tokio::time::timeout(AT_MOST, self.running).await;
        ended.expect("it ends").expect("the task");
        [self.first, self.second]
    }
}

async fn others_go_on_in_maintenance(places: usize) {
    let mut scene = Scene::set(places).await;
    scene.look().await;
    scene.gate.reached(1).await;
    let scratch = scene.first.erp.scratch().clone();
    scratch.set_config("maintenance_mode", 1.into()).expect("the site's file");
    scene.gate.open();
    scene.heard.until(PAUSED).await;
    follow(&scene.second, "octo/web").await;
    scene.look().await;
    scene.synced("second.example.com").await;
    assert_eq!(scene.first.erp.value(STATUS).await, "octo/web Running");
    scratch.set_config("maintenance_mode", 0.into()).expect("the site's file");
    scene.synced("first.example.com").await;
    assert_eq!(scene.first.erp.value(STATUS).await, "octo/web Completed");
    for mirror in scene.end().await {
        mirror.finish().await;
    }
}

#[tokio::test]
async fn s3_a_site_in_maintenance_does_not_keep_the_others_waiting() {
    others_go_on_in_maintenance(2).await;
}

#[tokio::test]
async fn s3_a_site_in_maintenance_leaves_its_place_to_others() {
    others_go_on_in_maintenance(1).await;
}

#[tokio::test]
async fn s3_a_site_that_github_limits_keeps_neither_others_nor_other_work_waiting() {
    let mut scene = Scene::set(1).await;
    let limit = Effect::SecondaryLimit {
        status: 429,
        retry_after: Some(55),
    };
    let limited = Fault::on("/repos/octo/web/issues", limit).containing("page=2").always();
    scene.first.github.world().faults.push(limited);
    scene.look().await;
    scene.gate.reached(1).await;
    scene.gate.open();
    // Due as well, but this site is being synced.
    follow(&scene.first, "octo/api").await;
    follow(&scene.second, "octo/web").await;
    scene.look().await;
    scene.synced("second.example.com").await;
    let old = "INSERT INTO `tabGitHub Sync Run` (name, started_at, status) VALUES ('old', '2025-01-01', 'Completed')";
    scene.first.erp.scratch().execute(old).await.expect("a row");
    let pruned = tokio::time::timeout(AT_MOST, scene.runner.step(Work::PruneRuns)).await;
    assert_eq!(pruned.expect("other work goes on"), 1);
    assert_eq!(
        scene.runner.step(Work::SyncDue).await,
        0,
        "what is under way is not begun again"
    );
    assert_eq!(scene.first.erp.value(STATUS).await, "octo/web Running");
    let [first, second] = scene.end().await;
    assert_eq!(first.erp.value(STATUS).await, "octo/web Stopped");
    first.finish().await;
    second.finish().await;
}

#[tokio::test]
async fn s3_sites_that_work_are_no_more_than_there_are_places() {
    let mut scene = Scene::set(1).await;
    follow(&scene.second, "octo/web").await;
    scene.look().await;
    scene.gate.reached(1).await;
    scene.look().await;
    for _ in 0..20 {
        scene.second.erp.value("SELECT 1").await;
    }
    assert_eq!(scene.second.github.requests().len(), 0, "one place, and it is taken");
    scene.gate.open();
    scene.synced("first.example.com").await;
    scene.synced("second.example.com").await;
    for mirror in scene.end().await {
        mirror.finish().await;
    }
}

#[tokio::test]
async fn s4_a_site_whose_lease_is_locked_keeps_the_schedule_of_no_other_waiting() {
    let scene = Scene::set(2).await;
    let lease = "INSERT INTO erpnext_github_lease (name, owner, fencing, lease_until, heartbeat) \
                 VALUES ('schedule:first.example.com', 'nobody', 1, '1970-01-01', '1970-01-01')";
    scene.first.erp.scratch().execute(lease).await.expect("a lease");
    let mut locked = scene.first.site().db().begin().await.expect("a transaction");
    let rows = "SELECT name FROM erpnext_github_lease FOR UPDATE";
    locked.rows("a test", rows, ()).await.expect("locked");
    let runner = scene.runner.clone();
    let waiting = tokio::spawn(async move { runner.step(Work::PruneRuns).await });
    let pruned = "SELECT COUNT(*) FROM erpnext_github_cursor WHERE entity = 'job:prune_runs'";
    let other_site = async {
        while scene.second.erp.value(pruned).await != "1" {
            tokio::task::yield_now().await;
        }
    };
    let other_site = tokio::time::timeout(AT_MOST, other_site).await;
    other_site.expect("the second site has its schedule");
    assert!(!waiting.is_finished(), "the first one waits");
    drop(locked);
    waiting.await.expect("it ends");
    for mirror in scene.end().await {
        mirror.finish().await;
    }
}
