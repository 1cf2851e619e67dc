//! What only a pull request itself says, for up to 100 of them in one query.

use serde::Deserialize;
use serde_json::{Value, json};

use super::BigId;
use super::account::{Account, Asked};
use super::reviews::{REVIEWS, ReviewPage, Reviews};
use crate::domain::{Person, PullRequestDetail};
use crate::github::client::Client;
use crate::github::error::{ErrorKind, GithubError};
use crate::github::graphql::{Answer, Batched};

/// What is asked of each. `mergeStateStatus` makes GitHub compute and means something for open pull requests only, so the others do not
/// ask. What the reviews came to is asked of all: who saw one open and who sees it merged know the same of it.
/// `fullDatabaseId` is text, because ids have outgrown 32 bits; older servers have `databaseId` alone.
/// In the place of `TEAM` stands [`TEAM`] or nothing, in that of `REVIEWS` what is asked of reviews.
const FIELDS: &str = "\
($ids: [ID!]!, $open: Boolean!) {
  rateLimit { cost }
  nodes(ids: $ids) {
    ... on PullRequest {
      id
      number
      databaseId
      fullDatabaseId
      headRefName
      headRefOid
      headRepository { nameWithOwner }
      baseRefName
      mergedBy {
        __typename
        login
        ... on User { databaseId }
        ... on Bot { databaseId }
        ... on Mannequin { databaseId }
      }
      reviewRequests(first: 100) {
        nodes {
          requestedReviewer {
            __typename
            ... on User { login databaseId }
            ... on Bot { login databaseId }
            ... on Mannequin { login databaseId }TEAM
          }
        }
      }
      REVIEWS
      reviewDecision
      mergeStateStatus @include(if: $open)
    }
  }
}
";

/// A classic token needs the scope `read:org` to ask for a field of a team; without it GitHub refuses the whole query, whether or not
/// there is a team, so that there are two.
const TEAM: &str = "
            ... on Team { slug }";

/// A pull request's own id and detail, and its reviews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestFacts {
    /// Numeric id of the pull request.
    pub id: u64,
    /// What the issues feed does not carry.
    pub detail: PullRequestDetail,
    /// Its first hundred reviews; none where GitHub did not give them, or not without an error.
    pub reviews: Option<ReviewPage>,
}

/// `TEAMS`: asks for the slugs of teams too.
pub(super) struct PullRequestDetails<const TEAMS: bool> {
    /// All are open, so that the merge state is asked for.
    pub(super) open: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    nodes: Vec<Option<Node>>,
}

/// Empty for a node of another kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    number: Option<u64>,
    database_id: Option<u64>,
    full_database_id: Option<BigId>,
    head_ref_name: Option<String>,
    head_ref_oid: Option<String>,
    head_repository: Option<HeadRepository>,
    base_ref_name: Option<String>,
    merged_by: Option<Account>,
    review_requests: Option<ReviewRequests>,
    reviews: Option<Reviews>,
    review_decision: Option<String>,
    merge_state_status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeadRepository {
    name_with_owner: String,
}

#[derive(Debug, Deserialize)]
struct ReviewRequests {
    nodes: Option<Vec<Option<ReviewRequest>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewRequest {
    requested_reviewer: Option<Account>,
}

impl Node {
    fn into_facts(self) -> Option<PullRequestFacts> {
        let id = BigId::either(self.full_database_id.as_ref(), self.database_id)?;
        let reviews = self
            .number
            .zip(self.reviews)
            .map(|(number, reviews)| reviews.into_page(number));
        let (reviewers, team_reviewers) = asked(self.review_requests);
        let detail = PullRequestDetail {
            head_branch: self.head_ref_name?,
            head_sha: self.head_ref_oid?,
            head_repository: self.head_repository.map(|repository| repository.name_with_owner),
            base_branch: self.base_ref_name?,
            merged_by: self.merged_by.and_then(Account::into_person),
            mergeable_state: self
                .merge_state_status
                .map(|word| word.to_ascii_lowercase())
                .filter(|word| word != "unknown"),
            review_decision: Some(self.review_decision.map(|word| word.to_ascii_lowercase())),
            reviewers,
            team_reviewers,
        };
        Some(PullRequestFacts { id, detail, reviews })
    }
}

fn asked(requests: Option<ReviewRequests>) -> (Vec<Person>, Vec<String>) {
    let mut people = Vec::new();
    let mut teams = Vec::new();
    let nodes = requests.and_then(|requests| requests.nodes).into_iter().flatten().flatten();
    for account in nodes.filter_map(|request| request.requested_reviewer) {
        match account.into_asked() {
            Some(Asked::Person(person)) => people.push(person),
            Some(Asked::Team(slug)) => teams.push(slug),
            None => {}
        }
    }
    (people, teams)
}

impl<const TEAMS: bool> Batched for PullRequestDetails<TEAMS> {
    const OPERATION: &'static str = if TEAMS {
        "PullRequestDetails"
    } else {
        "PullRequestDetailsWithoutTeams"
    };
    type Key = String;
    type Data = Data;
    type Output = Vec<(String, Result<PullRequestFacts, String>)>;

    fn document(_count: usize) -> String {
        let fields = FIELDS
            .replace("TEAM", if TEAMS { TEAM } else { "" })
            .replace("REVIEWS", &REVIEWS.replace("AFTER", ""));
        format!("query {}{fields}", Self::OPERATION)
    }

    fn variables(&self, keys: &[String]) -> Value {
        json!({ "ids": keys, "open": self.open })
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        let mut nodes = answer.data.nodes.into_iter();
        for (index, key) in keys.iter().enumerate() {
            let node = nodes.next().flatten();
            let path = format!("nodes/{index}");
            // Reviews are a thing of their own: without them the rest is still what GitHub says.
            let error = answer.errors.beside(&path, "reviews");
            let found = match (node.and_then(Node::into_facts), error) {
                (Some(mut facts), None) => {
                    facts.reviews.take_if(|_| answer.errors.within(&path, "reviews").is_some());
                    Ok(facts)
                }
                (_, Some(error)) => Err(error.message.clone()),
                (None, None) => Err("GitHub has no pull request under this node id".to_owned()),
            };
            output.push((key.clone(), found));
        }
    }
}

impl Client {
    /// Id and detail of the pull requests with these node ids, in their order, or why there is none. Ask for open and for other
    /// pull requests apart: with `open`, the merge state comes too; without, it stays "not known".
    ///
    /// For a classic token without the scope `read:org`, `team_reviewers` stay empty; that is logged once.
    ///
    /// # Errors
    /// As any read, of any of the batches.
    pub async fn pull_request_details(
        &self,
        node_ids: &[String],
        open: bool,
    ) -> Result<Vec<(String, Result<PullRequestFacts, String>)>, GithubError> {
        if !self.may_see_teams() {
            return self.batched(&PullRequestDetails::<false> { open }, node_ids).await;
        }
        match self.batched(&PullRequestDetails::<true> { open }, node_ids).await {
            Err(error) if lacks_team_scope(error.kind()) => {
                self.hide_teams();
                self.batched(&PullRequestDetails::<false> { open }, node_ids).await
            }
            result => result,
        }
    }
}

fn lacks_team_scope(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::Forbidden(scopes) if scopes.accepted.iter().any(|scope| scope == "read:org"))
}
