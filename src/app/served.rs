//! The sites that a running process works on, asked afresh each time: one may come, go, or be restored at any moment.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::{ActionError, Services};
use crate::frappe::site::Site;
use crate::github::{Client, RetryPolicy};
use crate::health::Listed;
use crate::jobs::SiteSource;
use crate::sync::SyncContext;
use crate::telemetry::{Reporter, Silent};

use super::App;

/// Lists names of sites.
type Names = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// The sites that `serve` was asked to work on.
#[derive(Clone)]
pub struct Served {
    app: App,
    names: Names,
    stop: CancellationToken,
    /// Work that goes on after the call that asked for it was answered.
    tasks: TaskTracker,
}

impl Served {
    /// Those that `names` lists, until `stop`.
    pub fn new(app: App, names: impl Fn() -> Vec<String> + Send + Sync + 'static, stop: CancellationToken) -> Self {
        Self {
            app,
            names: Arc::new(names),
            stop,
            tasks: TaskTracker::new(),
        }
    }

    /// All of them, whatever their state.
    #[must_use]
    pub fn all(&self) -> Vec<Listed> {
        let names = (self.names)().into_iter();
        names
            .map(|name| {
                let site = self.app.site(&name);
                (name, site)
            })
            .collect()
    }
}

impl SiteSource for Served {
    fn sites(&self) -> Vec<Site> {
        let readable = self.all().into_iter().filter_map(|(name, site)| match site {
            Ok(site) => Some(site),
            Err(error) => {
                tracing::warn!(site = name, error = %error, "site left out");
                None
            }
        });
        readable.collect()
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

impl Services for Served {
    fn site<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Site, ActionError>> {
        Box::pin(async move {
            if !(self.names)().iter().any(|one| one == name) {
                let shown: String = name.chars().take(100).collect();
                return Err(ActionError::Missing(format!("there is no site {shown} here")));
            }
            let not_ready = |reason: String| ActionError::NotReady(reason);
            let site = self.app.site(name).map_err(|error| not_ready(error.to_string()))?;
            self.app
                .require_served(&site)
                .await
                .map_err(|error| not_ready(error.to_string()))?;
            Ok(site)
        })
    }

    fn github<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            let client = self.app.client(site).await;
            let client = client.map_err(|error| ActionError::NotReady(error.to_string()))?;
            Ok(client.with_retry(RetryPolicy::interactive()).until(self.stop.clone()))
        })
    }

    fn sync_context<'a>(
        &'a self,
        site: &'a Site,
        user: &'a str,
        reporter: Arc<dyn Reporter>,
    ) -> BoxFuture<'a, Result<SyncContext, ActionError>> {
        Box::pin(async move {
            let context = self.app.sync_context(site, reporter, self.stop.clone()).await;
            let mut context = context.map_err(|error| ActionError::NotReady(error.to_string()))?;
            context.user = user.into();
            Ok(context)
        })
    }

    fn go_on(&self, work: BoxFuture<'static, ()>) {
        self.tasks.spawn(work);
    }

    fn ended(&self) -> BoxFuture<'_, ()> {
        self.tasks.close();
        Box::pin(self.tasks.wait())
    }
}
