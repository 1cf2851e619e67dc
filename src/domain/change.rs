//! The one value that sync, webhooks, buttons and the demo all produce, and that `store::apply` takes.

use super::{
    Branch, BranchMoved, Comment, Commit, Deployed, Issue, Label, Member, Mention, Milestone, PullRequest, Release, Repository,
    Review,
};

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
    /// Its labels.
    Label,
    /// Its milestones.
    Milestone,
    /// Its releases.
    Release,
    /// Comments on its issues and pull requests.
    Comment,
    /// Reviews of its pull requests.
    Review,
    /// Its commits.
    Commit,
}

impl Entity {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::Repository,
        Self::Issue,
        Self::PullRequest,
        Self::Branch,
        Self::Member,
        Self::Label,
        Self::Milestone,
        Self::Release,
        Self::Comment,
        Self::Review,
        Self::Commit,
    ];

    /// Name of a single one, as people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "Repository",
            Self::Issue => "Issue",
            Self::PullRequest => "Pull Request",
            Self::Branch => "Branch",
            Self::Member => "Member",
            Self::Label => "Label",
            Self::Milestone => "Milestone",
            Self::Release => "Release",
            Self::Comment => "Comment",
            Self::Review => "Review",
            Self::Commit => "Commit",
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
    /// Some labels, each as a whole.
    Labels(Vec<Label>),
    /// Labels that are gone, by id.
    LabelsGone(Vec<u64>),
    /// Some milestones, each as a whole.
    Milestones(Vec<Milestone>),
    /// Milestones that are gone, by id.
    MilestonesGone(Vec<u64>),
    /// Some releases, each as a whole.
    Releases(Vec<Release>),
    /// Releases that are gone, by id.
    ReleasesGone(Vec<u64>),
    /// Some comments, each as a whole.
    Comments(Vec<Comment>),
    /// Comments that are gone, by id. Those of an issue or pull request go with it.
    CommentsGone(Vec<u64>),
    /// Some reviews, each as a whole.
    Reviews(Vec<Review>),
    /// Reviews that are gone, by id. Those of a pull request go with it.
    ReviewsGone(Vec<u64>),
    /// Some commits.
    Commits(Vec<Commit>),
    /// Commits that no branch leads to any more, by hash. They leave no tombstone: a push brings them back.
    CommitsGone(Vec<String>),
    /// What issues and pull requests called labels and milestones when they were told; it changes nothing, and puts in doubt what is
    /// called otherwise here.
    Mentions(Vec<Mention>),
    /// What became of deployments.
    Deployed(Vec<Deployed>),
    /// Labels, milestones, releases, comments or reviews that are there although they were said to be gone, by id; what they hold comes
    /// after it.
    PartsBack(Entity, Vec<u64>),
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
