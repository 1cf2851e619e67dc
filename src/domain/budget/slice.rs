//! Points that processes were given ahead, and those that were used of late.

use serde::{Deserialize, Serialize};

use super::{Resource, Returned};

/// Milliseconds in which GitHub counts points together.
const MINUTE: i64 = 60_000;
/// What was used is noted by the second.
const SECOND: i64 = 1_000;

/// Which slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceId(u64);

/// Points that a process was given ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slice {
    id: SliceId,
    owner: String,
    pub(super) resource: Resource,
    points: u64,
    /// The last moment at which they may be used, by the shared clock.
    until: i64,
}

/// Points that a process used in a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Used {
    owner: String,
    resource: Resource,
    points: u64,
    /// When the last of them was.
    until: i64,
}

/// All points that still count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slices {
    last: u64,
    out: Vec<Slice>,
    used: Vec<Used>,
}

impl Slices {
    /// Gives `points` that may be used until `until`.
    pub(super) fn give(&mut self, owner: &str, resource: Resource, points: u64, until: i64) -> SliceId {
        self.last += 1;
        let id = SliceId(self.last);
        self.out.push(Slice {
            id,
            owner: owner.to_owned(),
            resource,
            points,
            until,
        });
        id
    }

    /// Takes a slice back: what was not used of it was never asked for. One that is not known any more was counted as used.
    pub(super) fn close(&mut self, owner: &str, returned: &Returned, now: i64) -> Option<Resource> {
        let at = self
            .out
            .iter()
            .position(|slice| slice.id == returned.slice && slice.owner == owner)?;
        let slice = self.out.swap_remove(at);
        let points = slice.points.saturating_sub(returned.unused);
        self.count(owner, slice.resource, points, slice.until.min(now));
        Some(slice.resource)
    }

    /// Notes points that `owner` used up to `at`.
    pub(super) fn count(&mut self, owner: &str, resource: Resource, points: u64, at: i64) {
        let is_same = |used: &&mut Used| {
            used.owner == owner && used.resource == resource && used.until.div_euclid(SECOND) == at.div_euclid(SECOND)
        };
        match self.used.iter_mut().find(is_same) {
            Some(used) => {
                used.points += points;
                used.until = used.until.max(at);
            }
            None if points > 0 => self.used.push(Used {
                owner: owner.to_owned(),
                resource,
                points,
                until: at,
            }),
            None => {}
        }
    }

    /// Points that somebody else than `owner` may have used after `moment`, or may use without another turn.
    pub(super) fn beside(&self, owner: &str, resource: Resource, moment: i64) -> u64 {
        let out = self
            .out
            .iter()
            .filter(|slice| slice.resource == resource && slice.owner != owner);
        let out = out.filter(|slice| slice.until > moment);
        let used = self.used.iter().filter(|used| used.resource == resource);
        let used = used.filter(|used| used.owner != owner && used.until >= moment);
        out.map(|slice| slice.points).sum::<u64>() + used.map(|used| used.points).sum::<u64>()
    }

    /// True where not all that was used since `moment` is still known.
    pub(super) fn has_forgotten(moment: i64, now: i64) -> bool {
        moment + MINUTE <= now
    }

    /// When the first of the slices that are out comes back by itself.
    pub(super) fn next_back(&self, resource: Resource, now: i64) -> Option<i64> {
        let ends = self
            .out
            .iter()
            .filter(|slice| slice.resource == resource && slice.until > now);
        ends.map(|slice| slice.until).min()
    }

    /// Points of the minute that ends at `now`, if all that is out is used.
    pub(super) fn of_minute(&self, resource: Resource, now: i64) -> u64 {
        let counted = self.ends(resource).filter(|&(until, _)| until + MINUTE > now);
        counted.map(|(_, points)| points).sum()
    }

    /// When some of them stop counting.
    pub(super) fn next_room(&self, resource: Resource, now: i64) -> i64 {
        let ends = self.ends(resource).map(|(until, _)| until + MINUTE).filter(|&end| end > now);
        ends.min().unwrap_or(now)
    }

    pub(super) fn forget_old(&mut self, now: i64) {
        self.out.retain(|slice| slice.until + MINUTE > now);
        self.used.retain(|used| used.until + MINUTE > now);
    }

    /// The last moment at which points may be used, and how many.
    fn ends(&self, resource: Resource) -> impl Iterator<Item = (i64, u64)> {
        let out = self.out.iter().filter(move |slice| slice.resource == resource);
        let used = self.used.iter().filter(move |used| used.resource == resource);
        out.map(|slice| (slice.until, slice.points))
            .chain(used.map(|used| (used.until, used.points)))
    }
}
