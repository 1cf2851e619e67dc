//! Whether things of a repository are still in it, by node id, before a mirror takes them away.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Presence, repository_variables};
use crate::domain::RepoName;
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

const DOCUMENT: &str = "\
query NodesThere($owner: String!, $name: String!, $ids: [ID!]!) {
  rateLimit { cost }
  repository(owner: $owner, name: $name) { id }
  nodes(ids: $ids) {
    ... on IssueComment { repository { id } }
    ... on Label { repository { id } }
    ... on Milestone { repository { id } }
    ... on PullRequestReview { repository { id } }
    ... on Release { repository { id } }
  }
}
";

pub(super) struct NodesThere {
    name: RepoName,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    repository: Option<Home>,
    nodes: Vec<Option<Node>>,
}

/// Empty for a node of another kind.
#[derive(Debug, Deserialize)]
struct Node {
    repository: Option<Home>,
}

#[derive(Debug, Deserialize)]
struct Home {
    id: String,
}

impl Batched for NodesThere {
    const OPERATION: &'static str = "NodesThere";
    type Key = String;
    type Data = Data;
    type Output = HashMap<String, Presence>;

    fn document(_count: usize) -> String {
        DOCUMENT.to_owned()
    }

    fn variables(&self, keys: &[String]) -> Value {
        let mut variables = repository_variables(&self.name);
        variables.insert("ids".to_owned(), json!(keys));
        Value::Object(variables)
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        let Some(home) = answer.data.repository else { return };
        for (index, (key, node)) in keys.iter().zip(answer.data.nodes).enumerate() {
            let error = answer.errors.at(&format!("nodes/{index}"));
            let presence = match (node.and_then(|node| node.repository), error) {
                (Some(other), _) if other.id == home.id => Presence::Here,
                (Some(_), _) => Presence::Moved,
                (None, Some(error)) if error.is_not_found() => Presence::Deleted,
                (None, _) => continue,
            };
            output.insert(key.clone(), presence);
        }
    }
}

impl Client {
    /// Where the labels, milestones, releases, comments and reviews of `name` with these node ids are. One about which GitHub gave no
    /// clear answer is left out, and must not be taken for deleted.
    ///
    /// # Errors
    /// As any read, of any of the batches; a repository that is not there is [`NotFound`](crate::github::ErrorKind::NotFound).
    pub async fn nodes_there(&self, name: &RepoName, node_ids: &[String]) -> Result<HashMap<String, Presence>, GithubError> {
        self.batched(&NodesThere { name: name.clone() }, node_ids).await
    }
}
