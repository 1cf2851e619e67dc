//! How many deliveries are being taken in: who works on those that are stored lets them go first.
//!
//! GitHub waits ten seconds for an answer and gives a delivery up after that, while one that is stored can wait. Both want the same database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// So many at a time are a crowd.
const MANY: usize = 8;
/// Work waits no longer than this: what a delivery tells is seen within two seconds, crowd or not.
const LONGEST: Duration = Duration::from_millis(500);

/// Counts the deliveries of a process that are being taken in. Clones are the same count.
#[derive(Debug, Clone, Default)]
pub struct Crowd(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    count: AtomicUsize,
    left: Notify,
}

/// A delivery that is being taken in, until this is dropped.
#[derive(Debug)]
pub(super) struct Entered(Arc<Inside>);

impl Crowd {
    /// One more comes in.
    pub(super) fn enter(&self) -> Entered {
        self.0.count.fetch_add(1, Ordering::Relaxed);
        Entered(Arc::clone(&self.0))
    }

    /// Waits until there is no crowd, or for half a second.
    pub(super) async fn lull(&self) {
        let quiet = async {
            loop {
                let left = self.0.left.notified();
                if self.0.count.load(Ordering::Relaxed) < MANY {
                    return;
                }
                left.await;
            }
        };
        let _waited_long_enough = tokio::time::timeout(LONGEST, quiet).await;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::Relaxed) == MANY {
            self.0.left.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_goes_on_when_the_crowd_is_gone_and_not_much_later_in_any_case() {
        let crowd = Crowd::default();
        let few: Vec<Entered> = (1..MANY).map(|_| crowd.enter()).collect();
        let began = Instant::now();
        crowd.lull().await;
        assert_eq!(began.elapsed(), Duration::ZERO, "few are no crowd");
        let last = crowd.enter();
        let mut waiting = std::pin::pin!(crowd.lull());
        assert!(poll!(&mut waiting).is_pending());
        drop(last);
        assert!(poll!(&mut waiting).is_ready());
        let _last = crowd.enter();
        crowd.lull().await;
        assert_eq!(began.elapsed(), LONGEST);
        drop(few);
    }
}
