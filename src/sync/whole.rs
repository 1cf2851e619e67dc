//! Lists that are stored as a whole set: what such a list does not have is taken away, so it must not have passed anything over.
//!
//! Where something is deleted while pages with numbers are read, what follows moves up, and the first thing of the next page is missed.
//! A list that still has everything that is stored needs no proof. Where something is missing, or nothing is stored yet, the pages are
//! looked at once more (unchanged ones cost no point), and the list is read again until they stand still.

use std::collections::BTreeSet;

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

/// Reads the list that `first` is, and `anew` begins again. `stored` are the keys of what is stored, `key` gives that of an item. Where it
/// could not be read as a whole, it is counted why.
pub(super) async fn read<T: Send + 'static>(
    run: &Run<'_>,
    tally: &mut Tally,
    entity: Entity,
    (stored, key): (&StoredSet, fn(&T) -> String),
    (mut first, anew): (Option<Pages<T>>, impl Fn() -> Pages<T> + Send + Sync),
) -> Result<Whole<T>, SyncError> {
    for _ in 0..TIMES {
        let mut pages = first.take().unwrap_or_else(&anew).remembered();
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
        if is_sound || !odd.is_empty() || (keys.len() == items.len() && pages.stand_still().await?) {
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
