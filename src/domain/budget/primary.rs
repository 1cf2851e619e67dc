//! The points of the hour, which GitHub tells with each answer.

use serde::{Deserialize, Serialize};

use super::Resource;

/// What an answer says of the points of its resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Which points.
    pub resource: Resource,
    /// How long ago its request was sent, in milliseconds: what others used since then is not in it.
    pub age_ms: i64,
    /// Points of whoever read it that may not be in it: of requests under way, and those that he has ahead.
    pub own_since: u64,
    /// None where the answer says nothing of them: this GitHub has no limits.
    pub points: Option<Seen>,
}

/// What GitHub says it has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Points in an hour.
    pub limit: u64,
    /// Points that are left.
    pub remaining: u64,
    /// When they come back, in seconds of GitHub's clock.
    pub resets_at: i64,
}

/// What is known of the points of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Primary {
    /// Points in an hour; 0 where there is no limit.
    pub limit: u64,
    /// Points that nobody has used or was promised.
    pub remaining: u64,
    /// When they come back, in seconds of GitHub's clock.
    pub resets_at: i64,
    /// What was taken off the last reading because GitHub may not have counted it yet. Some of it may be in the reading as well.
    doubt: u64,
    unlimited: bool,
}

/// What is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// There is no limit.
    Unlimited,
    /// So many.
    Some(u64),
    /// None before this second of GitHub's clock.
    None {
        /// Seconds since 1970.
        resets_at: i64,
    },
}

/// Seconds by which GitHub tells the same reset differently in answers that follow each other.
const JITTER: i64 = 60;

impl Primary {
    /// What a first reading says.
    pub(super) fn new(reading: &Reading, beside: u64) -> Self {
        let mut primary = Self {
            limit: 0,
            remaining: 0,
            resets_at: i64::MIN,
            doubt: 0,
            unlimited: true,
        };
        primary.read(reading, beside);
        primary
    }

    /// Takes in what GitHub says. `beside` is what may have been used since, or will be without another turn. Some of that GitHub may have
    /// counted already; then it goes off twice until the next reading. Rather too few than too many.
    pub(super) fn read(&mut self, reading: &Reading, beside: u64) {
        // A single answer without its headers says nothing where others had them.
        let Some(seen) = reading.points else { return };
        // Of two windows the later one counts: answers overtake each other.
        if !self.unlimited && seen.resets_at.saturating_add(JITTER) < self.resets_at {
            return;
        }
        *self = Self {
            limit: seen.limit,
            remaining: seen.remaining.saturating_sub(beside),
            resets_at: seen.resets_at,
            doubt: beside,
            unlimited: false,
        };
    }

    /// Takes in an old reading of the same hour: no more than it says is left.
    pub(super) fn lower(&mut self, seen: Seen) {
        if !self.unlimited && seen.resets_at.abs_diff(self.resets_at) <= JITTER.unsigned_abs() {
            self.remaining = self.remaining.min(seen.remaining);
        }
    }

    /// What is left beside `kept`.
    pub(super) fn left(&self, kept: u64) -> Points {
        match self.remaining.saturating_sub(kept) {
            _ if self.unlimited => Points::Unlimited,
            0 => Points::None {
                resets_at: self.resets_at,
            },
            points => Points::Some(points),
        }
    }

    /// True where more than `kept` may be left if nothing was taken off twice: another reading would tell.
    pub(super) fn is_in_doubt(&self, kept: u64) -> bool {
        kept > 0 && self.remaining > 0 && self.remaining.saturating_add(self.doubt) > kept
    }

    /// True where this GitHub counts no points: a GitHub Enterprise Server on which limits are off, as they are at first.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.unlimited
    }

    pub(super) fn is_over(&self, github: i64) -> bool {
        !self.unlimited && self.resets_at <= github
    }

    pub(super) fn charge(&mut self, points: u64) {
        self.remaining = self.remaining.saturating_sub(points);
    }

    pub(super) fn credit(&mut self, points: u64) {
        self.remaining = self.remaining.saturating_add(points).min(self.limit);
        self.doubt = self.doubt.saturating_sub(points);
    }
}
