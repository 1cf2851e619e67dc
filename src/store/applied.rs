//! What applying did.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use crate::domain::Entity;
use crate::telemetry::Rows;

use super::documents::Written;
use super::refresh::{Mark, Part};

/// How many of one entity were what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// New.
    pub created: u64,
    /// Different from what was stored.
    pub updated: u64,
    /// As stored; not written.
    pub unchanged: u64,
    /// Older than stored; not written.
    pub stale: u64,
    /// Gone from GitHub, and removed or marked here.
    pub deleted: u64,
}

impl std::ops::AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.stale += other.stale;
        self.deleted += other.deleted;
    }
}

/// A document that has a new `modified`, so that open forms can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// DocType.
    pub doctype: &'static str,
    /// Name.
    pub name: String,
    /// Its new `modified`, as stored.
    pub modified: NaiveDateTime,
}

/// Something that no statement can hold: everything else was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is.
    pub entity: Entity,
    /// Number of an issue or a pull request.
    pub number: Option<u64>,
    /// Why, and what to do.
    pub reason: String,
}

/// What applying did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// By entity.
    pub counts: BTreeMap<Entity, Counts>,
    /// Documents that changed.
    pub touched: Vec<Touched>,
    /// What may or may not be newer than stored, and was left: to be read from GitHub.
    pub doubts: BTreeSet<Mark>,
    /// What was left out because it is too large.
    pub left_out: Vec<LeftOut>,
    /// Projects that the deliveries reached which told of it.
    pub reached: Vec<String>,
}

impl Applied {
    /// The sum over all entities.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let mut all = Counts::default();
        self.counts.values().for_each(|counts| all += counts);
        Rows {
            created: all.created,
            updated: all.updated,
            unchanged: all.unchanged + all.stale,
        }
    }

    /// Adds what was done to documents, and what is in doubt of them.
    pub(super) fn documents(&mut self, entity: Entity, written: Written) {
        let left_out = written.left_out.into_iter();
        self.left_out.extend(left_out.map(|(name, reason)| LeftOut {
            entity,
            number: number_of(entity, &name),
            reason,
        }));
        self.add(entity, &written.documents, written.touched);
        self.doubts
            .extend(written.doubtful.iter().filter_map(|(_, version)| doubt(entity, *version)));
    }

    /// Adds what was done to some of an entity.
    pub(super) fn add(&mut self, entity: Entity, counts: &Counts, touched: Vec<Touched>) {
        *self.counts.entry(entity).or_default() += counts;
        self.touched.extend(touched);
    }
}

/// The number in the name of an issue or a pull request (`OWNER/NAME-#7`).
fn number_of(entity: Entity, name: &str) -> Option<u64> {
    let is_item = matches!(entity, Entity::Issue | Entity::PullRequest);
    let (_, number) = name.rsplit_once("-#").filter(|_| is_item)?;
    number.parse().ok()
}

/// What is to be read where one of an entity is in doubt that has this version (GitHub's seconds of the epoch). Reviews are read with
/// their pull requests, which every word of them marks; the others have no version.
fn doubt(entity: Entity, version: i64) -> Option<Mark> {
    match entity {
        Entity::Issue | Entity::PullRequest => Some(Mark::since(Part::Items, version)),
        Entity::Comment => Some(Mark::since(Part::Comments, version)),
        Entity::Milestone => Some(Mark::now(Part::Milestones)),
        Entity::Release => Some(Mark::now(Part::Releases)),
        _ => None,
    }
}
