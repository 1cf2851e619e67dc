//! Lists as GitHub writes them, for the desk's methods that hand them on without a look.

use serde_json::Value;
use serde_json::value::RawValue;

use super::PER_PAGE;
use crate::domain::{Login, RepoName};
use crate::github::client::Client;
use crate::github::decode::DecodeError;
use crate::github::pages::Pages;

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

    /// All webhooks of `name`. GitHub shows no secret of theirs.
    #[must_use]
    pub fn hooks_as_is(&self, name: &RepoName) -> Pages<Value> {
        self.of_repository(name, "hooks", &[])
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

    fn of_repository(&self, name: &RepoName, what: &str, query: &[(&str, &str)]) -> Pages<Value> {
        let query: Vec<(&str, &str)> = query.iter().copied().chain([PER_PAGE]).collect();
        Pages::at(self, self.rest_url(&["repos", name.owner(), name.name(), what], &query), any)
    }
}
