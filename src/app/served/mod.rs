//! The sites that a running process works on, asked afresh each time: one may come, go, or be restored at any moment.

mod services;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::{ActionError, LongWorks};
use crate::config::ReconciliationPeriod;
use crate::frappe::site::Site;
use crate::frappe::site_hosts::site_of_host;
use crate::health::{Listed, Readiness};

use super::complaints::{Complaints, Step, Weight};
use super::{App, ConnectError};

/// How long a site that was found to be served is taken for one when the desk calls: a page calls several times in a second.
const FOUND_SERVED: Duration = Duration::from_secs(2);

/// Lists names of sites.
type Names = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// The sites that `serve` was asked to work on.
#[derive(Clone)]
pub struct Served {
    pub(super) app: App,
    names: Names,
    pub(super) reconciliation_period: ReconciliationPeriod,
    pub(super) stop: CancellationToken,
    /// Purpose that goes on after the call that asked for it was answered.
    tasks: TaskTracker,
    long_works: LongWorks,
    pub(super) complaints: Complaints,
    /// Sites that were found to be served, and when.
    found: Arc<Mutex<HashMap<String, (Instant, Site)>>>,
}

impl Served {
    /// Those that `names` lists, until `stop`.
    pub fn new(app: App, names: impl Fn() -> Vec<String> + Send + Sync + 'static, stop: CancellationToken) -> Self {
        Self {
            app,
            names: Arc::new(names),
            reconciliation_period: ReconciliationPeriod::AsSettled,
            stop,
            tasks: TaskTracker::new(),
            long_works: LongWorks::default(),
            complaints: Complaints::default(),
            found: Arc::default(),
        }
    }

    /// The same, compared with GitHub this often.
    #[must_use]
    pub fn reconciling(self, period: ReconciliationPeriod) -> Self {
        Self {
            reconciliation_period: period,
            ..self
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

    /// Answers whether they can be worked on.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let (all, app) = (self.clone(), self.app.clone());
        let hindrance = move |site: Site| -> BoxFuture<'static, Option<String>> {
            let app = app.clone();
            Box::pin(async move { app.require_usable_token(&site).await.err().map(|error| error.to_string()) })
        };
        Readiness::new(move || all.all(), hindrance).until(self.stop.clone())
    }

    /// The site that a request with this name or host means, whatever its state.
    fn named(&self, name: &str) -> Result<Site, ActionError> {
        let Some(name) = site_of_host(self.app.bench(), &(self.names)(), name) else {
            let shown: String = name.chars().take(100).collect();
            return Err(ActionError::Missing(format!("there is no site {shown} here")));
        };
        self.app.site(&name).map_err(|error| ActionError::NotReady(error.to_string()))
    }

    /// As [`App::require_served`], for calls that follow each other: a restored database is noticed two seconds later.
    async fn require_served_lately(&self, site: &Site) -> Result<(), ConnectError> {
        let is_recent = |(since, found): &(Instant, Site)| since.elapsed() < FOUND_SERVED && found.config() == site.config();
        let locked = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if locked().get(site.name()).is_some_and(is_recent) {
            return Ok(());
        }
        self.app.require_served(site).await?;
        locked().insert(site.name().to_owned(), (Instant::now(), site.clone()));
        Ok(())
    }

    /// Notes what came of `step`.
    pub(super) fn note(&self, site: &Site, step: Step, came: Result<(), &ConnectError>) {
        let weight = |error: &ConnectError| if error.is_choice() { Weight::Choice } else { Weight::Fault };
        match came {
            Ok(()) => self.complaints.over(site.name(), step),
            Err(error) => self.complaints.note(site.name(), step, weight(error), &error.to_string()),
        }
    }
}
