//! What GitHub said of a repository when it was in step, as a line of text, and how a later word compares with it.

use std::collections::BTreeMap;
use std::fmt;

use crate::github::{Probe, ProbePart};

/// Under which the part is kept that was asked for last.
const TURN: &str = "turn";
/// What is asked for in turn.
const PARTS: [(&str, ProbePart); 3] = [
    ("branches", ProbePart::Branches),
    ("labels", ProbePart::Labels),
    ("milestones", ProbePart::Milestones),
];

/// What was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Baseline {
    head: String,
    counts: BTreeMap<String, i64>,
    moments: BTreeMap<String, i64>,
}

impl Baseline {
    /// Reads the line; none where it is not one of these, as older versions wrote others.
    pub(super) fn parse(line: &str) -> Option<Self> {
        // The head comes first and may hold any words.
        let mut parts = line.rsplitn(3, " | ");
        let (moments, counts, head) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            head: head.to_owned(),
            counts: pairs(counts)?,
            moments: pairs(moments)?,
        })
    }

    /// The same with what was said now: of what was not asked for, the last word stays.
    pub(super) fn with(mut self, probe: &Probe) -> Self {
        self.head.clone_from(&probe.head);
        self.counts.extend(probe.counts.clone());
        self.moments.extend(probe.moments.clone());
        if let [asked] = asked(probe)[..] {
            self.counts.insert(TURN.to_owned(), i64::try_from(asked).unwrap_or_default());
        }
        self
    }

    /// True when `probe` says the same of what tells no time: name, settings, head and counts.
    pub(super) fn is_same_but_for_moments(&self, probe: &Probe) -> bool {
        self.head == probe.head && agrees(&self.counts, &probe.counts)
    }

    /// True when it says that each part changed when it did.
    pub(super) fn has_same_moments(&self, probe: &Probe) -> bool {
        agrees(&self.moments, &probe.moments)
    }

    /// What is to be asked for next; none where not everything has been said yet.
    fn next(&self) -> Option<usize> {
        let is_whole = PARTS.iter().all(|(part, _)| self.counts.contains_key(*part));
        let turn = self.counts.get(TURN).copied().and_then(|turn| usize::try_from(turn).ok());
        is_whole.then(|| turn.map_or(0, |turn| (turn + 1) % PARTS.len()))
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |pairs: &BTreeMap<String, i64>| {
            let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
            pairs.join(" ")
        };
        write!(f, "{} | {} | {}", self.head, line(&self.counts), line(&self.moments))
    }
}

/// What to ask of repositories with these baselines: everything as long as it was not said of one of them, else a part in turn.
pub(super) fn part_for<'b>(baselines: impl IntoIterator<Item = Option<&'b Baseline>>) -> ProbePart {
    let mut next = None;
    for baseline in baselines {
        let Some(turn) = baseline.and_then(Baseline::next) else {
            return ProbePart::All;
        };
        next = next.or(Some(turn));
    }
    next.and_then(|turn| PARTS.get(turn))
        .map_or(ProbePart::All, |(_, part)| *part)
}

/// Which of the parts in turn were asked for.
fn asked(probe: &Probe) -> Vec<usize> {
    let told = |part: &str| probe.counts.contains_key(part);
    PARTS
        .iter()
        .enumerate()
        .filter(|(_, (part, _))| told(part))
        .map(|(at, _)| at)
        .collect()
}

/// True when nothing that was said before is said otherwise now.
fn agrees(before: &BTreeMap<String, i64>, now: &BTreeMap<String, i64>) -> bool {
    now.iter()
        .all(|(key, value)| before.get(key).is_none_or(|before| before == value))
}

fn pairs(text: &str) -> Option<BTreeMap<String, i64>> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        Some((key.to_owned(), value.parse().ok()?))
    };
    text.split_whitespace().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(head: &str, counts: &[(&str, i64)]) -> Probe {
        Probe {
            head: head.to_owned(),
            counts: counts.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect(),
            moments: BTreeMap::from([("issues".to_owned(), 7)]),
            newest: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn s2_three_parts_come_in_turn_once_everything_was_said() {
        let whole = probe(
            "octo/web main@a",
            &[("branches", 1), ("labels", 2), ("milestones", 3), ("issues", 4)],
        );
        let mut line = Baseline::default().with(&whole);
        assert_eq!(part_for([None, Some(&line)]), ProbePart::All, "one was never asked about");
        for (part, expected) in PARTS.iter().chain(&PARTS[..1]) {
            assert_eq!(part_for([Some(&line)]), *expected);
            line = line.with(&probe("octo/web main@a", &[(part, 5), ("issues", 4)]));
            assert_eq!(Baseline::parse(&line.to_string()), Some(line.clone()), "{line}");
        }
        assert!(line.is_same_but_for_moments(&probe("octo/web main@a", &[("labels", 5)])));
        assert!(!line.is_same_but_for_moments(&probe("octo/web main@a", &[("labels", 6)])));
        assert!(!line.is_same_but_for_moments(&probe("octo/web main@b", &[("labels", 5)])));
    }

    #[test]
    fn a_description_may_hold_any_words() {
        let line = Baseline::default().with(&probe("octo/web \"a | b=c | d\"", &[("issues", 4)]));
        assert_eq!(Baseline::parse(&line.to_string()), Some(line));
        assert_eq!(Baseline::parse("octo/web issues=4 | issues=7"), None, "of an older version");
    }
}
