//! The one value that sync, webhooks, buttons and the demo all produce, and that `store::apply` takes.

use super::{Branch, BranchMoved, Issue, Member, PullRequest, Repository};

/// What is mirrored, in the order in which a sync works through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// The repository itself.
    Repository,
    /// Its issues.
    Issue,
    /// Its pull requests.
    PullRequest,
    /// Its branches.
    Branch,
    /// Its collaborators.
    Member,
}

impl Entity {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Repository, Self::Issue, Self::PullRequest, Self::Branch, Self::Member];

    /// Name of a single one, as people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "Repository",
            Self::Issue => "Issue",
            Self::PullRequest => "Pull Request",
            Self::Branch => "Branch",
            Self::Member => "Member",
        }
    }
}

/// Why something is no longer where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Deleted on GitHub.
    Deleted,
    /// Moved to another repository, or turned into a discussion.
    Moved,
}

/// One change of a repository's mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The repository's own attributes.
    Repository(Box<Repository>),
    /// Some issues, each as a whole.
    Issues(Vec<Issue>),
    /// Some pull requests, each as a whole, but for an absent detail.
    PullRequests(Vec<PullRequest>),
    /// All branches: what is not among them is gone.
    AllBranches(Vec<Branch>),
    /// A push moved one branch that is here.
    BranchMoved(BranchMoved),
    /// All collaborators: who is not among them has left.
    AllMembers(Vec<Member>),
    /// Issues that are gone, by number.
    IssuesGone(Vec<(u64, Absence)>),
    /// Pull requests that are gone, by number.
    PullRequestsGone(Vec<(u64, Absence)>),
    /// Issues and pull requests that are there although they were said to be gone, by number; what they hold comes after it.
    ItemsBack(Vec<u64>),
}

/// Changes of one repository that belong together; applied in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Numeric id of the repository that they belong to.
    pub repository_id: u64,
    /// What changed, in order.
    pub changes: Vec<Change>,
}

impl ChangeSet {
    /// A set of one change.
    #[must_use]
    pub fn one(repository_id: u64, change: Change) -> Self {
        Self {
            repository_id,
            changes: vec![change],
        }
    }
}
