//! What was spent on GitHub, so that a run can say it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the client was made; the difference of two readings is what lies between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests sent, redirects and repeats included.
    pub requests: u64,
    /// Points of the primary rate limits, REST and GraphQL together: one for an answered REST request (none for a 304), what
    /// GitHub says for a GraphQL query.
    pub points: u64,
    /// Answers "not modified", which cost no point.
    pub not_modified: u64,
}

impl Spent {
    /// What was spent since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            points: self.points.saturating_sub(earlier.points),
            not_modified: self.not_modified.saturating_sub(earlier.not_modified),
        }
    }
}

/// The counters behind [`Spent`], shared by all clones of a client.
#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    points: AtomicU64,
    not_modified: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Spent {
        Spent {
            requests: self.requests.load(Ordering::Relaxed),
            points: self.points.load(Ordering::Relaxed),
            not_modified: self.not_modified.load(Ordering::Relaxed),
        }
    }

    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn points(&self, points: u64) {
        self.points.fetch_add(points, Ordering::Relaxed);
    }

    pub(super) fn not_modified(&self) {
        self.not_modified.fetch_add(1, Ordering::Relaxed);
    }
}
