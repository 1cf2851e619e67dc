//! After a complete walk: what is stored and was not seen is asked for once more, and removed when it is gone.
//!
//! A list shifts while it is read, so that "not seen" alone is no proof.

use std::collections::BTreeSet;

use crate::domain::{Absence, Change, Entity};
use crate::github::Presence;
use crate::store::items;

use super::SyncError;
use super::items::Walk;
use super::report::Tally;
use super::repository::Run;

/// Removes what is gone. `walk` must have been complete.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, walk: &Walk) -> Result<(), SyncError> {
    if walk.has_issues {
        let gone = absent(run, Entity::Issue, &walk.issues).await?;
        if !gone.is_empty() {
            tally.applied(&run.apply(Change::IssuesGone(gone)).await?);
        }
    }
    let gone = absent(run, Entity::PullRequest, &walk.pull_requests).await?;
    if !gone.is_empty() {
        tally.applied(&run.apply(Change::PullRequestsGone(gone)).await?);
    }
    Ok(())
}

async fn absent(run: &Run<'_>, entity: Entity, seen: &BTreeSet<u64>) -> Result<Vec<(u64, Absence)>, SyncError> {
    let stored = items::numbers(run.context.site.db(), run.repository.name.as_str(), entity).await?;
    let unseen: Vec<u64> = stored.difference(seen).copied().collect();
    if unseen.is_empty() {
        return Ok(Vec::new());
    }
    let answers = run.context.client.still_there(&run.repository.name, &unseen).await?;
    Ok(unseen
        .into_iter()
        .filter_map(|number| match answers.get(&number)? {
            Presence::Here => None,
            Presence::Deleted => Some((number, Absence::Deleted)),
            Presence::Moved => Some((number, Absence::Moved)),
        })
        .collect())
}
