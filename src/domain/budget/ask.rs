//! What a process asks for, and what it hears.

use super::primary::Reading;
use super::slice::SliceId;
use super::{Cost, Purpose, Resource, Urgency};

/// What a process asks for in a turn, and what it gives back with it.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Name of the process.
    pub owner: &'a str,
    /// Who waits.
    pub urgency: Urgency,
    /// What it wants to ask GitHub by.
    pub resource: Resource,
    /// Points that it could use soon.
    pub points: u64,
    /// Requests that it has under way.
    pub in_flight: u32,
    /// Requests that it would like to have under way, those included.
    pub wanted: u32,
    /// Points that background work leaves to people.
    pub kept: u64,
    /// Slices that it is through with.
    pub returned: &'a [Returned],
    /// What GitHub said of the points, at most one reading a resource: the lowest.
    pub readings: &'a [Reading],
    /// What it spent since its last turn.
    pub spent: &'a [(Purpose, Cost)],
}

/// A slice that is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// Which.
    pub slice: SliceId,
    /// Points that were used of it.
    pub used: u64,
    /// Points that were not.
    pub unused: u64,
    /// Points that were used beyond it: a query that cost more than was thought.
    pub beyond: u64,
}

/// What a process is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The slice, good for [`Rules::slice_ms`](super::Rules::slice_ms) from the beginning of the turn; none for a write, which is used up
    /// as it is given.
    pub slice: Option<SliceId>,
    /// Points in it.
    pub points: u64,
    /// Requests that the process may have under way.
    pub slots: u32,
}

/// Why nothing is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The points of the hour are used up.
    UsedUp,
    /// What is left of them is kept for people.
    Kept,
    /// As much was asked as GitHub allows in a minute.
    Minute,
    /// As many requests are under way as may be.
    Places,
    /// As much was written as GitHub allows at a time.
    Content,
    /// GitHub asked us to slow down.
    Slowed,
}

/// A turn that gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub why: Why,
    /// How long to wait before the next turn is worth it, in milliseconds.
    pub wait_ms: u64,
}

impl Refusal {
    /// Until `at`, in milliseconds of the clock that says `now`, which may be in seconds where `at` is GitHub's.
    pub(super) fn new(why: Why, at: i64, now: i64) -> Self {
        let now = match why {
            Why::UsedUp | Why::Kept | Why::Slowed => now * 1_000,
            Why::Minute | Why::Places | Why::Content => now,
        };
        Self {
            why,
            wait_ms: u64::try_from(at - now).unwrap_or(0).max(1),
        }
    }
}
