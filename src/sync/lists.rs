//! Labels, milestones and releases: lists that are read whole where their first page changed.
//!
//! The tag of the first page is kept with its address; while it stays, one request that GitHub does not charge is all. What changes on a
//! later page alone is found by the complete walk of the night. Releases come newest first, so that between two walks a page on
//! which nothing is new ends the reading.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{Change, Entity, Label, Milestone, Release, RepoName};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::github::{Client, ErrorKind, Page, Pages};
use crate::store::{Applied, cursors, stored_parts};

use super::looks::{Begun, Looks};
use super::repository::Run;
use super::whole::{RESTLESS, TIMES};
use super::{SyncError, parts, report::Tally};

/// When GitHub made something.
type Made<T> = fn(&T) -> Option<DateTime<Utc>>;

/// How the list of one entity is read and stored.
pub(super) struct List<T: 'static> {
    entity: Entity,
    /// Under which its cursor is kept.
    cursor: &'static str,
    begin: fn(&Client, &RepoName) -> Pages<T>,
    /// Where it may be under way.
    begun: for<'l> fn(&'l Looks) -> &'l Begun<T>,
    /// Id and node id.
    key: fn(&T) -> (u64, String),
    store: fn(Vec<T>) -> Change,
    /// When GitHub made it, where the list is in the order of that, newest first.
    made: Option<Made<T>>,
}

/// Labels.
pub(super) static LABELS: List<Label> = List {
    entity: Entity::Label,
    cursor: "labels",
    begin: Client::labels,
    begun: |looks| &looks.labels,
    key: |one| (one.id, one.node_id.clone()),
    store: Change::Labels,
    made: None,
};

/// Milestones.
pub(super) static MILESTONES: List<Milestone> = List {
    entity: Entity::Milestone,
    cursor: "milestones",
    begin: Client::milestones,
    begun: |looks| &looks.milestones,
    key: |one| (one.id, one.node_id.clone()),
    store: Change::Milestones,
    made: None,
};

/// Releases.
pub(super) static RELEASES: List<Release> = List {
    entity: Entity::Release,
    cursor: "releases",
    begin: Client::releases,
    begun: |looks| &looks.releases,
    key: |one| (one.id, one.node_id.clone()),
    store: Change::Releases,
    made: Some(|one| one.created_at),
};

/// Where a reading ended.
enum Ended {
    /// At once: nothing changed.
    Unchanged,
    /// At a page on which nothing was new.
    Early,
    /// After the last page.
    Whole,
    /// After the last page, but something may have been passed over.
    Shifted,
}

/// One reading.
#[derive(Default)]
struct Reading {
    seen: BTreeSet<u64>,
    /// Tag of the first page.
    etag: Option<String>,
    /// When the first page was given.
    began: Option<DateTime<Utc>>,
    /// The oldest that was seen.
    oldest: Option<DateTime<Utc>>,
    /// Something was stored that was not there before.
    has_new: bool,
}

impl<T: Send + 'static> List<T> {
    /// The list, unless its first page is what it was.
    pub(super) async fn list(&self, run: &Run<'_>) -> Result<Pages<T>, SyncError> {
        Ok(self.begin(run).unless(self.known(run).await?))
    }

    fn begin(&self, run: &Run<'_>) -> Pages<T> {
        (self.begin)(&run.context.client, &run.repository.name).remembered()
    }

    async fn known(&self, run: &Run<'_>) -> Result<Option<String>, SyncError> {
        let cursor = cursors::read(run.context.site.db(), run.repository.id, self.cursor).await?;
        Ok(cursor.etag.filter(|_| !run.full && run.context.ways.conditional))
    }

    /// Reads and stores it.
    pub(super) async fn sync(&self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        let name = &run.repository.name;
        run.context.reporter.started(None, &format!("{name}: {}", self.cursor));
        let result = self.read(run, tally).await;
        run.context.reporter.finished();
        match result {
            // Switched off with the issues: what is stored stays as it is.
            Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::Gone) => Ok(()),
            other => other,
        }
    }

    async fn read(&self, run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
        let db = run.context.site.db();
        // Whether there was a good read before: only then all that is older is here.
        let is_known = self.known(run).await?.is_some();
        let mut begun = (self.begun)(&run.looks).take(0).await;
        let buried = stored_parts::buried(db, run.repository.id, self.entity).await?;
        for _ in 0..TIMES {
            let mut reading = Reading::default();
            let pages = match begun.take() {
                Some(pages) => pages,
                None => self.list(run).await?,
            };
            match self.walk(run, tally, &mut reading, (pages, is_known, &buried)).await? {
                Ended::Unchanged => return Ok(()),
                Ended::Shifted => continue,
                Ended::Early => {}
                Ended::Whole => reading.oldest = None,
            }
            if tally.is_whole(self.entity) {
                let of = (name(run), self.entity);
                let stored = stored_parts::ids(db, &run.stamp, of, reading.oldest).await?;
                let unseen = stored.difference(&reading.seen).copied().collect();
                parts::prune(run, tally, self.entity, &unseen).await?;
                keep(run, self.cursor, reading.began, reading.etag.as_deref()).await?;
            }
            return Ok(());
        }
        tally.failed(self.entity, 1, RESTLESS);
        Ok(())
    }

    async fn walk(
        &self,
        run: &Run<'_>,
        tally: &mut Tally,
        reading: &mut Reading,
        (mut pages, is_known, buried): (Pages<T>, bool, &BTreeSet<u64>),
    ) -> Result<Ended, SyncError> {
        while let Some(page) = pages.next().await? {
            let applied = self.page(run, tally, reading, (page, buried)).await?;
            let counts = applied.counts.get(&self.entity).cloned().unwrap_or_default();
            reading.has_new |= counts.created > 0;
            run.context.checkpoint().await?;
            if self.made.is_some() && is_known && counts.created + counts.updated == 0 && !pages.is_ended() {
                return Ok(Ended::Early);
            }
        }
        if pages.is_unchanged() {
            return Ok(Ended::Unchanged);
        }
        // Where nothing is new, all that is stored was seen or is asked for: nothing can have been passed over.
        if reading.has_new && !pages.stand_still().await? {
            return Ok(Ended::Shifted);
        }
        Ok(Ended::Whole)
    }

    async fn page(
        &self,
        run: &Run<'_>,
        tally: &mut Tally,
        reading: &mut Reading,
        (page, buried): (Page<T>, &BTreeSet<u64>),
    ) -> Result<Applied, SyncError> {
        if reading.began.is_none() {
            (reading.began, reading.etag) = (Some(page.date), page.etag);
        }
        for odd in &page.odd {
            tally.failed(self.entity, 1, odd.to_string());
        }
        run.context.reporter.advanced(page.items.len() as u64);
        let before = reading.seen.len();
        let keys: Vec<(u64, String)> = page.items.iter().map(self.key).collect();
        reading.seen.extend(keys.iter().map(|(id, _)| *id));
        tally.fetched(self.entity, reading.seen.len() - before);
        if let Some(made) = self.made {
            reading.oldest = page.items.iter().filter_map(made).chain(reading.oldest).min();
        }
        parts::revive(run, self.entity, buried, keys).await?;
        let applied = run.apply((self.store)(page.items)).await?;
        tally.applied(&applied);
        Ok(applied)
    }
}

fn name<'a>(run: &'a Run<'_>) -> &'a str {
    run.repository.name.as_str()
}

/// Keeps what a list can be known again by.
pub(super) async fn keep(run: &Run<'_>, cursor: &str, to: Option<DateTime<Utc>>, etag: Option<&str>) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = run.context.site.db().begin().await?;
        run.lease.hold(&mut tx).await?;
        cursors::keep(&mut tx, (run.repository.id, cursor), to, etag).await?;
        tx.commit().await
    })
    .await
}
