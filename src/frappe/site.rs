//! One site as the rest of the program holds it: its configuration, its database, its clock.

use std::sync::Arc;

use crate::clock::SharedClock;

use super::db::{Databases, Db, DbError};
use super::site_config::{SiteConfig, SiteConfigError};
use super::zone::SiteZone;

/// A site that can be worked with. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    config: Arc<SiteConfig>,
    db: Db,
    clock: SharedClock,
}

impl Site {
    /// A site from its configuration; nothing is connected yet.
    ///
    /// # Errors
    /// When the configuration names no usable database.
    pub fn new(config: SiteConfig, databases: &Databases, clock: SharedClock) -> Result<Self, SiteConfigError> {
        let db = databases.site(config.database()?);
        Ok(Self {
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

    /// The clock that its work goes by.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
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
