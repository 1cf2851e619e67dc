//! Issues and pull requests that came and could not be read or stored as a whole. They hold nothing up: they are noted by number, and each
//! next run asks for them by themselves.
//!
//! Where one is noted the cursor goes on without it. So it is written down before the cursor, or the place of a walk that was cut off, moves.

use chrono::{DateTime, Utc};

use crate::domain::{Change, Entity};
use crate::github::{ErrorKind, FeedItem, GithubError};
use crate::store::unread::{self, Unread};

use super::SyncError;
use super::details::Waiting;
use super::items::is_whole;
use super::report::{FEW, Tally};
use super::repository::Run;

/// How many are asked for again in one run; each is a request. The others have their turn in the next runs.
const AT_ONCE: usize = 2 * FEW;

/// Notes what could not be read since this was called last, unless the next run reads all anyway.
pub(super) async fn note(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    if !is_whole(tally) {
        return Ok(());
    }
    let numbers = tally.take_unread();
    Ok(unread::note(run.context.site.db(), run.repository.id, Unread::Item, &numbers, now(run)).await?)
}

/// Asks for those that earlier runs noted, each by itself. Mostly there are none, and nothing is asked.
pub(super) async fn again(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let (db, id) = (run.context.site.db(), run.repository.id);
    let noted = unread::noted(db, id, Unread::Item, AT_ONCE).await?;
    if noted.is_empty() {
        return Ok(());
    }
    tally.asks_again(&noted);
    let (mut read, mut still) = (Vec::new(), Vec::new());
    for number in noted {
        let before = tally.failures();
        match one(run, tally, number).await {
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => tally.unread(Entity::Issue, number, format!("#{number}: {error}")),
            Ok(()) => {}
        }
        if tally.failures() > before { &mut still } else { &mut read }.push(number);
        run.context.checkpoint().await?;
    }
    // Counted already, and written down here.
    tally.take_unread();
    unread::forget(db, id, Unread::Item, &read).await?;
    Ok(unread::note(db, id, Unread::Item, &still, now(run)).await?)
}

async fn one(run: &Run<'_>, tally: &mut Tally, number: u64) -> Result<(), SyncError> {
    match run.context.client.item(run.repository, number).await {
        Ok(Some(Ok(FeedItem::Issue(issue)))) => {
            tally.fetched(Entity::Issue, 1);
            tally.has_read_again(number);
            tally.applied(&run.apply(Change::Issues(vec![issue])).await?);
        }
        Ok(Some(Ok(FeedItem::PullRequest(pull)))) => {
            tally.fetched(Entity::PullRequest, 1);
            tally.has_read_again(number);
            let mut waiting = Waiting::default();
            waiting.add(vec![pull]);
            waiting.store_rest(run, tally).await?;
        }
        Ok(Some(Err(odd))) => tally.unread(Entity::Issue, number, format!("#{number}: {odd}")),
        // The walk of the night finds out what became of it.
        Ok(None) => {}
        Err(error) if is_not_here(&error) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// True where the repository has nothing of that number (any more).
fn is_not_here(error: &GithubError) -> bool {
    matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Gone)
}

fn now(run: &Run<'_>) -> DateTime<Utc> {
    run.context.site.clock().now()
}
