//! Wiring: the one place that turns boot configuration into the objects that the rooms work with.

mod app_key;
mod budgets;
mod complaints;
mod connect;
mod connect_error;
mod github_app;
mod integrations;
mod kept;
mod leaving;
mod new_app;
mod people;
mod reach;
mod saved_settings;
mod served;
pub mod settings;
mod sources;
mod told;

pub use connect_error::ConnectError;
pub use people::AsUser;
pub use served::Served;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::actions::grants::Turns;
use crate::clock::SharedClock;
use crate::config::{HostError, HostLayer, Hosts, Resolver};
use crate::domain::budget::Rules;
use crate::frappe::bench::Bench;
use crate::frappe::db::Databases;
use crate::frappe::naming::random_name;
use crate::frappe::site::Site;
use crate::frappe::site_config::{SiteConfig, SiteConfigError};
use crate::github::Connections;
use crate::github::app::{AppIdentity, InstallationTokens};
use crate::github::budget::Budget;
use crate::github::oauth::OAuth;
use crate::webhook::Crowd;

use kept::Kept;
use sources::{Installed, NamedTokens};

/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What every command that works on a bench has in its hands. Cheap to clone.
#[derive(Clone)]
pub struct App {
    bench: Bench,
    databases: Databases,
    clock: SharedClock,
    /// Addresses of GitHub from the environment and the flags, the weaker first.
    hosts: [HostLayer; 2],
    /// Where the bench's web server is, if a flag or the environment says so.
    bench_url: Option<Arc<str>>,
    /// Where it is, if nothing says so: the bench that `serve` stands in front of.
    bench_behind: Option<Arc<str>>,
    /// Finds out whether a name stands for a machine.
    resolver: Resolver,
    /// Name of this process in leases.
    owner: Arc<str>,
    /// Sites that were opened, by name, with their connections.
    opened: Arc<Mutex<HashMap<String, Site>>>,
    /// What may be asked of GitHub, by site, credential and GitHub.
    budgets: Arc<Mutex<HashMap<String, Arc<Budget>>>>,
    github_rules: Rules,
    /// Connections to GitHub.
    connections: Connections,
    /// Tokens of installations of GitHub Apps.
    tokens: InstallationTokens,
    /// GitHub Apps of sites.
    apps: Kept<Arc<AppIdentity>>,
    /// What people of sites authorise.
    oauths: Kept<OAuth>,
    /// Where Apps of sites were found to be installed.
    installed: Installed,
    /// Tokens in the environment, for sites that name them.
    named_tokens: NamedTokens,
    /// Who renews whose connection in this process.
    turns: Turns,
    /// Deliveries that are being taken in.
    crowd: Crowd,
}

impl App {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(bench: Bench, databases: Databases, clock: SharedClock, hosts: [HostLayer; 2]) -> Self {
        Self {
            bench,
            databases,
            clock,
            hosts,
            bench_url: None,
            bench_behind: None,
            resolver: Resolver::default(),
            owner: process_name().into(),
            opened: Arc::default(),
            budgets: Arc::default(),
            github_rules: Rules::default(),
            connections: Connections::default(),
            tokens: InstallationTokens::default(),
            apps: Kept::default(),
            oauths: Kept::default(),
            installed: Installed::default(),
            named_tokens: NamedTokens::default(),
            turns: Turns::default(),
            crowd: Crowd::default(),
        }
    }

    /// The same with another address of the bench's web server than its configuration names.
    #[must_use]
    pub fn with_bench_url(mut self, url: Option<&str>) -> Self {
        self.bench_url = url.map(Arc::from);
        self
    }

    /// The same with the address of the bench that `serve` stands in front of, for sites whose configuration names none.
    #[must_use]
    pub fn in_front_of(mut self, url: Option<&str>) -> Self {
        self.bench_behind = url.map(Arc::from);
        self
    }

    /// The same with another way to find out whether a name stands for a machine.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Resolver) -> Self {
        self.resolver = resolver;
        self
    }

    /// How it is found out whether a name stands for a machine.
    #[must_use]
    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// The bench whose sites are worked on.
    #[must_use]
    pub fn bench(&self) -> &Bench {
        &self.bench
    }

    /// The connections that all sites share.
    #[must_use]
    pub fn databases(&self) -> &Databases {
        &self.databases
    }

    /// Name of this process in leases.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Deliveries that are being taken in.
    #[must_use]
    pub fn crowd(&self) -> &Crowd {
        &self.crowd
    }

    /// The clock that everything goes by.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// One site, its configuration read afresh; with the connections of the last time where nothing in it changed.
    ///
    /// # Errors
    /// When there is no such site, or its files cannot be used.
    pub fn site(&self, name: &str) -> Result<Site, SiteConfigError> {
        let (named, behind) = (self.bench_url.as_deref(), self.bench_behind.as_deref());
        let config = self.bench.site(name)?.with_bench_url(named, behind);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = opened.get(name)
            && *site.config() == config
        {
            return Ok(site.clone());
        }
        let site = Site::new(config, &self.databases, self.clock.clone())?;
        opened.insert(name.to_owned(), site.clone());
        Ok(site)
    }

    /// Where GitHub is for one site: flag, else environment, else the site's configuration, else github.com.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn hosts(&self, config: &SiteConfig) -> Result<Hosts, HostError> {
        let site = HostLayer::of_site(|key| config.text(key));
        let [environment, flags] = &self.hosts;
        Hosts::resolve(&[&site, environment, flags])
    }
}

/// Host, process and a random part, so that a process that got another one's number is not taken for it.
fn process_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "localhost",
        name => name,
    };
    format!("{host}:{}:{}", std::process::id(), random_name())
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("bench", &self.bench.root())
            .finish_non_exhaustive()
    }
}
