//! How many requests each process may have under way.

use serde::{Deserialize, Serialize};

use super::Ask;

/// Milliseconds after which the places of a process that said nothing more are free: longer than any request of it can last.
const LIFE: i64 = 75_000;
/// Milliseconds for which a wish for more places is remembered.
const MEMORY: i64 = 2_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    owner: String,
    count: u32,
    wanted: u32,
    seen: i64,
}

/// The places of all processes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slots(Vec<Held>);

impl Slots {
    /// The places that `ask.owner` has from now on, of `cap` in all; none where he has no more than he uses, and wants more.
    pub(super) fn take(&mut self, ask: &Ask<'_>, cap: u32, now: i64) -> Option<u32> {
        let others = || self.0.iter().filter(|held| held.owner != ask.owner);
        let taken: u32 = others().map(|held| held.count).sum();
        let is_missed = others().any(|held| held.wanted > held.count && held.seen + MEMORY > now);
        let processes = 1 + u32::try_from(others().count()).unwrap_or(u32::MAX - 1);
        let share = if is_missed { (cap / processes).max(1) } else { cap };
        let wanted = ask.wanted.max(1);
        let given = wanted.min(share).min(cap.saturating_sub(taken)).max(ask.in_flight);
        self.set(ask.owner, given, wanted, now);
        (given > ask.in_flight).then_some(given)
    }

    pub(super) fn set(&mut self, owner: &str, count: u32, wanted: u32, now: i64) {
        self.0.retain(|held| held.owner != owner);
        if count > 0 || wanted > 0 {
            self.0.push(Held {
                owner: owner.to_owned(),
                count,
                wanted,
                seen: now,
            });
        }
    }

    pub(super) fn forget_dead(&mut self, now: i64) {
        self.0.retain(|held| held.seen + LIFE > now);
    }
}
