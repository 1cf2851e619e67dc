//! Pure types and rules: what GitHub's things are to us, whichever way they came in. No I/O, and nothing of ours is imported.

mod branch;
mod change;
mod ids;
mod item;
mod login;
mod member;
mod permission;
mod person;
mod repository;
mod team;
pub mod text;

pub use branch::{Branch, BranchMoved, HELD_BRANCHES, Push, held_branches, suggested_branch};
pub use change::{Absence, Change, ChangeSet, Entity};
pub use ids::{InvalidRepoName, RepoName};
pub use item::{Issue, IssueState, Item, PullRequest, PullRequestDetail, PullRequestState};
pub use login::{InvalidLogin, Login};
pub use member::{Member, MemberRole};
pub use permission::{InvalidPermission, Permission};
pub use person::{Person, PublicAddress};
pub use repository::{Owner, OwnerKind, Repository, Visibility};
pub use team::{InvalidTeamSlug, TeamSlug};
