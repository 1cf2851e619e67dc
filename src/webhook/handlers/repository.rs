//! `repository`, `public`, `star`, `member` and `team_add`.
//!
//! Names change hands, and deliveries come in any order: who a repository is now, GitHub is asked.

use crate::store::refresh::{Mark, Part};

use super::Meaning;

/// Renamed, transferred, archived, made private or public, edited, or deleted.
pub(super) fn changed() -> Meaning {
    Meaning::read(Mark::now(Part::Repository))
}

/// Stars are counted once an hour.
pub(super) fn starred() -> Meaning {
    Meaning::read(Mark::at_leisure(Part::Repository))
}

/// Somebody came or went, alone or with his team; what he may do, the payload does not say.
pub(super) fn people() -> Meaning {
    Meaning::read(Mark::now(Part::Members))
}
