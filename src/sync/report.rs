//! What runs did, for people and programs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::Entity;
use crate::store::Applied;
use crate::store::runs::{Cost, EntityRun, RunStatus};

/// How many reasons a sync keeps of one entity: the first tell the kind, the count tells the rest.
const REASONS: usize = 20;
/// How many issues or pull requests may be asked for again by number. Of more, something else is the reason, which passes: the next run
/// reads all.
pub(super) const FEW: usize = 20;

/// What the run of one repository did.
#[derive(Debug, Clone)]
pub struct RepositoryReport {
    /// Its name, the present one.
    pub repository: String,
    /// How it ended.
    pub status: RunStatus,
    /// A complete walk.
    pub full: bool,
    /// Line by line.
    pub entities: BTreeMap<Entity, EntityRun>,
    /// What it cost.
    pub cost: Cost,
    /// Seconds that it took.
    pub seconds: f64,
    /// What ended it early.
    pub error: Option<String>,
    /// GitHub refused in a way that concerns every repository: the token, a limit, or that it cannot be reached.
    pub outage: bool,
    /// GitHub could not be reached at all.
    pub unreachable: bool,
}

/// What the run over a site did.
#[derive(Debug, Clone, Serialize)]
pub struct SiteReport {
    /// Folder name of the site; in JSON whoever lists the sites names it.
    #[serde(skip)]
    pub site: String,
    /// Repository by repository.
    pub repositories: Vec<RepositoryReport>,
    /// Child rows that were linked to users by public addresses or new mappings.
    pub linked: u64,
    /// What went wrong outside of any repository.
    pub errors: Vec<String>,
    /// Repositories that were due, and are in step all the same: a comparison with GitHub proved it.
    #[serde(skip)]
    pub in_step: u64,
    /// Repositories that were left to somebody who is at them; `errors` says who.
    #[serde(skip)]
    pub busy: Vec<String>,
}

impl RepositoryReport {
    /// Why it is not whole, in one sentence: what ended it early, else the first thing that could not be read or stored. Empty when
    /// all is well.
    #[must_use]
    pub fn reason(&self) -> &str {
        let first = || self.entities.values().flat_map(|run| &run.reasons).next();
        self.error.as_ref().or_else(first).map_or("", String::as_str)
    }
}

impl SiteReport {
    /// Of a site on which nothing was done yet.
    pub(super) fn of(site: &str) -> Self {
        Self {
            site: site.to_owned(),
            repositories: Vec::new(),
            linked: 0,
            errors: Vec::new(),
            in_step: 0,
            busy: Vec::new(),
        }
    }

    /// True when nothing was done because GitHub cannot be reached.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        !self.repositories.is_empty() && self.repositories.iter().all(|report| report.unreachable)
    }

    /// How many rows were found to be out of step.
    #[must_use]
    pub fn drift(&self) -> u64 {
        let lines = self.repositories.iter().flat_map(|report| report.entities.values());
        lines.map(|line| line.drift).sum()
    }

    /// True when something could not be done.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        !self.errors.is_empty() || self.repositories.iter().any(|report| report.status != RunStatus::Completed)
    }
}

/// One line of a report as it is printed in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct EntityLine<'a> {
    /// How many GitHub sent.
    pub fetched: u64,
    /// New.
    pub created: u64,
    /// Different.
    pub updated: u64,
    /// As stored.
    pub unchanged: u64,
    /// Gone.
    pub deleted: u64,
    /// Not readable or not storable.
    pub failed: u64,
    /// Found out of step.
    pub drift: u64,
    /// Why.
    pub reasons: &'a [String],
}

impl<'a> From<&'a EntityRun> for EntityLine<'a> {
    fn from(run: &'a EntityRun) -> Self {
        let counts = &run.counts;
        Self {
            fetched: run.fetched,
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged + counts.stale,
            deleted: counts.deleted,
            failed: run.failed,
            drift: run.drift,
            reasons: &run.reasons,
        }
    }
}

impl Serialize for RepositoryReport {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let entities: BTreeMap<&str, EntityLine<'_>> = self
            .entities
            .iter()
            .map(|(entity, run)| (entity.as_str(), run.into()))
            .collect();
        let mut object = serializer.serialize_struct("RepositoryReport", 9)?;
        object.serialize_field("repository", &self.repository)?;
        object.serialize_field("status", self.status.as_str())?;
        object.serialize_field("full", &self.full)?;
        object.serialize_field("entities", &entities)?;
        object.serialize_field("requests", &self.cost.requests)?;
        object.serialize_field("points", &self.cost.points)?;
        object.serialize_field("not_modified", &self.cost.not_modified)?;
        object.serialize_field("seconds", &self.seconds)?;
        object.serialize_field("error", &self.error)?;
        object.end()
    }
}

/// The lines of a run while it goes on.
#[derive(Debug)]
pub(super) struct Tally {
    /// By entity.
    pub entities: BTreeMap<Entity, EntityRun>,
    /// How many reasons are kept of each.
    reasons: usize,
    /// What failed that the next run asks for by number.
    noted: BTreeMap<Entity, BTreeSet<u64>>,
    /// Their numbers, until they are written down.
    unread: BTreeSet<u64>,
    /// Numbers that were asked for by themselves: those that an earlier run noted.
    again: BTreeSet<u64>,
    /// Those of them that are there.
    read_again: BTreeSet<u64>,
    /// How many of an entity could not be read that nothing waits for.
    odd: BTreeMap<Entity, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self::keeping(REASONS)
    }
}

impl Tally {
    /// Keeps so many reasons of each entity.
    pub(super) fn keeping(reasons: usize) -> Self {
        Self {
            entities: BTreeMap::new(),
            reasons,
            noted: BTreeMap::new(),
            odd: BTreeMap::new(),
            unread: BTreeSet::new(),
            again: BTreeSet::new(),
            read_again: BTreeSet::new(),
        }
    }

    /// GitHub sent so many.
    pub(super) fn fetched(&mut self, entity: Entity, count: usize) {
        self.line(entity).fetched += count as u64;
    }

    /// The store did this.
    pub(super) fn applied(&mut self, applied: &Applied) {
        for (entity, counts) in &applied.counts {
            self.line(*entity).counts += counts;
        }
        for left in &applied.left_out {
            match left.number {
                Some(number) => self.unread(left.entity, number, left.reason.as_str()),
                None if left.entity == Entity::Comment => self.odd(left.entity, left.reason.as_str()),
                None => self.failed(left.entity, 1, left.reason.as_str()),
            }
        }
    }

    /// `count` could not be read or stored.
    pub(super) fn failed(&mut self, entity: Entity, count: u64, reason: impl Into<String>) {
        let most = self.reasons;
        let line = self.line(entity);
        line.failed += count;
        if line.reasons.len() < most {
            line.reasons.push(reason.into());
        }
    }

    /// An issue or a pull request could not be read or stored as a whole. Where that is noted the next run asks for it by its number, and
    /// nothing else waits for it.
    pub(super) fn unread(&mut self, entity: Entity, number: u64, reason: impl Into<String>) {
        self.unread.insert(number);
        // A walk may meet it more than once.
        if self.noted.entry(entity).or_default().insert(number) {
            self.failed(entity, 1, reason);
        }
    }

    /// One of an entity could not be read. It holds nothing up: the complete walk of the night reads it again.
    pub(super) fn odd(&mut self, entity: Entity, reason: impl Into<String>) {
        self.failed(entity, 1, reason);
        *self.odd.entry(entity).or_default() += 1;
    }

    /// These numbers, which were noted, are asked for by themselves.
    pub(super) fn asks_again(&mut self, numbers: &[u64]) {
        self.again.extend(numbers);
    }

    /// That number was asked for by itself, and is there.
    pub(super) fn has_read_again(&mut self, number: u64) {
        self.read_again.insert(number);
    }

    /// True for a number that was asked for by itself, and is there.
    pub(super) fn was_read_again(&self, number: u64) -> bool {
        self.read_again.contains(&number)
    }

    /// Numbers of those, once: whoever takes them writes them down.
    pub(super) fn take_unread(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.unread).into_iter().collect()
    }

    /// True when everything of `entity` was read and stored, or is read again whatever the cursor says.
    pub(super) fn is_whole(&self, entity: Entity) -> bool {
        let none = BTreeSet::new();
        let noted = self.noted.get(&entity).unwrap_or(&none);
        let odd = self.odd.get(&entity).copied().unwrap_or_default();
        let is_few = noted.difference(&self.again).count() <= FEW;
        let noted = noted.len() as u64;
        self.entities
            .get(&entity)
            .is_none_or(|line| line.failed == noted + odd && is_few)
    }

    /// How many could not be read or stored, over all entities.
    pub(super) fn failures(&self) -> u64 {
        self.entities.values().map(|line| line.failed).sum()
    }

    /// The same of one entity.
    pub(super) fn failures_of(&self, entity: Entity) -> u64 {
        self.entities.get(&entity).map_or(0, |line| line.failed)
    }

    /// Everything that was changed was out of step.
    pub(super) fn is_drift(&mut self) {
        for line in self.entities.values_mut() {
            line.drift = line.counts.created + line.counts.updated + line.counts.deleted;
        }
    }

    /// The first reason of a failure, for the line on the Repository; empty when there was none.
    pub(super) fn first_reason(&self) -> String {
        self.entities
            .values()
            .flat_map(|line| &line.reasons)
            .next()
            .cloned()
            .unwrap_or_default()
    }

    fn line(&mut self, entity: Entity) -> &mut EntityRun {
        self.entities.entry(entity).or_default()
    }
}
