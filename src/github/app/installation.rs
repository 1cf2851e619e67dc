//! The credential of an installation: tokens that are asked for as they are needed.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::identity::AppIdentity;
use super::narrowing::Narrowing;
use super::refusal::Links;
use super::tokens::{Entry, InstallationTokens, Key};
use crate::domain::budget::Purpose;
use crate::domain::{Grants, Installation, OwnerKind};
use crate::github::error::GithubError;
use crate::github::renewable::{Acting, Pass, Renewable};
use crate::github::write::Write;
use crate::github::{Client, Credential, RetryPolicy};

/// Whoever waits for a token may be a person, and there are few of them. How often it is tried is for the request to say that needs it.
const ONCE: RetryPolicy = RetryPolicy {
    attempts: 1,
    ..RetryPolicy::interactive()
};

/// An installation of an App, for one purpose.
#[derive(Clone)]
pub struct InstallationCredential {
    account: String,
    granted: Grants,
    kind: OwnerKind,
    links: Links,
    app: Client,
    tokens: InstallationTokens,
    key: Key,
    entry: Arc<Entry>,
}

impl InstallationCredential {
    /// The credential of `installation` for `site`. `app` is a client with the credential of `identity`: tokens are asked for within its
    /// budget, and found again among `tokens`.
    #[must_use]
    pub fn new(
        tokens: &InstallationTokens,
        site: &str,
        (identity, app): (&AppIdentity, &Client),
        installation: &Installation,
        narrowing: Narrowing,
    ) -> Self {
        let key = Key {
            site: site.to_owned(),
            app: identity.fingerprint(),
            origins: app.hosts().origins(),
            installation: installation.id,
            narrowing,
        };
        Self {
            account: installation
                .account
                .as_ref()
                .map_or_else(String::new, |account| account.login.clone()),
            granted: installation.permissions.clone(),
            kind: installation
                .account
                .as_ref()
                .map_or(OwnerKind::Organization, |account| account.kind),
            links: Links {
                manage: Some(installation.html_url.clone()).filter(|url| !url.is_empty()),
                install: identity.install_page(&app.hosts().web),
            },
            app: app.for_a_person().with_retry(ONCE).on(Purpose::Other),
            entry: tokens.entry(key.clone()),
            tokens: tokens.clone(),
            key,
        }
    }

    /// What the budget of the installation is known by: GitHub counts for each of them by itself, whatever its tokens are narrowed to.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        format!("installation {}", self.key.installation)
    }

    /// The same as a credential of a client.
    #[must_use]
    pub fn credential(self) -> Credential {
        Credential::Renewable(Arc::new(self))
    }
}

impl Renewable for InstallationCredential {
    fn pass(&self, now: DateTime<Utc>) -> BoxFuture<'_, Result<Pass, GithubError>> {
        async move {
            let wanted = (self.key.installation, &self.key.narrowing);
            if let Some(lacks) = wanted.1.lacks() {
                return Err(self.links.lacking(wanted.0, lacks));
            }
            let pass = self.entry.pass(&self.app, wanted, now).await;
            pass.map_err(|error| self.links.explained(error, wanted.1))
        }
        .boxed()
    }

    fn refused(&self, number: u64, _github: DateTime<Utc>, _now: DateTime<Utc>) {
        self.entry.refused(number);
    }

    fn explained(&self, error: GithubError) -> GithubError {
        self.links.of_request(error)
    }

    fn acting(&self) -> Acting<'_> {
        Acting::Installation { account: &self.account }
    }

    fn for_write(&self, write: &Write, repository: Option<u64>) -> Option<Arc<dyn Renewable>> {
        let narrowing = Narrowing::to_write(write.features(), &self.granted, self.kind);
        // What is an organisation's is in no repository.
        let repository = repository.filter(|_| !write.is_of_an_organization());
        let key = Key {
            narrowing: narrowing.in_repositories(repository),
            ..self.key.clone()
        };
        Some(Arc::new(Self {
            entry: self.tokens.entry(key.clone()),
            key,
            ..self.clone()
        }))
    }
}

impl fmt::Debug for InstallationCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstallationCredential")
            .field("id", &self.key.installation)
            .field("account", &self.account)
            .field("narrowing", &self.key.narrowing)
            .finish_non_exhaustive()
    }
}
