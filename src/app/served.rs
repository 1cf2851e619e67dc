//! The sites that a running process works on, asked afresh each time: one may come, go, or be restored at any moment.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::frappe::site::Site;
use crate::jobs::SiteSource;
use crate::sync::SyncContext;
use crate::telemetry::Silent;

use super::App;

/// Lists names of sites.
type Names = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// The sites that `serve` was asked to work on.
#[derive(Clone)]
pub struct Served {
    app: App,
    names: Names,
    stop: CancellationToken,
}

impl Served {
    /// Those that `names` lists, until `stop`.
    pub fn new(app: App, names: impl Fn() -> Vec<String> + Send + Sync + 'static, stop: CancellationToken) -> Self {
        Self {
            app,
            names: Arc::new(names),
            stop,
        }
    }

    /// All of them, whatever their state; one whose files cannot be read is left out and logged.
    #[must_use]
    pub fn all(&self) -> Vec<Site> {
        (self.names)()
            .into_iter()
            .filter_map(|name| match self.app.site(&name) {
                Ok(site) => Some(site),
                Err(error) => {
                    tracing::warn!(site = name, error = %error, "site left out");
                    None
                }
            })
            .collect()
    }
}

impl SiteSource for Served {
    fn sites(&self) -> Vec<Site> {
        self.all()
    }

    async fn is_served(&self, site: &Site) -> bool {
        match self.app.require_served(site).await {
            Ok(()) => true,
            Err(reason) => {
                tracing::debug!(site = site.name(), reason = %reason, "site not served");
                false
            }
        }
    }

    async fn sync_context(&self, site: &Site) -> Option<SyncContext> {
        match self.app.sync_context(site, Arc::new(Silent), self.stop.clone()).await {
            Ok(context) => Some(context),
            Err(reason) => {
                tracing::debug!(site = site.name(), reason = %reason, "not synced");
                None
            }
        }
    }
}
