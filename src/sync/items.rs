//! Issues and pull requests: one feed brings both.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{Change, Entity, Issue, PullRequest};
use crate::github::{ErrorKind, FeedItem, Page, Pages};

use super::details::Waiting;
use super::repository::Run;
use super::{SyncError, report::Tally};

/// What walking the feed showed.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Numbers of issues that were there.
    pub issues: BTreeSet<u64>,
    /// Numbers of pull requests that were there.
    pub pull_requests: BTreeSet<u64>,
    /// GitHub's clock when the walk began.
    pub began: Option<DateTime<Utc>>,
    /// Something came twice, so that something else may have been passed over.
    shifted: bool,
    /// The feed had issues: a repository with issues switched off shows pull requests only.
    pub has_issues: bool,
}

/// How often a feed that shifted under the walk is walked again within one run.
const WALKS: usize = 3;

/// Walks the feed from `since`, or all of it, and stores what it brings page by page. While a page is stored, the next one is fetched.
///
/// An item that changes during the walk moves to the feed's end, and what stood behind it moves up, perhaps onto a page that was
/// read already. The moved item is then seen twice, which is the sign to walk once more.
pub(super) async fn walk(run: &Run<'_>, tally: &mut Tally, since: Option<DateTime<Utc>>) -> Result<Walk, SyncError> {
    if run.repository.has_issues {
        let mut began = None;
        for _ in 0..WALKS {
            match walk_feed(run, tally, since).await {
                // Switched off since the repository was read.
                Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::Gone) => break,
                Err(error) => return Err(error),
                Ok(walk) => {
                    let walk = Walk {
                        began: began.or(walk.began),
                        ..walk
                    };
                    if !walk.shifted {
                        return Ok(walk);
                    }
                    began = walk.began;
                }
            }
        }
        if began.is_some() {
            // A feed that never stands still: what was seen is stored, and the cursor stays for the next run.
            tally.failed(
                Entity::Issue,
                1,
                "the list changed while it was read, three times over; the next run reads it again",
            );
            return Ok(Walk {
                has_issues: true,
                ..Walk::default()
            });
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
    let mut next = first(run, &mut pages, &mut walk).await?;
    while let Some(page) = next {
        let count = page.items.len();
        let (issues, pulls) = split(tally, page);
        for issue in &issues {
            walk.shifted |= !walk.issues.insert(issue.item.number);
        }
        for pull in &pulls {
            walk.shifted |= !walk.pull_requests.insert(pull.item.number);
        }
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

/// Pull requests alone, from their own list.
async fn walk_pull_requests(run: &Run<'_>, tally: &mut Tally) -> Result<Walk, SyncError> {
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
async fn first<T>(run: &Run<'_>, pages: &mut Pages<T>, walk: &mut Walk) -> Result<Option<Page<T>>, SyncError> {
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

fn split(tally: &mut Tally, page: Page<FeedItem>) -> (Vec<Issue>, Vec<PullRequest>) {
    for odd in &page.odd {
        // Which of the two it was cannot be told; as an issue it keeps the cursor where it is.
        tally.failed(Entity::Issue, 1, odd.to_string());
    }
    let (mut issues, mut pulls) = (Vec::new(), Vec::new());
    for item in page.items {
        match item {
            FeedItem::Issue(issue) => issues.push(issue),
            FeedItem::PullRequest(pull) => pulls.push(pull),
        }
    }
    tally.fetched(Entity::Issue, issues.len());
    tally.fetched(Entity::PullRequest, pulls.len());
    (issues, pulls)
}
