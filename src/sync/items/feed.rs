//! One walk through the feed: page after page, stored while the next ones are fetched.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{Change, Issue};
use crate::github::{ErrorKind, FeedItem, GithubError, PAGE_SIZE, Page, Pages};
use crate::store::walks::CutOff;
use crate::sync::SyncError;
use crate::sync::details::Waiting;
use crate::sync::report::Tally;
use crate::sync::repository::{OVERLAP, Run};

use super::cut_off::{self, Progress};
use super::walk::{OnlyPage, Walk};

/// So many issues are stored at a time at least, where the pages that hold them have come.
const TOGETHER: usize = 300;

/// What of the feed is asked for.
#[derive(Debug, Default)]
pub(super) struct Question {
    /// What changed at or after this moment; none for all.
    pub since: Option<DateTime<Utc>>,
    /// Tag of the answer of before.
    pub known: Option<String>,
    /// What changed before this moment is known.
    pub floor: Option<DateTime<Utc>>,
    /// Things that are known, in which version.
    pub seen: HashMap<u64, DateTime<Utc>>,
    /// Name under which it is noted how far the walk is; none where nobody goes on with it.
    pub feed: Option<&'static str>,
    /// Numbers up to this one were settled by earlier walks.
    pub settled: u64,
    /// How far it was when it was cut off.
    pub cut_off: Option<CutOff>,
    /// The list, where its first page is under way already.
    pub begun: Option<Pages<FeedItem>>,
}

/// Walks the feed once, and notes how far it came where it is cut off.
pub(super) async fn walk_feed(run: &Run<'_>, tally: &mut Tally, mut question: Question) -> Result<Walk, SyncError> {
    let mut walk = Walk::of_feed().knowing(std::mem::take(&mut question.seen));
    let mut waiting = Waiting::default();
    let mut progress = Progress::of(run, question.feed, question.settled, question.cut_off.is_some());
    let walked = follow(run, tally, question, (&mut walk, &mut waiting, &mut progress)).await;
    progress.close(walked, tally, &walk, &waiting).await?;
    walk.close();
    run.context.reporter.finished();
    Ok(walk)
}

/// The first page of a walk, and where it leads: where the question begins, or where an earlier walk was cut off.
async fn begin(
    run: &Run<'_>,
    tally: &mut Tally,
    question: Question,
    walk: &mut Walk,
    progress: &mut Progress<'_>,
) -> Result<(Option<Page<FeedItem>>, Pages<FeedItem>), SyncError> {
    let Question {
        since,
        known,
        floor,
        cut_off,
        begun,
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
                walk.go_on(tally, cut_off);
                return Ok((next, pages));
            }
        }
    }
    let mut pages = match begun {
        Some(begun) => begun,
        None => side_by_side(client.items(&run.repository.name, since).unless(known)),
    };
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
    let is_complete_walk = question.feed == Some(cut_off::ALL);
    let (mut next, mut pages) = begin(run, tally, question, walk, progress).await?;
    if pages.is_unchanged() {
        walk.unchanged(tally);
    }
    while let Some(page) = next {
        let Gathered {
            issues,
            count,
            turn,
            come,
        } = gather(run, tally, (page, floor), (walk, waiting, progress, &mut pages)).await;
        if is_complete_walk && pages.is_ended() {
            run.looks.begin_once(run).await?;
            begin_closing(run, walk);
        }
        let fetched = if let Some(fetched) = come {
            store(run, tally, waiting, issues).await?;
            fetched
        } else {
            let (fetched, stored) = tokio::join!(pages.next(), store(run, tally, waiting, issues));
            stored?;
            fetched
        };
        progress.stored(turn, tally, walk, waiting).await?;
        run.context.reporter.advanced(count);
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

/// The last page has come: what changed meanwhile is asked for while the rest is stored.
fn begin_closing(run: &Run<'_>, walk: &Walk) {
    if let Some(since) = walk
        .closes_at()
        .filter(|_| run.context.ways.conditional && run.context.ways.side_by_side)
    {
        let pages = run.context.client.items(&run.repository.name, Some(since));
        run.looks.closing.begin((pages, 0));
    }
}

/// Pages that are stored together.
struct Gathered {
    issues: Vec<Issue>,
    /// Things on them.
    count: u64,
    /// Number of the last one.
    turn: u64,
    /// What came after it, where it has come already.
    come: Option<Result<Option<Page<FeedItem>>, GithubError>>,
}

/// Takes in a page, and those after it that have come: where the database is what takes the time, it gets larger pieces.
async fn gather(
    run: &Run<'_>,
    tally: &mut Tally,
    (mut page, floor): (Page<FeedItem>, Option<DateTime<Utc>>),
    (walk, waiting, progress, pages): (&mut Walk, &mut Waiting, &mut Progress<'_>, &mut Pages<FeedItem>),
) -> Gathered {
    let (mut issues, mut count) = (Vec::new(), 0);
    loop {
        let turn = waiting.turn();
        if pages.is_next_by_number() {
            walk.by_number = true;
            if walk.by_time
                && let Some(later) = later(&page)
            {
                *pages = run.context.client.items(&run.repository.name, Some(later));
            }
        }
        walk.shifted |= walk.by_number && page.items.is_empty();
        count += page.items.len() as u64;
        progress.came(turn, page.items.iter().map(|item| item.item().number));
        let (new, pulls) = walk.split(tally, page, floor);
        issues.extend(new);
        // Where details are not asked for, pull requests come from their own list alone.
        if run.context.ways.graphql && run.context.services.pull_requests {
            waiting.add(pulls);
        }
        progress.comes(turn + 1, pages.place());
        let come = if issues.len() < TOGETHER && pages.is_next_here() {
            match pages.next().await {
                Ok(Some(next)) => {
                    page = next;
                    continue;
                }
                ended => Some(ended),
            }
        } else {
            None
        };
        return Gathered {
            issues,
            count,
            turn,
            come,
        };
    }
}

/// Stores issues, and the pull requests that wait long enough; each in transactions of their own, which go on until one of them fails.
async fn store(run: &Run<'_>, tally: &mut Tally, waiting: &mut Waiting, issues: Vec<Issue>) -> Result<(), SyncError> {
    if issues.is_empty() {
        return waiting.store_full(run, tally).await;
    }
    let (applied, stored) = tokio::join!(run.apply(Change::Issues(issues)), waiting.store_full(run, tally));
    tally.applied(&applied?);
    stored
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
pub(in crate::sync) async fn first<T: Send + 'static>(
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
