//! `push`, `create`, `delete` and `branch_protection_rule`: what becomes of branches and of the default one's commits.

use serde_json::Value;

use crate::domain::{BranchMoved, Change, Commit};
use crate::github::{DecodeError, payload};
use crate::store::refresh::{Mark, Part};

use super::Meaning;

/// A push moves a branch at once. When its commit was made, which other branches there are, and when the repository was pushed to is read;
/// so are the commits of the default branch: a push tells of each in brief, not of all of many, and not what a forced one took away.
pub(super) fn pushed(delivery: &Value) -> Result<Meaning, DecodeError> {
    let push = payload::push(delivery)?;
    let Some(name) = push.branch() else {
        return Ok(Meaning::read(Mark::now(Part::Repository)));
    };
    let mut changes = Vec::new();
    let mut marks = vec![Mark::now(Part::Branches), Mark::now(Part::Repository)];
    if !push.created && !push.deleted {
        changes.push(Change::BranchMoved(BranchMoved {
            name: name.to_owned(),
            before: push.before.clone(),
            head_sha: push.after.clone(),
        }));
    }
    if delivery["repository"]["default_branch"] == name {
        changes.push(Change::Commits(commits(delivery, name)));
        marks.push(Mark::new_commits());
    }
    Ok(Meaning::Work(changes, marks))
}

/// The commits that a push tells. One that is odd is left to the read.
fn commits(delivery: &Value, branch: &str) -> Vec<Commit> {
    let told = delivery["commits"].as_array().into_iter().flatten();
    told.filter_map(|commit| payload::commit(commit, branch).ok()).collect()
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
