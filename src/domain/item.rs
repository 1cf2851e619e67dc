//! Issues and pull requests, and the people on them.

use chrono::{DateTime, Utc};

use super::Person;

/// What an issue and a pull request have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Number within the repository; issues and pull requests share one sequence.
    pub number: u64,
    /// Global node id, the key of GraphQL look-ups.
    pub node_id: String,
    /// Title, uncut: GitHub allows at least 256 characters.
    pub title: String,
    /// Markdown text; absent and empty mean the same to GitHub.
    pub body: String,
    /// Who opened it; none when the account is gone (GitHub shows "ghost").
    pub author: Option<Person>,
    /// Label names in GitHub's order.
    pub labels: Vec<String>,
    /// Who works on it, in GitHub's order.
    pub assignees: Vec<Person>,
    /// Title of the milestone.
    pub milestone: Option<String>,
    /// Address of the page that people open.
    pub url: String,
    /// Number of comments; the list of pull requests does not carry it, and then what is stored stays.
    pub comments: Option<u64>,
    /// Conversation locked.
    pub locked: bool,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// GitHub's own version of the object, in whole seconds.
    pub updated_at: DateTime<Utc>,
    /// When it was closed, if it is.
    pub closed_at: Option<DateTime<Utc>>,
}

/// State of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueState {
    /// Being worked on or waiting.
    Open,
    /// Closed, for whatever reason.
    Closed,
}

impl IssueState {
    /// GitHub's word for it, which is also the Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Numeric id of the issue.
    pub id: u64,
    /// What it shares with pull requests.
    pub item: Item,
    /// Open or closed.
    pub state: IssueState,
    /// `completed`, `not_planned`, `duplicate`, `reopened`, or whatever GitHub adds.
    pub state_reason: Option<String>,
    /// Name of the issue type, where the organisation uses them.
    pub issue_type: Option<String>,
}

/// State of a pull request; GitHub's REST says `closed` for merged ones too, we do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullRequestState {
    /// Open, draft or not.
    Open,
    /// Closed without being merged.
    Closed,
    /// Merged.
    Merged,
}

impl PullRequestState {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Numeric id of the pull request; the issues feed carries the id of its issue instead, so it may be unknown.
    pub id: Option<u64>,
    /// What it shares with issues.
    pub item: Item,
    /// Open, closed or merged.
    pub state: PullRequestState,
    /// Work in progress.
    pub draft: bool,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// What only the pull request itself says; absent means not known, and leaves what is stored alone.
    pub detail: Option<PullRequestDetail>,
}

/// The part of a pull request that the issues feed does not carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestDetail {
    /// Branch that is to be merged.
    pub head_branch: String,
    /// Its newest commit.
    pub head_sha: String,
    /// `owner/name` that the branch lives in; none when the fork is gone.
    pub head_repository: Option<String>,
    /// Branch to merge into.
    pub base_branch: String,
    /// Who merged it.
    pub merged_by: Option<Person>,
    /// REST's word (`clean`, `dirty`, `blocked`, `behind`, `unstable`, `draft`, `has_hooks`); none while GitHub has not computed it.
    pub mergeable_state: Option<String>,
    /// Lower-case review decision (`approved`, `changes_requested`, `review_required`); the outer level is "do we know".
    pub review_decision: Option<Option<String>>,
    /// People asked to review.
    pub reviewers: Vec<Person>,
    /// Slugs of teams asked to review.
    pub team_reviewers: Vec<String>,
}
