//! The sites that a running process works on, asked afresh each time: one may come, go, or be restored at any moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::grants::Grants;
use crate::actions::{ActionError, LongWorks, Services};
use crate::config::{ReconciliationPeriod, Resolver};
use crate::domain::budget::Purpose;
use crate::domain::{Installation, OfIntegration};
use crate::frappe::auth::UserId;
use crate::frappe::site::Site;
use crate::frappe::site_hosts::site_of_host;
use crate::github::Client;
use crate::github::app::{AppIdentity, Narrowing, NewApp};
use crate::health::{Listed, Readiness};
use crate::jobs::SiteSource;
use crate::setup::{self, State};
use crate::sync::{Personal, SyncContext};
use crate::telemetry::Reporter;

use super::complaints::{Complaints, Step, Weight};
use super::told::told;
use super::{App, ConnectError, saved_settings, settings};

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

impl Services for Served {
    fn site<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Site, ActionError>> {
        Box::pin(async move {
            let site = self.named(name)?;
            self.require_served_lately(&site).await.map_err(told)?;
            Ok(site)
        })
    }

    fn site_or_copy<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Site, ActionError>> {
        Box::pin(async move {
            let site = self.named(name)?;
            if self.passive(&site).await?.is_some() {
                return Ok(site);
            }
            Services::site(self, name).await
        })
    }

    fn passive<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<String>, ActionError>> {
        Box::pin(async move {
            let state = setup::state(site).await;
            match state.map_err(|error| told(error.into()))? {
                State::Passive { reason } => Ok(Some(reason)),
                _ => Ok(None),
            }
        })
    }

    fn github<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            let client = self.app.client(site).await;
            let client = client.map_err(told)?;
            Ok(client.for_a_person().until(self.stop.clone()))
        })
    }

    fn github_app<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Arc<AppIdentity>>, ActionError>> {
        Box::pin(async move { self.app.github_app(site).await.map_err(told) })
    }

    fn as_app<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Client>, ActionError>> {
        Box::pin(async move {
            let client = self.app.as_app(site).await.map_err(told)?;
            Ok(client.map(|client| client.for_a_person().until(self.stop.clone())))
        })
    }

    fn as_installation<'a>(
        &'a self,
        site: &'a Site,
        installation: &'a Installation,
        narrowing: Narrowing,
    ) -> BoxFuture<'a, Result<Option<Client>, ActionError>> {
        Box::pin(async move {
            let client = self.app.as_installation(site, installation, narrowing).await;
            let client = client.map_err(told)?;
            Ok(client.map(|client| client.for_a_person().until(self.stop.clone())))
        })
    }

    fn nobody<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            let hosts = self.app.hosts(site.config());
            let hosts = hosts.map_err(|error| told(error.into()))?;
            let client = self.app.github_as_nobody(hosts)?;
            Ok(client.for_a_person().until(self.stop.clone()))
        })
    }

    fn store_app<'a>(&'a self, site: &'a Site, new: &'a NewApp, user: &'a str) -> BoxFuture<'a, Result<(), ActionError>> {
        Box::pin(async move {
            let stored = settings::set_app(&self.app, site, new, user).await;
            stored.map_err(|error| told(error.into()))
        })
    }

    fn grants<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Grants>, ActionError>> {
        Box::pin(async move { self.app.grants(site).await.map_err(told) })
    }

    fn github_for<'a>(&'a self, site: &'a Site, repository: &'a str) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            let client = self.app.client_for(site, repository).await.map_err(told)?;
            Ok(client.for_a_person().until(self.stop.clone()))
        })
    }

    fn github_of<'a>(&'a self, site: &'a Site, integration: &'a OfIntegration) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            let client = self.app.github_of_integration(site, integration).await.map_err(told)?;
            Ok(client.for_a_person().until(self.stop.clone()))
        })
    }

    fn github_with<'a>(&'a self, site: &'a Site, token: &'a SecretString) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            let client = self.app.github_with_entered(site, token).await.map_err(told)?;
            Ok(client.for_a_person().until(self.stop.clone()))
        })
    }

    fn github_as<'a>(&'a self, site: &'a Site, user: &'a UserId) -> BoxFuture<'a, Result<Option<Personal>, ActionError>> {
        Box::pin(async move {
            let acting = self.app.connected(site, user).await.map_err(told)?;
            Ok(acting.map(|acting| Personal {
                client: acting.client.for_a_person().until(self.stop.clone()),
                login: acting.login,
            }))
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
            let mut context = context.map_err(told)?.on(Purpose::Desk);
            context.user = user.into();
            Ok(context)
        })
    }

    fn web_url(&self, site: &Site) -> Result<String, ActionError> {
        let hosts = self.app.hosts(site.config());
        let hosts = hosts.map_err(|error| ActionError::NotReady(error.to_string()))?;
        Ok(hosts.web.to_string())
    }

    fn resolver(&self) -> &Resolver {
        self.app.resolver()
    }

    fn owner(&self) -> &str {
        self.app.owner()
    }

    fn settings_saved<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), ActionError>> {
        Box::pin(async move {
            let settled = saved_settings::settle(&self.app, site).await;
            settled.map_err(|error| ActionError::NotReady(error.to_string()))
        })
    }

    fn doc_event_secrets<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Vec<SecretString>, ActionError>> {
        Box::pin(async move {
            let secrets = setup::doc_event_secrets(site).await;
            secrets.map_err(|error| ActionError::NotReady(error.to_string()))
        })
    }

    fn work_on_deliveries<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let _did = SiteSource::work_on_deliveries(self, site).await;
        })
    }

    fn go_on(&self, work: BoxFuture<'static, ()>) {
        self.tasks.spawn(work);
    }

    fn long_works(&self) -> &LongWorks {
        &self.long_works
    }

    fn ended(&self) -> BoxFuture<'_, ()> {
        self.tasks.close();
        Box::pin(self.tasks.wait())
    }
}
