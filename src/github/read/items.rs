//! Issues and pull requests.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;
use url::Url;

use super::PER_PAGE;
use crate::domain::{PullRequest, RepoName, Repository};
use crate::github::client::{Answer, Client, Request};
use crate::github::decode::{DecodeError, wire};
use crate::github::error::GithubError;
use crate::github::feed::FeedItem;
use crate::github::origin::same_origin;
use crate::github::pages::Pages;
use crate::github::{payload, wire as shape};

const ASCENDING: (&str, &str) = ("direction", "asc");
const ALL_STATES: (&str, &str) = ("state", "all");

impl Client {
    /// Issues and pull requests of `name` in one list, oldest first: all by time of creation, or those that changed at or after
    /// `since` (GitHub's clock, whole seconds) by time of change.
    ///
    /// Where issues are switched off GitHub answers [`Gone`](crate::github::ErrorKind::Gone); use [`Self::pull_requests`] then.
    #[must_use]
    pub fn items(&self, name: &RepoName, since: Option<DateTime<Utc>>) -> Pages<FeedItem> {
        let segments = ["repos", name.owner(), name.name(), "issues"];
        let since = since.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
        let url = match &since {
            None => self.rest_url(&segments, &[ALL_STATES, ("sort", "created"), ASCENDING, PER_PAGE]),
            Some(since) => self.rest_url(
                &segments,
                &[ALL_STATES, ("sort", "updated"), ASCENDING, PER_PAGE, ("since", since)],
            ),
        };
        Pages::at(self, url, |raw| payload::item(raw))
    }

    /// The list of [`Self::items`] from a page on whose address it gave before; none where that is not an address of this GitHub.
    #[must_use]
    pub fn items_from(&self, place: &str) -> Option<Pages<FeedItem>> {
        let url = Url::parse(place).ok()?;
        same_origin(&url, &self.hosts().api).then(|| Pages::at(self, url, |raw| payload::item(raw)))
    }

    /// The issue or the pull request of that number, or what is odd about it; none where it went to another repository. Where issues are
    /// switched off GitHub answers for pull requests alone.
    ///
    /// # Errors
    /// As any read.
    pub async fn item(&self, repository: &Repository, number: u64) -> Result<Option<Result<FeedItem, DecodeError>>, GithubError> {
        let (name, number) = (&repository.name, number.to_string());
        let what = if repository.has_issues { "issues" } else { "pulls" };
        let url = self.rest_url(&["repos", name.owner(), name.name(), what, &number], &[]);
        // GitHub redirects both to what was transferred and to a repository that was renamed, whose id stays.
        let renamed = self.rest_url(&["repositories", &repository.id.to_string(), what, &number], &[]);
        let request = Request::get(url.clone());
        let read = |answer: &Answer| {
            let raw: &RawValue = answer.json()?;
            let is_its_own = [&url, &renamed].contains(&answer.url());
            let read = || {
                if repository.has_issues {
                    payload::item(raw)
                } else {
                    wire::<shape::PullRequest>(raw.into()).map(|pull| FeedItem::PullRequest(pull.into()))
                }
            };
            Ok(is_its_own.then(read))
        };
        self.read(&request, read).await
    }

    /// Pull requests of `name`, oldest first; GitHub has no `since` here. Each has its detail, but a list tells neither the number of
    /// comments nor who merged nor whether it can be merged: [`Self::pull_request_details`] does.
    #[must_use]
    pub fn pull_requests(&self, name: &RepoName) -> Pages<PullRequest> {
        let segments = ["repos", name.owner(), name.name(), "pulls"];
        let url = self.rest_url(&segments, &[ALL_STATES, ("sort", "created"), ASCENDING, PER_PAGE]);
        Pages::at(self, url, |raw| wire::<shape::PullRequest>(raw.into()).map(PullRequest::from))
    }

    /// The list of [`Self::pull_requests`] from a page on whose address it gave before; none where that is not an address of this GitHub.
    #[must_use]
    pub fn pull_requests_from(&self, place: &str) -> Option<Pages<PullRequest>> {
        let url = Url::parse(place).ok()?;
        same_origin(&url, &self.hosts().api)
            .then(|| Pages::at(self, url, |raw| wire::<shape::PullRequest>(raw.into()).map(PullRequest::from)))
    }

    /// The same pull requests, the one that changed last first, so that who knows those that did not change reads no further. What changes
    /// meanwhile comes to the front and hides nothing.
    #[must_use]
    pub fn pull_requests_changed(&self, name: &RepoName) -> Pages<PullRequest> {
        let segments = ["repos", name.owner(), name.name(), "pulls"];
        let url = self.rest_url(&segments, &[ALL_STATES, ("sort", "updated"), ("direction", "desc"), PER_PAGE]);
        Pages::at(self, url, |raw| wire::<shape::PullRequest>(raw.into()).map(PullRequest::from))
    }
}
