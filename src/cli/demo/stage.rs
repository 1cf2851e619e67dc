//! What the demo plays on: a database server, a site in it, a GitHub beside it, and the wiring that every command uses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::app::{App, settings};
use crate::cli::exit::UnreachableError;
use crate::clock::SystemClock;
use crate::config::DEFAULT_DB_CONNECTIONS;
use crate::frappe::bench::Bench;
use crate::frappe::db::Databases;
use crate::frappe::site::Site;
use crate::setup::{self, InstallReport, SetupOptions};
use crate::sim::mariadb::{ScratchServer, ServerOptions};
use crate::sim::site::{Address, FrappeMajor, ScratchSite, SiteOptions, SmallSite};
use crate::store::runs::Trigger;
use crate::sync::{RunOptions, SiteReport, sync_site};
use crate::telemetry::Reporter;

use super::origin::Origin;

/// How often a real repository is looked at, in minutes: the smallest interval that there is.
const INTERVAL_MINUTES: &str = "1";

/// Users of ERPNext whose addresses the lively world's people show in public, so that one sees them linked.
const PEOPLE: [(&str, &str); 2] = [("mona@example.com", "Mona Octave"), ("ada@example.com", "Ada Byron")];

/// Everything that runs; dropping it puts it all away, in this order.
pub(super) struct Stage {
    pub(super) app: App,
    pub(super) site: Site,
    pub(super) origin: Origin,
    /// The site's folder and tables.
    pub(super) erp: ScratchSite,
    pub(super) database: ScratchServer,
}

impl Stage {
    /// Starts a database server with a small site in it, wired to `origin`.
    pub(super) async fn set(origin: Origin) -> anyhow::Result<Self> {
        let database = ScratchServer::start(ServerOptions::default())
            .await
            .map_err(|error| UnreachableError(error.to_string()))?;
        let options = SiteOptions {
            // As on GitHub, so that times can be compared.
            time_zone: "UTC".to_owned(),
            address: Address::Socket,
            ..SiteOptions::default()
        };
        let erp = SmallSite::create(&database, FrappeMajor::V15, options).await?.into_site();
        for (email, name) in PEOPLE {
            erp.erp().add_user(email, name, &["Projects User"]).await?;
        }
        // No environment: what Frappe reads there would lead to a bench of this machine.
        let bench = Bench::locate(Some(erp.bench_root()), Path::new("/"), BTreeMap::new())?;
        let databases = Databases::new(DEFAULT_DB_CONNECTIONS);
        let app = App::new(bench, databases, Arc::new(SystemClock), origin.hosts.clone());
        let site = app.site(erp.site_name())?;
        Ok(Self {
            app,
            site,
            origin,
            erp,
            database,
        })
    }

    /// Installs into the site.
    pub(super) async fn install(&self) -> anyhow::Result<InstallReport> {
        let silent = |_: &str| {};
        Ok(setup::install(&self.site, &SetupOptions::default(), &silent).await?)
    }

    /// Stores the token, and how often the schedule looks at a real repository; the demo's own ones are synced after every
    /// change, and the schedule shall not come between.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        self.store("personal_access_token", &self.origin.token).await?;
        if self.origin.fake.is_none() {
            self.store("sync_interval_minutes", &INTERVAL_MINUTES.into()).await?;
        }
        Ok(())
    }

    async fn store(&self, key: &str, value: &SecretString) -> anyhow::Result<()> {
        settings::set(&self.app, &self.site, key, value, "Administrator").await?;
        Ok(())
    }

    /// Syncs what the demo shows, as `erpnext-github sync` does.
    pub(super) async fn sync(&self, reporter: Arc<dyn Reporter>, ending: &CancellationToken) -> anyhow::Result<SiteReport> {
        let context = self.app.sync_context(&self.site, reporter, ending.clone()).await?;
        let options = RunOptions {
            full: false,
            trigger: Trigger::Command,
        };
        Ok(sync_site(&context, &self.origin.selection, options).await?)
    }

    /// The command that opens the site's tables.
    pub(super) fn shell_command(&self) -> anyhow::Result<String> {
        self.database
            .shell_command(self.erp.credentials(), "site.cnf")
            .context("preparing a look at the tables")
    }

    /// Puts everything away and gives the folder that is gone.
    pub(super) fn put_away(self) -> anyhow::Result<PathBuf> {
        let folder = self.database.folder().to_owned();
        drop(self);
        if folder.exists() {
            let reason = format!("{} could not be removed: remove it by hand", folder.display());
            return Err(UnreachableError(reason).into());
        }
        Ok(folder)
    }
}
