//! Pull requests alone, from their own list: where issues are switched off, and for imports.
//!
//! GitHub has no `since` here. What changed comes first where the list is asked for that way, so that the first one that is older than
//! the last run ends it; what changes meanwhile comes to the front, and hides nothing.

use chrono::{DateTime, Utc};

use crate::domain::{Entity, PullRequest};
use crate::github::Pages;
use crate::store::cursors::{self, NEWEST_PULLS};

use super::walk::{Again, Walk};
use super::{details::Waiting, first};
use crate::sync::SyncError;
use crate::sync::report::Tally;
use crate::sync::repository::{OVERLAP, Run};

/// All of them, the oldest first.
pub(in crate::sync) async fn walk_all(run: &Run<'_>, tally: &mut Tally) -> Result<Walk, SyncError> {
    let mut pages = run.context.client.pull_requests(&run.repository.name);
    if run.context.ways.side_by_side {
        pages = pages.side_by_side();
    }
    read(run, tally, pages, None).await
}

/// What changed since a moment, if GitHub does not say that nothing did.
pub(super) async fn changed(run: &Run<'_>, tally: &mut Tally, floor: DateTime<Utc>) -> Result<Walk, SyncError> {
    let known = cursors::read(run.context.site.db(), run.repository.id, NEWEST_PULLS)
        .await?
        .etag;
    newest(run, tally, floor, known).await
}

/// What changed since a moment, whatever GitHub said before.
pub(super) async fn since(run: &Run<'_>, tally: &mut Tally, moment: DateTime<Utc>) -> Result<(), SyncError> {
    newest(run, tally, moment, None).await.map(drop)
}

/// Pull requests beside the feed, from the list that tells more of them: what changed since `floor`, or all.
pub(super) async fn beside(run: &Run<'_>, tally: &mut Tally, floor: Option<DateTime<Utc>>) -> Result<(), SyncError> {
    match floor {
        Some(floor) => since(run, tally, floor).await,
        None => walk_all(run, tally).await.map(drop),
    }
}

/// After a complete walk: what changed meanwhile, and the tag by which the next run knows that nothing did since.
pub(super) async fn close(run: &Run<'_>, tally: &mut Tally, walk: &mut Walk) -> Result<(), SyncError> {
    if let (Some(began), true) = (walk.began, run.context.ways.conditional) {
        walk.again = newest(run, tally, began - OVERLAP, None).await?.again;
    }
    Ok(())
}

async fn newest(run: &Run<'_>, tally: &mut Tally, floor: DateTime<Utc>, known: Option<String>) -> Result<Walk, SyncError> {
    let known = known.filter(|_| run.context.ways.conditional);
    let pages = run.context.client.pull_requests_changed(&run.repository.name).unless(known);
    read(run, tally, pages, Some(floor)).await
}

/// Reads a list to its end, or with a `floor`, what changed last first, to the first page that ends below it.
async fn read(
    run: &Run<'_>,
    tally: &mut Tally,
    mut pages: Pages<PullRequest>,
    floor: Option<DateTime<Utc>>,
) -> Result<Walk, SyncError> {
    let mut walk = Walk::default();
    let mut waiting = Waiting::default();
    let mut next = first(run, &mut pages, &mut walk).await?;
    while let Some(page) = next {
        if let (Some(_), None) = (floor, &walk.again) {
            walk.again = Some(Again {
                since: None,
                tag: page.etag.clone(),
            });
        }
        let count = page.items.len();
        let is_last = floor.is_some_and(|floor| page.items.last().is_some_and(|last| last.item.updated_at < floor));
        waiting.add(walk.take_pulls(tally, page, floor));
        let (fetched, stored) = tokio::join!(
            async { if is_last { Ok(None) } else { pages.next().await } },
            waiting.store_full(run, tally)
        );
        stored?;
        run.context.reporter.advanced(count as u64);
        next = fetched?;
        run.context.checkpoint().await?;
    }
    if pages.is_unchanged() {
        walk.unchanged(tally);
    }
    waiting.store_rest(run, tally).await?;
    run.context.reporter.finished();
    Ok(walk)
}

/// Pull requests that came could be read and stored.
pub(super) fn is_whole(tally: &Tally) -> bool {
    tally.is_whole(Entity::PullRequest)
}
