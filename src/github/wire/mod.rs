//! The shapes of GitHub's objects on the wire, and how they become domain values. Private to this room.
//!
//! One file a resource. Unknown members are passed over, and whatever GitHub's published description calls optional or nullable is
//! so here; so is what older servers leave out. REST answers and webhook payloads carry the same objects and meet the same code.

mod branch;
mod collaborator;
mod issue;
mod moment;
mod pull_request;
mod push;
mod repository;
mod user;

pub(super) use branch::ShortBranch;
pub(super) use collaborator::Collaborator;
pub(super) use issue::Issue;
pub(super) use moment::Moment;
pub(super) use pull_request::PullRequest;
pub(super) use push::Push;
pub(super) use repository::Repository;
pub(super) use user::{Account, Viewer};
