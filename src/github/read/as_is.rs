//! Lists as GitHub writes them, for the desk's methods that hand them on without a look.

use serde_json::Value;
use serde_json::value::RawValue;

use super::PER_PAGE;
use crate::domain::{Login, RepoName};
use crate::github::client::{Client, Request};
use crate::github::decode::DecodeError;
use crate::github::error::GithubError;
use crate::github::pages::Pages;

/// All of a list, what was made last at first.
const NEWEST: [(&str, &str); 3] = [("state", "all"), ("sort", "created"), ("direction", "desc")];

/// Any JSON is good.
pub(super) fn any(raw: &RawValue) -> Result<Value, DecodeError> {
    serde_json::from_str(raw.get()).map_err(|error| DecodeError::new(".", error.to_string()))
}

impl Client {
    /// All branches of `name`.
    #[must_use]
    pub fn branches_as_is(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "branches", &[])
    }

    /// All collaborators of `name`.
    #[must_use]
    pub fn collaborators_as_is(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "collaborators", &[("affiliation", "all")])
    }

    /// All teams of an organisation that the token may see.
    #[must_use]
    pub fn teams_as_is(&self, organization: &Login) -> Pages<Value> {
        let url = self.rest_url(&["orgs", organization.as_str(), "teams"], &[PER_PAGE]);
        Pages::at(self, url, any)
    }

    /// All repositories of an organisation, or all that the token's account can reach.
    #[must_use]
    pub fn repositories_as_is(&self, organization: Option<&Login>) -> Pages<Value> {
        let query = [PER_PAGE, ("sort", "full_name"), ("direction", "asc")];
        let url = match organization {
            Some(organization) => self.rest_url(&["orgs", organization.as_str(), "repos"], &query),
            None => self.rest_url(&["user", "repos"], &query),
        };
        Pages::at(self, url, any)
    }

    /// All labels of `name`.
    #[must_use]
    pub fn labels_as_is(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "labels", &[])
    }

    /// All open milestones of `name`.
    #[must_use]
    pub fn milestones_as_is(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "milestones", &[("state", "open")])
    }

    /// Everybody to whom issues of `name` can be given.
    #[must_use]
    pub fn assignees_as_is(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "assignees", &[])
    }

    /// An issue, or a pull request in its shape.
    ///
    /// # Errors
    /// As any read.
    pub async fn issue_as_is(&self, name: &RepoName, number: u64) -> Result<Value, GithubError> {
        self.one_of_repository(name, &["issues", &number.to_string()]).await
    }

    /// A pull request, whole.
    ///
    /// # Errors
    /// As any read.
    pub async fn pull_request_as_is(&self, name: &RepoName, number: u64) -> Result<Value, GithubError> {
        self.one_of_repository(name, &["pulls", &number.to_string()]).await
    }

    /// Issues and pull requests of `name`, the newest first; of one account, or of all.
    pub(in crate::github) fn newest_issues(&self, name: &RepoName, by: Option<&str>) -> Pages<Value> {
        let creator = by.map(|login| ("creator", login));
        let query: Vec<_> = NEWEST.into_iter().chain(creator).collect();
        self.of_repository(name, "issues", &query)
    }

    /// Pull requests of `name` between two branches, the newest first; `head` is `OWNER:BRANCH`.
    pub(in crate::github) fn newest_pull_requests(&self, name: &RepoName, head: &str, base: &str) -> Pages<Value> {
        let query: Vec<_> = NEWEST.into_iter().chain([("head", head), ("base", base)]).collect();
        self.of_repository(name, "pulls", &query)
    }

    /// Collaborators of `name` with access of their own, not by an organisation's base permission.
    pub(in crate::github) fn direct_collaborators(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "collaborators", &[("affiliation", "direct")])
    }

    /// Invitations to `name` that wait.
    pub(in crate::github) fn invitations(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "invitations", &[])
    }

    /// Teams that have access to `name`.
    pub(in crate::github) fn teams_of_repository(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "teams", &[])
    }

    async fn one_of_repository(&self, name: &RepoName, rest: &[&str]) -> Result<Value, GithubError> {
        let segments: Vec<&str> = ["repos", name.owner(), name.name()]
            .into_iter()
            .chain(rest.iter().copied())
            .collect();
        let request = Request::get(self.rest_url(&segments, &[]));
        self.read(&request, |answer| answer.json()).await
    }

    fn of_repository(&self, name: &RepoName, what: &str, query: &[(&str, &str)]) -> Pages<Value> {
        let query: Vec<(&str, &str)> = query.iter().copied().chain([PER_PAGE]).collect();
        Pages::at(self, self.rest_url(&["repos", name.owner(), name.name(), what], &query), any)
    }
}
