//! Lists that are stored as a whole set: what such a list does not have is taken away, so it must not have passed anything over.
//!
//! Where something is deleted while pages with numbers are read, what follows moves up, and the first thing of the next page is missed.
//! A list that still has everything that is stored needs no proof. Where something is missing, or nothing is stored yet, the pages are
//! looked at once more (unchanged ones cost no point), and the list is read again until they stand still.

use std::collections::BTreeSet;

use crate::domain::Entity;
use crate::github::Pages;

use super::repository::Run;
use super::{SyncError, report::Tally};

/// How often a list that shifts is read within one run.
pub(super) const TIMES: usize = 3;
/// What is said of one that shifted every time.
pub(super) const RESTLESS: &str = "the list changed while it was read, three times over; the next run reads it again";

/// Reads the list that `begin` begins. `stored` are the keys of what is stored, `key` gives that of an item. Gives nothing, and counts why,
/// where the list could not be read as a whole: half a set would throw out the other half.
pub(super) async fn read<T: Send + 'static>(
    run: &Run<'_>,
    tally: &mut Tally,
    entity: Entity,
    (stored, key): (&BTreeSet<String>, fn(&T) -> String),
    begin: impl Fn() -> Pages<T> + Send + Sync,
) -> Result<Option<Vec<T>>, SyncError> {
    for _ in 0..TIMES {
        let mut pages = begin();
        let (mut items, mut odd) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next().await? {
            run.context.reporter.advanced(page.items.len() as u64);
            items.extend(page.items);
            odd.extend(page.odd);
            run.context.checkpoint().await?;
        }
        let keys: BTreeSet<String> = items.iter().map(key).collect();
        let is_sound = keys.len() == items.len() && !stored.is_empty() && stored.is_subset(&keys);
        if is_sound || !odd.is_empty() || (keys.len() == items.len() && pages.stand_still().await?) {
            tally.fetched(entity, items.len());
            for odd in &odd {
                tally.failed(entity, 1, odd.to_string());
            }
            return Ok(odd.is_empty().then_some(items));
        }
    }
    tally.failed(entity, 1, RESTLESS);
    Ok(None)
}
