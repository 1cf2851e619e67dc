//! `push`, `create`, `delete` and `branch_protection_rule`: what becomes of branches.

use serde_json::Value;

use crate::domain::{BranchMoved, Change};
use crate::github::{DecodeError, payload};
use crate::store::refresh::{Mark, Part};

use super::Meaning;

/// A push moves a branch at once. When its commit was made, which other branches there are, and when the repository was pushed to is read.
pub(super) fn pushed(delivery: &Value) -> Result<Meaning, DecodeError> {
    let push = payload::push(delivery)?;
    let Some(name) = push.branch() else {
        return Ok(Meaning::read(Mark::now(Part::Repository)));
    };
    let mut changes = Vec::new();
    if !push.created && !push.deleted {
        changes.push(Change::BranchMoved(BranchMoved {
            name: name.to_owned(),
            before: push.before.clone(),
            head_sha: push.after.clone(),
        }));
    }
    Ok(Meaning::Work(
        changes,
        vec![Mark::now(Part::Branches), Mark::now(Part::Repository)],
    ))
}

/// A branch or tag was made or removed.
pub(super) fn named(delivery: &Value) -> Meaning {
    if delivery["ref_type"] == "tag" {
        return Meaning::Ignored("tags are not mirrored; releases tell of themselves");
    }
    Meaning::read(Mark::now(Part::Branches))
}

/// Rules decide which branches are protected.
pub(super) fn protected() -> Meaning {
    Meaning::read(Mark::now(Part::Branches))
}
