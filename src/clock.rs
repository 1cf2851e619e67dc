//! The one place that says what time it is, so that tests can say it instead.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// A source of the present moment, in UTC. The site's own zone is applied by `frappe::zone`.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// How a clock is passed around.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// True where `pause` has passed since `last`, or nothing was done yet. A moment that lies as far ahead counts as well: a clock that was wrong
/// wrote it, and what waited for it would wait for ever.
#[must_use]
pub fn is_over(last: Option<DateTime<Utc>>, pause: TimeDelta, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| (now - last).abs() >= pause)
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }

    /// Moves the clock forward (or back, for a negative `by`).
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_far_ahead_was_written_by_a_wrong_clock() {
        let (now, pause) = (DateTime::UNIX_EPOCH, TimeDelta::minutes(10));
        let is_over = |minutes| is_over(Some(now + TimeDelta::minutes(minutes)), pause, now);
        assert!(super::is_over(None, pause, now) && is_over(-10) && is_over(10) && is_over(525_600));
        assert!(
            !is_over(-9) && !is_over(0) && !is_over(9),
            "clocks of two machines differ by a little"
        );
    }
}
