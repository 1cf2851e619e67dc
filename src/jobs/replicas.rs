//! Which work is done by one replica, and which by every one.

use super::Work;

/// How many replicas do a kind of work on a site at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// The one that holds the schedule of the site; its fencing number is checked in every transaction of the work.
    One,
    /// Any number: what they do is claimed row by row, or does no harm when it is done twice.
    Every,
}

/// The decision for each kind of work, with its reason.
const DECIDED: [(Work, Replicas, &str); 13] = [
    (Work::SyncDue, Replicas::One, "two would ask GitHub for the same repositories"),
    (
        Work::Reconcile,
        Replicas::One,
        "one question for a hundred repositories would be two",
    ),
    (Work::Walk, Replicas::One, "the night's budget is one budget"),
    (
        Work::LookAtDesk,
        Replicas::One,
        "a save is followed up once; whoever is told of one looks at once by himself",
    ),
    (
        Work::SettleWaiting,
        Replicas::One,
        "what waits for the bench is sent to it once",
    ),
    (
        Work::SettleWrites,
        Replicas::One,
        "a write whose answer was lost is looked for once",
    ),
    (
        Work::RepairHooks,
        Replicas::One,
        "a webhook is looked at once, and the turns of the hour are one list",
    ),
    (Work::Redeliver, Replicas::One, "two would ask GitHub for the same deliveries"),
    (Work::PruneRuns, Replicas::One, "old rows are removed once"),
    (
        Work::WorkOnDeliveries,
        Replicas::Every,
        "deliveries are claimed row by row, and more hands are faster",
    ),
    (
        Work::Refresh,
        Replicas::Every,
        "whoever applied a delivery reads what it left open; the lease of the repository keeps two apart",
    ),
    (
        Work::FlushCacheDrops,
        Replicas::Every,
        "a replica that cannot reach the cache must not keep the others from it; a key that is dropped twice is dropped",
    ),
    (Work::Measure, Replicas::Every, "each replica tells its own /metrics"),
];

impl Work {
    /// Who does it.
    #[must_use]
    pub fn replicas(self) -> Replicas {
        let decided = DECIDED.iter().find(|(work, ..)| *work == self);
        // Not decided: the careful way.
        decided.map_or(Replicas::One, |(_, replicas, _)| *replicas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_work_is_decided_once_and_with_a_reason() {
        for work in Work::ALL {
            let decided: Vec<_> = DECIDED.iter().filter(|(one, ..)| *one == work).collect();
            assert_eq!(decided.len(), 1, "{work:?}");
            assert!(!decided[0].2.is_empty(), "{work:?}");
        }
        assert_eq!(DECIDED.len(), Work::ALL.len());
    }
}
