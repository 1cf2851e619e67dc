//! Numbers of comments, for pull requests that came from a list without them.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

const DOCUMENT: &str = "\
query CommentCounts($ids: [ID!]!) {
  rateLimit { cost }
  nodes(ids: $ids) {
    ... on PullRequest { comments { totalCount } }
  }
}
";

pub(super) struct CommentCounts;

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    nodes: Vec<Option<Node>>,
}

#[derive(Debug, Deserialize)]
struct Node {
    comments: Option<Comments>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comments {
    total_count: u64,
}

impl Batched for CommentCounts {
    const OPERATION: &'static str = "CommentCounts";
    type Key = String;
    type Data = Data;
    type Output = HashMap<String, u64>;

    fn document(_count: usize) -> String {
        DOCUMENT.to_owned()
    }

    fn variables(&self, keys: &[String]) -> Value {
        json!({ "ids": keys })
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        for (key, node) in keys.iter().zip(answer.data.nodes) {
            if let Some(comments) = node.and_then(|node| node.comments) {
                output.insert(key.clone(), comments.total_count);
            }
        }
    }
}

impl Client {
    /// Number of comments by node id, for what [`Self::pull_requests`] brought. Whom GitHub does not show is left out.
    ///
    /// # Errors
    /// As any read, of any of the batches.
    pub async fn comment_counts(&self, node_ids: &[String]) -> Result<HashMap<String, u64>, GithubError> {
        self.batched(&CommentCounts, node_ids).await
    }
}
