//! Writes to GitHub: a second between two, and of those that make content only so many at a time.

use serde::{Deserialize, Serialize};

use super::Rules;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// When was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    last: Option<i64>,
    /// Moments of the shared clock at which content was made, oldest first.
    made: Vec<i64>,
}

impl Content {
    /// The next moment at which a write may be sent; none if that is now.
    pub(super) fn next(&self, rules: &Rules, now: i64, makes_content: bool) -> Option<i64> {
        let gap = self.last.map(|last| last + rules.write_gap_ms);
        let of = |count: usize, window: i64| {
            let first = self.made.len().checked_sub(count)?;
            self.made.get(first).map(|at| at + window)
        };
        let content = if makes_content {
            of(rules.content_minute, MINUTE).max(of(rules.content_hour, HOUR))
        } else {
            None
        };
        gap.max(content).filter(|&at| at > now)
    }

    pub(super) fn count(&mut self, now: i64, makes_content: bool) {
        self.last = Some(now);
        if makes_content {
            self.made.push(now);
        }
    }

    pub(super) fn forget_old(&mut self, now: i64) {
        self.made.retain(|at| at + HOUR > now);
    }
}
