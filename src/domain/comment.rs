//! Comments on issues and in the conversation of pull requests; those on lines of code are no part of it.

use chrono::{DateTime, Utc};

use super::Person;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Numeric id.
    pub id: u64,
    /// Global node id.
    pub node_id: String,
    /// Number of the issue or pull request that it belongs to.
    pub number: u64,
    /// That is a pull request.
    pub on_pull_request: bool,
    /// Markdown text.
    pub body: String,
    /// Who wrote it; none when the account is gone.
    pub author: Option<Person>,
    /// Address of the page that people open.
    pub url: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// GitHub's own version of it, in whole seconds.
    pub updated_at: DateTime<Utc>,
}
