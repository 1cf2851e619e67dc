//! What an App reads about itself and its webhook, and an installation about its repositories.

use reqwest::Method;

use super::super::wire as shape;
use crate::domain::{GithubApp, Installation, Login, RepoName, Repository};
use crate::github::WriteFailure;
use crate::github::client::{Client, Fetched, Request, WriteRequest};
use crate::github::decode::{DecodeError, wire};
use crate::github::error::{ErrorKind, GithubError};
use crate::github::pages::Pages;
use crate::github::payload;
use crate::github::read::HookDelivery;

/// Things on a page; GitHub's largest number.
const PER_PAGE: (&str, &str) = ("per_page", "100");

impl Client {
    /// The App whose credential this is, with GitHub's clock.
    ///
    /// # Errors
    /// As any read; [`ErrorKind::AppRefused`] where App and key do not belong together.
    pub async fn github_app(&self) -> Result<Fetched<GithubApp>, GithubError> {
        let request = Request::get(self.rest_url(&["app"], &[]));
        self.read(&request, |answer| {
            let app: shape::App = answer.json()?;
            Ok(Fetched {
                value: app.into(),
                date: answer.date(),
            })
        })
        .await
    }

    /// All installations of the App, suspended ones too.
    #[must_use]
    pub fn installations(&self) -> Pages<Installation> {
        let url = self.rest_url(&["app", "installations"], &[PER_PAGE]);
        Pages::at(self, url, |raw| payload::installation(raw))
    }

    /// An installation by its id; none where there is none of the App.
    ///
    /// # Errors
    /// As any read.
    pub async fn installation(&self, id: u64) -> Result<Option<Installation>, GithubError> {
        self.installation_at(&["app", "installations", &id.to_string()]).await
    }

    /// The installation in an organisation; none where the App is not installed.
    ///
    /// # Errors
    /// As any read.
    pub async fn installation_in_organization(&self, login: &Login) -> Result<Option<Installation>, GithubError> {
        self.installation_at(&["orgs", login.as_str(), "installation"]).await
    }

    /// The installation in a person's account, or in an organisation of that login; none where the App is not installed.
    ///
    /// # Errors
    /// As any read.
    pub async fn installation_in_account(&self, login: &Login) -> Result<Option<Installation>, GithubError> {
        self.installation_at(&["users", login.as_str(), "installation"]).await
    }

    /// The installation that reaches a repository; none where none does.
    ///
    /// # Errors
    /// As any read.
    pub async fn installation_of(&self, name: &RepoName) -> Result<Option<Installation>, GithubError> {
        self.installation_at(&["repos", name.owner(), name.name(), "installation"])
            .await
    }

    async fn installation_at(&self, segments: &[&str]) -> Result<Option<Installation>, GithubError> {
        let request = Request::get(self.rest_url(segments, &[]));
        let read = self.read(&request, |answer| {
            let raw: &serde_json::value::RawValue = answer.json()?;
            payload::installation(raw).map_err(|DecodeError { at, reason }| answer.fail(ErrorKind::Decode { at, reason }))
        });
        match read.await {
            Ok(found) => Ok(Some(found)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What was delivered by the App's own webhook, to whatever installation it was about, the latest first. This client is the App's.
    #[must_use]
    pub fn app_deliveries(&self) -> Pages<HookDelivery> {
        let url = self.rest_url(&["app", "hook", "deliveries"], &[PER_PAGE]);
        Pages::at(self, url, |raw| wire(raw.into()))
    }

    /// Has GitHub deliver once more what the App's own webhook delivered, or failed to. It is sent once; whoever asks has noted it before.
    ///
    /// # Errors
    /// [`WriteFailure`], which says whether it may be done all the same.
    pub async fn redeliver_of_app(&self, delivery: u64) -> Result<(), WriteFailure> {
        let delivery = delivery.to_string();
        let url = self.rest_url(&["app", "hook", "deliveries", &delivery, "attempts"], &[]);
        self.write(&WriteRequest::new(Method::POST, url, None)).await.map(drop)
    }

    /// All repositories that the installation reaches whose credential this is, as far as its token does.
    #[must_use]
    pub fn installation_repositories(&self) -> Pages<Repository> {
        let url = self.rest_url(&["installation", "repositories"], &[PER_PAGE]);
        Pages::within(self, url, "repositories", |raw| payload::repository(raw))
    }
}
