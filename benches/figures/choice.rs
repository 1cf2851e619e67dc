//! What is measured, how often, and how large.

use anyhow::{Context as _, ensure};

/// A group of rows that are measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// A first, complete sync of the reference workload.
    Full,
    /// The same again, where nothing changed.
    Again,
    /// The same again, where something did.
    Changed,
    /// A thousand repositories in which nothing happened.
    Many,
    /// The store without GitHub.
    Upsert,
    /// Memory with ten times the reference workload.
    Memory,
    /// GitHub far away.
    Latency,
    /// Ten times more, and again.
    Growth,
    /// A hundred times more; only where it is asked for, because it takes long.
    Million,
    /// From the start of `serve` to its readiness.
    Start,
}

impl Group {
    /// All, with the word that chooses each, in the order of the table.
    const ALL: [(&'static str, Self); 10] = [
        ("full", Self::Full),
        ("again", Self::Again),
        ("changed", Self::Changed),
        ("many", Self::Many),
        ("upsert", Self::Upsert),
        ("memory", Self::Memory),
        ("latency", Self::Latency),
        ("growth", Self::Growth),
        ("million", Self::Million),
        ("start", Self::Start),
    ];
}

/// What was asked for by the environment.
pub(crate) struct Choice {
    groups: Vec<Group>,
    /// Repetitions of what does not take long; the median counts.
    pub(crate) rounds: usize,
    /// Of the sizes that the bars are for.
    pub(crate) percent: u64,
}

impl Choice {
    /// `BENCH_ENGINE` (words with commas, or `all`), `BENCH_ROUNDS`, `BENCH_PERCENT`.
    pub(crate) fn of_environment() -> anyhow::Result<Self> {
        let number = |key: &str, usual: u64| match std::env::var(key) {
            Ok(text) => text.parse().with_context(|| format!("{key} wants a number, not `{text}`")),
            Err(_) => Ok(usual),
        };
        let rounds = usize::try_from(number("BENCH_ROUNDS", 5)?.max(1))?;
        let percent = number("BENCH_PERCENT", 100)?;
        ensure!(percent > 0, "BENCH_PERCENT wants a number above 0");
        let groups = match std::env::var("BENCH_ENGINE").ok().filter(|text| !text.is_empty()) {
            None => {
                let all = Group::ALL.iter().map(|(_, group)| *group);
                all.filter(|group| *group != Group::Million).collect()
            }
            Some(text) if text == "all" => Group::ALL.iter().map(|(_, group)| *group).collect(),
            Some(text) => text.split(',').map(group).collect::<anyhow::Result<_>>()?,
        };
        Ok(Self { groups, rounds, percent })
    }

    /// True when that group is to be measured.
    pub(crate) fn has(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    /// A size, made smaller (or larger) as was asked for.
    pub(crate) fn size(&self, whole: u64) -> u64 {
        (whole * self.percent / 100).max(1)
    }
}

fn group(word: &str) -> anyhow::Result<Group> {
    let found = Group::ALL.iter().find(|(name, _)| *name == word.trim());
    found.map(|(_, group)| *group).with_context(|| {
        let names: Vec<&str> = Group::ALL.iter().map(|(name, _)| *name).collect();
        format!("BENCH_ENGINE knows no `{word}`: choose of {}, or all", names.join(", "))
    })
}
