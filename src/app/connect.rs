//! From a site to what a sync of it works with: may it be served, with which credential, and may that be sent where GitHub is.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::config::HostError;
use crate::frappe::db::DbError;
use crate::frappe::encryption_key::{self, EncryptionKeyError};
use crate::frappe::secrets::{self, SecretError};
use crate::frappe::site::Site;
use crate::github::{Client, ClientOptions, Credential, GithubError};
use crate::places::Place;
use crate::setup::{self, SetupError, State, integration_user};
use crate::store::credentials::{self, Binding};
use crate::store::settings::{DOCTYPE, Settings};
use crate::sync::{Pace, SyncContext};
use crate::telemetry::Reporter;

use super::App;
use super::settings::TOKEN;

/// Why a site cannot be worked on just now; each sentence says what to type.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not installed, of another version, or a copy.
    #[error("{0}")]
    NotServed(String),
    /// Switched off by an administrator.
    #[error("site {0}: the integration is switched off; set `enabled` in GitHub Settings")]
    SwitchedOff(String),
    /// No token is stored.
    #[error("site {site}: no GitHub token is stored; run `erpnext-github settings set {TOKEN} --stdin --site {site}`")]
    NoToken {
        /// Site folder.
        site: String,
    },
    /// The token was entered for another GitHub.
    #[error(
        "site {site}: the stored token was entered for {bound}, and GitHub is {asked} now; store a token for {asked} with `erpnext-github settings set {TOKEN} --stdin --site {site}`, and the same --github-api-url where it is given as a flag"
    )]
    OtherHost {
        /// Site folder.
        site: String,
        /// Where the token was entered for.
        bound: String,
        /// Where it would be sent to.
        asked: String,
    },
    /// The site's state cannot be read.
    #[error("{0}")]
    Setup(#[from] SetupError),
    /// The site's key cannot be used.
    #[error("{0}")]
    Key(#[from] EncryptionKeyError),
    /// The stored token cannot be read.
    #[error("{0}")]
    Secret(#[from] SecretError),
    /// An address of GitHub cannot be used.
    #[error("{0}")]
    Host(#[from] HostError),
    /// The database refuses.
    #[error("{0}")]
    Db(#[from] DbError),
    /// No client can be made.
    #[error("{0}")]
    Github(#[from] GithubError),
}

impl App {
    /// Tells why `site` is not served, if it is not.
    ///
    /// # Errors
    /// [`ConnectError::NotServed`] with what to type; others when the state cannot be read.
    pub async fn require_served(&self, site: &Site) -> Result<(), ConnectError> {
        let name = site.name();
        let install = format!("`erpnext-github install --site {name}`");
        Err(ConnectError::NotServed(match setup::state(site).await? {
            State::Current => return Ok(()),
            State::NotInstalled => format!("site {name}: not installed; run {install}"),
            State::Remains => {
                format!(
                    "site {name}: not installed, but something of an installation is there; run {install}, or `erpnext-github uninstall --site {name}`"
                )
            }
            State::Older { installed } => {
                format!(
                    "site {name}: installed by version {}, this is {}; run {install}",
                    installed.binary,
                    super::VERSION
                )
            }
            State::Newer { installed } => {
                format!(
                    "site {name}: installed by the newer version {}; run that program, not {}",
                    installed.binary,
                    super::VERSION
                )
            }
            State::Passive { reason } => reason,
        }))
    }

    /// GitHub in the name of the site's credential. One that was entered in the desk is bound to where GitHub is by its first
    /// use; one that `settings set` took is bound already.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it was entered for another GitHub.
    pub async fn github(&self, site: &Site) -> Result<Client, ConnectError> {
        let hosts = self.hosts(site.config())?;
        let key = encryption_key::existing(site.config())?;
        let found = secrets::read_single(&mut site.db().conn().await?, key.as_ref(), DOCTYPE, TOKEN).await?;
        let name = site.name().to_owned();
        let Some(found) = found else {
            return Err(ConnectError::NoToken { site: name });
        };
        let fingerprint = encryption_key::fingerprint(key.as_ref(), &found.secret);
        let asked = hosts.origins();
        if let Binding::ForOther(bound) = credentials::may_go(site.db(), TOKEN, &fingerprint, &asked).await? {
            return Err(ConnectError::OtherHost {
                site: name,
                bound,
                asked,
            });
        }
        let credential = Credential::Token(found.secret);
        Ok(Client::new(hosts, &credential, self.clock.clone(), ClientOptions::default())?)
    }

    /// The same, where the integration is switched on.
    ///
    /// # Errors
    /// As [`Self::github`], and when it is switched off.
    pub async fn client(&self, site: &Site) -> Result<Client, ConnectError> {
        if Settings::read(site.db()).await?.enabled {
            return self.github(site).await;
        }
        Err(match self.github(site).await {
            Err(missing @ ConnectError::NoToken { .. }) => missing,
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
        let client = self.client(site).await?;
        Ok(SyncContext {
            site: site.clone(),
            bench: self.bench.clone(),
            client: client.until(stop.clone()),
            owner: self.owner.clone(),
            user: integration_user(site.name()).into(),
            reporter,
            stop,
            place: Place::default(),
            pace: Pace::default(),
        })
    }
}
