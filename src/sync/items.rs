//! Issues and pull requests: one feed brings both.
//!
//! By number a page depends on what stands before it. What changed since a moment is therefore asked for by time, page after page: each
//! begins with the last moment of the one before, so that neither what is deleted nor what changes meanwhile hides anything. A complete
//! walk is in the order of creation, where only a deletion (or a transfer) moves anything: afterwards what it did not see is asked
//! for, and when something of it is there after all, the walk is done again. Cursors move nothing.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::domain::{Change, Entity, Issue, PullRequest};
use crate::github::{ErrorKind, FeedItem, Page, Pages};
use crate::store::cursors::Cursor;
use crate::store::items::highest_number;

use super::details::Waiting;
use super::repository::{OVERLAP, Run};
use super::whole::{RESTLESS, TIMES};
use super::{SyncError, prune, report::Tally, reviews};

/// What walking the feed showed.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Numbers of issues that were there.
    pub issues: BTreeSet<u64>,
    /// Numbers of pull requests that were there.
    pub pull_requests: BTreeSet<u64>,
    /// GitHub's clock when the walk began.
    pub began: Option<DateTime<Utc>>,
    /// The feed had issues: a repository with issues switched off shows pull requests only.
    pub has_issues: bool,
    /// Pages followed each other by number.
    pub by_number: bool,
    /// Something came twice, or a page was empty: the list moved, so that something else may have been passed over.
    shifted: bool,
    /// What came, in which version.
    versions: HashMap<u64, DateTime<Utc>>,
}

impl Walk {
    /// True when that issue or pull request was there.
    pub(super) fn saw(&self, number: u64) -> bool {
        self.issues.contains(&number) || self.pull_requests.contains(&number)
    }
}

/// Walks the feed from the cursor, or all of it, and stores what it brings. A complete walk also removes what is gone, and is done again
/// where it passed something over.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, cursor: &Cursor) -> Result<Walk, SyncError> {
    reviews::again(run, tally).await?;
    let since = cursor.cursor_at.filter(|_| !run.full).map(|at| at - OVERLAP);
    let known = match cursor.walked_at {
        Some(_) if run.full => highest_number(run.context.site.db(), run.repository.name.as_str()).await?,
        _ => 0,
    };
    let (mut began, mut before) = (None, None);
    for _ in 0..TIMES {
        let mut walk = walk(run, tally, since).await?;
        walk.began = began.or(walk.began);
        began = walk.began;
        if !is_whole(tally) || since.is_some() {
            return Ok(walk);
        }
        if walk.shifted {
            continue;
        }
        let passed_over = prune::sync(run, tally, &walk, known).await?;
        // What the list leaves out every time is not there for want of luck; its row stays as it is.
        if passed_over.is_empty() || before.as_ref() == Some(&passed_over) {
            return Ok(walk);
        }
        before = Some(passed_over);
    }
    // A feed that never stands still: what was seen is stored, and the cursor stays for the next run.
    tally.failed(Entity::Issue, 1, RESTLESS);
    Ok(Walk::default())
}

/// Reads and stores what changed since a moment. No cursor is concerned.
pub(super) async fn since(run: &Run<'_>, tally: &mut Tally, moment: DateTime<Utc>) -> Result<(), SyncError> {
    walk(run, tally, Some(moment)).await.map(drop)
}

/// True when all issues and pull requests that came could be read and stored; reviews that could not are asked for by themselves.
pub(super) fn is_whole(tally: &Tally) -> bool {
    tally.is_whole(Entity::Issue) && tally.is_whole(Entity::PullRequest)
}

/// One walk. While a page is stored, the next one is fetched.
async fn walk(run: &Run<'_>, tally: &mut Tally, since: Option<DateTime<Utc>>) -> Result<Walk, SyncError> {
    if run.repository.has_issues {
        match walk_feed(run, tally, since).await {
            // Switched off since the repository was read.
            Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::Gone) => {}
            other => return other,
        }
    }
    walk_pull_requests(run, tally).await
}

async fn walk_feed(run: &Run<'_>, tally: &mut Tally, since: Option<DateTime<Utc>>) -> Result<Walk, SyncError> {
    let mut walk = Walk {
        has_issues: true,
        ..Walk::default()
    };
    let mut waiting = Waiting::default();
    let mut pages = run.context.client.items(&run.repository.name, since);
    if since.is_none() {
        pages = pages.side_by_side();
    }
    let mut next = first(run, &mut pages, &mut walk).await?;
    while let Some(page) = next {
        if pages.is_next_by_number() {
            walk.by_number = true;
            if since.is_some()
                && let Some(later) = later(&page)
            {
                pages = run.context.client.items(&run.repository.name, Some(later));
            }
        }
        let count = page.items.len();
        walk.shifted |= walk.by_number && count == 0;
        let (issues, pulls) = split(tally, &mut walk, page);
        waiting.add(pulls);
        let (fetched, stored) = tokio::join!(pages.next(), async {
            if !issues.is_empty() {
                tally.applied(&run.apply(Change::Issues(issues)).await?);
            }
            waiting.store_full(run, tally).await
        });
        stored?;
        run.context.reporter.advanced(count as u64);
        next = fetched?;
        run.context.checkpoint().await?;
    }
    waiting.store_rest(run, tally).await?;
    run.context.reporter.finished();
    Ok(walk)
}

/// The moment from which on the rest of what changed can be asked for: the last one of the page, unless it is the first one too.
/// More changes of one second than a page holds are followed by number.
fn later(page: &Page<FeedItem>) -> Option<DateTime<Utc>> {
    let moment = |item: &FeedItem| item.item().updated_at;
    let (first, last) = (page.items.first().map(moment)?, page.items.last().map(moment)?);
    (first < last).then_some(last)
}

/// Pull requests alone, from their own list.
pub(super) async fn walk_pull_requests(run: &Run<'_>, tally: &mut Tally) -> Result<Walk, SyncError> {
    let mut walk = Walk::default();
    let mut waiting = Waiting::default();
    let mut pages = run.context.client.pull_requests(&run.repository.name);
    let mut next = first(run, &mut pages, &mut walk).await?;
    while let Some(page) = next {
        tally.fetched(Entity::PullRequest, page.items.len());
        for odd in &page.odd {
            tally.failed(Entity::PullRequest, 1, odd.to_string());
        }
        walk.pull_requests.extend(page.items.iter().map(|pull| pull.item.number));
        run.context.reporter.advanced(page.items.len() as u64);
        waiting.add(page.items);
        waiting.store_full(run, tally).await?;
        next = pages.next().await?;
        run.context.checkpoint().await?;
    }
    waiting.store_rest(run, tally).await?;
    run.context.reporter.finished();
    Ok(walk)
}

/// The first page, whose date is the moment that the walk stands for.
pub(super) async fn first<T: Send + 'static>(
    run: &Run<'_>,
    pages: &mut Pages<T>,
    walk: &mut Walk,
) -> Result<Option<Page<T>>, SyncError> {
    let page = pages.next().await?;
    if let Some(page) = &page {
        walk.began = Some(page.date);
        let items = page
            .total_pages
            .map_or(page.items.len() as u64, |pages| u64::from(pages) * crate::github::PAGE_SIZE);
        run.context
            .reporter
            .started(Some(items), &format!("{}: issues and pull requests", run.repository.name));
    }
    Ok(page)
}

/// What of a page did not come before, in the version in which it came.
fn split(tally: &mut Tally, walk: &mut Walk, page: Page<FeedItem>) -> (Vec<Issue>, Vec<PullRequest>) {
    for odd in &page.odd {
        // Which of the two it was cannot be told; as an issue it keeps the cursor where it is.
        tally.failed(Entity::Issue, 1, odd.to_string());
    }
    let (mut issues, mut pulls) = (Vec::new(), Vec::new());
    for item in page.items {
        let (number, version) = (item.item().number, item.item().updated_at);
        let before = walk.versions.insert(number, version);
        walk.shifted |= before.is_some();
        if before == Some(version) {
            continue;
        }
        match item {
            FeedItem::Issue(issue) => {
                walk.issues.insert(number);
                issues.push(issue);
            }
            FeedItem::PullRequest(pull) => {
                walk.pull_requests.insert(number);
                pulls.push(pull);
            }
        }
    }
    tally.fetched(Entity::Issue, issues.len());
    tally.fetched(Entity::PullRequest, pulls.len());
    (issues, pulls)
}
