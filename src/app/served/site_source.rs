//! What a running process does on its sites by itself: see [`crate::jobs`].

use std::sync::Arc;

use crate::actions::installations::{settle_installations, sweep_installations};
use crate::actions::integrations::check_integrations;
use crate::actions::saved;
use crate::config::ReconciliationPeriod;
use crate::frappe::site::Site;
use crate::jobs::SiteSource;
use crate::setup::integration_user;
use crate::store::settings::Settings;
use crate::store::{installations, refresh};
use crate::sync::{SyncContext, refresh_due};
use crate::telemetry::Silent;
use crate::webhook::{self, Worked};

use super::super::ConnectError;
use super::super::complaints::{Step, Weight};
use super::Served;

impl SiteSource for Served {
    fn owner(&self) -> String {
        self.app.owner().to_owned()
    }

    fn reconciliation_period(&self) -> ReconciliationPeriod {
        self.reconciliation_period
    }

    fn sites(&self) -> Vec<Site> {
        let all = self.all();
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        self.complaints.keep(&names);
        let readable = all.into_iter().filter_map(|(name, site)| match site {
            Ok(site) => {
                self.complaints.over(&name, Step::Open);
                Some(site)
            }
            Err(error) => {
                self.complaints.note(&name, Step::Open, Weight::Fault, &error.to_string());
                None
            }
        });
        readable.collect()
    }

    async fn is_served(&self, site: &Site) -> bool {
        let served = self.app.require_served(site).await;
        self.note(site, Step::Serve, served.as_ref().copied());
        if let Err(ConnectError::NotServed(_)) = served {
            // Uninstalled, or a copy: nothing is asked of GitHub for it any more.
            self.app.end_tokens(site);
        }
        served.is_ok()
    }

    async fn look_at_desk(&self, site: &Site) -> bool {
        match saved::look(self, site).await {
            Ok(did) => {
                self.complaints.over(site.name(), Step::Desk);
                did
            }
            Err(error) => {
                self.complaints
                    .note(site.name(), Step::Desk, Weight::Fault, &error.to_string());
                false
            }
        }
    }

    async fn work_on_deliveries(&self, site: &Site) -> bool {
        // What comes in while the integration is switched off is kept until it is switched on.
        match Settings::read(site.db()).await {
            Ok(settings) if settings.enabled => {}
            Ok(_) => return false,
            Err(error) => {
                tracing::warn!(site = site.name(), error = %error, "deliveries wait");
                return false;
            }
        }
        let user = integration_user(site.name());
        let worked = webhook::work(site, self.app.owner(), &user, self.app.crowd(), &self.stop).await;
        let worked = worked.unwrap_or_else(|error| {
            tracing::warn!(site = site.name(), error = %error, "deliveries wait");
            Worked::default()
        });
        if worked.marked {
            self.refresh(site).await;
        }
        worked.deliveries > 0
    }

    async fn refresh(&self, site: &Site) -> bool {
        let read = self.read_installations(site).await;
        let looked = self.check_integrations(site).await;
        self.read_marked(site).await || read || looked
    }

    async fn sweep_installations(&self, site: &Site) -> bool {
        if !Settings::read(site.db()).await.is_ok_and(|settings| settings.enabled) {
            return false;
        }
        let user = integration_user(site.name());
        let swept = sweep_installations(self, site, &user).await;
        let swept = swept.inspect_err(
            |error| tracing::warn!(site = site.name(), error = %error, "installations are not compared with GitHub"),
        );
        swept.unwrap_or(false)
    }

    async fn sync_context(&self, site: &Site) -> Option<SyncContext> {
        let context = self.app.sync_context(site, Arc::new(Silent), self.stop.clone()).await;
        self.note(site, Step::Sync, context.as_ref().map(|_| ()));
        context.ok()
    }
}

impl Served {
    /// Reads what deliveries marked; true when there was something.
    async fn read_marked(&self, site: &Site) -> bool {
        if !matches!(refresh::is_due(site.db(), site.clock().now()).await, Ok(true)) {
            return false;
        }
        let Some(context) = SiteSource::sync_context(self, site).await else {
            return false;
        };
        let read = refresh_due(&context).await;
        let read = read.inspect_err(|error| tracing::warn!(site = site.name(), error = %error, "what deliveries told of waits"));
        read.is_ok_and(|parts| parts > 0)
    }

    /// Looks at integrations whose turn it is; true when there were any. While the integration is switched off, they wait.
    async fn check_integrations(&self, site: &Site) -> bool {
        if !Settings::read(site.db()).await.is_ok_and(|settings| settings.enabled) {
            return false;
        }
        let user = integration_user(site.name());
        let looked = check_integrations(self, site, &user).await;
        let looked =
            looked.inspect_err(|error| tracing::warn!(site = site.name(), error = %error, "integrations are not looked at"));
        looked.unwrap_or(false)
    }

    /// Reads installations of the App that GitHub told of; true when there was something. While the integration is switched off, they wait.
    async fn read_installations(&self, site: &Site) -> bool {
        if !matches!(installations::is_due(site.db(), site.clock().now()).await, Ok(true))
            || !Settings::read(site.db()).await.is_ok_and(|settings| settings.enabled)
        {
            return false;
        }
        let user = integration_user(site.name());
        let read = settle_installations(self, site, &user).await;
        let read =
            read.inspect_err(|error| tracing::warn!(site = site.name(), error = %error, "what installations are like waits"));
        read.unwrap_or(false)
    }
}
