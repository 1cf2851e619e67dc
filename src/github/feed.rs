//! The one list that holds issues and pull requests alike.

use crate::domain::{Issue, Item, PullRequest};

/// An entry of the issues feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedItem {
    /// An issue, whole.
    Issue(Issue),
    /// A pull request: its own id and its detail are not known from here; its `node_id` is that of the pull request.
    PullRequest(PullRequest),
}

impl FeedItem {
    /// What both kinds share.
    #[must_use]
    pub fn item(&self) -> &Item {
        match self {
            Self::Issue(issue) => &issue.item,
            Self::PullRequest(pull_request) => &pull_request.item,
        }
    }
}
