//! Who renews a connection, and how others wait for it: in this process by turns, for other processes by looking again.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

/// How long somebody waits for his turn: as long as one who has it waits for others, and a moment more.
const TURN: Duration = Duration::from_secs(5);
/// How often one looks whether another process has ended, and the pause before each look: four seconds in all.
const LOOKS: (u32, Duration) = (40, Duration::from_millis(100));

/// Turns of one process: of each user one at a time. Clones are the same turns.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<Key, Weak<tokio::sync::Mutex<()>>>>>);

/// A site, and a user of it.
type Key = (String, String);

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turns(..)")
    }
}

impl Turns {
    /// Waits until nobody else of this process is about `user`; none when that takes longer than `at_most`.
    pub(super) async fn of(&self, site: &str, user: &str, at_most: Duration) -> Option<OwnedMutexGuard<()>> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = turns.entry((site.to_owned(), user.to_owned())).or_default();
            turn.upgrade().unwrap_or_else(|| {
                let new = Arc::default();
                *turn = Arc::downgrade(&new);
                new
            })
        };
        tokio::time::timeout(at_most, turn.lock_owned()).await.ok()
    }
}

/// Makes a pause.
type Pause = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How one waits for others.
#[derive(Clone)]
pub struct Patience {
    turn: Duration,
    looks: u32,
    pause: Pause,
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patience").field("looks", &self.looks).finish_non_exhaustive()
    }
}

impl Default for Patience {
    fn default() -> Self {
        let (looks, pause) = LOOKS;
        Self {
            turn: TURN,
            ..Self::new(looks, move || Box::pin(tokio::time::sleep(pause)))
        }
    }
}

impl Patience {
    /// So many looks at what other processes do, with `pause` after each, and an hour for one's turn in this process.
    #[must_use]
    pub fn new(looks: u32, pause: impl Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static) -> Self {
        Self {
            turn: Duration::from_secs(3_600),
            looks,
            pause: Arc::new(pause),
        }
    }

    pub(super) fn turn(&self) -> Duration {
        self.turn
    }

    pub(super) fn looks(&self) -> u32 {
        self.looks
    }

    pub(super) async fn pause(&self) {
        (self.pause)().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_user_has_one_turn_and_others_theirs() {
        let turns = Turns::default();
        let held = turns.of("one", "jane", TURN).await.expect("nobody else");
        assert!(turns.of("one", "joe", TURN).await.is_some(), "another user");
        assert!(turns.of("two", "jane", TURN).await.is_some(), "another site");
        let began = tokio::time::Instant::now();
        assert!(turns.of("one", "jane", TURN).await.is_none());
        assert_eq!(began.elapsed(), TURN);
        let (waiting, ()) = tokio::join!(turns.of("one", "jane", TURN), async { drop(held) });
        assert!(waiting.is_some());
        drop(waiting);
        let _last = turns.of("one", "joe", TURN).await;
        let kept = turns.0.lock().expect("nobody failed").len();
        assert_eq!(kept, 1, "what nobody waits for is forgotten");
    }
}
