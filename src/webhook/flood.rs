//! Whoever sends much that is not signed is slowed down, by where it comes from. What is signed is never held up.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// So many mistakes are answered at once.
const BURST: f64 = 30.0;
/// And so many more a second.
const A_SECOND: f64 = 0.5;
/// How long the answer to one more is kept back.
const PAUSE: Duration = Duration::from_secs(2);
/// So many answers are kept back at the same time; more are given at once.
const KEPT_BACK: usize = 200;
/// Sources that are remembered.
const SOURCES: usize = 10_000;

/// Mistakes by source.
#[derive(Debug)]
pub(super) struct Flood {
    sources: Mutex<HashMap<IpAddr, Level>>,
    kept_back: Semaphore,
}

/// How many mistakes are left, and when that was so.
#[derive(Debug, Clone, Copy)]
struct Level {
    left: f64,
    at: Instant,
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            sources: Mutex::default(),
            kept_back: Semaphore::new(KEPT_BACK),
        }
    }
}

impl Flood {
    /// Counts a mistake of that source; true, after a pause, when it makes too many.
    pub(super) async fn is_one(&self, source: IpAddr) -> bool {
        if self.take(source, Instant::now()) {
            return false;
        }
        // Where too many wait, waiting would cost us more than them.
        if let Ok(_kept_back) = self.kept_back.try_acquire() {
            tokio::time::sleep(PAUSE).await;
        }
        true
    }

    /// Takes one of the mistakes that a source may make.
    fn take(&self, source: IpAddr, now: Instant) -> bool {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.len() >= SOURCES && !sources.contains_key(&source) {
            sources.retain(|_, level| level.now(now) < BURST);
            if sources.len() >= SOURCES {
                return false;
            }
        }
        let level = sources.entry(source).or_insert(Level { left: BURST, at: now });
        let left = level.now(now);
        *level = Level {
            left: (left - 1.0).max(0.0),
            at: now,
        };
        left >= 1.0
    }
}

impl Level {
    fn now(&self, now: Instant) -> f64 {
        (self.left + now.duration_since(self.at).as_secs_f64() * A_SECOND).min(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_mistakes_then_one_each_two_seconds_and_every_source_for_itself() {
        let flood = Flood::default();
        let (one, other): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let now = Instant::now();
        assert!((0..30).all(|_| flood.take(one, now)));
        assert!(!flood.take(one, now));
        assert!(flood.take(other, now));
        assert!(flood.take(one, now + Duration::from_secs(2)));
        assert!(!flood.take(one, now + Duration::from_secs(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn one_mistake_too_many_waits_for_its_answer() {
        let flood = Flood::default();
        let source = [10, 0, 0, 1].into();
        let began = Instant::now();
        for _ in 0..30 {
            assert!(!flood.is_one(source).await);
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert!(flood.is_one(source).await);
        assert_eq!(began.elapsed(), PAUSE);
    }
}
