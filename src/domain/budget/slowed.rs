//! What GitHub's word "slow down" leads to.

use serde::{Deserialize, Serialize};

use super::Rules;

/// Whether GitHub asked us to slow down, by its clock in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slowed {
    until: i64,
    /// Requests at a time when it ends; 0 where nothing was said.
    cap: u32,
}

impl Slowed {
    /// Nobody asks before `until`, and then half as many at a time as may be now. Said again of requests that were under way when it was said
    /// first, it halves once.
    pub(super) fn slow_down(&mut self, rules: &Rules, github: i64, until: i64) {
        if github >= self.until {
            self.cap = (self.cap(rules, github) / 2).max(1);
        }
        self.until = self.until.max(until);
    }

    /// Until when nobody asks.
    pub(super) fn until(&self, github: i64) -> Option<i64> {
        (github < self.until).then_some(self.until)
    }

    /// Requests at a time: one more after each minute without another word.
    pub(super) fn cap(&self, rules: &Rules, github: i64) -> u32 {
        if self.cap == 0 {
            return rules.concurrency;
        }
        let quiet = (github - self.until).max(0) / rules.recovery_seconds.max(1);
        let grown = u32::try_from(quiet).unwrap_or(u32::MAX);
        self.cap.saturating_add(grown).min(rules.concurrency)
    }
}
