//! Commits.

use chrono::{DateTime, Utc};

use super::Person;

/// A commit as it was seen on a branch. Nothing of it ever changes but the branches that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Hash, the identity.
    pub sha: String,
    /// Branch on which it was seen. Where it is on the default branch too, that is the one to name.
    pub branch: String,
    /// Whole message.
    pub message: String,
    /// Address of the page that people open.
    pub url: String,
    /// The author's account, where GitHub knows one.
    pub author: Option<Person>,
    /// The author's name as Git has it.
    pub author_name: String,
    /// The author's e-mail address as Git has it.
    pub author_email: String,
    /// When it was written.
    pub authored_at: Option<DateTime<Utc>>,
    /// When it was committed.
    pub committed_at: DateTime<Utc>,
    /// Hashes of the commits that it follows; a push does not tell them.
    pub parents: Vec<String>,
    /// True for what a push tells: one time instead of two, a login without its id. It makes a row that is not there, and changes
    /// nothing but the branch of one that is.
    pub is_brief: bool,
}
