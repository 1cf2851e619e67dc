//! A site of one test: its own database, its own bench, a clock that stands still.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use erpnext_github::clock::{FixedClock, SharedClock};
use erpnext_github::frappe::site::Site;
use erpnext_github::sim::mariadb::{Capture, is_write};
use erpnext_github::sim::site::{DumpSite, Erp, FrappeMajor, RedisUrls, ScratchSite, SiteOptions, SmallSite};
use tokio::sync::Mutex;

use super::server;
use crate::frappe::redis_server::RedisServer;

/// Where every test's clock stands at first: 2026-03-01T12:00:00Z, seven in the morning in New York.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().expect("a moment")
}

/// The real site's dump, named by `ERPNEXT_SITE_DUMP`; without it, says why the test is skipped.
fn dump_file(test: &str) -> Option<PathBuf> {
    match std::env::var_os("ERPNEXT_SITE_DUMP") {
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => {
            println!("skipped {test}: ERPNEXT_SITE_DUMP does not name a dump of a real site");
            None
        }
    }
}

/// A site of one test. Its database is dropped with it.
pub(crate) struct TestSite {
    scratch: ScratchSite,
    site: Site,
    clock: Arc<FixedClock>,
    capture: Mutex<Option<Capture>>,
}

impl TestSite {
    /// A small site of a version.
    pub(crate) async fn new(major: FrappeMajor) -> Self {
        Self::with(major, SiteOptions::default()).await
    }

    /// The same, of a bench whose Redis is there until it is dropped.
    pub(crate) async fn cached(major: FrappeMajor) -> (Self, RedisServer) {
        let redis = RedisServer::start().await;
        let options = SiteOptions {
            redis: RedisUrls {
                cache: redis.url(),
                queue: redis.url(),
            },
            ..SiteOptions::default()
        };
        (Self::with(major, options).await, redis)
    }

    /// A small site with other options.
    pub(crate) async fn with(major: FrappeMajor, options: SiteOptions) -> Self {
        let small = SmallSite::create(server().await, major, options).await.expect("a small site");
        Self::of(small.into_site())
    }

    /// The real site of the dump, or none where there is no dump; `test` is named in the reason.
    pub(crate) async fn from_dump(test: &str) -> Option<Self> {
        let dump = DumpSite::create(server().await, &dump_file(test)?)
            .await
            .expect("the dump's site");
        Some(Self::of(dump.into_site()))
    }

    /// The same, of a bench whose Redis is at `url`.
    pub(crate) async fn from_dump_cached(test: &str, url: &str) -> Option<Self> {
        let dump = DumpSite::create(server().await, &dump_file(test)?)
            .await
            .expect("the dump's site");
        let scratch = dump.into_site();
        for key in ["redis_cache", "redis_queue", "redis_socketio"] {
            scratch.bench().set_common(key, url.into()).expect("written");
        }
        Some(Self::of(scratch))
    }

    /// Any site on the tests' server.
    pub(crate) fn of(scratch: ScratchSite) -> Self {
        let clock = FixedClock::at(noon());
        let shared: SharedClock = clock.clone();
        let site = scratch.open(shared).expect("the site's configuration");
        Self {
            scratch,
            site,
            clock,
            capture: Mutex::default(),
        }
    }

    /// The site as the program works with it.
    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// Its clock, to be moved.
    pub(crate) fn clock(&self) -> &FixedClock {
        &self.clock
    }

    /// Folder and database, for what is not below.
    pub(crate) fn scratch(&self) -> &ScratchSite {
        &self.scratch
    }

    /// For `--bench`; the site's name is `scratch().site_name()`.
    pub(crate) fn bench_root(&self) -> &Path {
        self.scratch.bench_root()
    }

    /// Adds users, projects, tasks.
    pub(crate) fn erp(&self) -> Erp<'_> {
        self.scratch.erp()
    }

    /// Connects a Project with a repository, as a look at the desk leaves it that found nothing wrong with who did it.
    pub(crate) async fn connect(&self, project: &str, repository: &str) {
        let set = self.erp().set("Project", project, "repository", repository).await;
        set.expect("set");
        let sql = format!(
            "REPLACE INTO erpnext_github_project_link (doctype, name, target) VALUES ('Project', '{project}', '{repository}')"
        );
        self.scratch.execute(&sql).await.expect("remembered");
    }

    /// The whole database as text; equal data gives an equal text. What was asked of GitHub is no data: it changes with every question.
    pub(crate) async fn dump(&self) -> String {
        let all = self.scratch.dump().await.expect("a dump");
        let is_data = |line: &&str| !line.starts_with("INSERT INTO `erpnext_github_budget`");
        all.split_inclusive('\n').filter(is_data).collect()
    }

    /// The named tables as text.
    pub(crate) async fn dump_tables(&self, tables: &[&str]) -> String {
        self.scratch.dump_tables(tables).await.expect("a dump")
    }

    /// Rows of a query, every value as text; not seen by [`Self::statements`].
    pub(crate) async fn query(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.scratch.query(sql).await.expect("rows")
    }

    /// First value of a query's first row, empty for NULL and for no row.
    pub(crate) async fn value(&self, sql: &str) -> String {
        self.query(sql)
            .await
            .into_iter()
            .flatten()
            .flatten()
            .next()
            .unwrap_or_default()
    }

    /// Begins, or begins again, to list the statements that the program runs on this site.
    pub(crate) async fn record(&self) {
        let mut capture = self.capture.lock().await;
        match capture.as_mut() {
            Some(capture) => capture.forget().await.expect("the general log"),
            None => *capture = Some(self.scratch.capture().await.expect("the general log")),
        }
    }

    /// The statements since [`Self::record`], parameters filled in.
    pub(crate) async fn statements(&self) -> Vec<String> {
        let capture = self.capture.lock().await;
        let capture = capture.as_ref().expect("call record() before what is to be listed");
        capture.statements().await.expect("the general log")
    }

    /// Those of [`Self::statements`] that change rows or tables.
    pub(crate) async fn writes(&self) -> Vec<String> {
        let mut statements = self.statements().await;
        statements.retain(|statement| is_write(statement));
        statements
    }
}

impl Drop for TestSite {
    /// Dropping a database takes a while and needs a runtime: both on a thread that nobody waits for.
    fn drop(&mut self) {
        // Not a clone of the site: its folder goes at once.
        let (server, database) = (self.scratch.server().clone(), self.scratch.credentials().database.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // What is not dropped goes with the server.
            let _dropped = runtime.map(|runtime| runtime.block_on(server.drop_database(&database)));
        });
    }
}
