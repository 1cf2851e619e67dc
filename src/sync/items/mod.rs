//! Issues and pull requests: one feed brings both.
//!
//! By number a page depends on what stands before it. What changed since a moment is therefore asked for by time, page after page: each
//! begins with the last moment of the one before, so that neither what is deleted nor what changes meanwhile hides anything. A complete
//! walk is in the order of creation, where only a deletion (or a transfer) moves anything: afterwards what it did not see is asked
//! for, and when something of it is there after all, the walk is done again. Cursors move nothing.
//!
//! GitHub charges nothing for the same question with the same answer. So the moment of the question stays where it was while little
//! came; what changed before the last run, and is known, is passed over. A feed of one page is asked for as a whole, whatever is new.

mod cut_off;
mod feed;
mod pulls;
mod walk;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::Entity;
use crate::github::{ErrorKind, PAGE_SIZE};
use crate::store::cursors::{self, ASKED_SINCE, Cursor};
use crate::store::items::highest_number;

pub(super) use self::cut_off::read as read_cut_off;
pub(super) use self::feed::first;
use self::feed::{Question, walk_feed};
pub(super) use self::pulls::walk_all as walk_pull_requests;
pub(super) use self::walk::{Again, NOT_WHOLE, Walk};
use self::walk::{FEW, OnlyPage};
use super::details;
use super::repository::{OVERLAP, Run};
use super::whole::{RESTLESS, TIMES};
use super::{SyncError, prune, report::Tally, reviews, unread};

/// Walks the feed from the cursor, or all of it, and stores what it brings. A complete walk also removes what is gone, and is done again
/// where it passed something over.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, cursor: &Cursor) -> Result<Walk, SyncError> {
    unread::again(run, tally).await?;
    reviews::again(run, tally).await?;
    match cursor.cursor_at.filter(|_| !run.full) {
        Some(at) => changed(run, tally, at - OVERLAP).await,
        None => all(run, tally, cursor).await,
    }
}

/// A complete walk.
async fn all(run: &Run<'_>, tally: &mut Tally, cursor: &Cursor) -> Result<Walk, SyncError> {
    let known = match cursor.walked_at {
        Some(_) => highest_number(run.context.site.db(), run.repository.name.as_str()).await?,
        None => 0,
    };
    let (mut began, mut before) = (None, None);
    let mut cut_off = cut_off::read(run, cut_off::ALL).await?;
    let known = cut_off.as_ref().map_or(known, |cut_off| cut_off.settled);
    for _ in 0..TIMES {
        let question = Question {
            feed: Some(cut_off::ALL),
            settled: known,
            cut_off: cut_off.take(),
            ..Question::default()
        };
        let mut walk = walk(run, tally, question).await?;
        walk.began = began.or(walk.began);
        began = walk.began;
        if !is_whole(tally) {
            return Ok(walk);
        }
        if walk.shifted {
            continue;
        }
        unread::note(run, tally).await?;
        let passed_over = prune::sync(run, tally, &walk, known).await?;
        // What the list leaves out every time is not there for want of luck; its row stays as it is.
        if passed_over.is_empty() || before.as_ref() == Some(&passed_over) {
            if let Some(only) = walk.only_page.take_if(|only| only.count < page_size()) {
                walk.again = Some(Again {
                    since: None,
                    tag: only.tag,
                });
                return Ok(walk);
            }
            return close(run, tally, walk).await;
        }
        before = Some(passed_over);
    }
    // A feed that never stands still: what was seen is stored, and the cursor stays for the next run.
    tally.failed(Entity::Issue, 1, RESTLESS);
    Ok(Walk::default())
}

/// What changed since the last run, which knows what changed before `floor`.
async fn changed(run: &Run<'_>, tally: &mut Tally, floor: DateTime<Utc>) -> Result<Walk, SyncError> {
    let asked = cursors::read(run.context.site.db(), run.repository.id, ASKED_SINCE).await?;
    let is_usable = run.context.ways.conditional && asked.cursor_at.is_none_or(|since| since <= floor);
    let known = asked.etag.filter(|_| is_usable);
    let since = match (asked.cursor_at, &known) {
        (None, Some(_)) => None,
        (Some(before), _) if is_usable => Some(before),
        _ => Some(floor),
    };
    let cut_off = cut_off::read(run, cut_off::CHANGES).await?;
    let cut_off = cut_off.filter(|cut_off| cut_off.began_at >= floor);
    let question = Question {
        since,
        known,
        floor: Some(floor),
        seen: HashMap::new(),
        feed: Some(cut_off::CHANGES),
        settled: 0,
        cut_off,
        begun: None,
    };
    let mut walk = walk(run, tally, question).await?;
    if walk.is_unchanged || !walk.has_issues || !run.context.ways.conditional {
        return Ok(walk);
    }
    match walk.only_page.take() {
        Some(OnlyPage { count, tag }) if count <= FEW || (walk.since.is_none() && count < page_size()) => {
            walk.again = Some(Again { since: walk.since, tag });
            Ok(walk)
        }
        _ => close(run, tally, walk).await,
    }
}

/// Asks what changed while `walk` went on. The answer is short, and its tag is what the next run asks by. What does not come costs the next
/// run a page, and nothing else.
async fn close(run: &Run<'_>, tally: &mut Tally, mut walk: Walk) -> Result<Walk, SyncError> {
    let Some(since) = walk
        .began
        .map(|began| began - OVERLAP)
        .filter(|_| run.context.ways.conditional)
    else {
        return Ok(walk);
    };
    if walk.young.len() > FEW {
        // Much of it would come once more. The next run asks from there.
        walk.again = Some(Again {
            since: Some(since).filter(|_| walk.has_issues),
            tag: None,
        });
        return Ok(walk);
    }
    let closed = if walk.has_issues {
        let question = Question {
            since: Some(since),
            seen: walk.known(),
            begun: run.looks.closing.take(0).await,
            ..Question::default()
        };
        match walk_feed(run, tally, question).await {
            Ok(closing) if !run.context.ways.graphql => pulls::beside(run, tally, Some(since)).await.map(|()| closing),
            closing => closing,
        }
    } else {
        pulls::close(run, tally, &mut walk).await.map(|()| Walk::default())
    };
    match closed {
        Ok(mut closing) if walk.has_issues => {
            let only = closing.only_page.take();
            let tag = only.filter(|only| only.count < page_size()).and_then(|only| only.tag);
            walk.again = Some(Again { since: Some(since), tag });
        }
        Ok(_) | Err(SyncError::Github(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(walk)
}

fn page_size() -> usize {
    usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX)
}

/// Reads and stores what changed since a moment. No cursor is concerned.
pub(super) async fn since(run: &Run<'_>, tally: &mut Tally, moment: DateTime<Utc>) -> Result<(), SyncError> {
    if !run.reads_issues() {
        return pulls::since(run, tally, moment).await;
    }
    let question = Question {
        since: Some(moment),
        ..Question::default()
    };
    Box::pin(walk(run, tally, question)).await.map(drop)
}

/// True when all issues and pull requests that came could be read and stored; reviews that could not are asked for by themselves.
pub(super) fn is_whole(tally: &Tally) -> bool {
    tally.is_whole(Entity::Issue) && pulls::is_whole(tally)
}

/// One walk. While a page is stored, the next one is fetched.
async fn walk(run: &Run<'_>, tally: &mut Tally, question: Question) -> Result<Walk, SyncError> {
    let floor = question.floor;
    if run.reads_issues() {
        match walk_feed(run, tally, question).await {
            // Switched off since the repository was read.
            Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::Gone) => {}
            walk if run.context.ways.graphql => return walk,
            walk => {
                let walk = walk?;
                pulls::beside(run, tally, floor).await?;
                return Ok(walk);
            }
        }
    }
    match floor {
        // The cursor of this list is another one, which is there where it was read before.
        Some(floor) if !run.reads_issues() => pulls::changed(run, tally, floor).await,
        _ => walk_pull_requests(run, tally, Some(cut_off::PULL_REQUESTS)).await,
    }
}
