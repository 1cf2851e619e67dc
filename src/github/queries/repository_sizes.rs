//! How many issues and pull requests repositories have, a hundred repositories a question: what a first sync of them will cost.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

const DOCUMENT: &str = "\
query RepositorySizes($ids: [ID!]!) {
  rateLimit { cost }
  nodes(ids: $ids) {
    ... on Repository {
      issues(first: 1) { totalCount }
      pullRequests(first: 1) { totalCount }
    }
  }
}
";

pub(super) struct RepositorySizes;

/// How large a repository is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositorySize {
    /// Issues, pull requests aside.
    pub issues: u64,
    /// Pull requests.
    pub pull_requests: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    nodes: Vec<Option<Node>>,
}

/// Empty for a node of another kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    issues: Option<List>,
    pull_requests: Option<List>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    total_count: u64,
}

impl Batched for RepositorySizes {
    const OPERATION: &'static str = "RepositorySizes";
    type Key = String;
    type Data = Data;
    type Output = HashMap<String, RepositorySize>;

    fn document(_count: usize) -> String {
        DOCUMENT.to_owned()
    }

    fn variables(&self, keys: &[String]) -> Value {
        json!({ "ids": keys })
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        for (key, node) in keys.iter().zip(answer.data.nodes) {
            if let Some((issues, pulls)) = node.and_then(|node| node.issues.zip(node.pull_requests)) {
                let size = RepositorySize {
                    issues: issues.total_count,
                    pull_requests: pulls.total_count,
                };
                output.insert(key.clone(), size);
            }
        }
    }
}

impl Client {
    /// How large repositories are, by node id. One about which GitHub says nothing is left out.
    ///
    /// # Errors
    /// As any read, of any of the batches.
    pub async fn repository_sizes(&self, node_ids: &[String]) -> Result<HashMap<String, RepositorySize>, GithubError> {
        self.batched(&RepositorySizes, node_ids).await
    }
}
