//! GitHub in the name of a GitHub App, and of its installations: each within a budget of its own.

use std::sync::Arc;

use crate::config::Hosts;
use crate::domain::Installation;
use crate::frappe::site::Site;
use crate::github::app::{AppIdentity, InstallationCredential, Narrowing};
use crate::github::{Client, ClientOptions, Credential, GithubError};
use crate::store::settings::Settings;

use super::App;
use super::connect::ConnectError;

impl App {
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

    fn client_of(&self, hosts: Hosts, credential: &Credential) -> Result<Client, GithubError> {
        let clock = self.clock.clone();
        Client::over(&self.connections, hosts, credential, clock, ClientOptions::default())
    }
}
