//! GitHub's limits, and how far below them we stay.
//!
//! From "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API" of GitHub's documentation: no more than 100
//! requests at a time; 900 points a minute by REST and 2,000 by GraphQL, where a read costs one and a write five; in general no more than 80
//! requests a minute and 500 an hour that make content; and, of writes, a second between two.

use super::{Resource, Urgency};

/// The limits that we keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Requests of background work under way at a time, over all processes; people may have one more.
    pub concurrency: u32,
    /// How long a slice is good, in milliseconds.
    pub slice_ms: i64,
    /// Points of the minute that a write costs.
    pub write_points: u64,
    /// Milliseconds between two writes.
    pub write_gap_ms: i64,
    /// Writes that make content, in a minute.
    pub content_minute: usize,
    /// The same in an hour.
    pub content_hour: usize,
    /// Milliseconds after which somebody who found no place looks again.
    pub look_again_ms: i64,
    /// Seconds after which one more request may be under way again, where GitHub had slowed us down.
    pub recovery_seconds: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            concurrency: 8,
            slice_ms: 5_000,
            write_points: 5,
            write_gap_ms: 1_000,
            content_minute: 80,
            content_hour: 500,
            look_again_ms: 250,
            recovery_seconds: 60,
        }
    }
}

impl Rules {
    /// More than this at a time is never asked, whatever is configured.
    pub const MOST_AT_A_TIME: u32 = 100;

    /// The same rules with `concurrency` requests at a time, between 1 and [`Self::MOST_AT_A_TIME`].
    #[must_use]
    pub fn at_a_time(self, concurrency: u32) -> Self {
        Self {
            concurrency: concurrency.clamp(1, Self::MOST_AT_A_TIME),
            ..self
        }
    }

    /// Requests that may be under way at a time, those of others included, where background work may have `cap`. Nobody but people takes
    /// the last place: who presses a button does not wait for runs.
    pub(super) fn places(cap: u32, urgency: Urgency) -> u32 {
        let all = cap.saturating_add(1).min(Self::MOST_AT_A_TIME);
        match urgency {
            Urgency::Person => all,
            Urgency::Background => all - 1,
        }
    }

    /// Points in any minute; background work leaves a ninth to people.
    pub(super) fn minute(resource: Resource, urgency: Urgency) -> u64 {
        match (resource, urgency) {
            (Resource::Core, Urgency::Person) => 900,
            (Resource::Core, Urgency::Background) => 800,
            (Resource::Graphql, Urgency::Person) => 2_000,
            (Resource::Graphql, Urgency::Background) => 1_800,
            // Searches have a primary limit by the minute.
            (Resource::Search, _) => 30,
        }
    }
}
