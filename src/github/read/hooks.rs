//! Webhooks of repositories and organisations, and what GitHub delivered by them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PER_PAGE;
use super::as_is::any;
use crate::domain::{Login, RepoName};
use crate::github::client::{Client, Request};
use crate::github::decode::wire;
use crate::github::error::{ErrorKind, GithubError};
use crate::github::pages::Pages;

/// What hooks belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookHome {
    /// A repository: they tell of it alone.
    Repository(RepoName),
    /// An organisation: they tell of all its repositories.
    Organization(Login),
}

impl HookHome {
    /// Path of its hooks, and what is below.
    pub(in crate::github) fn segments<'h>(&'h self, rest: &[&'h str]) -> Vec<&'h str> {
        let home = match self {
            Self::Repository(name) => vec!["repos", name.owner(), name.name(), "hooks"],
            Self::Organization(login) => vec!["orgs", login.as_str(), "hooks"],
        };
        home.into_iter().chain(rest.iter().copied()).collect()
    }
}

impl std::fmt::Display for HookHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Repository(name) => write!(f, "{name}"),
            Self::Organization(login) => write!(f, "{login}"),
        }
    }
}

/// One attempt of GitHub to deliver something, without what it delivered. GitHub keeps them for some days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookDelivery {
    /// GitHub's number of the attempt.
    pub id: u64,
    /// GitHub's id of what was delivered: the same for every attempt, and for every hook that it went to. `X-GitHub-Delivery` says it.
    pub guid: String,
    /// When it was tried.
    pub delivered_at: DateTime<Utc>,
    /// Somebody asked for it again.
    #[serde(default)]
    pub redelivery: bool,
    /// Seconds until it was answered.
    #[serde(default)]
    pub duration: f64,
    /// What came of it, in GitHub's words.
    #[serde(default)]
    pub status: String,
    /// What it was answered with; 0 where there was no answer.
    #[serde(default)]
    pub status_code: u16,
    /// GitHub's name of the event.
    pub event: String,
    /// What happened.
    #[serde(default)]
    pub action: Option<String>,
}

impl HookDelivery {
    /// True where it was taken.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        (200..300).contains(&self.status_code)
    }
}

impl Client {
    /// All webhooks there, as GitHub writes them. It shows no secret of theirs.
    #[must_use]
    pub fn hooks(&self, home: &HookHome) -> Pages<Value> {
        Pages::at(self, self.rest_url(&home.segments(&[]), &[PER_PAGE]), any)
    }

    /// One webhook, as GitHub writes it; none where GitHub shows no such hook.
    ///
    /// # Errors
    /// As any read.
    pub async fn hook(&self, home: &HookHome, id: u64) -> Result<Option<Value>, GithubError> {
        let id = id.to_string();
        let request = Request::get(self.rest_url(&home.segments(&[&id]), &[]));
        match self.read(&request, |answer| answer.json()).await {
            Ok(hook) => Ok(Some(hook)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What was delivered by one webhook, the latest first.
    #[must_use]
    pub fn deliveries(&self, home: &HookHome, id: u64) -> Pages<HookDelivery> {
        let id = id.to_string();
        let url = self.rest_url(&home.segments(&[&id, "deliveries"]), &[PER_PAGE]);
        Pages::at(self, url, |raw| wire(raw.into()))
    }
}
