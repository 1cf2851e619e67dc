//! All checks of one site, in the order in which they depend on each other.

use serde::Serialize;

use crate::clock::SharedClock;
use crate::frappe::bench::Bench;
use crate::frappe::db::Databases;
use crate::frappe::site::Site;

use super::checks::{database, site_config};
use super::{CheckId, CheckResult};

/// Asked of the database, and pointless without one.
const NEED_DATABASE: [CheckId; 2] = [CheckId::Database, CheckId::DatabaseVersion];

/// How one site does.
#[derive(Debug, Serialize)]
pub struct SiteHealth {
    /// The answers, in the order of the questions.
    pub checks: Vec<CheckResult>,
}

impl SiteHealth {
    /// True when something does not work.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.checks.iter().any(CheckResult::is_failure)
    }
}

/// Asks everything about the site of that name.
pub async fn examine(bench: &Bench, databases: &Databases, clock: &SharedClock, name: &str) -> SiteHealth {
    let read = bench.site(name);
    let mut checks = vec![site_config::check(&read)];
    match read.and_then(|config| Site::new(config, databases, clock.clone())) {
        Ok(site) => {
            let (answers, version) = database::check(site.db()).await;
            checks.extend([answers, version]);
        }
        Err(_told) => checks.extend(NEED_DATABASE.map(|id| CheckResult::skipped(id, CheckId::SiteConfig))),
    }
    SiteHealth { checks }
}
