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
mod pulls;
mod walk;

use chrono::{DateTime, Utc};

use crate::domain::{Change, Issue, PullRequest};
use crate::github::{ErrorKind, FeedItem, GithubError, PAGE_SIZE, Page, Pages};
use crate::store::cursors::{self, ASKED_SINCE, Cursor};
use crate::store::items::highest_number;
use crate::store::walks::CutOff;

use self::cut_off::Progress;
pub(super) use self::pulls::walk_all as walk_pull_requests;
use self::walk::OnlyPage;
pub(super) use self::walk::{Again, Walk};
use super::details::{self, Waiting};
use super::repository::{OVERLAP, Run};
use super::whole::{RESTLESS, TIMES};
use super::{SyncError, prune, report::Tally, reviews};
use crate::domain::Entity;

/// How many things that are known already an answer may hold before the next question begins later: each of them is read again by every
/// run that finds something new.
const FEW: usize = 50;

/// What of the feed is asked for.
#[derive(Debug, Default)]
struct Question {
    /// What changed at or after this moment; none for all.
    since: Option<DateTime<Utc>>,
    /// Tag of the answer of before.
    known: Option<String>,
    /// What changed before this moment is known.
    floor: Option<DateTime<Utc>>,
    /// Name under which it is noted how far the walk is; none where nobody goes on with it.
    feed: Option<&'static str>,
    /// Numbers up to this one were settled by earlier walks.
    settled: u64,
    /// How far it was when it was cut off.
    cut_off: Option<CutOff>,
}

/// Walks the feed from the cursor, or all of it, and stores what it brings. A complete walk also removes what is gone, and is done again
/// where it passed something over.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, cursor: &Cursor) -> Result<Walk, SyncError> {
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
        feed: Some(cut_off::CHANGES),
        settled: 0,
        cut_off,
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
    if walk.young > FEW {
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
    if !run.repository.has_issues {
        return pulls::since(run, tally, moment).await;
    }
    let question = Question {
        since: Some(moment),
        ..Question::default()
    };
    walk(run, tally, question).await.map(drop)
}

/// True when all issues and pull requests that came could be read and stored; reviews that could not are asked for by themselves.
pub(super) fn is_whole(tally: &Tally) -> bool {
    tally.is_whole(Entity::Issue) && pulls::is_whole(tally)
}

/// One walk. While a page is stored, the next one is fetched.
async fn walk(run: &Run<'_>, tally: &mut Tally, question: Question) -> Result<Walk, SyncError> {
    let floor = question.floor;
    if run.repository.has_issues {
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
        Some(floor) if !run.repository.has_issues => pulls::changed(run, tally, floor).await,
        _ => walk_pull_requests(run, tally).await,
    }
}

async fn walk_feed(run: &Run<'_>, tally: &mut Tally, question: Question) -> Result<Walk, SyncError> {
    let (mut walk, mut waiting) = (Walk::of_feed(), Waiting::default());
    let mut progress = Progress::of(run, question.feed, question.settled, question.cut_off.is_some());
    match follow(run, tally, question, (&mut walk, &mut waiting, &mut progress)).await {
        Ok(()) => progress.ended().await?,
        Err(error) => {
            // What cannot be noted now costs the next run some pages again.
            if let Err(lost) = progress.note(&walk, &waiting).await {
                tracing::debug!(error = %lost, "how far a walk has come was not noted");
            }
            return Err(error);
        }
    }
    walk.close();
    run.context.reporter.finished();
    Ok(walk)
}

/// The first page of a walk, and where it leads: where the question begins, or where an earlier walk was cut off.
async fn begin(
    run: &Run<'_>,
    question: Question,
    walk: &mut Walk,
    progress: &mut Progress<'_>,
) -> Result<(Option<Page<FeedItem>>, Pages<FeedItem>), SyncError> {
    let Question {
        since,
        known,
        floor,
        cut_off,
        ..
    } = question;
    let client = &run.context.client;
    let side_by_side = |pages: Pages<FeedItem>| match since.or(floor) {
        None if run.context.ways.side_by_side => pages.side_by_side(),
        _ => pages,
    };
    if let Some(cut_off) = cut_off
        && let Some(pages) = client.items_from(&cut_off.next_page)
    {
        let mut pages = side_by_side(pages);
        progress.comes(1, pages.place());
        match first(run, &mut pages, walk).await {
            // GitHub does not know the place any more.
            Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Invalid) => {}
            next => {
                let next = next?;
                (walk.since, walk.by_time) = (floor, is_by_time(&cut_off.next_page) && run.context.ways.windowed);
                walk.go_on(cut_off);
                return Ok((next, pages));
            }
        }
    }
    let mut pages = side_by_side(client.items(&run.repository.name, since).unless(known));
    walk.by_time = since.is_some() && run.context.ways.windowed;
    progress.comes(1, pages.place());
    let mut next = first(run, &mut pages, walk).await?;
    walk.since = since;
    if let (None, Some(floor), false) = (since, floor, pages.is_ended()) {
        // The feed has outgrown its page. By number something of it could be passed over.
        (walk.since, walk.by_time) = (Some(floor), run.context.ways.windowed);
        pages = client.items(&run.repository.name, Some(floor));
        next = first(run, &mut pages, walk).await?;
    }
    if let (Some(page), true) = (&next, pages.is_ended()) {
        walk.only_page = Some(OnlyPage {
            count: page.items.len(),
            tag: page.etag.clone(),
        });
    }
    Ok((next, pages))
}

/// True for the address of a page of what changed since a moment.
fn is_by_time(place: &str) -> bool {
    place.contains("since=")
}

async fn follow(
    run: &Run<'_>,
    tally: &mut Tally,
    question: Question,
    (walk, waiting, progress): (&mut Walk, &mut Waiting, &mut Progress<'_>),
) -> Result<(), SyncError> {
    let (client, floor) = (&run.context.client, question.floor);
    let (mut next, mut pages) = begin(run, question, walk, progress).await?;
    if pages.is_unchanged() {
        walk.unchanged(tally);
    }
    while let Some(page) = next {
        let turn = waiting.turn();
        if pages.is_next_by_number() {
            walk.by_number = true;
            if walk.by_time
                && let Some(later) = later(&page)
            {
                pages = client.items(&run.repository.name, Some(later));
            }
        }
        let count = page.items.len();
        walk.shifted |= walk.by_number && count == 0;
        let some = walk.split(tally, page, floor);
        progress.comes(turn + 1, pages.place());
        let (fetched, stored) = tokio::join!(pages.next(), store(run, tally, waiting, some));
        stored?;
        progress.stored(turn, walk, waiting).await?;
        run.context.reporter.advanced(count as u64);
        next = match fetched {
            // GitHub gives no page with so high a number: the rest by time, where what was seen comes again.
            Err(error) if is_too_far(&error, walk.by_number) && !walk.by_time && run.context.ways.windowed => {
                (walk.by_time, walk.settled) = (true, walk.began.map(|began| began - OVERLAP));
                pages = client.items(&run.repository.name, Some(DateTime::UNIX_EPOCH));
                progress.comes(turn + 1, pages.place());
                pages.next().await?
            }
            fetched => fetched?,
        };
        run.context.checkpoint().await?;
    }
    waiting.store_rest(run, tally).await
}

async fn store(
    run: &Run<'_>,
    tally: &mut Tally,
    waiting: &mut Waiting,
    (issues, pulls): (Vec<Issue>, Vec<PullRequest>),
) -> Result<(), SyncError> {
    // Where details are not asked for, pull requests come from their own list alone.
    if run.context.ways.graphql {
        waiting.add(pulls);
    }
    if !issues.is_empty() {
        tally.applied(&run.apply(Change::Issues(issues)).await?);
    }
    waiting.store_full(run, tally).await
}

/// True for GitHub's refusal of a page by its number: "not supported for large datasets", "pagination is limited for this resource".
fn is_too_far(error: &GithubError, by_number: bool) -> bool {
    by_number && matches!(error.kind(), ErrorKind::Invalid)
}

/// The moment from which on the rest of what changed can be asked for: the last one of the page, unless it is the first one too.
/// More changes of one second than a page holds are followed by number.
fn later(page: &Page<FeedItem>) -> Option<DateTime<Utc>> {
    let moment = |item: &FeedItem| item.item().updated_at;
    let (first, last) = (page.items.first().map(moment)?, page.items.last().map(moment)?);
    (first < last).then_some(last)
}

/// The first page, whose date is the moment that the walk stands for; also where there is none because nothing changed.
pub(super) async fn first<T: Send + 'static>(
    run: &Run<'_>,
    pages: &mut Pages<T>,
    walk: &mut Walk,
) -> Result<Option<Page<T>>, SyncError> {
    let page = pages.next().await?;
    walk.began = page.as_ref().map(|page| page.date).or(pages.unchanged_at());
    if let Some(page) = &page {
        let items = page
            .total_pages
            .map_or(page.items.len() as u64, |pages| u64::from(pages) * PAGE_SIZE);
        run.context
            .reporter
            .started(Some(items), &format!("{}: issues and pull requests", run.repository.name));
    }
    Ok(page)
}
