//! Reviews in GraphQL's spelling: what of them comes with a pull request, and the pages that follow.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::account::Account;
use super::{BigId, numbered, repeated};
use crate::domain::{Review, ReviewState};
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};
use crate::github::wire::Moment;

/// What is asked of the reviews of a pull request, in the place of `AFTER` the cursor. Pending ones are their authors' alone: the
/// token's owner would see his own.
pub(super) const REVIEWS: &str = "\
reviews(first: 100AFTER, states: [APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED]) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          databaseId
          fullDatabaseId
          author {
            __typename
            login
            ... on User { databaseId }
            ... on Bot { databaseId }
            ... on Mannequin { databaseId }
          }
          state
          body
          url
          submittedAt
          updatedAt
          commit { oid }
        }
      }";

/// A page of the reviews of one pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewPage {
    /// What could be read.
    pub reviews: Vec<Review>,
    /// Cursor of the last one, where more follow.
    pub next: Option<String>,
    /// How many could not be read.
    pub odd: u64,
}

/// The connection as it comes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reviews {
    page_info: Option<PageInfo>,
    nodes: Option<Vec<Option<Node>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: String,
    database_id: Option<u64>,
    full_database_id: Option<BigId>,
    author: Option<Account>,
    state: String,
    body: Option<String>,
    url: String,
    submitted_at: Option<Moment>,
    updated_at: Option<Moment>,
    commit: Option<Reviewed>,
}

#[derive(Debug, Deserialize)]
struct Reviewed {
    oid: String,
}

impl Reviews {
    /// The page of the pull request with that number.
    pub(super) fn into_page(self, number: u64) -> ReviewPage {
        let nodes = self.nodes.unwrap_or_default();
        let count = nodes.len();
        let reviews: Vec<Review> = nodes.into_iter().filter_map(|node| node?.into_review(number)).collect();
        ReviewPage {
            odd: (count - reviews.len()) as u64,
            reviews,
            next: self
                .page_info
                .filter(|info| info.has_next_page)
                .and_then(|info| info.end_cursor),
        }
    }
}

impl Node {
    fn into_review(self, number: u64) -> Option<Review> {
        Some(Review {
            id: BigId::either(self.full_database_id.as_ref(), self.database_id)?,
            node_id: self.id,
            number,
            reviewer: self.author.and_then(Account::into_person),
            state: ReviewState::of_word(&self.state)?,
            body: self.body.unwrap_or_default(),
            url: self.url,
            commit_sha: self.commit.map(|commit| commit.oid),
            submitted_at: self.submitted_at.map(|moment| moment.0),
            updated_at: self.updated_at.map(|moment| moment.0),
        })
    }
}

/// The next page of several pull requests, each from a cursor of its own.
pub(super) struct MoreReviews;

/// A pull request whose reviews go on: node id, number, and the cursor after which they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewsAfter {
    /// Node id of the pull request.
    pub node_id: String,
    /// Its number.
    pub number: u64,
    /// Where to go on.
    pub after: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data(HashMap<String, Value>);

#[derive(Debug, Deserialize)]
struct PullRequest {
    reviews: Option<Reviews>,
}

impl Batched for MoreReviews {
    const OPERATION: &'static str = "MoreReviews";
    type Key = ReviewsAfter;
    type Data = Data;
    type Output = Vec<(ReviewsAfter, Option<ReviewPage>)>;

    fn document(count: usize) -> String {
        let variables: Vec<String> = (0..count).map(|n| format!("$p{n}: ID!, $a{n}: String!")).collect();
        let parts = repeated(count, |n| {
            let reviews = REVIEWS.replace("AFTER", &format!(", after: $a{n}"));
            format!("  p{n}: node(id: $p{n}) {{\n    ... on PullRequest {{\n      {reviews}\n    }}\n  }}\n")
        });
        format!(
            "query MoreReviews({}) {{\n  rateLimit {{ cost }}\n{parts}}}\n",
            variables.join(", ")
        )
    }

    fn variables(&self, keys: &[ReviewsAfter]) -> Value {
        let ids = numbered(Map::new(), 'p', keys.iter().map(|key| key.node_id.as_str().into()));
        let Value::Object(ids) = ids else { return ids };
        numbered(ids, 'a', keys.iter().map(|key| key.after.as_str().into()))
    }

    fn collect(&self, keys: &[ReviewsAfter], answer: Answer<Data>, output: &mut Self::Output) {
        let Data(mut found) = answer.data;
        for (index, key) in keys.iter().enumerate() {
            let node = found.remove(&format!("p{index}"));
            let pull = node.and_then(|node| serde_json::from_value::<PullRequest>(node).ok());
            let page = pull
                .and_then(|pull| pull.reviews)
                .map(|reviews| reviews.into_page(key.number));
            output.push((key.clone(), page));
        }
    }
}

impl Client {
    /// The next page of reviews of each of these pull requests; none where GitHub gave it not.
    ///
    /// # Errors
    /// As any read, of any of the batches.
    pub async fn more_reviews(&self, of: &[ReviewsAfter]) -> Result<Vec<(ReviewsAfter, Option<ReviewPage>)>, GithubError> {
        self.batched(&MoreReviews, of).await
    }
}
