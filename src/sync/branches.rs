//! Branches: the list from REST, the dates of heads that are new from GraphQL.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{Branch, Change, Entity};
use crate::store::items::known_commit_dates;

use super::repository::Run;
use super::{SyncError, report::Tally};

/// Reads all branches and stores them as the whole set.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    run.context
        .reporter
        .started(None, &format!("{}: branches", run.repository.name));
    let mut branches: Vec<Branch> = Vec::new();
    let mut pages = run.context.client.branches(&run.repository.name);
    while let Some(page) = pages.next().await? {
        run.context.reporter.advanced(page.items.len() as u64);
        for odd in &page.odd {
            tally.failed(Entity::Branch, 1, odd.to_string());
        }
        branches.extend(page.items);
        run.context.checkpoint().await?;
    }
    tally.fetched(Entity::Branch, branches.len());
    date(run, tally, &mut branches).await?;
    if tally.is_whole(Entity::Branch) {
        tally.applied(&run.apply(Change::AllBranches(branches)).await?);
    }
    run.context.reporter.finished();
    Ok(())
}

/// Fills in the commit dates: those that are stored already, then those of heads that are not.
async fn date(run: &Run<'_>, tally: &mut Tally, branches: &mut [Branch]) -> Result<(), SyncError> {
    // What is stored is the site's own clock. A complete walk reads it all afresh, because the zone may have been changed since.
    let mut dates = if run.full {
        HashMap::new()
    } else {
        known_commit_dates(run.context.site.db(), run.repository.name.as_str(), run.stamp.zone).await?
    };
    let unknown: BTreeSet<&str> = branches
        .iter()
        .map(|branch| branch.head_sha.as_str())
        .filter(|sha| !dates.contains_key(*sha))
        .collect();
    let unknown: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
    match run.context.client.commit_dates(&run.repository.name, &unknown).await {
        Ok(answered) => dates.extend(answered),
        Err(error) if error.is_stopped() => return Err(error.into()),
        Err(error) => {
            tally.failed(Entity::Branch, unknown.len() as u64, error.to_string());
            return Err(error.into());
        }
    }
    for branch in branches {
        branch.committed_at = dates.get(&branch.head_sha).copied();
    }
    Ok(())
}
