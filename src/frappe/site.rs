//! One site as the rest of the program holds it: its configuration, its database, its clock.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::clock::SharedClock;

use super::bench_http::{BenchHttp, BenchHttpError};
use super::cache::Caches;
use super::db::{Databases, Db, DbError, Fence};
use super::permissions::Lately;
use super::realtime::{Event, Realtime};
use super::site_config::{SiteConfig, SiteConfigError};
use super::version::{self, FrappeVersion, VersionError};
use super::zone::SiteZone;

/// How long the version that was read is taken for the present one: a bench may be upgraded while we run.
const VERSION_AGE: Duration = Duration::from_secs(60);

/// A site that can be worked with. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    config: Arc<SiteConfig>,
    db: Db,
    clock: SharedClock,
    caches: Caches,
    realtime: Arc<Realtime>,
    version: Arc<Mutex<Option<(Instant, FrappeVersion)>>>,
    bench: Arc<OnceLock<BenchHttp>>,
    lately: Arc<Lately>,
}

impl Site {
    /// A site from its configuration; nothing is connected yet.
    ///
    /// # Errors
    /// When the configuration names no usable database.
    pub fn new(config: SiteConfig, databases: &Databases, clock: SharedClock) -> Result<Self, SiteConfigError> {
        let db = databases.site(config.database()?);
        Ok(Self {
            caches: Caches::connect(&config),
            realtime: Arc::new(Realtime::connect(&config)),
            version: Arc::default(),
            bench: Arc::default(),
            lately: Arc::default(),
            config: Arc::new(config),
            db,
            clock,
        })
    }

    /// Folder name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.site
    }

    /// Configuration as it was read.
    #[must_use]
    pub fn config(&self) -> &SiteConfig {
        &self.config
    }

    /// The site's database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The same site for work that stands on `fence`: its database writes nothing once another process has taken the work over.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self {
            db: self.db.fenced(fence),
            ..self.clone()
        }
    }

    /// The site's entries in the bench's cache.
    #[must_use]
    pub fn caches(&self) -> &Caches {
        &self.caches
    }

    /// The site's bench, by HTTP; nothing is connected yet.
    ///
    /// # Errors
    /// When its address cannot be used.
    pub fn bench(&self) -> Result<BenchHttp, BenchHttpError> {
        if let Some(bench) = self.bench.get() {
            return Ok(bench.clone());
        }
        let bench = BenchHttp::of(&self.config)?;
        Ok(self.bench.get_or_init(|| bench).clone())
    }

    /// The version of Frappe that the site runs on, read at most once a minute.
    ///
    /// # Errors
    /// When it cannot be read, or is one that we do not know.
    pub async fn version(&self) -> Result<FrappeVersion, VersionError> {
        let mut known = self.version.lock().await;
        if let Some((since, version)) = &*known
            && since.elapsed() < VERSION_AGE
        {
            return Ok(version.clone());
        }
        let version = version::read(&self.db).await?;
        *known = Some((Instant::now(), version.clone()));
        Ok(version)
    }

    /// Tells open desks of events, to be called after the commit. False when nobody could be told, which changes nothing.
    pub async fn tell(&self, events: &[Event]) -> bool {
        match self.version().await {
            Ok(version) => self.realtime.publish(version.major, events).await,
            Err(error) => {
                tracing::debug!(site = self.name(), %error, "the desk was not told");
                false
            }
        }
    }

    /// The clock that its work goes by.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// What permissions need to know of DocTypes.
    pub(super) fn lately(&self) -> &Lately {
        &self.lately
    }

    /// The site's zone, read afresh: an administrator may have changed it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn zone(&self) -> Result<SiteZone, DbError> {
        SiteZone::read(&self.db).await
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("name", &self.name()).finish_non_exhaustive()
    }
}
