//! How long a read is tried.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::RetryAdvice;

/// Added to the moment at which points come back, so that the next request does not meet the last second of the old hour.
const AFTER_RESET: TimeDelta = TimeDelta::seconds(1);

/// Bounds of trying a read again. A wait that GitHub orders is kept to the letter or not begun at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a request is sent at most.
    pub attempts: u32,
    /// The first pause of our own; each further one is twice as long.
    pub first: Duration,
    /// The longest pause of our own.
    pub longest: Duration,
    /// The longest wait that GitHub may order; where it orders more, the call fails and names the time.
    pub patience: Duration,
    /// The longest that one read may take in all, pauses and calls together, before another try is begun.
    pub total: Duration,
}

impl RetryPolicy {
    /// For work that nobody waits for.
    #[must_use]
    pub const fn background() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(15),
            patience: Duration::from_secs(60),
            total: Duration::from_secs(180),
        }
    }

    /// For a person who waits at the desk: a short second chance, and no waiting for a limit.
    #[must_use]
    pub const fn interactive() -> Self {
        Self {
            attempts: 3,
            first: Duration::from_millis(200),
            longest: Duration::from_secs(1),
            patience: Duration::from_secs(2),
            total: Duration::from_secs(10),
        }
    }

    /// One attempt only.
    #[must_use]
    pub const fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::background()
        }
    }

    /// The pause before the next attempt; none when it is not worth one.
    ///
    /// `failures` counts the attempts made, `passed` is the time since the first began, `now` is GitHub's clock, `jitter` lies
    /// between 0 and 1 and keeps many clients from coming back at once.
    #[must_use]
    pub fn pause(
        &self,
        failures: u32,
        passed: Duration,
        advice: RetryAdvice,
        now: DateTime<Utc>,
        jitter: f64,
    ) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let ordered = match advice {
            RetryAdvice::No | RetryAdvice::Smaller => return None,
            RetryAdvice::After(wait) => wait,
            RetryAdvice::At(time) => (time - now + AFTER_RESET).to_std().unwrap_or_default(),
        };
        if ordered > self.patience {
            return None;
        }
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let own = doubled.min(self.longest).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
        let pause = ordered.max(own);
        (passed + pause <= self.total).then_some(pause)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::background()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const SOON: RetryAdvice = RetryAdvice::After(Duration::ZERO);

    fn policy() -> RetryPolicy {
        RetryPolicy::background()
    }

    fn after(seconds: u64) -> RetryAdvice {
        RetryAdvice::After(Duration::from_secs(seconds))
    }

    #[test]
    fn our_own_pauses_double_up_to_a_bound_and_are_spread() {
        let millis = |failures, jitter| {
            policy()
                .pause(failures, Duration::ZERO, SOON, NOW, jitter)
                .map(|pause| pause.as_millis())
        };
        assert_eq!(
            [1, 2, 3, 4].map(|n| millis(n, 1.0)),
            [Some(500), Some(1000), Some(2000), Some(4000)]
        );
        assert_eq!([1, 2].map(|n| millis(n, 0.0)), [Some(250), Some(500)]);
        assert_eq!(millis(5, 1.0), None, "five attempts, no sixth");
        let patient = RetryPolicy {
            attempts: 90,
            ..policy()
        };
        assert_eq!(
            patient.pause(80, Duration::ZERO, SOON, NOW, 1.0),
            Some(Duration::from_secs(15))
        );
    }

    #[test]
    fn an_ordered_wait_is_kept_or_not_begun() {
        let pause = |advice| policy().pause(1, Duration::ZERO, advice, NOW, 1.0);
        assert_eq!(pause(after(60)), Some(Duration::from_secs(60)));
        assert_eq!(pause(after(61)), None);
        let at = |seconds| RetryAdvice::At(NOW + TimeDelta::seconds(seconds));
        assert_eq!(pause(at(9)), Some(Duration::from_secs(10)));
        assert_eq!(pause(at(3600)), None);
        assert_eq!(pause(at(-3600)), Some(Duration::from_millis(500)), "a reset that has passed");
        assert_eq!(pause(RetryAdvice::No), None);
        assert_eq!(pause(RetryAdvice::Smaller), None);
    }

    #[test]
    fn the_whole_is_bounded() {
        let passed = Duration::from_secs(150);
        assert_eq!(policy().pause(1, passed, after(31), NOW, 1.0), None);
        assert!(policy().pause(1, passed, after(30), NOW, 1.0).is_some());
        let desk = RetryPolicy::interactive();
        assert_eq!(
            desk.pause(1, Duration::ZERO, after(60), NOW, 1.0),
            None,
            "nobody at a desk waits for a limit"
        );
        assert_eq!(RetryPolicy::never().pause(1, Duration::ZERO, SOON, NOW, 1.0), None);
    }
}
