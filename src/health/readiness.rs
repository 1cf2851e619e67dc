//! Can this process do its work now? Asked by supervisors every few seconds, so that it is answered from a short memory.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::frappe::site::Site;
use crate::frappe::site_config::SiteConfigError;
use crate::setup::{self, State};

use super::checks::{database, installation, instance, site_config};
use super::{CheckId, CheckResult};

/// An answer is given again for this long: however many ask, the databases are asked once.
const MEMORY: Duration = Duration::from_secs(2);
/// A site that does not answer within this is not ready.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is told when nothing of the bench is served.
const NOTHING_SERVED: &str = "no site of this bench is served: `erpnext-github doctor --site all` says why, `erpnext-github install --site NAME` makes a site ready";

/// What is told while the process ends.
const ENDING: &str = "this process is ending: ask another replica, or the next one here";

/// A site by its name, or why its files cannot be used.
pub type Listed = (String, Result<Site, SiteConfigError>);

/// Lists the sites that this process is there for, afresh each time.
type Sites = Arc<dyn Fn() -> Vec<Listed> + Send + Sync>;

/// Says why a site that is served cannot be synced, if somebody must do something about it.
type Hindrance = Arc<dyn Fn(Site) -> BoxFuture<'static, Option<String>> + Send + Sync>;

/// Asks the sites. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    sites: Sites,
    hindrance: Hindrance,
    last: Arc<Mutex<Option<Answer>>>,
    ending: CancellationToken,
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
    /// Every site that should be served is ready, and there is one.
    Ready,
    /// At least one is served, but not every one, or not wholly.
    Degraded,
    /// None is served.
    NotReady,
}

/// How a site stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is worked on.
    Ready,
    /// What is stored there can be asked for, but it cannot be synced: its credential cannot be used.
    Degraded,
    /// It should be and cannot: its files cannot be read, its database is away, or another version is installed.
    NotReady,
    /// It need not be: nothing is installed there, or it is a copy.
    NotServed,
}

/// The answer for all sites.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    /// The whole.
    pub status: Verdict,
    /// What to do, where no site is served at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// Site by site, in the order of their names.
    pub sites: Vec<SiteReadiness>,
}

/// The answer for one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteReadiness {
    /// Folder name.
    pub site: String,
    /// How it stands.
    pub status: Standing,
    /// What was asked, with the reasons.
    pub checks: Vec<CheckResult>,
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readiness").finish_non_exhaustive()
    }
}

impl Readiness {
    /// `sites` lists the sites that this process is there for, whatever their state, and is called for every answer. `hindrance`
    /// says of one that is served why it cannot be synced; one that nobody wants to be synced has none.
    pub fn new(
        sites: impl Fn() -> Vec<Listed> + Send + Sync + 'static,
        hindrance: impl Fn(Site) -> BoxFuture<'static, Option<String>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            sites: Arc::new(sites),
            hindrance: Arc::new(hindrance),
            last: Arc::default(),
            ending: CancellationToken::new(),
        }
    }

    /// The same for a process that takes nothing in any more once `ending` is cancelled.
    #[must_use]
    pub fn until(self, ending: CancellationToken) -> Self {
        Self { ending, ..self }
    }

    /// The present answer. While one is being made, others who ask wait for it.
    pub async fn report(&self) -> Arc<ReadinessReport> {
        if self.ending.is_cancelled() {
            return Arc::new(ReadinessReport {
                status: Verdict::NotReady,
                message: Some(ENDING),
                sites: Vec::new(),
            });
        }
        let mut last = self.last.lock().await;
        if let Some(answer) = &*last
            && answer.at.elapsed() < MEMORY
        {
            return Arc::clone(&answer.report);
        }
        let report = Arc::new(ReadinessReport::of(ask_all((self.sites)(), &self.hindrance).await));
        *last = Some(Answer {
            at: Instant::now(),
            report: Arc::clone(&report),
        });
        report
    }
}

async fn ask_all(sites: Vec<Listed>, hindrance: &Hindrance) -> Vec<SiteReadiness> {
    let mut asked = JoinSet::new();
    for (name, site) in sites {
        let hindrance = Arc::clone(hindrance);
        asked.spawn(async move {
            let (status, checks) = match site {
                Ok(site) => ask(&site, &hindrance).await,
                Err(error) => (Standing::NotReady, vec![site_config::unusable(&error)]),
            };
            SiteReadiness {
                site: name,
                status,
                checks,
            }
        });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by(|one, other| one.site.cmp(&other.site));
    answers
}

async fn ask(site: &Site, hindrance: &Hindrance) -> (Standing, Vec<CheckResult>) {
    timeout(PATIENCE, stands(site, hindrance)).await.unwrap_or_else(|_elapsed| {
        let told = format!(
            "MariaDB at {} does not answer within {} s",
            site.db().spec().endpoint,
            PATIENCE.as_secs()
        );
        (
            Standing::NotReady,
            vec![CheckResult::failed_by(CheckId::Database, told, true)],
        )
    })
}

async fn stands(site: &Site, hindrance: &Hindrance) -> (Standing, Vec<CheckResult>) {
    let (answers, version) = database::check(site.db()).await;
    if answers.is_failure() || version.is_failure() {
        return (Standing::NotReady, vec![answers, version]);
    }
    let state = setup::state(site).await;
    let installed = installation::check(site.name(), &state);
    let state = state.ok();
    let copied = instance::check(state.as_ref());
    let (mut standing, mut checks) = (Standing::of(state.as_ref()), vec![answers, version, installed, copied]);
    if standing == Standing::Ready
        && let Some(reason) = hindrance(site.clone()).await
    {
        standing = Standing::Degraded;
        checks.push(CheckResult::failed(CheckId::Github, reason));
    }
    (standing, checks)
}

impl Standing {
    /// Of a site whose database answers; none where its state could not be read.
    fn of(state: Option<&State>) -> Self {
        match state {
            Some(State::Current) => Self::Ready,
            Some(State::NotInstalled | State::Remains | State::Passive { .. }) => Self::NotServed,
            Some(State::Older { .. } | State::Newer { .. }) | None => Self::NotReady,
        }
    }
}

impl ReadinessReport {
    /// Sums up. A replica serves what can be served, so that one site of many does not take the others down.
    fn of(sites: Vec<SiteReadiness>) -> Self {
        let count = |standing| sites.iter().filter(|site| site.status == standing).count();
        let (ready, degraded, unready) = (count(Standing::Ready), count(Standing::Degraded), count(Standing::NotReady));
        Self {
            status: match (ready, degraded, unready) {
                (0, 0, _) => Verdict::NotReady,
                (_, 0, 0) => Verdict::Ready,
                _ => Verdict::Degraded,
            },
            message: (ready + degraded + unready == 0).then_some(NOTHING_SERVED),
            sites,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Installed;

    fn report(standings: &[Standing]) -> ReadinessReport {
        let site = |(number, status): (usize, &Standing)| SiteReadiness {
            site: format!("{number}.test"),
            status: *status,
            checks: Vec::new(),
        };
        ReadinessReport::of(standings.iter().enumerate().map(site).collect())
    }

    #[test]
    fn one_bad_site_does_not_take_the_others_down() {
        use Standing::{Degraded, NotReady, NotServed, Ready};
        for (standings, verdict) in [
            (&[][..], Verdict::NotReady),
            (&[NotServed], Verdict::NotReady),
            (&[NotReady], Verdict::NotReady),
            (&[NotReady, NotServed], Verdict::NotReady),
            (&[Ready], Verdict::Ready),
            (&[Ready, NotServed], Verdict::Ready),
            (&[Ready, NotReady], Verdict::Degraded),
            (&[Degraded], Verdict::Degraded),
            (&[Degraded, NotServed], Verdict::Degraded),
            (&[Ready, Degraded, NotReady], Verdict::Degraded),
        ] {
            let report = report(standings);
            assert_eq!(report.status, verdict, "{standings:?}");
            let nothing = standings.iter().all(|standing| *standing == NotServed);
            assert_eq!(report.message.is_some(), nothing, "{standings:?}");
        }
    }

    #[test]
    fn a_copy_is_left_alone_and_another_version_is_a_fault() {
        let installed = Installed {
            schema: 1,
            fingerprint: String::new(),
            binary: "0.0.1".to_owned(),
        };
        let passive = State::Passive {
            reason: "a copy".to_owned(),
        };
        for (state, standing) in [
            (Some(State::Current), Standing::Ready),
            (Some(State::NotInstalled), Standing::NotServed),
            (Some(State::Remains), Standing::NotServed),
            (Some(passive), Standing::NotServed),
            (
                Some(State::Older {
                    installed: installed.clone(),
                }),
                Standing::NotReady,
            ),
            (Some(State::Newer { installed }), Standing::NotReady),
            (None, Standing::NotReady),
        ] {
            assert_eq!(Standing::of(state.as_ref()), standing, "{state:?}");
        }
    }
}
