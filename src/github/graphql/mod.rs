//! GraphQL: sending a query, and telling its failures apart. GitHub answers 200 to most of them.

mod batch;

use std::collections::HashMap;

use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::client::{Answer as HttpAnswer, Client, Request};
use super::error::{ErrorKind, GithubError, graphql_refusal, is_overload};
use super::spent::Spent;
use crate::domain::budget::Resource;

pub use batch::BATCH;
pub(super) use batch::{BatchSizes, Batched};

/// Data that came, with what GitHub says of the parts that did not.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) data: T,
    pub(super) errors: Errors,
}

/// Errors by the first two parts of their path, which is as deep as a batch goes (`nodes/3`, `repository/n7`, `u2`).
#[derive(Debug, Default)]
pub(super) struct Errors(HashMap<String, Vec<NodeError>>);

/// Why a part did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NodeError {
    /// GitHub's type, such as `NOT_FOUND`; empty where it gives none.
    pub(super) kind: String,
    pub(super) message: String,
    /// It belongs to something within the part.
    is_within: bool,
    /// Name of the part's member that it belongs to, if it is within one.
    member: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    errors: Option<Vec<WireError>>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    path: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Cost {
    #[serde(rename = "rateLimit")]
    rate_limit: Option<RateLimit>,
}

#[derive(Deserialize)]
struct RateLimit {
    cost: u64,
}

impl Errors {
    /// Why the part at `path` is not to be trusted: it is missing, or a failure left a hole in it. What GitHub merely hides within it
    /// (a team, a private fork) will be hidden the next time too, and is no reason to do without the rest.
    pub(super) fn at(&self, path: &str) -> Option<&NodeError> {
        self.counting(path).next()
    }

    /// The same, but for what belongs to its `member`.
    pub(super) fn beside(&self, path: &str, member: &str) -> Option<&NodeError> {
        self.counting(path).find(|error| error.member.as_deref() != Some(member))
    }

    /// Why its `member` is not to be trusted.
    pub(super) fn within(&self, path: &str, member: &str) -> Option<&NodeError> {
        self.counting(path).find(|error| error.member.as_deref() == Some(member))
    }

    fn counting(&self, path: &str) -> impl Iterator<Item = &NodeError> {
        let errors = self.0.get(path).into_iter().flatten();
        errors.filter(|error| !(error.is_within && error.is_hidden()))
    }
}

impl NodeError {
    pub(super) fn is_not_found(&self) -> bool {
        self.kind == "NOT_FOUND"
    }

    fn is_hidden(&self) -> bool {
        matches!(self.kind.as_str(), "FORBIDDEN" | "NOT_FOUND")
    }
}

impl Client {
    /// Sends one query. Where data came with errors, these are kept beside it. An error that keeps everything from coming fails the call.
    pub(super) async fn graphql<T: DeserializeOwned>(
        &self,
        operation: &str,
        document: &str,
        variables: &Value,
        may_shrink: bool,
    ) -> Result<Answer<T>, GithubError> {
        let body = json!({ "query": document, "variables": variables, "operationName": operation });
        let request = Request::query(
            self.hosts().graphql.clone(),
            operation,
            body.to_string().into_bytes(),
            may_shrink,
        );
        self.read(&request, |answer| self.opened(answer, may_shrink)).await
    }

    fn opened<T: DeserializeOwned>(&self, answer: &HttpAnswer, may_shrink: bool) -> Result<Answer<T>, GithubError> {
        let envelope: Envelope<'_> = answer.json()?;
        let errors = envelope.errors.unwrap_or_default();
        let cost = envelope.data.and_then(|data| serde_json::from_str::<Cost>(data.get()).ok());
        let cost = cost.and_then(|cost| cost.rate_limit).map_or(1, |limit| limit.cost);
        self.count(Spent::points(cost));
        self.budget().cost(Resource::Graphql, cost);
        if let Some(error) = whole_failure(&errors, envelope.data.is_none(), may_shrink) {
            return Err(refused(answer, error.kind(), error.message()));
        }
        let Some(data) = envelope.data else {
            return Err(answer.fail(ErrorKind::Decode {
                at: ".".to_owned(),
                reason: "neither data nor errors".to_owned(),
            }));
        };
        let mut deserializer = serde_json::Deserializer::from_str(data.get());
        let data = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            answer.fail(ErrorKind::Decode {
                at: format!("data.{}", error.path()),
                reason: error.inner().to_string(),
            })
        })?;
        Ok(Answer {
            data,
            errors: sorted(errors),
        })
    }
}

fn refused(answer: &HttpAnswer, kind: &str, message: &str) -> GithubError {
    let headers: &HeaderMap = answer.headers();
    graphql_refusal(answer.call().clone(), answer.seen().clone(), headers, kind, message)
}

impl WireError {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    /// How deep the part lies that it belongs to; 0 for the query as a whole.
    fn depth(&self) -> usize {
        self.path.as_ref().map_or(0, Vec::len)
    }

    /// GitHub gave up for want of time or space, and not just on one part of many.
    fn is_overload(&self) -> bool {
        is_overload(self.kind(), self.message()) && (self.depth() < 2 || self.kind() == "RESOURCE_LIMITS_EXCEEDED")
    }

    /// What everything asked for lies in is not there.
    fn is_about_root(&self) -> bool {
        let path = self.path.as_deref().unwrap_or_default();
        matches!(path, [only] if only == "repository" || only == "node")
    }
}

/// The error that makes an answer as a whole useless: a rate limit, an overload that a smaller query avoids, the absence of what
/// all parts lie in, or any at all where no data came.
fn whole_failure(errors: &[WireError], no_data: bool, may_shrink: bool) -> Option<&WireError> {
    let first = |matches: &dyn Fn(&WireError) -> bool| errors.iter().find(|error| matches(error));
    first(&|error| error.kind().starts_with("RATE_LIMIT"))
        .or_else(|| first(&|error| may_shrink && error.is_overload()))
        .or_else(|| first(&WireError::is_about_root))
        .or_else(|| first(&|_| no_data))
}

/// Errors by the first two parts of their path.
fn sorted(errors: Vec<WireError>) -> Errors {
    let mut by_path: HashMap<String, Vec<NodeError>> = HashMap::new();
    for error in errors {
        let is_within = error.depth() > 2;
        let path: Vec<String> = error.path.unwrap_or_default().iter().take(3).map(part).collect();
        let parts = &path[..path.len().min(2)];
        by_path.entry(parts.join("/")).or_default().push(NodeError {
            member: path.get(2).cloned(),
            kind: error.kind.unwrap_or_default(),
            message: error.message.unwrap_or_default(),
            is_within,
        });
    }
    Errors(by_path)
}

fn part(part: &Value) -> String {
    part.as_str().map_or_else(|| part.to_string(), str::to_owned)
}
