//! What was spent of late, by kind of work: what an administrator looks at when the points of an hour do not last.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Milliseconds.
const HOUR: i64 = 3_600_000;
/// Hours that are kept, the one that goes on included.
const KEPT: i64 = 24;

/// What GitHub is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What changed in a repository since the last run.
    Sync,
    /// A complete walk of a repository.
    FullSync,
    /// What a webhook delivery says less of than its row holds.
    Webhooks,
    /// Comparing what is stored with what GitHub has.
    Reconciliation,
    /// Keeping webhooks alive, and asking for deliveries again.
    Hooks,
    /// What a person asked for.
    Desk,
    /// Everything else: finding accounts, trying a token.
    Other,
}

impl Purpose {
    /// The word in `/metrics` and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::FullSync => "full_sync",
            Self::Webhooks => "webhooks",
            Self::Reconciliation => "reconciliation",
            Self::Hooks => "hooks",
            Self::Desk => "desk",
            Self::Other => "other",
        }
    }
}

/// What something cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Requests sent, redirects and repeats included.
    pub requests: u64,
    /// Points of the primary limits, REST and GraphQL together.
    pub points: u64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.points += other.points;
    }
}

/// The last hours, each under its number since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account(BTreeMap<i64, BTreeMap<Purpose, Cost>>);

impl Account {
    pub(super) fn add(&mut self, now: i64, spent: &[(Purpose, Cost)]) {
        let hour = now.div_euclid(HOUR);
        self.0.retain(|&kept, _| kept > hour - KEPT);
        for &(purpose, cost) in spent {
            *self.0.entry(hour).or_default().entry(purpose).or_default() += cost;
        }
    }

    /// Of the hour that goes on and the 23 before it.
    pub(super) fn of_a_day(&self, now: i64) -> BTreeMap<Purpose, Cost> {
        let mut sum = BTreeMap::new();
        for hour in self.0.range(now.div_euclid(HOUR) - KEPT + 1..) {
            for (&purpose, &cost) in hour.1 {
                *sum.entry(purpose).or_insert_with(Cost::default) += cost;
            }
        }
        sum
    }
}
