//! `repository`, `public`, `star`, `member`, `team_add` and `meta`.
//!
//! Names change hands, and deliveries come in any order: who a repository is now, GitHub is asked.

use serde_json::Value;

use crate::store::refresh::{Mark, Part};
use crate::webhook::LostHook;

use super::Meaning;

/// Renamed, transferred, archived, made private or public, edited, or deleted. Another default branch has other commits.
pub(super) fn changed(action: &str) -> Meaning {
    let mut marks = vec![Mark::now(Part::Repository)];
    if action == "edited" {
        marks.extend([Mark::now(Part::Branches), Mark::new_commits()]);
    }
    Meaning::Work(Vec::new(), marks)
}

/// Stars are counted once an hour.
pub(super) fn starred() -> Meaning {
    Meaning::read(Mark::at_leisure(Part::Repository))
}

/// Somebody came or went, alone or with his team; what he may do, the payload does not say.
pub(super) fn people() -> Meaning {
    Meaning::read(Mark::now(Part::Members))
}

/// The last delivery of a hook: it was deleted on GitHub.
pub(super) fn hook_deleted(delivery: &Value) -> Meaning {
    let Some(id) = delivery["hook_id"].as_u64() else {
        return Meaning::Work(Vec::new(), Vec::new());
    };
    // One of a repository names its organisation as well.
    let is_of_repository = delivery["repository"].is_object();
    let organization = delivery["organization"]["login"].as_str().filter(|_| !is_of_repository);
    Meaning::HookDeleted(LostHook {
        id,
        organization: organization.map(str::to_owned),
    })
}
