//! The shapes of GitHub's objects on the wire, and how they become domain values. Private to this room.
//!
//! One file a resource. Unknown members are passed over, and whatever GitHub's published description calls optional or nullable is
//! so here; so is what older servers leave out. REST answers and webhook payloads carry the same objects and meet the same code.

mod app;
mod branch;
mod collaborator;
mod comment;
mod commit;
mod deployment;
mod issue;
mod label;
mod membership;
mod mention;
mod milestone;
mod moment;
mod pull_request;
mod push;
mod release;
mod repository;
mod review;
mod user;
mod visible_installation;

pub(super) use app::{App, InstallationWire as Installation};
pub(super) use branch::ShortBranch;
pub(super) use collaborator::Collaborator;
pub(super) use comment::Comment;
pub(super) use commit::Commit;
pub(super) use deployment::DeploymentStatus;
pub(super) use issue::Issue;
pub(super) use label::Label;
pub(super) use membership::Membership;
pub(super) use mention::Mention;
pub(super) use milestone::Milestone;
pub(super) use moment::Moment;
pub(super) use pull_request::PullRequest;
pub(super) use push::Push;
pub(super) use release::Release;
pub(super) use repository::Repository;
pub(super) use review::Review;
pub(super) use user::{Account, Viewer};
pub(super) use visible_installation::{ManagedRepository, VisibleInstallation};

/// The login in an account that is embedded somewhere.
fn login_of(account: &serde_json::Value) -> Option<String> {
    account.get("login")?.as_str().map(str::to_owned)
}

/// The number that an address ends in: `7` of `https://api.github.com/repos/acme/web/issues/7`.
fn number_at_the_end(url: &str) -> Option<u64> {
    url.rsplit('/').next()?.parse().ok()
}
