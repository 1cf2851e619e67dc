//! People's own connections with GitHub, and GitHub in the name of one of them.

use std::sync::Arc;

use crate::actions::grants::{GrantCredential, Grants};
use crate::domain::Person;
use crate::frappe::auth::UserId;
use crate::frappe::encryption_key;
use crate::frappe::site::Site;
use crate::frappe::{secrets, singles};
use crate::github::oauth::{OAuth, OAuthApp};
use crate::github::{Client, ClientOptions, Credential};
use crate::store::credentials;
use crate::store::settings::{DOCTYPE, Settings};

use super::connect::elsewhere;
use super::{App, ConnectError};

/// Whom people authorise, in this order: the GitHub App, else the OAuth App.
const CLIENTS: [(&str, &str); 2] = [
    ("app_client_id", "app_client_secret"),
    ("oauth_client_id", "oauth_client_secret"),
];

/// GitHub in the name of one person.
#[derive(Debug, Clone)]
pub struct AsUser {
    /// Asks in that name. Its token is renewed as it is used, and gone as soon as the person takes it back.
    pub client: Client,
    /// The account: GitHub's number, and its login when it was connected.
    pub account: Person,
}

impl App {
    /// The connections of the people of `site`, through its GitHub App where that is set up, else through its OAuth App; none
    /// where neither has a client id and a client secret.
    ///
    /// # Errors
    /// When the secret cannot be read, or was entered for another GitHub.
    pub async fn grants(&self, site: &Site) -> Result<Option<Grants>, ConnectError> {
        let hosts = self.hosts(site.config())?;
        let origins = hosts.origins();
        let key = encryption_key::existing(site.config())?;
        for (id, secret) in CLIENTS {
            let client_id = singles::read_field(site.db(), DOCTYPE, id).await?.unwrap_or_default();
            let client_id = client_id.trim();
            let found = secrets::read_single(&mut site.db().conn().await?, key.as_ref(), DOCTYPE, secret).await?;
            let Some(found) = found.filter(|_| !client_id.is_empty()) else {
                continue;
            };
            let fingerprint = encryption_key::fingerprint(key.as_ref(), &found.secret);
            let binding = credentials::may_go(site.db(), secret, &fingerprint, &origins).await?;
            if let Some(refusal) = elsewhere(site, secret, &origins, binding) {
                return Err(refusal);
            }
            let mark = format!("{client_id} {fingerprint} {origins} {}", hosts.web);
            let oauth = self.oauths.get_or(site.name(), &mark, || {
                let app = OAuthApp {
                    client_id: client_id.to_owned(),
                    client_secret: found.secret,
                };
                OAuth::new(
                    &self.connections,
                    hosts.clone(),
                    app,
                    self.clock.clone(),
                    ClientOptions::default(),
                )
            })?;
            return Ok(Some(Grants::new(site, oauth, &*self.owner, &self.turns)));
        }
        Ok(None)
    }

    /// GitHub in the name of `user`, where the integration is switched on; none where he has no connection that stands.
    pub(super) async fn connected(&self, site: &Site, user: &UserId) -> Result<Option<AsUser>, ConnectError> {
        if !Settings::read(site.db()).await?.enabled {
            return Err(ConnectError::SwitchedOff(site.name().to_owned()));
        }
        match self.github_as_user(site, user).await {
            Err(ConnectError::Grant(error)) if error.needs_connecting() => Ok(None),
            acting => acting,
        }
    }

    /// GitHub in the name of `user`, within what GitHub lets that account ask; none where people cannot connect on this site.
    ///
    /// # Errors
    /// [`ConnectError::Grant`] where he is not connected, or his connection cannot be used; others as [`Self::grants`].
    pub async fn github_as_user(&self, site: &Site, user: &UserId) -> Result<Option<AsUser>, ConnectError> {
        let Some(grants) = self.grants(site).await? else {
            return Ok(None);
        };
        let token = grants.token(user).await?;
        let hosts = self.hosts(site.config())?;
        let account = Person {
            id: Some(token.github_id),
            login: token.login.clone(),
        };
        let budget = self.budget(site, &format!("account {}", token.github_id), &hosts.origins());
        let credential = GrantCredential::new(grants, user.clone(), token);
        let client = self.client_of(hosts, &Credential::Renewable(Arc::new(credential)))?;
        Ok(Some(AsUser {
            client: client.within(budget, 0),
            account,
        }))
    }
}
