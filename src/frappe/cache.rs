//! Stand-in until the frappe room brings its own: Frappe's caches in Redis.

use super::site_config::SiteConfig;

/// Redis cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("the cache at {0} cannot be reached")]
pub struct CacheError(String);

/// A site's caches.
#[derive(Debug)]
pub struct Caches(());

impl Caches {
    /// Connects.
    ///
    /// # Errors
    /// When Redis cannot be reached.
    #[expect(clippy::unused_async, reason = "the real one awaits")]
    pub async fn connect(_config: &SiteConfig) -> Result<Self, CacheError> {
        Ok(Self(()))
    }

    /// Drops everything that may be dropped.
    ///
    /// # Errors
    /// When Redis cannot be reached.
    #[expect(clippy::unused_async, reason = "the real one awaits")]
    pub async fn drop_everything(&mut self) -> Result<(), CacheError> {
        Ok(())
    }
}
