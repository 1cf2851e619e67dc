//! What a comparison with GitHub comes to: in step, left to deliveries, or to be read.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::github::{Probe, Probed};
use crate::store::proofs::Candidate;
use crate::store::runs::Trigger;

use super::baseline::Baseline;

/// GitHub delivers within seconds; a change this young is left to its delivery.
pub(super) const GRACE: TimeDelta = TimeDelta::minutes(1);
/// How often a difference is left to deliveries.
const PATIENCE: u32 = 5;

/// What is to be done about a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    InStep,
    PutOff,
    /// It is read, for that reason.
    Read(Trigger),
}

/// What follows from what GitHub says of a repository, from what it said before, and from how many there are here of what it never said
/// before.
pub(super) fn judge(
    (one, before, counted): (&Candidate, Option<&Baseline>, Option<(&str, i64)>),
    probed: &Probed,
    waiting: &BTreeSet<u64>,
    now: DateTime<Utc>,
) -> Judgement {
    let is_waiting = waiting.contains(&one.id);
    let agrees = |probe: &Probe| counted.is_none_or(|(part, count)| probe.counts.get(part).is_none_or(|said| *said == count));
    let is_in_step = |probe: &Probe| is_in_step(one, before, probe) && agrees(probe);
    let is_young = match probed {
        Probed::Missing => false,
        Probed::There(probe) if is_in_step(probe) && !is_waiting => return Judgement::InStep,
        Probed::There(probe) if is_in_step(probe) => return Judgement::PutOff,
        Probed::There(probe) => now - probe.newest < GRACE,
    };
    match (is_waiting || is_young, one.put_off < PATIENCE) {
        (true, true) => Judgement::PutOff,
        (true, false) => Judgement::Read(Trigger::Webhook),
        (false, _) => Judgement::Read(Trigger::Reconciliation),
    }
}

/// True when GitHub says what it said when the repository was in step; also where what differs is nothing but moments before the last whole
/// sync, which has seen what happened then. One that was never compared is in step as it was synced.
fn is_in_step(one: &Candidate, before: Option<&Baseline>, probe: &Probe) -> bool {
    let is_seen_since = one.whole_at.is_some_and(|whole| probe.newest < whole);
    match before {
        None => is_seen_since,
        Some(before) => before.is_same_but_for_moments(probe) && (before.has_same_moments(probe, one.whole_at) || is_seen_since),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_442_000 + seconds, 0).unwrap_or_default()
    }

    fn candidate(whole: i64, put_off: u32) -> Candidate {
        Candidate {
            id: 1,
            name: "octo/web".to_owned(),
            node_id: "R_1".to_owned(),
            seen: None,
            put_off,
            whole_at: Some(at(whole)),
        }
    }

    fn probe(head: &str, moment: i64, newest: i64) -> Probe {
        Probe {
            head: head.to_owned(),
            counts: BTreeMap::new(),
            moments: BTreeMap::from([("issues".to_owned(), moment)]),
            newest: at(newest),
        }
    }

    fn there(head: &str, moment: i64, newest: i64) -> Probed {
        Probed::There(probe(head, moment, newest))
    }

    fn before(head: &str, moment: i64) -> Baseline {
        Baseline::default().with(&probe(head, moment, 0))
    }

    #[test]
    fn what_github_says_again_is_in_step_and_what_a_whole_sync_has_seen_too() {
        let (nobody, now) = (BTreeSet::new(), at(1_000));
        let judge = |one: &Candidate, before: Option<Baseline>, probed: &Probed| {
            judge((one, before.as_ref(), None), probed, &nobody, now)
        };
        let read = Judgement::Read(Trigger::Reconciliation);
        let same = judge(&candidate(0, 0), Some(before("a", 1)), &there("a", 1, 500));
        assert_eq!(same, Judgement::InStep);
        assert_eq!(judge(&candidate(600, 0), None, &there("a", 1, 500)), Judgement::InStep);
        let since = judge(&candidate(600, 0), Some(before("a", 0)), &there("a", 1, 500));
        assert_eq!(since, Judgement::InStep);
        // A count has no moment: nobody knows when it changed.
        let counted = judge(&candidate(600, 0), Some(before("other", 1)), &there("a", 1, 500));
        assert_eq!(counted, read);
        // In the second in which the sync began, something may have happened after it.
        assert_eq!(judge(&candidate(500, 0), None, &there("a", 1, 500)), read);
        // What was never said is held against the rows.
        let Probed::There(mut said) = there("a", 1, 500) else { return };
        said.counts.insert("labels".to_owned(), 3);
        let held = |count| {
            super::judge(
                (&candidate(600, 0), None, Some(("labels", count))),
                &Probed::There(said.clone()),
                &nobody,
                now,
            )
        };
        assert_eq!((held(3), held(2)), (Judgement::InStep, read));
    }

    #[test]
    fn what_deliveries_are_still_to_tell_is_left_to_them_and_is_no_drift() {
        let (waiting, now) = (BTreeSet::from([1]), at(1_000));
        let before = before("a", 1);
        let judge = |put_off, probed: &Probed, waiting: &BTreeSet<u64>| {
            judge((&candidate(0, put_off), Some(&before), None), probed, waiting, now)
        };
        let nobody = BTreeSet::new();
        assert_eq!(judge(0, &there("a", 2, 500), &waiting), Judgement::PutOff);
        assert_eq!(judge(0, &there("a", 2, 990), &nobody), Judgement::PutOff);
        assert_eq!(
            judge(PATIENCE, &there("a", 2, 990), &nobody),
            Judgement::Read(Trigger::Webhook)
        );
        let read = Judgement::Read(Trigger::Reconciliation);
        assert_eq!(judge(PATIENCE, &Probed::Missing, &nobody), read);
    }
}
