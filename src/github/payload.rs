//! Objects out of webhook payloads and write answers, as domain values: the same conversion that serves the lists.
//!
//! Each function takes one object (`payload["issue"]`, not the payload), parsed or as text.

use super::decode::{DecodeError, Json, wire};
use super::feed::FeedItem;
use super::wire as shape;
use crate::domain::{
    Comment, Commit, Deployed, Installation, Issue, Label, Mention, Milestone, PullRequest, Push, Release, Repository, Review,
};

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

/// An `installation` member of `installation` and `installation_repositories` payloads; that of others is too short, and refused.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn installation<'a>(json: impl Into<Json<'a>>) -> Result<Installation, DecodeError> {
    wire::<shape::Installation>(json.into()).map(Installation::from)
}

/// The payload of a `push`, as a whole.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn push<'a>(json: impl Into<Json<'a>>) -> Result<Push, DecodeError> {
    wire::<shape::Push>(json.into()).map(Push::from)
}

/// A `release` member.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn release<'a>(json: impl Into<Json<'a>>) -> Result<Release, DecodeError> {
    wire::<shape::Release>(json.into()).map(Release::from)
}

/// A `milestone` member of `milestone` and `issues` payloads.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn milestone<'a>(json: impl Into<Json<'a>>) -> Result<Milestone, DecodeError> {
    wire::<shape::Milestone>(json.into()).map(Milestone::from)
}

/// A `label` member of `label`, `issues` and `pull_request` payloads.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn label<'a>(json: impl Into<Json<'a>>) -> Result<Label, DecodeError> {
    wire::<shape::Label>(json.into()).map(Label::from)
}

/// The `comment` member of `issue_comment` payloads; those of `commit_comment` and `pull_request_review_comment` are other things.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn comment<'a>(json: impl Into<Json<'a>>) -> Result<Comment, DecodeError> {
    Comment::try_from(wire::<shape::Comment>(json.into())?)
}

/// The `review` member of `pull_request_review` payloads.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn review<'a>(json: impl Into<Json<'a>>) -> Result<Review, DecodeError> {
    Review::try_from(wire::<shape::Review>(json.into())?)
}

/// One of the `commits` of a `push` payload, or its `head_commit`, which are brief; or a whole one of a list. It was seen on `branch`.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn commit<'a>(json: impl Into<Json<'a>>, branch: &str) -> Result<Commit, DecodeError> {
    let commit = Commit::try_from(wire::<shape::Commit>(json.into())?)?;
    Ok(Commit {
        branch: branch.to_owned(),
        ..commit
    })
}

/// What an `issue` or `pull_request` member calls its labels and its milestone.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn mention<'a>(json: impl Into<Json<'a>>) -> Result<Mention, DecodeError> {
    wire::<shape::Mention>(json.into()).map(Mention::from)
}

/// The payload of a `deployment_status`, as a whole.
///
/// # Errors
/// The place that is not what GitHub's description says.
pub fn deployed<'a>(json: impl Into<Json<'a>>) -> Result<Deployed, DecodeError> {
    wire::<shape::DeploymentStatus>(json.into()).map(Deployed::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    /// Names of members that the wire structs know, with any JSON below.
    fn any_object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z/0-9:TZ-]{0,12}".prop_map(Value::from),
            Just(Value::from("2024-01-02T03:04:05Z")),
        ];
        let member = prop::sample::select(vec![
            "id",
            "node_id",
            "number",
            "title",
            "user",
            "login",
            "labels",
            "name",
            "assignees",
            "created_at",
            "updated_at",
            "state",
            "pull_request",
            "head",
            "base",
            "ref",
            "sha",
            "repo",
            "full_name",
            "owner",
            "html_url",
            "type",
            "milestone",
            "private",
            "tag_name",
            "assets",
            "issue_url",
            "pull_request_url",
            "commit",
            "parents",
            "timestamp",
        ]);
        leaf.prop_recursive(4, 60, 20, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((member.clone(), inner), 0..20).prop_map(|pairs| pairs
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_object_is_too_odd_and_text_reads_like_a_value(value in any_object()) {
            let text = value.to_string();
            prop_assert_eq!(item(&value).is_ok(), item(text.as_str()).is_ok());
            prop_assert_eq!(pull_request(&value).is_ok(), pull_request(text.as_str()).is_ok());
            prop_assert_eq!(repository(&value).is_ok(), repository(text.as_str()).is_ok());
            prop_assert_eq!(release(&value).is_ok(), release(text.as_str()).is_ok());
            prop_assert_eq!(milestone(&value).is_ok(), milestone(text.as_str()).is_ok());
            prop_assert_eq!(label(&value).is_ok(), label(text.as_str()).is_ok());
            prop_assert_eq!(comment(&value).is_ok(), comment(text.as_str()).is_ok());
            prop_assert_eq!(review(&value).is_ok(), review(text.as_str()).is_ok());
            prop_assert_eq!(commit(&value, "main").is_ok(), commit(text.as_str(), "main").is_ok());
            prop_assert_eq!(mention(&value).is_ok(), mention(text.as_str()).is_ok());
            prop_assert_eq!(deployed(&value).is_ok(), deployed(text.as_str()).is_ok());
        }
    }
}
