//! Lists that are stored as a whole set: what such a list does not have is taken away, so it must not have passed anything over.
//!
//! Where something is deleted while pages with numbers are read, what follows moves up, and the first thing of the next page is missed.
//! A list that still has everything that is stored needs no proof. Where something is missing, or nothing is stored yet, the pages are
//! looked at once more (unchanged ones cost no point), and the list is read again until they stand still.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use crate::domain::{Entity, PageTags};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::github::Pages;
use crate::store::known::{self, StoredSet};

use super::repository::Run;
use super::{SyncError, report::Tally};

/// How often a list that shifts is read within one run.
pub(super) const TIMES: usize = 3;
/// What is said of one that shifted every time.
pub(super) const RESTLESS: &str = "the list changed while it was read, three times over; the next run reads it again";

/// What reading a list came to.
pub(super) enum Whole<T> {
    /// It is what it was, and so are the rows.
    Unchanged,
    /// All of it, and what it can be known again by.
    All(Vec<T>, Option<PageTags>),
    /// It could not be read as a whole: half a set would throw out the other half.
    Broken,
}

/// Tags by which an entity's list is known again, where they may be asked by: the rows must be those that they stand for.
pub(super) async fn tags(run: &Run<'_>, entity: &str, stored: &StoredSet) -> Result<Option<PageTags>, DbError> {
    if run.full || !run.context.ways.conditional {
        return Ok(None);
    }
    known::read(run.context.site.db(), (run.repository.id, entity), stored.print).await
}

/// Keeps what an entity's list can be known again by, with the rows that came of it.
pub(super) async fn keep(run: &Run<'_>, entity: &str, print: u64, tags: Option<&PageTags>) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = run.context.site.db().begin().await?;
        run.lease.hold(&mut tx).await?;
        known::keep(&mut tx, (run.repository.id, entity), print, tags).await?;
        tx.commit().await
    })
    .await
}

/// How a list is read.
pub(super) struct Reading<'a, T, Anew> {
    /// For the counts.
    pub(super) entity: Entity,
    /// Keys of what is stored.
    pub(super) stored: &'a StoredSet,
    /// That of an item.
    pub(super) key: fn(&T) -> String,
    /// The list, where somebody began with it.
    pub(super) first: Option<Pages<T>>,
    /// Begins it again.
    pub(super) anew: Anew,
    /// What can be done with the items while GitHub is asked for the proof: it must do no harm where they are read again after all.
    pub(super) meanwhile: for<'b> fn(&'b Run<'_>, &'b [T]) -> BoxFuture<'b, ()>,
}

/// Reads a list. Where it could not be read as a whole, it is counted why.
pub(super) async fn read<T: Send + Sync + 'static>(
    run: &Run<'_>,
    tally: &mut Tally,
    mut reading: Reading<'_, T, impl Fn() -> Pages<T> + Send + Sync>,
) -> Result<Whole<T>, SyncError> {
    let Reading { entity, stored, key, .. } = reading;
    for _ in 0..TIMES {
        let mut pages = reading.first.take().unwrap_or_else(&reading.anew).remembered();
        let (mut items, mut odd) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next().await? {
            run.context.reporter.advanced(page.items.len() as u64);
            items.extend(page.items);
            odd.extend(page.odd);
            run.context.checkpoint().await?;
        }
        if pages.is_unchanged() {
            tally.fetched(entity, 0);
            return Ok(Whole::Unchanged);
        }
        let keys: BTreeSet<String> = items.iter().map(key).collect();
        let has_all = !stored.rows.is_empty() && stored.rows.keys().all(|stored| keys.contains(stored));
        let is_sound = keys.len() == items.len() && has_all;
        if is_sound
            || !odd.is_empty()
            || (keys.len() == items.len() && stands_still(&mut pages, (reading.meanwhile)(run, &items)).await?)
        {
            tally.fetched(entity, items.len());
            for odd in &odd {
                tally.failed(entity, 1, odd.to_string());
            }
            return Ok(if odd.is_empty() {
                Whole::All(items, pages.tags())
            } else {
                Whole::Broken
            });
        }
    }
    tally.failed(entity, 1, RESTLESS);
    Ok(Whole::Broken)
}

/// Whether the pages stand still; `meanwhile` is done beside the question.
async fn stands_still<T: Send + 'static>(pages: &mut Pages<T>, meanwhile: impl Future<Output = ()>) -> Result<bool, SyncError> {
    let (still, ()) = tokio::join!(pages.stand_still(), meanwhile);
    Ok(still?)
}
