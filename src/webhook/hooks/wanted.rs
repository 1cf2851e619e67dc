//! How a hook should be.

use secrecy::{ExposeSecret, SecretString};

use crate::domain::Login;
use crate::frappe::encryption_key;
use crate::frappe::site::Site;
use crate::github::NewHook;
use crate::store::hooks::{Home, HookRow};
use crate::store::repositories;
use crate::webhook::secrets;

use super::{HookError, address, events};

/// A hook as GitHub Settings, the Repository and whoever asked for it want it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where deliveries go.
    pub address: String,
    /// What it listens to.
    pub events: Vec<String>,
    /// What deliveries are signed with.
    pub secret: SecretString,
    /// Tells that secret from others, and nothing else of it.
    pub mark: String,
}

impl Wanted {
    /// For the hook of a row.
    ///
    /// # Errors
    /// [`HookError::Invalid`] for an address or an event that cannot be, [`HookError::NotReady`] where no secret is stored.
    pub(super) async fn of_row(site: &Site, row: &HookRow) -> Result<Self, HookError> {
        let own = match (&row.given_events, &row.home) {
            (Some(given), _) => given.clone(),
            (None, Home::Repository(_)) => repositories::webhook_events(site.db(), &row.name).await?.unwrap_or_default(),
            (None, Home::Organization(_) | Home::App(_)) => String::new(),
        };
        let settings = events::of_settings(site.db()).await?;
        let (secret, mark) = secret(site).await?;
        Ok(Self {
            address: address::of_site(site, row.given_address.as_deref()).await?,
            events: events::choose([&own, &settings])?,
            secret,
            mark,
        })
    }

    /// As it is sent.
    pub(super) fn to_send(&self, organization: Option<Login>) -> NewHook {
        NewHook {
            url: self.address.clone(),
            events: self.events.clone(),
            secret: Some(self.secret.clone()),
            organization,
        }
    }
}

/// What deliveries are signed with, and its mark.
pub(super) async fn secret(site: &Site) -> Result<(SecretString, String), HookError> {
    let [present, _previous, _app] = secrets::read(site).await?;
    if present.expose_secret().is_empty() {
        return Err(HookError::NotReady(
            "no webhook secret is stored: enter one as Webhook Secret in GitHub Settings".to_owned(),
        ));
    }
    let key = encryption_key::existing(site.config()).map_err(|error| HookError::NotReady(error.to_string()))?;
    let mark = encryption_key::fingerprint(key.as_ref(), &present);
    Ok((present, mark))
}
