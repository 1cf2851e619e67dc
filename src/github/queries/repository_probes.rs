//! Whether something happened to repositories, a hundred a question: counts, heads, and when what changed last did.
//!
//! Cheap for GitHub: a query costs the hundredth of the connections that it opens ("Rate limits and query limits for the GraphQL API" in
//! GitHub's documents). Four connections of a hundred repositories are four points: issues, pull requests and releases each time, and one of
//! branches, labels and milestones in turn. A thousand repositories that are asked about six times an hour take 240 of the 5,000 points.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

/// In the place of `PARTS` stand those of [`BRANCHES`], [`LABELS`] and [`MILESTONES`] that are asked for.
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
      issues(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
      pullRequests(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
      releases(first: 1, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
      PARTS
    }
  }
}
";
const BRANCHES: &str = "branches: refs(refPrefix: \"refs/heads/\", first: 1) { totalCount }";
const LABELS: &str = "labels(first: 1) { totalCount }";
const MILESTONES: &str =
    "milestones(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }";

/// What is asked for beside issues, pull requests and releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbePart {
    /// Branches, labels and milestones.
    All,
    /// Branches alone.
    Branches,
    /// Labels alone.
    Labels,
    /// Milestones alone.
    Milestones,
}

const ALL: u8 = 0b111;
const ONLY_BRANCHES: u8 = 0b001;
const ONLY_LABELS: u8 = 0b010;
const ONLY_MILESTONES: u8 = 0b100;

/// `PARTS` are the bits of what is asked for.
pub(super) struct RepositoryProbes<const PARTS: u8>;

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
    /// Name, settings and head.
    pub head: String,
    /// How many there are of each part that was asked for.
    pub counts: BTreeMap<String, i64>,
    /// When each of them changed last, in epoch seconds; 0 for never.
    pub moments: BTreeMap<String, i64>,
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
        let head = format!(
            "{name} {branch}@{head} {} {}{} {:?}",
            self.visibility.as_deref().unwrap_or_default(),
            flag(self.is_archived),
            flag(self.has_issues_enabled),
            self.description.as_deref().unwrap_or_default(),
        );
        let lists = [
            ("branches", &self.branches),
            ("issues", &self.issues),
            ("pulls", &self.pull_requests),
            ("releases", &self.releases),
            ("labels", &self.labels),
            ("milestones", &self.milestones),
        ];
        let asked = || lists.iter().filter_map(|(part, list)| Some((*part, list.as_ref()?)));
        let count = |list: &List| i64::try_from(list.total_count).unwrap_or(i64::MAX);
        let dated = asked().filter_map(|(part, list)| Some((part, list.nodes.as_ref()?, list.newest())));
        let own = [("updated", self.updated_at), ("pushed", self.pushed_at)];
        let moments: Vec<(&str, Option<DateTime<Utc>>)> =
            own.into_iter().chain(dated.map(|(part, _, newest)| (part, newest))).collect();
        let epoch = |moment: Option<DateTime<Utc>>| moment.map_or(0, |moment| moment.timestamp());
        Some(Probe {
            head,
            counts: asked().map(|(part, list)| (part.to_owned(), count(list))).collect(),
            newest: moments.iter().filter_map(|(_, moment)| *moment).max().unwrap_or_default(),
            moments: moments
                .into_iter()
                .map(|(part, moment)| (part.to_owned(), epoch(moment)))
                .collect(),
        })
    }
}

impl<const PARTS: u8> Batched for RepositoryProbes<PARTS> {
    const OPERATION: &'static str = "RepositoryProbes";
    type Key = String;
    type Data = Data;
    type Output = HashMap<String, Probed>;

    fn document(_count: usize) -> String {
        let parts = [
            (ONLY_BRANCHES, BRANCHES),
            (ONLY_LABELS, LABELS),
            (ONLY_MILESTONES, MILESTONES),
        ];
        let asked: Vec<&str> = parts
            .into_iter()
            .filter(|(bit, _)| PARTS & bit != 0)
            .map(|(_, text)| text)
            .collect();
        DOCUMENT.replace("PARTS", &asked.join("\n      "))
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
    pub async fn repository_probes(&self, node_ids: &[String], part: ProbePart) -> Result<HashMap<String, Probed>, GithubError> {
        match part {
            ProbePart::All => self.batched(&RepositoryProbes::<ALL>, node_ids).await,
            ProbePart::Branches => self.batched(&RepositoryProbes::<ONLY_BRANCHES>, node_ids).await,
            ProbePart::Labels => self.batched(&RepositoryProbes::<ONLY_LABELS>, node_ids).await,
            ProbePart::Milestones => self.batched(&RepositoryProbes::<ONLY_MILESTONES>, node_ids).await,
        }
    }
}
