//! Branches: the list from REST, the dates of heads that are new from GraphQL.

use std::collections::{BTreeSet, HashMap};

use crate::domain::{Branch, Change, Entity};
use crate::store::items::{branch_names, known_commit_dates};

use super::repository::Run;
use super::{SyncError, report::Tally, whole};

/// Reads all branches and stores them as the whole set.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let name = &run.repository.name;
    run.context.reporter.started(None, &format!("{name}: branches"));
    let stored = branch_names(run.context.site.db(), name.as_str()).await?;
    let begin = || run.context.client.branches(name);
    let branches = whole::read(run, tally, Entity::Branch, (&stored, |one: &Branch| one.name.clone()), begin).await?;
    if let Some(mut branches) = branches {
        date(run, tally, &mut branches).await?;
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
