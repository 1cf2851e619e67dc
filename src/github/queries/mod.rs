//! GraphQL queries, one a file: text, variables, the private shape of the answer, and what becomes of it.
//!
//! Each asks for its own cost (`rateLimit { cost }`), so that what is spent is GitHub's count and not our guess.

mod account;
mod acting_account;
mod comment_counts;
mod commit_dates;
mod nodes_there;
mod public_emails;
mod pull_request_details;
mod repository_by_node_id;
mod repository_probes;
mod repository_sizes;
mod reviews;
mod still_there;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::graphql::Batched;
use crate::domain::RepoName;

pub use pull_request_details::PullRequestFacts;
pub use repository_probes::{Probe, ProbePart, Probed};
pub use repository_sizes::RepositorySize;
pub use reviews::{ReviewPage, ReviewsAfter};
pub use still_there::Presence;

/// Every query of this room by the name of its operation, for checks against GitHub's published schema. Those whose text grows with
/// the number of things asked for are shown for two.
#[must_use]
pub fn documents() -> Vec<(&'static str, String)> {
    fn of<Q: Batched>() -> (&'static str, String) {
        (Q::OPERATION, Q::document(2))
    }
    vec![
        (acting_account::OPERATION, acting_account::DOCUMENT.to_owned()),
        of::<comment_counts::CommentCounts>(),
        of::<commit_dates::CommitDates>(),
        of::<nodes_there::NodesThere>(),
        of::<public_emails::PublicEmails>(),
        of::<pull_request_details::PullRequestDetails<true>>(),
        of::<pull_request_details::PullRequestDetails<false>>(),
        of::<reviews::MoreReviews>(),
        (repository_by_node_id::OPERATION, repository_by_node_id::DOCUMENT.to_owned()),
        of::<repository_probes::RepositoryProbes<0b111>>(),
        of::<repository_sizes::RepositorySizes>(),
        of::<still_there::StillThere>(),
    ]
}

/// `one(0)`, `one(1)`, ... up to `count` of them, for the parts of a query that are repeated under aliases.
fn repeated(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

/// Variables `{letter}0`, `{letter}1`, ... beside `fixed` ones.
fn numbered(mut fixed: Map<String, Value>, letter: char, values: impl IntoIterator<Item = Value>) -> Value {
    for (index, value) in values.into_iter().enumerate() {
        fixed.insert(format!("{letter}{index}"), value);
    }
    Value::Object(fixed)
}

/// Variables `owner` and `name` of a repository.
fn repository_variables(name: &RepoName) -> Map<String, Value> {
    let pair = [("owner", name.owner()), ("name", name.name())];
    pair.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}

/// GitHub's `BigInt`: text, though its schema leaves numbers open.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum BigId {
    Number(u64),
    Text(String),
}

impl BigId {
    /// The id of a thing that tells it in its new form, which ids that have outgrown 32 bits need, or in its old one.
    fn either(full: Option<&Self>, old: Option<u64>) -> Option<u64> {
        match full {
            Some(Self::Number(id)) => Some(*id),
            Some(Self::Text(text)) => text.parse().ok(),
            None => old,
        }
    }
}
