//! Pure types and rules: what GitHub's things are to us, whichever way they came in. No I/O, and nothing of ours is imported.

mod branch;
mod change;
mod comment;
mod commit;
mod ids;
mod item;
mod label;
mod login;
mod member;
mod milestone;
mod permission;
mod person;
mod release;
mod repository;
mod review;
mod team;
pub mod text;

pub use branch::{Branch, BranchMoved, HELD_BRANCHES, Push, held_branches, suggested_branch};
pub use change::{Absence, Change, ChangeSet, Entity};
pub use comment::Comment;
pub use commit::Commit;
pub use ids::{InvalidRepoName, RepoName};
pub use item::{Issue, IssueState, Item, PullRequest, PullRequestDetail, PullRequestState};
pub use label::Label;
pub use login::{InvalidLogin, Login};
pub use member::{Member, MemberRole};
pub use milestone::Milestone;
pub use permission::{InvalidPermission, Permission};
pub use person::{Person, PublicAddress};
pub use release::{Release, ReleaseAsset};
pub use repository::{Owner, OwnerKind, Repository, Visibility};
pub use review::{Review, ReviewState};
pub use team::{InvalidTeamSlug, TeamSlug};
