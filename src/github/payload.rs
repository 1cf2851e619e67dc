//! Objects out of webhook payloads and write answers, as domain values: the same conversion that serves the lists.
//!
//! Each function takes one object (`payload["issue"]`, not the payload), parsed or as text.

use super::decode::{DecodeError, Json, wire};
use super::feed::FeedItem;
use super::wire as shape;
use crate::domain::{Issue, PullRequest, Repository};

/// What an `issue` member is: an issue, or (in `issue_comment` payloads) a pull request without its detail.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn item<'a>(json: impl Into<Json<'a>>) -> Result<FeedItem, DecodeError> {
    wire::<shape::Issue>(json.into()).map(FeedItem::from)
}

/// An `issue` member that must be an issue.
///
/// # Errors
/// The place that is not what GitHub's description says; `pull_request` for a pull request in an issue's shape.
pub fn issue<'a>(json: impl Into<Json<'a>>) -> Result<Issue, DecodeError> {
    match item(json)? {
        FeedItem::Issue(issue) => Ok(issue),
        FeedItem::PullRequest(_) => Err(DecodeError::new(
            "pull_request",
            "this is a pull request in the shape of an issue",
        )),
    }
}

/// A `pull_request` member. That of review events is a short form without the number of comments, who merged and whether it can
/// be merged: its `detail` is none and `item.comments` is 0, so read the pull request again before storing these.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn pull_request<'a>(json: impl Into<Json<'a>>) -> Result<PullRequest, DecodeError> {
    let wire = wire::<shape::PullRequest>(json.into())?;
    let is_short = wire.is_short();
    let mut read = PullRequest::from(wire);
    if is_short {
        read.detail = None;
    }
    Ok(read)
}

/// A `repository` member. The shortest form, within other objects such as `workflow_run`, has no times and is refused.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn repository<'a>(json: impl Into<Json<'a>>) -> Result<Repository, DecodeError> {
    Repository::try_from(wire::<shape::Repository>(json.into())?)
}
