//! From a site to what a sync of it works with: may it be served, with which credential, and may that be sent where GitHub is.

use std::sync::Arc;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::config::Hosts;
use crate::domain::{Services, SiteWay, Source};
use crate::frappe::encryption_key;
use crate::frappe::secrets;
use crate::frappe::site::Site;
use crate::github::{Client, ClientOptions, Credential};
use crate::places::Place;
use crate::setup::{self, State, integration_user};
use crate::store::credentials::{self, Binding};
use crate::store::integrations;
use crate::store::settings::{DOCTYPE, Settings};
use crate::sync::{Pace, SyncContext, Ways};
use crate::telemetry::Reporter;

use super::App;
use super::connect_error::ConnectError;
use super::settings::TOKEN;

/// A site's token and where it would be sent.
struct Token {
    hosts: Hosts,
    secret: SecretString,
    /// Tells it from others, and nothing else of it.
    fingerprint: String,
}

impl App {
    /// Tells why `site` is not served, if it is not.
    ///
    /// # Errors
    /// [`ConnectError::NotServed`] and [`ConnectError::OtherVersion`] with what to type; others when the state cannot be read.
    pub async fn require_served(&self, site: &Site) -> Result<(), ConnectError> {
        let name = site.name();
        let install = format!("`erpnext-github install --site {name}`");
        Err(match setup::state(site).await? {
            State::Current => return Ok(()),
            State::NotInstalled => ConnectError::NotServed(format!("site {name}: not installed; run {install}")),
            State::Remains => ConnectError::NotServed(format!(
                "site {name}: not installed, but something of an installation is there; run {install}, or `erpnext-github uninstall --site {name}`"
            )),
            State::Older { installed } => ConnectError::OtherVersion(format!(
                "site {name}: installed by version {}, this is {}; run {install}",
                installed.binary,
                super::VERSION
            )),
            State::Newer { installed } => ConnectError::OtherVersion(format!(
                "site {name}: installed by the newer version {}; run that program, not {}",
                installed.binary,
                super::VERSION
            )),
            State::Passive { reason } => ConnectError::NotServed(reason),
        })
    }

    /// GitHub in the name of the site's credential. One that was entered in the desk is bound to where GitHub is by its first
    /// use; one that `settings set` took is bound already.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it was entered for another GitHub.
    pub async fn github(&self, site: &Site) -> Result<Client, ConnectError> {
        match self.site_way(site).await? {
            SiteWay::Token => self.github_with_token(site).await,
            SiteWay::Environment(name) => self.client_of_source(site, &Source::Environment(name)).await,
            SiteWay::App => match self.main_account(site).await? {
                Some(account) => self.client_of_source(site, &Source::Installation { account }).await,
                None => self
                    .as_app(site)
                    .await?
                    .ok_or_else(|| ConnectError::NoApp(site.name().to_owned())),
            },
        }
    }

    /// The same with the token of GitHub Settings.
    pub(super) async fn github_with_token(&self, site: &Site) -> Result<Client, ConnectError> {
        let token = self.token(site).await?;
        let asked = token.hosts.origins();
        let binding = credentials::may_go(site.db(), TOKEN, &token.fingerprint, &asked).await?;
        if let Some(refusal) = elsewhere(site, TOKEN, &asked, binding) {
            return Err(refusal);
        }
        let budget = self.budget(site, &token.fingerprint, &token.hosts.origins());
        let kept = Settings::read(site.db()).await?.rate_limit_threshold;
        let credential = Credential::Token(token.secret);
        let client = Client::over(
            &self.connections,
            token.hosts,
            &credential,
            self.clock.clone(),
            ClientOptions::default(),
        )?;
        Ok(client.within(budget, kept))
    }

    /// Tells what is wrong with the credential of a served `site`, and changes nothing: a token that was never used is not bound.
    /// A site without a token, or switched off, lacks nothing; one that names a variable of the environment lacks it where it is not there.
    ///
    /// # Errors
    /// What a sync of the site would end with.
    pub async fn require_usable_token(&self, site: &Site) -> Result<(), ConnectError> {
        if !Settings::read(site.db()).await?.enabled {
            return Ok(());
        }
        match self.site_way(site).await? {
            // Its key is held against where GitHub is.
            SiteWay::App => return self.github_app(site).await.map(drop),
            SiteWay::Environment(name) => return self.named_token(site, &name).map(drop),
            SiteWay::Token => {}
        }
        let token = match self.token(site).await {
            Err(ConnectError::NoToken { .. }) => return Ok(()),
            other => other?,
        };
        let asked = token.hosts.origins();
        let binding = credentials::binding(site.db(), TOKEN, &token.fingerprint, &asked).await?;
        let refusal = binding.and_then(|binding| elsewhere(site, TOKEN, &asked, binding));
        refusal.map_or(Ok(()), Err)
    }

    async fn token(&self, site: &Site) -> Result<Token, ConnectError> {
        let hosts = self.hosts(site.config())?;
        let key = encryption_key::existing(site.config())?;
        let found = secrets::read_single(&mut site.db().conn().await?, key.as_ref(), DOCTYPE, TOKEN).await?;
        let found = found.ok_or_else(|| ConnectError::NoToken {
            site: site.name().to_owned(),
        })?;
        Ok(Token {
            hosts,
            fingerprint: encryption_key::fingerprint(key.as_ref(), &found.secret),
            secret: found.secret,
        })
    }

    /// The same, where the integration is switched on.
    ///
    /// # Errors
    /// As [`Self::github`], and when it is switched off.
    pub async fn client(&self, site: &Site) -> Result<Client, ConnectError> {
        if Settings::read(site.db()).await?.enabled {
            return self.github(site).await;
        }
        // Where nothing is stored yet, that is what is missing: storing the first credential switches the integration on. A token is not
        // bound by this.
        let has_nothing = self.site_way(site).await? == SiteWay::Token && !integrations::has_own_credentials(site.db()).await?;
        Err(match self.token(site).await {
            Err(missing @ ConnectError::NoToken { .. }) if has_nothing => missing,
            _ => ConnectError::SwitchedOff(site.name().to_owned()),
        })
    }

    /// What a sync of `site` works with, until `stop`.
    ///
    /// # Errors
    /// When the site is not served, is switched off, or has no usable credential.
    pub async fn sync_context(
        &self,
        site: &Site,
        reporter: Arc<dyn Reporter>,
        stop: CancellationToken,
    ) -> Result<SyncContext, ConnectError> {
        self.require_served(site).await?;
        let client = match self.client(site).await {
            Ok(client) => client,
            Err(error @ ConnectError::SwitchedOff(_)) => return Err(error),
            // What has a credential of its own does not wait for the site's, nor one account with the App for another.
            Err(error)
                if error.database().is_none()
                    && (error.is_of_one_account() || integrations::has_own_credentials(site.db()).await?) =>
            {
                self.refusing(site, error.to_string())?
            }
            Err(error) => return Err(error),
        };
        Ok(SyncContext {
            site: site.clone(),
            bench: self.bench.clone(),
            client: client.until(stop.clone()),
            reach: Arc::new(self.reach(site)),
            services: Services::default(),
            credential: None,
            owner: self.owner.clone(),
            user: integration_user(site.name()).into(),
            reporter,
            stop,
            resolver: self.resolver.clone(),
            place: Place::default(),
            pace: Pace::default(),
            ways: Ways::default(),
        })
    }
}

/// The refusal of what `settings` calls `key` and is bound to another place than `asked`.
pub(super) fn elsewhere(site: &Site, key: &'static str, asked: &str, binding: Binding) -> Option<ConnectError> {
    match binding {
        Binding::Bound => None,
        Binding::ForOther(bound) => Some(ConnectError::OtherHost {
            site: site.name().to_owned(),
            key,
            bound,
            asked: asked.to_owned(),
        }),
    }
}
