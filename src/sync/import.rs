//! A bulk import: all issues, or all pull requests, of one repository, whatever its cursor says. No cursor moves, and nothing is removed.

use crate::domain::{Change, Entity, Issue};
use crate::github::FeedItem;
use crate::store::repositories::Tracked;
use crate::store::runs::Trigger;

use super::items::{self, Walk};
use super::report::Tally;
use super::repository::{Import, Run, RunOptions, Scope, run};
use super::{RepositoryReport, SyncContext, SyncError};

/// How many reasons of failures an import keeps: somebody waits for the list.
pub(super) const REASONS: usize = 500;

/// Imports into the document of `tracked`. Whatever happens is in the report, and on the run's row.
///
/// # Errors
/// When the database cannot be used, another process is at the same repository, or we were asked to stop before anything was read.
pub async fn import_items(context: &SyncContext, tracked: &Tracked, import: Import) -> Result<RepositoryReport, SyncError> {
    let options = RunOptions {
        full: true,
        trigger: Trigger::Button,
    };
    let (context, _) = &context.of_repository(&tracked.name).await?;
    run(context, tracked, options, Scope::Items(import)).await
}

/// Reads and stores all of `entity`.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, entity: Entity) -> Result<(), SyncError> {
    match entity {
        Entity::PullRequest => items::walk_pull_requests(run, tally, None).await.map(drop),
        _ => issues(run, tally).await,
    }
}

/// Issues stand in the feed, between the pull requests.
async fn issues(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let mut pages = run.context.client.items(&run.repository.name, None).side_by_side();
    let mut next = items::first(run, &mut pages, &mut Walk::default()).await?;
    while let Some(page) = next {
        for odd in &page.odd {
            tally.failed(Entity::Issue, 1, odd.to_string());
        }
        let count = page.items.len() as u64;
        let issues: Vec<Issue> = page
            .items
            .into_iter()
            .filter_map(|item| match item {
                FeedItem::Issue(issue) => Some(issue),
                FeedItem::PullRequest(_) => None,
            })
            .collect();
        tally.fetched(Entity::Issue, issues.len());
        if !issues.is_empty() {
            tally.applied(&run.apply(Change::Issues(issues)).await?);
        }
        run.context.reporter.advanced(count);
        next = pages.next().await?;
        run.context.checkpoint().await?;
    }
    run.context.reporter.finished();
    Ok(())
}
