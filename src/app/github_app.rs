//! GitHub in the name of a GitHub App, and of its installations: each within a budget of its own.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use crate::config::Hosts;
use crate::domain::Installation;
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::github::app::{AppIdentity, AppKey, InstallationCredential, Narrowing};
use crate::github::{Client, ClientOptions, Credential, GithubError};
use crate::store::settings::{DOCTYPE, Settings};

use super::connect_error::ConnectError;
use super::{App, app_key};

/// Fields of GitHub Settings that say which App it is.
const ISSUERS: [&str; 2] = ["app_client_id", "app_id"];
const SLUG: &str = "app_slug";

impl App {
    /// The GitHub App of `site`, which proves itself with the key that was entered for where GitHub is; none where it is not set up.
    /// Whoever holds it may use it at that GitHub alone. Tokens of an App, or of a key, that the site has not any more are ended on GitHub.
    ///
    /// # Errors
    /// When its key cannot be opened, or was entered for another GitHub.
    pub async fn github_app(&self, site: &Site) -> Result<Option<Arc<AppIdentity>>, ConnectError> {
        let host = self.hosts(site.config())?.origins();
        let fields: HashMap<String, String> = singles::read_all(site.db(), DOCTYPE).await?.into_iter().collect();
        let text = |key: &str| fields.get(key).map(|text| text.trim()).filter(|text| !text.is_empty());
        let Some(issuer) = ISSUERS.into_iter().find_map(text) else {
            self.tokens.end(site.name(), None);
            return Ok(None);
        };
        let Some(stored) = self.stored_app_key(site, &host).await? else {
            self.tokens.end(site.name(), None);
            return Ok(None);
        };
        let slug = text(SLUG);
        let mark = format!("{issuer} {} {} {host}", slug.unwrap_or_default(), stored.fingerprint);
        let identity = self.apps.get_or(site.name(), &mark, || {
            let key = app_key::opened(site, &stored)?;
            Ok::<_, ConnectError>(AppIdentity::new(issuer, slug.map(str::to_owned), key))
        })?;
        self.tokens.end(site.name(), Some(&identity.fingerprint()));
        Ok(Some(identity))
    }

    /// Forgets the tokens of installations that this process has for `site`, and has GitHub end them; nobody waits for that.
    pub(super) fn end_tokens(&self, site: &Site) {
        self.tokens.end(site.name(), None);
    }

    /// GitHub in the name of the App whose id the settings say, by a key that is not stored; none where they say no id.
    ///
    /// # Errors
    /// When it is no key, or no client can be made.
    pub async fn github_with_app_key(&self, site: &Site, pem: &SecretString) -> Result<Option<Client>, ConnectError> {
        let key = AppKey::from_pem(pem)?;
        for field in ISSUERS {
            let issuer = singles::read_field(site.db(), DOCTYPE, field).await?.unwrap_or_default();
            if !issuer.trim().is_empty() {
                let app = AppIdentity::new(issuer.trim(), None, key);
                return Ok(Some(self.github_as_app(site, self.hosts(site.config())?, &app)?));
            }
        }
        Ok(None)
    }

    /// GitHub in the name of the site's App itself; none where it is not set up.
    ///
    /// # Errors
    /// As [`Self::github_app`].
    pub async fn as_app(&self, site: &Site) -> Result<Option<Client>, ConnectError> {
        let Some(app) = self.github_app(site).await? else {
            return Ok(None);
        };
        Ok(Some(self.github_as_app(site, self.hosts(site.config())?, &app)?))
    }

    /// GitHub in the name of an installation of the site's App, narrowed as said; none where the App is not set up.
    ///
    /// # Errors
    /// As [`Self::github_app`].
    pub async fn as_installation(
        &self,
        site: &Site,
        installation: &Installation,
        narrowing: Narrowing,
    ) -> Result<Option<Client>, ConnectError> {
        let Some(app) = self.github_app(site).await? else {
            return Ok(None);
        };
        let hosts = self.hosts(site.config())?;
        let client = self
            .github_as_installation(site, hosts, &app, installation, narrowing)
            .await?;
        Ok(Some(client))
    }

    /// GitHub in the name of the App itself, which may ask about itself and its installations alone. Whoever calls has made sure that
    /// the App's key may go to `hosts`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn github_as_app(&self, site: &Site, hosts: Hosts, app: &Arc<AppIdentity>) -> Result<Client, GithubError> {
        let budget = self.budget(site, &app.fingerprint(), &hosts.origins());
        // It asks for what everything else waits for, and GitHub counts it apart: nothing is kept back.
        Ok(self.client_of(hosts, &app.credential())?.within(budget, 0))
    }

    /// GitHub in the name of an installation of the App, with tokens that are narrowed as said. They are kept in this process, and never
    /// used for another site.
    ///
    /// # Errors
    /// When no client can be made, or the site's settings cannot be read.
    pub async fn github_as_installation(
        &self,
        site: &Site,
        hosts: Hosts,
        app: &Arc<AppIdentity>,
        installation: &Installation,
        narrowing: Narrowing,
    ) -> Result<Client, ConnectError> {
        let kept = Settings::read(site.db()).await?.rate_limit_threshold;
        let asking = self.github_as_app(site, hosts.clone(), app)?;
        let credential = InstallationCredential::new(&self.tokens, site.name(), (app, &asking), installation, narrowing);
        let budget = self.budget(site, &credential.fingerprint(), &hosts.origins());
        Ok(self.client_of(hosts, &credential.credential())?.within(budget, kept))
    }

    /// GitHub in nobody's name, for what proves itself.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn github_as_nobody(&self, hosts: Hosts) -> Result<Client, GithubError> {
        self.client_of(hosts, &Credential::Nobody)
    }

    pub(super) fn client_of(&self, hosts: Hosts, credential: &Credential) -> Result<Client, GithubError> {
        let clock = self.clock.clone();
        Client::over(&self.connections, hosts, credential, clock, ClientOptions::default())
    }
}
