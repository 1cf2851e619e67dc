//! The present name of a repository whose old name leads nowhere.

use serde::Deserialize;
use serde_json::json;

use crate::domain::RepoName;
use crate::github::client::Client;
use crate::github::error::{ErrorKind, GithubError};

pub(super) const OPERATION: &str = "RepositoryByNodeId";

pub(super) const DOCUMENT: &str = "\
query RepositoryByNodeId($id: ID!) {
  rateLimit { cost }
  node(id: $id) {
    ... on Repository { nameWithOwner }
  }
}
";

#[derive(Debug, Deserialize)]
struct Data {
    node: Option<Node>,
}

/// Empty for a node of another kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name_with_owner: Option<RepoName>,
}

impl Client {
    /// What the repository with this node id is called now; none when it is gone, or hidden from the token as if it were.
    ///
    /// # Errors
    /// As any read; a failure of GitHub's own is never taken for "gone".
    pub async fn repository_by_node_id(&self, node_id: &str) -> Result<Option<RepoName>, GithubError> {
        let answer = self
            .graphql::<Data>(OPERATION, DOCUMENT, &json!({ "id": node_id }), false)
            .await;
        match answer {
            Ok(answer) => Ok(answer.data.node.and_then(|node| node.name_with_owner)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
