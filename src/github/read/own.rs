//! What a person's own token tells of him: his account, the installations that he can see, and their repositories.

use serde::Deserialize;

use super::PER_PAGE;
use crate::domain::{Membership, Repository, VisibleInstallation};
use crate::github::client::{Client, Request};
use crate::github::decode;
use crate::github::error::GithubError;
use crate::github::pages::Pages;
use crate::github::payload;
use crate::github::wire;

/// The account behind a person's token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OwnAccount {
    /// Numeric id: the identity that survives renames.
    pub id: u64,
    /// Login.
    pub login: String,
    /// Address of the picture.
    #[serde(default)]
    pub avatar_url: String,
}

impl Client {
    /// Asks whose token it is.
    ///
    /// # Errors
    /// As any read.
    pub async fn own_account(&self) -> Result<OwnAccount, GithubError> {
        let request = Request::get(self.rest_url(&["user"], &[]));
        self.read(&request, |answer| answer.json()).await
    }

    /// The installations of the App that the person behind the token can see: his own, and those of organisations where he sees at
    /// least one of its repositories. A token of a person that the App was given is needed; any other is refused (403).
    #[must_use]
    pub fn visible_installations(&self) -> Pages<VisibleInstallation> {
        let url = self.rest_url(&["user", "installations"], &[PER_PAGE]);
        Pages::within(self, url, "installations", |raw| {
            decode::wire::<wire::VisibleInstallation>(raw.into()).map(VisibleInstallation::from)
        })
    }

    /// The organisations of the person behind the token, and whether he owns them; those that invited him are among them. A classic token needs
    /// `read:org`.
    #[must_use]
    pub fn memberships(&self) -> Pages<Membership> {
        let url = self.rest_url(&["user", "memberships", "orgs"], &[PER_PAGE]);
        Pages::at(self, url, |raw| {
            decode::wire::<wire::Membership>(raw.into()).map(Membership::from)
        })
    }

    /// Numbers of the repositories that both the installation and the person can see, and whether he manages each.
    #[must_use]
    pub fn repositories_managed_in(&self, installation: u64) -> Pages<(u64, bool)> {
        let id = installation.to_string();
        let url = self.rest_url(&["user", "installations", &id, "repositories"], &[PER_PAGE]);
        Pages::within(self, url, "repositories", |raw| {
            decode::wire::<wire::ManagedRepository>(raw.into()).map(Into::into)
        })
    }

    /// The repositories that both the installation and the person can see.
    #[must_use]
    pub fn repositories_visible_in(&self, installation: u64) -> Pages<Repository> {
        let id = installation.to_string();
        let url = self.rest_url(&["user", "installations", &id, "repositories"], &[PER_PAGE]);
        Pages::within(self, url, "repositories", |raw| payload::repository(raw))
    }
}
