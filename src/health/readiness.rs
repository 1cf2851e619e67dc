//! Can this process do its work now? Asked by supervisors every few seconds, so that it is answered from a short memory.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::frappe::site::Site;

use super::checks::database;
use super::{CheckId, CheckResult};

/// An answer is given again for this long: however many ask, the databases are asked once.
const MEMORY: Duration = Duration::from_secs(2);
/// A site that does not answer within this is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lists the sites that this process serves, afresh each time.
type Sites = Arc<dyn Fn() -> Vec<Site> + Send + Sync>;

/// Asks the served sites. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    sites: Sites,
    last: Arc<Mutex<Option<Answer>>>,
}

/// An answer and when it was given.
struct Answer {
    at: Instant,
    report: Arc<ReadinessReport>,
}

/// Whether the process can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every site is ready.
    Ready,
    /// Some are not, and the others are served.
    Degraded,
    /// None is.
    NotReady,
}

/// The answer for all sites.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    /// The whole.
    pub status: Verdict,
    /// Site by site, in the order of their names.
    pub sites: Vec<SiteReadiness>,
}

/// The answer for one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteReadiness {
    /// Folder name.
    pub site: String,
    /// True when it can be worked on.
    pub ready: bool,
    /// What was asked.
    pub checks: Vec<CheckResult>,
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readiness").finish_non_exhaustive()
    }
}

impl Readiness {
    /// `sites` lists the sites that are served, and is called for every answer.
    pub fn new(sites: impl Fn() -> Vec<Site> + Send + Sync + 'static) -> Self {
        Self {
            sites: Arc::new(sites),
            last: Arc::default(),
        }
    }

    /// The present answer. While one is being made, others who ask wait for it.
    pub async fn report(&self) -> Arc<ReadinessReport> {
        let mut last = self.last.lock().await;
        if let Some(answer) = &*last
            && answer.at.elapsed() < MEMORY
        {
            return Arc::clone(&answer.report);
        }
        let report = Arc::new(ReadinessReport::of(ask_all((self.sites)()).await));
        *last = Some(Answer {
            at: Instant::now(),
            report: Arc::clone(&report),
        });
        report
    }
}

async fn ask_all(sites: Vec<Site>) -> Vec<SiteReadiness> {
    let mut asked = JoinSet::new();
    for site in sites {
        asked.spawn(ask(site));
    }
    let mut answers = asked.join_all().await;
    answers.sort_by(|one, other| one.site.cmp(&other.site));
    answers
}

async fn ask(site: Site) -> SiteReadiness {
    let checks = match timeout(PATIENCE, database::check(site.db())).await {
        Ok((answers, version)) => vec![answers, version],
        Err(_elapsed) => vec![CheckResult::failed(
            CheckId::Database,
            format!(
                "MariaDB at {} does not answer within {} s",
                site.db().spec().endpoint,
                PATIENCE.as_secs()
            ),
        )],
    };
    SiteReadiness {
        site: site.name().to_owned(),
        ready: !checks.iter().any(CheckResult::is_failure),
        checks,
    }
}

impl ReadinessReport {
    /// Sums up. A replica serves what can be served, so that one site of many does not take the others down.
    fn of(sites: Vec<SiteReadiness>) -> Self {
        let ready = sites.iter().filter(|site| site.ready).count();
        let status = match (ready, sites.len()) {
            (0, _) => Verdict::NotReady,
            (ready, all) if ready == all => Verdict::Ready,
            _ => Verdict::Degraded,
        };
        Self { status, sites }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str, ready: bool) -> SiteReadiness {
        SiteReadiness {
            site: name.to_owned(),
            ready,
            checks: Vec::new(),
        }
    }

    #[test]
    fn one_bad_site_does_not_take_the_others_down() {
        assert_eq!(ReadinessReport::of(vec![]).status, Verdict::NotReady);
        assert_eq!(ReadinessReport::of(vec![site("a", true)]).status, Verdict::Ready);
        assert_eq!(
            ReadinessReport::of(vec![site("a", true), site("b", false)]).status,
            Verdict::Degraded
        );
        assert_eq!(ReadinessReport::of(vec![site("b", false)]).status, Verdict::NotReady);
    }
}
