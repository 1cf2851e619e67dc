//! What happened in a repository lately.

use serde_json::Value;

use super::PER_PAGE;
use crate::domain::RepoName;
use crate::github::client::Client;
use crate::github::error::{ErrorKind, GithubError};
use crate::github::pages::Pages;

use super::as_is::any;

/// The newest hundred of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Newest {
    /// As GitHub writes them.
    pub items: Vec<Value>,
    /// There are more than these.
    pub more: bool,
}

/// What was done since a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// Commits of the default branch.
    pub commits: Newest,
    /// Issues that changed.
    pub issues: Newest,
    /// Pull requests that changed, in the shape of issues.
    pub pulls: Newest,
}

impl Client {
    /// What changed since `since` (ISO 8601, UTC), in two calls: GitHub lists issues and pull requests together.
    ///
    /// # Errors
    /// As any read. An empty repository has no commits, one with issues switched off no issues.
    pub async fn activity_since(&self, name: &RepoName, since: &str) -> Result<Activity, GithubError> {
        let commits = self.newest(name, "commits", &[("since", since), PER_PAGE]).await?;
        let query = [("since", since), ("state", "all"), ("sort", "updated"), PER_PAGE];
        let changed = self.newest(name, "issues", &query).await?;
        let (pulls, issues): (Vec<_>, Vec<_>) = changed.items.into_iter().partition(|item| item.get("pull_request").is_some());
        let of = |items| Newest {
            items,
            more: changed.more,
        };
        Ok(Activity {
            commits,
            issues: of(issues),
            pulls: of(pulls),
        })
    }

    async fn newest(&self, name: &RepoName, what: &str, query: &[(&str, &str)]) -> Result<Newest, GithubError> {
        let url = self.rest_url(&["repos", name.owner(), name.name(), what], query);
        let mut pages: Pages<Value> = Pages::at(self, url, any);
        match pages.next().await {
            Ok(Some(page)) => Ok(Newest {
                more: !pages.is_ended(),
                items: page.items,
            }),
            Ok(None) => Ok(Newest::default()),
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Gone) => Ok(Newest::default()),
            Err(error) => Err(error),
        }
    }
}
