//! Pull requests alone, from their own list: where issues are switched off, and for imports.
//!
//! GitHub has no `since` here. What changed comes first where the list is asked for that way, so that the first one that is older than
//! the last run ends it; what changes meanwhile comes to the front, and hides nothing.

use chrono::{DateTime, Utc};

use crate::domain::{Entity, PullRequest};
use crate::github::{ErrorKind, Pages};
use crate::store::cursors::{self, NEWEST_PULLS};
use crate::store::walks::{self, CutOff};

use super::cut_off::{self, Progress};
use super::walk::{Again, Walk};
use super::{details::Waiting, first};
use crate::sync::SyncError;
use crate::sync::report::Tally;
use crate::sync::repository::{OVERLAP, Run};

/// What of the list is read.
#[derive(Default)]
struct Question {
    /// What changed last comes first, and what did not change since this moment is known.
    floor: Option<DateTime<Utc>>,
    /// Name under which it is noted how far the walk is; none where nobody goes on with it.
    feed: Option<&'static str>,
    /// How far it was when it was cut off.
    cut_off: Option<CutOff>,
}

/// All of them, the oldest first; where an earlier run was cut off within the walk that is kept under `feed`, those that it did not come to.
pub(in crate::sync) async fn walk_all(run: &Run<'_>, tally: &mut Tally, feed: Option<&'static str>) -> Result<Walk, SyncError> {
    let side_by_side = |pages: Pages<PullRequest>| {
        if run.context.ways.side_by_side {
            pages.side_by_side()
        } else {
            pages
        }
    };
    let (client, name) = (&run.context.client, &run.repository.name);
    let kept = match feed {
        Some(feed) => cut_off::read(run, feed).await?,
        None => None,
    };
    if let Some(cut_off) = kept
        && let Some(pages) = client.pull_requests_from(&cut_off.next_page)
    {
        let question = Question {
            feed,
            cut_off: Some(cut_off),
            ..Question::default()
        };
        match read(run, tally, side_by_side(pages), question).await {
            // GitHub does not know the place any more.
            Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Invalid) => {
                walks::forget(run.context.site.db(), run.repository.id, cut_off::PULL_REQUESTS).await?;
            }
            walk => return walk,
        }
    }
    let question = Question {
        feed,
        ..Question::default()
    };
    read(run, tally, side_by_side(client.pull_requests(name)), question).await
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
        None => walk_all(run, tally, Some(cut_off::PULL_REQUESTS)).await.map(drop),
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
    let question = Question {
        floor: Some(floor),
        ..Question::default()
    };
    read(run, tally, pages, question).await
}

/// Reads a list to its end, or to the first page that ends below the floor, and notes how far it came where it is cut off.
async fn read(run: &Run<'_>, tally: &mut Tally, mut pages: Pages<PullRequest>, question: Question) -> Result<Walk, SyncError> {
    let mut walk = Walk::default();
    let mut waiting = Waiting::default();
    let mut progress = Progress::of(run, question.feed, 0, question.cut_off.is_some());
    let walked = follow(run, tally, &mut pages, question, (&mut walk, &mut waiting, &mut progress)).await;
    progress.close(walked, tally, &walk, &waiting).await?;
    walk.close();
    run.context.reporter.finished();
    Ok(walk)
}

async fn follow(
    run: &Run<'_>,
    tally: &mut Tally,
    pages: &mut Pages<PullRequest>,
    Question { floor, cut_off, .. }: Question,
    (walk, waiting, progress): (&mut Walk, &mut Waiting, &mut Progress<'_>),
) -> Result<(), SyncError> {
    progress.comes(1, pages.place());
    let mut next = first(run, pages, walk).await?;
    if let Some(cut_off) = cut_off {
        walk.go_on(tally, cut_off);
    }
    while let Some(page) = next {
        let turn = waiting.turn();
        progress.came(turn, page.items.iter().map(|pull| pull.item.number));
        if let (Some(_), None) = (floor, &walk.again) {
            walk.again = Some(Again {
                since: None,
                tag: page.etag.clone(),
            });
        }
        let count = page.items.len();
        let is_last = floor.is_some_and(|floor| page.items.last().is_some_and(|last| last.item.updated_at < floor));
        waiting.add(walk.take_pulls(tally, page, floor));
        progress.comes(turn + 1, pages.place());
        let (fetched, stored) = tokio::join!(
            async { if is_last { Ok(None) } else { pages.next().await } },
            waiting.store_full(run, tally)
        );
        stored?;
        progress.stored(turn, tally, walk, waiting).await?;
        run.context.reporter.advanced(count as u64);
        next = fetched?;
        run.context.checkpoint().await?;
    }
    if pages.is_unchanged() {
        walk.unchanged(tally);
    }
    waiting.store_rest(run, tally).await
}

/// Pull requests that came could be read and stored.
pub(super) fn is_whole(tally: &Tally) -> bool {
    tally.is_whole(Entity::PullRequest)
}
