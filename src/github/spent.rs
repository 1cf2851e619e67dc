//! What was spent on GitHub, so that a run can say it.

use std::sync::Arc;
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
    /// A request that was sent.
    pub(super) const REQUEST: Self = Self::of(1, 0, 0);
    /// An answer without news.
    pub(super) const NOT_MODIFIED: Self = Self::of(0, 0, 1);

    /// Points that GitHub counted.
    pub(super) const fn points(points: u64) -> Self {
        Self::of(0, points, 0)
    }

    const fn of(requests: u64, points: u64, not_modified: u64) -> Self {
        Self {
            requests,
            points,
            not_modified,
        }
    }

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
    /// Of the client that this one was made from: what is counted here is counted there as well.
    whole: Option<Arc<Counters>>,
}

impl Counters {
    /// New ones, a part of `whole`.
    pub(super) fn within(whole: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            whole: Some(Arc::clone(whole)),
            ..Self::default()
        })
    }

    pub(super) fn read(&self) -> Spent {
        Spent {
            requests: self.requests.load(Ordering::Relaxed),
            points: self.points.load(Ordering::Relaxed),
            not_modified: self.not_modified.load(Ordering::Relaxed),
        }
    }

    pub(super) fn add(&self, spent: Spent) {
        let mut counters = Some(self);
        while let Some(one) = counters {
            one.requests.fetch_add(spent.requests, Ordering::Relaxed);
            one.points.fetch_add(spent.points, Ordering::Relaxed);
            one.not_modified.fetch_add(spent.not_modified, Ordering::Relaxed);
            counters = one.whole.as_deref();
        }
    }
}
