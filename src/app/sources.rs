//! From what stands behind a credential to GitHub in its name.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use crate::config::{Environment, Hosts};
use crate::domain::{Installation, Login, SiteWay, Source};
use crate::frappe::auth::UserId;
use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::frappe::{encryption_key, secrets, singles};
use crate::github::app::{AppIdentity, Narrowing};
use crate::github::{Client, Credential};
use crate::store::integrations::{self, REPOSITORY_TOKEN};
use crate::store::settings::{DOCTYPE, Settings};
use crate::store::site_way::{self, PREFIX};
use crate::store::{credentials, installations};

use super::connect::elsewhere;
use super::settings::TOKEN;
use super::{App, ConnectError};

/// How long it is believed where the App is installed.
const BELIEVED: TimeDelta = TimeDelta::minutes(5);

/// Variables of the environment that may hold tokens. They are shown to nobody.
#[derive(Clone, Default)]
pub(super) struct NamedTokens(Arc<BTreeMap<String, SecretString>>);

impl NamedTokens {
    pub(super) fn of(environment: &Environment) -> Self {
        let variables = environment.variables().iter();
        let named = variables.filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
        Self(Arc::new(
            named
                .map(|(name, value)| (name.clone(), SecretString::from(value.clone())))
                .collect(),
        ))
    }
}

/// Where the App was found to be installed, by site and account.
pub(super) type Installed = Arc<Mutex<HashMap<(String, String), (DateTime<Utc>, Installation)>>>;

impl App {
    /// The same with the tokens that `environment` has: each is used for the sites that name it, and for no other.
    #[must_use]
    pub fn with_environment(mut self, environment: &Environment) -> Self {
        self.named_tokens = NamedTokens::of(environment);
        self
    }

    /// What `site` itself works with.
    pub(super) async fn site_way(&self, site: &Site) -> Result<SiteWay, ConnectError> {
        Ok(site_way::of_site(site).await?)
    }

    /// The token in the variable of that name, which `site` names.
    pub(super) fn named_token(&self, site: &Site, name: &str) -> Result<&SecretString, ConnectError> {
        self.named_tokens.0.get(name).ok_or_else(|| ConnectError::NoVariable {
            site: site.name().to_owned(),
            name: name.to_owned(),
        })
    }

    /// GitHub with the credential that `source` stands for.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it was entered for another GitHub.
    pub(super) async fn client_of_source(&self, site: &Site, source: &Source) -> Result<Client, ConnectError> {
        match source {
            Source::Site => self.github_with_token(site).await,
            Source::Repository(name) => {
                self.with_stored_token(site, ("Repository", name, REPOSITORY_TOKEN), source)
                    .await
            }
            Source::Integration(name) => {
                let field = (integrations::DOCTYPE, name.as_str(), integrations::TOKEN);
                self.with_stored_token(site, field, source).await
            }
            Source::Environment(name) => self.with_token(site, self.named_token(site, name)?, source).await,
            Source::Person { user } => {
                let user = UserId::of_record(user);
                let acting = self.github_as_user(site, &user).await?;
                let kept = Settings::read(site.db()).await?.rate_limit_threshold;
                acting
                    .map(|acting| acting.client.keeping(kept))
                    .ok_or_else(|| ConnectError::NobodyConnects(site.name().to_owned()))
            }
            Source::Installation { account } => {
                let (installation, narrowing) = self.installation_in(site, account).await?;
                let client = self.as_installation(site, &installation, narrowing).await?;
                client.ok_or_else(|| ConnectError::NoApp(site.name().to_owned()))
            }
        }
    }

    /// The installation of the site's App in `account`, which may be used, and what tokens are for: reading what was granted. What GitHub told of it is
    /// used first, so that one that is suspended or gone stops at once, and a new one works at once.
    async fn installation_in(&self, site: &Site, account: &str) -> Result<(Installation, Narrowing), ConnectError> {
        let no_app = || ConnectError::NoApp(site.name().to_owned());
        let app = self.github_app(site).await?.ok_or_else(no_app)?;
        let hosts = self.hosts(site.config())?;
        let app_id = singles::read_field(site.db(), DOCTYPE, "app_id").await?.unwrap_or_default();
        let known = installations::in_account(site.db(), app_id.trim(), account).await?;
        let key = (format!("{} {}", site.name(), app.fingerprint()), account.to_owned());
        for id in &known.gone {
            self.tokens.forget(site.name(), *id);
        }
        // One that GitHub gives no token for may have been removed and made anew.
        let told = known
            .installation
            .clone()
            .filter(|told| !self.tokens.is_refused(site.name(), told));
        let installation = if let Some(told) = told {
            if told.suspended_at.is_some() {
                self.tokens.forget(site.name(), told.id);
            }
            Some(told)
        } else {
            let found = self.asked(site, (&hosts, &app), key, &known.gone).await?;
            // Its login may be another's by now: nothing of that account is ours to work with.
            found.filter(|found| known.may_be(found))
        };
        let Some(installation) = installation else {
            return Err(ConnectError::NotInstalled {
                account: account.to_owned(),
                url: app.install_page(&hosts.web),
            });
        };
        if installation.suspended_at.is_some() {
            return Err(ConnectError::Suspended {
                account: account.to_owned(),
                url: installation.html_url,
            });
        }
        let narrowing = Narrowing::to_read(&installation.permissions);
        Ok((installation, narrowing))
    }

    /// The installation in an account of which GitHub told nothing: it is asked, and believed for a while. What it told is `gone` is not.
    async fn asked(
        &self,
        site: &Site,
        (hosts, app): (&Hosts, &Arc<AppIdentity>),
        key: (String, String),
        gone: &[u64],
    ) -> Result<Option<Installation>, ConnectError> {
        let locked = || self.installed.lock().unwrap_or_else(PoisonError::into_inner);
        let (believed, now) = (locked().get(&key).cloned(), self.clock.now());
        let is_fresh = |(asked_at, found): &(DateTime<Utc>, Installation)| {
            let is_known_gone = gone.contains(&found.id) || self.tokens.is_refused(site.name(), found);
            now - *asked_at < BELIEVED && !is_known_gone
        };
        if let Some((_, found)) = believed.filter(is_fresh) {
            return Ok(Some(found));
        }
        let login: Login = key.1.parse().map_err(|_| ConnectError::NotInstalled {
            account: key.1.clone(),
            url: None,
        })?;
        let found = self
            .github_as_app(site, hosts.clone(), app)?
            .installation_in_account(&login)
            .await?;
        // What somebody is to mend is looked at again at once.
        if let Some(usable) = found.as_ref().filter(|found| found.suspended_at.is_none()) {
            locked().insert(key, (now, usable.clone()));
        }
        Ok(found)
    }

    async fn with_stored_token(
        &self,
        site: &Site,
        (doctype, name, field): (&str, &str, &str),
        source: &Source,
    ) -> Result<Client, ConnectError> {
        let key = encryption_key::existing(site.config())?;
        let found = secrets::read(&mut site.db().conn().await?, key.as_ref(), doctype, name, field).await?;
        match found {
            Some(token) => self.with_token(site, &token, source).await,
            None => Err(ConnectError::NoTokenOf(source.to_string())),
        }
    }

    /// A token that is entered in the desk is bound to where GitHub is by its first use.
    pub(super) async fn with_token(&self, site: &Site, token: &SecretString, source: &Source) -> Result<Client, ConnectError> {
        let hosts = self.hosts(site.config())?;
        let origins = hosts.origins();
        let key = encryption_key::existing(site.config())?;
        let fingerprint = encryption_key::fingerprint(key.as_ref(), token);
        // By itself and not by its document, which may get another name. One of the environment is a credential of the site itself.
        let kind = if matches!(source, Source::Environment(_)) {
            "environment"
        } else {
            "token"
        };
        let purpose = format!("{kind} {}", fingerprint.get(..40).unwrap_or_default());
        let binding = credentials::may_go(site.db(), &purpose, &fingerprint, &origins).await?;
        if let Some(ConnectError::OtherHost { bound, asked, .. }) = elsewhere(site, TOKEN, &origins, binding) {
            return Err(ConnectError::OtherHostOf {
                what: source.to_string(),
                bound,
                asked,
            });
        }
        let budget = self.budget(site, &fingerprint, &origins);
        let kept = Settings::read(site.db()).await?.rate_limit_threshold;
        let client = self.client_of(hosts, &Credential::Token(token.clone()))?;
        Ok(client.within(budget, kept))
    }

    /// The account whose installation stands for the site where no repository is meant: the default organisation, else the owner of a
    /// repository that is here.
    pub(super) async fn main_account(&self, site: &Site) -> Result<Option<String>, DbError> {
        let default = singles::read_field(site.db(), DOCTYPE, "default_organization").await?;
        if let Some(default) = default.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty()) {
            return Ok(Some(default));
        }
        let all = integrations::of_all(site.db()).await?;
        let owners = all.iter().filter_map(|one| one.name.split_once('/'));
        Ok(owners.map(|(owner, _)| owner.to_lowercase()).min())
    }
}
