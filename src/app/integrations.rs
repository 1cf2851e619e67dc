//! GitHub in the name of an integration, and by a token that somebody enters for one.

use secrecy::SecretString;

use crate::domain::{OfIntegration, Reachable, Services, SiteWay, Source};
use crate::frappe::site::Site;
use crate::github::Client;
use crate::store::settings::Settings;

use super::{App, ConnectError};

impl App {
    /// GitHub with the credential of an integration, whatever of its services is switched off.
    ///
    /// # Errors
    /// When the site or the integration itself is switched off, or its credential cannot be had.
    pub(super) async fn github_of_integration(&self, site: &Site, of: &OfIntegration) -> Result<Client, ConnectError> {
        if !Settings::read(site.db()).await?.enabled {
            return Err(ConnectError::SwitchedOff(site.name().to_owned()));
        }
        let reachable = Reachable {
            name: of.name.clone(),
            has_token: false,
            is_installed: false,
            integration: Some(OfIntegration {
                services: Services::default(),
                ..of.clone()
            }),
        };
        match reachable.source(&SiteWay::Token) {
            Ok(source) => self.client_of_source(site, &source).await,
            Err(refused) => Err(ConnectError::NotServed(refused.sentence)),
        }
    }

    /// GitHub with a token that is entered for an integration just now.
    ///
    /// # Errors
    /// When GitHub's address cannot be used, or the token was entered for another GitHub.
    pub(super) async fn github_with_entered(&self, site: &Site, token: &SecretString) -> Result<Client, ConnectError> {
        let source = Source::Integration("that is made".to_owned());
        self.with_token(site, token, &source).await
    }
}
