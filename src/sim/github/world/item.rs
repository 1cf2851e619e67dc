//! Issues and pull requests as GitHub keeps them: a pull request is an issue with something more.

use chrono::{DateTime, Utc};

use super::{Text, ids};

/// State of an issue; GitHub knows no other, `merged` is a fact beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Open.
    Open,
    /// Closed.
    Closed,
}

impl ItemState {
    /// REST's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// An issue, or the issue side of a pull request.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Database id of the issue; a pull request has one of its own beside it.
    pub id: u64,
    /// Number within the repository.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Markdown text.
    pub body: Option<Text>,
    /// Login of the author; none once the account is gone.
    pub author: Option<String>,
    /// Open or closed.
    pub state: ItemState,
    /// `completed`, `not_planned`, `duplicate`, `reopened`.
    pub state_reason: Option<String>,
    /// Name of the issue type.
    pub issue_type: Option<String>,
    /// Names of labels.
    pub labels: Vec<String>,
    /// Logins of assignees.
    pub assignees: Vec<String>,
    /// Number of the milestone.
    pub milestone: Option<u64>,
    /// Number of comments.
    pub comments: u64,
    /// Conversation locked, with GitHub's reason where one was given.
    pub locked: bool,
    /// `off-topic`, `too heated`, `resolved`, `spam`.
    pub lock_reason: Option<String>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// What makes it a pull request.
    pub pull_request: Option<Box<PullRequest>>,
}

impl Issue {
    /// An open issue with a title and nothing else.
    #[must_use]
    pub fn new(repository_id: u64, number: u64, title: &str, at: DateTime<Utc>) -> Self {
        Self {
            id: ids::issue(repository_id, number),
            number,
            title: title.to_owned(),
            body: None,
            author: None,
            state: ItemState::Open,
            state_reason: None,
            issue_type: None,
            labels: Vec::new(),
            assignees: Vec::new(),
            milestone: None,
            comments: 0,
            locked: false,
            lock_reason: None,
            created_at: at,
            updated_at: at,
            closed_at: None,
            closed_by: None,
            pull_request: None,
        }
    }

    /// Sets the text.
    pub fn with_body(&mut self, body: &str) -> &mut Self {
        self.body = Some(body.into());
        self
    }

    /// Sets the author.
    pub fn by(&mut self, login: &str) -> &mut Self {
        self.author = Some(login.to_owned());
        self
    }

    /// Takes the author away, as GitHub does when an account is deleted.
    pub fn by_ghost(&mut self) -> &mut Self {
        self.author = None;
        self
    }

    /// Adds a label.
    pub fn labelled(&mut self, name: &str) -> &mut Self {
        self.labels.push(name.to_owned());
        self
    }

    /// Adds an assignee.
    pub fn assigned_to(&mut self, login: &str) -> &mut Self {
        self.assignees.push(login.to_owned());
        self
    }

    /// Global node id: of the pull request if it is one, else of the issue.
    #[must_use]
    pub fn node_id(&self) -> String {
        match &self.pull_request {
            Some(pull) => ids::node("PR", pull.id),
            None => ids::node("I", self.id),
        }
    }

    /// True for a pull request.
    #[must_use]
    pub fn is_pull_request(&self) -> bool {
        self.pull_request.is_some()
    }
}

/// Where the branch of a pull request lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadRepository {
    /// In the repository itself.
    Same,
    /// In a fork, by `owner/name`.
    Fork(String),
    /// In a fork that was deleted; the login that it belonged to is kept in the label.
    Gone,
}

/// Whether a pull request can be merged, as GitHub has computed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeState {
    /// Nothing is in the way.
    Clean,
    /// There are conflicts.
    Dirty,
    /// A rule is in the way.
    Blocked,
    /// The base branch is ahead.
    Behind,
    /// A check that is not required failed.
    Unstable,
    /// A pre-receive hook may still refuse.
    HasHooks,
    /// It is a draft.
    Draft,
    /// Not computed yet.
    Unknown,
}

impl MergeState {
    /// REST's word; GraphQL writes the same in capitals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Dirty => "dirty",
            Self::Blocked => "blocked",
            Self::Behind => "behind",
            Self::Unstable => "unstable",
            Self::HasHooks => "has_hooks",
            Self::Draft => "draft",
            Self::Unknown => "unknown",
        }
    }

    /// REST's `mergeable`.
    #[must_use]
    pub fn mergeable(self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::Dirty => Some(false),
            _ => Some(true),
        }
    }
}

/// What the reviews add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDecision {
    /// Approved.
    Approved,
    /// Changes are asked for.
    ChangesRequested,
    /// A review is required and missing.
    ReviewRequired,
}

impl ReviewDecision {
    /// GraphQL's word; REST does not have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::ChangesRequested => "CHANGES_REQUESTED",
            Self::ReviewRequired => "REVIEW_REQUIRED",
        }
    }
}

/// What a pull request has besides its issue.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Database id.
    pub id: u64,
    /// Work in progress.
    pub draft: bool,
    /// Branch to be merged.
    pub head_branch: String,
    /// Its newest commit.
    pub head_sha: String,
    /// Where it lives.
    pub head_repository: HeadRepository,
    /// Branch to merge into.
    pub base_branch: String,
    /// Commit of the base branch at the time.
    pub base_sha: String,
    /// When it was merged.
    pub merged_at: Option<DateTime<Utc>>,
    /// Who merged it.
    pub merged_by: Option<String>,
    /// The commit that merging made.
    pub merge_commit_sha: Option<String>,
    /// Logins asked to review.
    pub reviewers: Vec<String>,
    /// Slugs of teams asked to review.
    pub team_reviewers: Vec<String>,
    /// Reviews, in the order in which they were submitted.
    pub reviews: Vec<super::Review>,
    /// What the reviews add up to.
    pub review_decision: Option<ReviewDecision>,
    /// Whether it can be merged.
    pub merge_state: MergeState,
}

impl PullRequest {
    /// A pull request from a branch of the repository itself.
    #[must_use]
    pub fn new(repository_id: u64, number: u64, head_branch: &str, base_branch: &str) -> Self {
        let seed = ids::mix(repository_id, number);
        Self {
            id: ids::pull_request(repository_id, number),
            draft: false,
            head_branch: head_branch.to_owned(),
            head_sha: ids::sha(seed, 0),
            head_repository: HeadRepository::Same,
            base_branch: base_branch.to_owned(),
            base_sha: ids::sha(seed, 1),
            merged_at: None,
            merged_by: None,
            merge_commit_sha: None,
            reviewers: Vec::new(),
            team_reviewers: Vec::new(),
            reviews: Vec::new(),
            review_decision: None,
            merge_state: MergeState::Clean,
        }
    }
}
