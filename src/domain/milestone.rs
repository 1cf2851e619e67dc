//! Milestones.

use chrono::{DateTime, Utc};

use super::Person;

/// A milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// Numeric id.
    pub id: u64,
    /// Global node id.
    pub node_id: String,
    /// Number within the repository; a sequence of its own.
    pub number: u64,
    /// Title, which issues name it by.
    pub title: String,
    /// Markdown text.
    pub description: String,
    /// Who made it; none when the account is gone.
    pub creator: Option<Person>,
    /// Still being worked towards.
    pub is_open: bool,
    /// Open issues and pull requests in it.
    pub open_issues: u64,
    /// Closed ones.
    pub closed_issues: u64,
    /// Address of the page that people open.
    pub url: String,
    /// When it is due.
    pub due_on: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// GitHub's own version of it, in whole seconds. Where only the counts differ it may be the same.
    pub updated_at: DateTime<Utc>,
    /// When it was closed, if it is.
    pub closed_at: Option<DateTime<Utc>>,
}
