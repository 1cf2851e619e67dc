//! A repository with everything in it.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

use super::{Collaborator, Comment, Deployment, Hook, Invitation, Issue, Label, Milestone, Release, ids};
use crate::clock::SharedClock;
use crate::domain::Visibility;

/// A branch.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Name without `refs/heads/`; unlike most names on GitHub, its case counts.
    pub name: String,
    /// Commit that it points to; a key of [`Repository::commits`].
    pub sha: String,
    /// Protected by a rule.
    pub protected: bool,
}

/// A commit.
#[derive(Debug, Clone)]
pub struct Commit {
    /// When it was committed.
    pub committed_at: DateTime<Utc>,
    /// Message.
    pub message: String,
    /// Login of the author, where GitHub knows one.
    pub author: Option<String>,
    /// Hashes of the commits that it follows: none for the first, two for a merge.
    pub parents: Vec<String>,
}

/// What became of a number that no longer holds an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Deleted: REST answers 410.
    Deleted,
    /// Moved to another repository: REST answers 301, GraphQL gives the issue where it is now.
    Transferred {
        /// Id of that repository.
        repository_id: u64,
        /// Number there.
        number: u64,
    },
}

/// Why GitHub blocks a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// For legal reasons: 451.
    Legal,
    /// For a breach of the terms of service: 403.
    Terms,
}

/// A repository.
#[derive(Clone)]
pub struct Repository {
    pub(super) clock: SharedClock,
    /// Database id; survives renames.
    pub id: u64,
    /// Login of the owning account.
    pub owner: String,
    /// Name without the owner.
    pub name: String,
    /// Line under the name.
    pub description: Option<String>,
    /// Web page.
    pub homepage: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Name of the default branch.
    pub default_branch: String,
    /// Read-only.
    pub archived: bool,
    /// A fork of another repository.
    pub fork: bool,
    /// Issues are switched on.
    pub has_issues: bool,
    /// Topics.
    pub topics: Vec<String>,
    /// Main programming language.
    pub language: Option<String>,
    /// Number of stars.
    pub stars: u64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its settings changed.
    pub updated_at: DateTime<Utc>,
    /// When somebody pushed.
    pub pushed_at: Option<DateTime<Utc>>,
    /// Issues and pull requests by number.
    pub items: BTreeMap<u64, Issue>,
    /// Numbers that hold nothing any more.
    pub gone: BTreeMap<u64, Gone>,
    /// Labels; those that an item names are added when they are missing.
    pub labels: Vec<Label>,
    /// Milestones.
    pub milestones: Vec<Milestone>,
    /// How many milestones there ever were; the next number follows from it.
    pub(super) milestones_made: u64,
    /// Releases, in the order in which they were made.
    pub releases: Vec<Release>,
    /// Comments on its items by id.
    pub comments: BTreeMap<u64, Comment>,
    /// How many labels, releases, files, comments and reviews there ever were; the next id follows from it.
    pub(super) parts_made: u64,
    /// Branches.
    pub branches: Vec<Branch>,
    /// Commits by hash.
    pub commits: BTreeMap<String, Commit>,
    /// Who has access.
    pub collaborators: Vec<Collaborator>,
    /// Invitations that wait for an answer.
    pub invitations: Vec<Invitation>,
    /// How many invitations there ever were; the next id follows from it.
    pub(super) invitations_sent: u64,
    /// Hooks, in the order in which they were made.
    pub hooks: Vec<Hook>,
    /// Deployments, in the order in which they were made.
    pub deployments: Vec<Deployment>,
    /// Blocked by GitHub.
    pub blocked: Option<Block>,
}

impl Repository {
    /// A public repository with a first commit on `main`, made two years ago by `clock`.
    #[must_use]
    pub(super) fn new(clock: SharedClock, id: u64, owner: &str, name: &str) -> Self {
        let created_at = clock.now().trunc_subsecs(0) - TimeDelta::days(730);
        let mut repository = Self {
            clock,
            id,
            owner: owner.to_owned(),
            name: name.to_owned(),
            description: Some(format!("The {name} of {owner}")),
            homepage: None,
            visibility: Visibility::Public,
            default_branch: "main".to_owned(),
            archived: false,
            fork: false,
            has_issues: true,
            topics: vec!["erp".to_owned()],
            language: Some("Rust".to_owned()),
            stars: id % 97,
            created_at,
            updated_at: created_at,
            pushed_at: Some(created_at),
            items: BTreeMap::new(),
            gone: BTreeMap::new(),
            labels: Vec::new(),
            milestones: Vec::new(),
            milestones_made: 0,
            releases: Vec::new(),
            comments: BTreeMap::new(),
            parts_made: 0,
            branches: Vec::new(),
            commits: BTreeMap::new(),
            collaborators: Vec::new(),
            invitations: Vec::new(),
            invitations_sent: 0,
            hooks: Vec::new(),
            deployments: Vec::new(),
            blocked: None,
        };
        for label in Label::standard() {
            repository.push_label(label);
        }
        repository.add_branch("main", created_at);
        repository
    }

    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Global node id.
    #[must_use]
    pub fn node_id(&self) -> String {
        ids::node("R", self.id)
    }

    /// The present moment of the world, in whole seconds like all of GitHub's times.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(0)
    }

    /// The number that the next issue or pull request gets.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        let last = |number: Option<&u64>| number.copied().unwrap_or(0);
        last(self.items.keys().next_back()).max(last(self.gone.keys().next_back())) + 1
    }

    /// An issue or pull request, to look at.
    #[must_use]
    pub fn item(&self, number: u64) -> Option<&Issue> {
        self.items.get(&number)
    }

    /// True when an item can be seen: where issues are switched off, only pull requests can.
    #[must_use]
    pub fn shows(&self, item: &Issue) -> bool {
        self.has_issues || item.is_pull_request()
    }

    /// A branch by its exact name.
    #[must_use]
    pub fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.name == name)
    }

    /// How an author stands to it: `OWNER`, `MEMBER`, `CONTRIBUTOR`, or `NONE` for nobody.
    #[must_use]
    pub fn association(&self, author: Option<&str>) -> &'static str {
        let Some(author) = author else { return "NONE" };
        let is = |login: &str| login.eq_ignore_ascii_case(author);
        if is(&self.owner) {
            "OWNER"
        } else if self.collaborators.iter().any(|one| is(&one.login)) {
            "MEMBER"
        } else {
            "CONTRIBUTOR"
        }
    }

    /// Adds a branch with a commit of its own, made at `at`; it follows that of a branch of the same name, or of the default one.
    pub(super) fn add_branch(&mut self, name: &str, at: DateTime<Utc>) -> String {
        let sha = ids::sha(ids::mix(self.id, ids::seed(name)), self.commits.len() as u64);
        let before = self.branch(name).or_else(|| self.branch(&self.default_branch));
        let commit = Commit {
            committed_at: at,
            message: format!("Work on {name}"),
            author: self.collaborators.first().map(|one| one.login.clone()),
            parents: before.map(|branch| branch.sha.clone()).into_iter().collect(),
        };
        self.commits.insert(sha.clone(), commit);
        self.branches.push(Branch {
            name: name.to_owned(),
            sha: sha.clone(),
            protected: false,
        });
        sha
    }
}
