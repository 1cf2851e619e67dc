//! What desk methods are given of the running process.

use crate::actions::grants::Grants;
use crate::actions::{ActionError, LongWorks, Services};
use crate::app::told::told;
use crate::app::{new_app, saved_settings};
use crate::config::Resolver;
use crate::domain::budget::Purpose;
use crate::domain::{GithubApp, Installation, OfIntegration, Service};
use crate::frappe::auth::UserId;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::github::app::{AppIdentity, Narrowing, NewApp};
use crate::jobs::SiteSource;
use crate::setup::{self, State};
use crate::store::integrations;
use crate::sync::{Personal, SyncContext};
use crate::telemetry::Reporter;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use std::sync::Arc;

use super::Served;

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
            let stored = new_app::keep(&self.app, site, new, user).await;
            stored.map_err(|error| told(error.into()))
        })
    }

    fn with_app_key<'a>(&'a self, site: &'a Site, pem: &'a SecretString) -> BoxFuture<'a, Result<Option<Client>, ActionError>> {
        Box::pin(async move {
            let client = self.app.github_with_app_key(site, pem).await.map_err(told)?;
            Ok(client.map(|client| client.for_a_person().until(self.stop.clone())))
        })
    }

    fn store_app_key<'a>(
        &'a self,
        site: &'a Site,
        pem: &'a SecretString,
        app: Option<&'a GithubApp>,
        user: &'a str,
    ) -> BoxFuture<'a, Result<String, ActionError>> {
        Box::pin(async move {
            let stored = new_app::keep_key(&self.app, site, (pem, app), user).await;
            stored.map_err(|error| told(error.into()))
        })
    }

    fn remove_app_key<'a>(&'a self, site: &'a Site, user: &'a str) -> BoxFuture<'a, Result<bool, ActionError>> {
        Box::pin(async move {
            let removed = self.app.remove_app_key(site, user).await;
            removed.map_err(|error| told(error.into()))
        })
    }

    fn grants<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<Option<Grants>, ActionError>> {
        Box::pin(async move { self.app.grants(site).await.map_err(told) })
    }

    fn require_service<'a>(
        &'a self,
        site: &'a Site,
        repository: &'a str,
        service: Service,
    ) -> BoxFuture<'a, Result<(), ActionError>> {
        Box::pin(async move {
            let reachable = integrations::of_repository(site.db(), repository).await?;
            let allowed = reachable.require(service);
            allowed.map_err(|refused| ActionError::NotReady(refused.sentence))
        })
    }

    fn github_to_write<'a>(&'a self, site: &'a Site, repository: &'a str) -> BoxFuture<'a, Result<Client, ActionError>> {
        Box::pin(async move {
            if let Some(user) = self.app.lender_of(site, repository).await? {
                return Err(ActionError::ConnectGithub(format!(
                    "{repository} is read by the connection of {user}, and nobody else acts by it: connect your own account first, \
                     with the button Connect GitHub on your User"
                )));
            }
            self.github_for(site, repository).await
        })
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
                account: acting.account,
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
