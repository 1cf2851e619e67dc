//! Whether issues and pull requests are still where they were, before a mirror takes them away.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{numbered, repeated, repository_variables};
use crate::domain::RepoName;
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

/// Where an issue or a pull request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In its repository, under its number.
    Here,
    /// No longer there. GitHub tells an issue that was transferred or turned into a discussion no differently here.
    Deleted,
    /// In another repository, where GitHub says so.
    Moved,
}

pub(super) struct StillThere {
    name: RepoName,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    repository: Option<Repository>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    id: String,
    has_issues_enabled: Option<bool>,
    #[serde(flatten)]
    items: HashMap<String, Option<Item>>,
}

#[derive(Debug, Deserialize)]
struct Item {
    repository: Option<Home>,
}

#[derive(Debug, Deserialize)]
struct Home {
    id: String,
}

impl Batched for StillThere {
    const OPERATION: &'static str = "StillThere";
    type Key = u64;
    type Data = Data;
    type Output = HashMap<u64, Presence>;

    fn document(count: usize) -> String {
        let variables = repeated(count, |n| format!(", $n{n}: Int!"));
        let items = repeated(count, |n| {
            format!(
                "    n{n}: issueOrPullRequest(number: $n{n}) {{\n      ... on Issue {{ repository {{ id }} }}\n      \
                 ... on PullRequest {{ repository {{ id }} }}\n    }}\n"
            )
        });
        format!(
            "query StillThere($owner: String!, $name: String!{variables}) {{\n  rateLimit {{ cost }}\n  \
             repository(owner: $owner, name: $name) {{\n    id\n    hasIssuesEnabled\n{items}  }}\n}}\n"
        )
    }

    fn variables(&self, keys: &[u64]) -> Value {
        numbered(
            repository_variables(&self.name),
            'n',
            keys.iter().map(|&number| number.into()),
        )
    }

    fn collect(&self, keys: &[u64], answer: Answer<Data>, output: &mut Self::Output) {
        let Some(mut repository) = answer.data.repository else {
            return;
        };
        // Where issues are switched off, GitHub hides them as if they were deleted; they come back when switched on.
        let tells_deletion = repository.has_issues_enabled != Some(false);
        for (index, &number) in keys.iter().enumerate() {
            let alias = format!("n{index}");
            let error = answer.errors.at(&format!("repository/{alias}"));
            let home = repository.items.remove(&alias).flatten().and_then(|item| item.repository);
            let presence = match (home, error) {
                (Some(home), _) if home.id == repository.id => Presence::Here,
                (Some(_), _) => Presence::Moved,
                (None, Some(error)) if error.is_not_found() && tells_deletion => Presence::Deleted,
                (None, _) => continue,
            };
            output.insert(number, presence);
        }
    }
}

impl Client {
    /// Where the issues and pull requests of `name` with these numbers are. A number about which GitHub gave no clear answer (no
    /// permission, issues switched off, a failure of its own) is left out, and must not be taken for deleted.
    ///
    /// # Errors
    /// As any read, of any of the batches; a repository that is not there is [`NotFound`](crate::github::ErrorKind::NotFound).
    pub async fn still_there(&self, name: &RepoName, numbers: &[u64]) -> Result<HashMap<u64, Presence>, GithubError> {
        // GraphQL's numbers have 32 bits; a larger one would make GitHub refuse the whole query.
        let askable: Vec<u64> = numbers
            .iter()
            .copied()
            .filter(|&number| i32::try_from(number).is_ok())
            .collect();
        self.batched(&StillThere { name: name.clone() }, &askable).await
    }
}
