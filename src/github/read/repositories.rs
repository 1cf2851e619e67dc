//! Repositories: one by name, or all of an owner.

use std::collections::VecDeque;

use super::PER_PAGE;
use crate::domain::{Login, RepoName, Repository};
use crate::github::client::{Client, Fetched, Request};
use crate::github::decode::DecodeError;
use crate::github::error::{ErrorKind, GithubError};
use crate::github::pages::Pages;
use crate::github::payload;
use crate::github::renewable::Acting;

/// A fixed order, so that what is created while the pages are read shifts none of them far.
const BY_NAME: [(&str, &str); 2] = [("sort", "full_name"), ("direction", "asc")];

impl Client {
    /// The repository `name`. GitHub answers for a renamed or transferred one under its old name too (301, followed): compare the
    /// answer's id and name with what you know.
    ///
    /// # Errors
    /// As any read; [`ErrorKind::NotFound`] also where the token may not see it.
    pub async fn repository(&self, name: &RepoName) -> Result<Fetched<Repository>, GithubError> {
        match self.repository_unless(name, None).await? {
            Some((fetched, _)) => Ok(fetched),
            None => Err(GithubError::setup(
                "GitHub said \"not modified\" to a request without a tag",
                "look at what stands between GitHub and us",
            )),
        }
    }

    /// The same with its tag, unless it is still what had the tag `known`.
    ///
    /// # Errors
    /// As [`Self::repository`].
    pub async fn repository_unless(
        &self,
        name: &RepoName,
        known: Option<&str>,
    ) -> Result<Option<(Fetched<Repository>, Option<String>)>, GithubError> {
        let request = Request::get(self.rest_url(&["repos", name.owner(), name.name()], &[])).unless(known);
        self.read(&request, |answer| {
            if answer.is_not_modified() {
                return Ok(None);
            }
            // The whole body first, so that JSON which was cut is told from JSON which is odd.
            let raw: &serde_json::value::RawValue = answer.json()?;
            let value =
                payload::repository(raw).map_err(|DecodeError { at, reason }| answer.fail(ErrorKind::Decode { at, reason }))?;
            let date = answer.date();
            Ok(Some((Fetched { value, date }, answer.etag())))
        })
        .await
    }

    /// All repositories that `owner` has and the token sees: an organisation, a user (public ones alone), or the token's own
    /// account (private ones too). What that account reaches of others, by organisation or invitation, is not among them. Of the account
    /// where an App is installed, whose installation this is, those that it reaches.
    #[must_use]
    pub fn repositories_of(&self, owner: &str) -> Pages<Repository> {
        if matches!(self.acting(), Acting::Installation { account } if account.eq_ignore_ascii_case(owner)) {
            return self.installation_repositories();
        }
        let client = self.clone();
        let owner = owner.to_owned();
        let begin = move || {
            let (client, owner) = (client.clone(), owner.clone());
            async move { client.lists_of(&owner).await }
        };
        Pages::later(self, begin, |raw| payload::repository(raw))
    }

    /// All repositories that the token's account reaches: its own, those of its organisations, and those that it was invited to (F-30). An
    /// App's installation has those that were given to it.
    #[must_use]
    pub fn repositories_reached(&self) -> Pages<Repository> {
        if matches!(self.acting(), Acting::Installation { .. }) {
            return self.installation_repositories();
        }
        let [sort, direction] = BY_NAME;
        let all = ("affiliation", "owner,collaborator,organization_member");
        let url = self.rest_url(&["user", "repos"], &[all, PER_PAGE, sort, direction]);
        Pages::at(self, url, |raw| payload::repository(raw))
    }

    /// Where the repositories of `owner` may be listed, in the order to try.
    async fn lists_of(&self, owner: &str) -> Result<VecDeque<url::Url>, GithubError> {
        if let Err(error) = owner.parse::<Login>() {
            return Err(GithubError::setup(
                error.to_string(),
                "write it as on GitHub, for example frappe",
            ));
        }
        let [sort, direction] = BY_NAME;
        if self.is_viewer(owner).await? {
            let own = self.rest_url(&["user", "repos"], &[("affiliation", "owner"), PER_PAGE, sort, direction]);
            return Ok(VecDeque::from([own]));
        }
        let of_organization = self.rest_url(&["orgs", owner, "repos"], &[("type", "all"), PER_PAGE, sort, direction]);
        let of_user = self.rest_url(&["users", owner, "repos"], &[("type", "owner"), PER_PAGE, sort, direction]);
        Ok(VecDeque::from([of_organization, of_user]))
    }
}
