//! Whether something happened to repositories, a hundred a question: counts, heads, and when what changed last did.
//!
//! Cheap for GitHub: a query costs the hundredth of the connections that it opens ("Rate limits and query limits for the GraphQL API" in
//! GitHub's documents). Seven connections of a hundred repositories are seven points and at most 700 nodes, so that a thousand repositories that
//! are asked about six times an hour take 420 of the 5,000 points.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

const DOCUMENT: &str = "\
query RepositoryProbes($ids: [ID!]!) {
  rateLimit { cost }
  nodes(ids: $ids) {
    ... on Repository {
      nameWithOwner
      description
      visibility
      isArchived
      hasIssuesEnabled
      updatedAt
      pushedAt
      defaultBranchRef { name target { oid } }
      branches: refs(refPrefix: \"refs/heads/\", first: 1) { totalCount }
      issues(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
      pullRequests(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
      open: pullRequests(first: 1, states: OPEN) { totalCount }
      releases(first: 1, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
      labels(first: 1) { totalCount }
      milestones(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
    }
  }
}
";

pub(super) struct RepositoryProbes;

/// What was found under a node id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// The repository, as it is.
    There(Probe),
    /// Nothing that the token may see: it was deleted, or is hidden.
    Missing,
}

/// What a repository looks like from afar. Two that are the same stand for the same state, as far as a probe sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What tells no time: name, settings, heads and counts.
    pub undated: String,
    /// When each part changed last.
    pub dated: String,
    /// The latest of these moments.
    pub newest: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    nodes: Vec<Option<Node>>,
}

/// Empty for a node of another kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name_with_owner: Option<String>,
    description: Option<String>,
    visibility: Option<String>,
    is_archived: Option<bool>,
    has_issues_enabled: Option<bool>,
    updated_at: Option<DateTime<Utc>>,
    pushed_at: Option<DateTime<Utc>>,
    default_branch_ref: Option<Ref>,
    branches: Option<List>,
    issues: Option<List>,
    pull_requests: Option<List>,
    open: Option<List>,
    releases: Option<List>,
    labels: Option<List>,
    milestones: Option<List>,
}

#[derive(Debug, Deserialize)]
struct Ref {
    name: String,
    target: Option<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    oid: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    total_count: u64,
    #[serde(default)]
    nodes: Option<Vec<Option<Newest>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Newest {
    updated_at: Option<DateTime<Utc>>,
}

impl List {
    fn newest(&self) -> Option<DateTime<Utc>> {
        self.nodes.as_ref()?.first()?.as_ref()?.updated_at
    }
}

impl Node {
    /// None for a node of another kind.
    fn probe(&self) -> Option<Probe> {
        let name = self.name_with_owner.as_deref()?;
        let (branch, head) = self.default_branch_ref.as_ref().map_or(("", ""), |found| {
            (
                found.name.as_str(),
                found.target.as_ref().map_or("", |target| target.oid.as_str()),
            )
        });
        let flag = |flag: Option<bool>| u8::from(flag == Some(true));
        let mut undated = format!(
            "{name} {branch}@{head} {} {}{} {:?}",
            self.visibility.as_deref().unwrap_or_default(),
            flag(self.is_archived),
            flag(self.has_issues_enabled),
            self.description.as_deref().unwrap_or_default(),
        );
        let counted = [
            ("branches", &self.branches),
            ("issues", &self.issues),
            ("pulls", &self.pull_requests),
            ("open", &self.open),
            ("releases", &self.releases),
            ("labels", &self.labels),
            ("milestones", &self.milestones),
        ];
        for (part, list) in counted {
            // Writing to a text does not fail.
            let _ = write!(undated, " {part}={}", list.as_ref().map_or(0, |list| list.total_count));
        }
        let of = |list: &Option<List>| list.as_ref().and_then(List::newest);
        let moments = [
            ("updated", self.updated_at),
            ("pushed", self.pushed_at),
            ("issues", of(&self.issues)),
            ("pulls", of(&self.pull_requests)),
            ("releases", of(&self.releases)),
            ("milestones", of(&self.milestones)),
        ];
        let dated = moments.map(|(part, moment)| format!("{part}={}", moment.map_or(0, |moment| moment.timestamp())));
        Some(Probe {
            undated,
            dated: dated.join(" "),
            newest: moments.iter().filter_map(|(_, moment)| *moment).max().unwrap_or_default(),
        })
    }
}

impl Batched for RepositoryProbes {
    const OPERATION: &'static str = "RepositoryProbes";
    type Key = String;
    type Data = Data;
    type Output = HashMap<String, Probed>;

    fn document(_count: usize) -> String {
        DOCUMENT.to_owned()
    }

    fn variables(&self, keys: &[String]) -> Value {
        json!({ "ids": keys })
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        for (index, (key, node)) in keys.iter().zip(answer.data.nodes).enumerate() {
            let error = answer.errors.at(&format!("nodes/{index}"));
            let probed = match (node.as_ref().and_then(Node::probe), error) {
                (Some(probe), None) => Probed::There(probe),
                (None, Some(error)) if error.is_not_found() => Probed::Missing,
                // A hole, or a failure of GitHub's own: it proves nothing.
                _ => continue,
            };
            output.insert(key.clone(), probed);
        }
    }
}

impl Client {
    /// Looks at repositories from afar, by node id. One about which GitHub gave no clear answer is left out, and proves nothing.
    ///
    /// # Errors
    /// As any read, of any of the batches.
    pub async fn repository_probes(&self, node_ids: &[String]) -> Result<HashMap<String, Probed>, GithubError> {
        self.batched(&RepositoryProbes, node_ids).await
    }
}
