//! Branches: the list from REST, the dates of heads that are new from GraphQL.

use std::collections::BTreeSet;

use crate::domain::{Branch, Change, Entity};
use crate::store::commits;
use crate::store::items::branch_names;

use super::repository::Run;
use super::{SyncError, report::Tally, whole};

/// What the list of branches says of the default one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum DefaultBranch {
    /// The list could not be read.
    #[default]
    Unknown,
    /// There is none: nothing was ever pushed, or it was deleted.
    Absent,
    /// It points to this commit.
    At(String),
}

/// Reads all branches and stores them as the whole set.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<DefaultBranch, SyncError> {
    let name = &run.repository.name;
    run.context.reporter.started(None, &format!("{name}: branches"));
    let stored = branch_names(run.context.site.db(), name.as_str()).await?;
    let begin = || run.context.client.branches(name);
    let branches = whole::read(run, tally, Entity::Branch, (&stored, |one: &Branch| one.name.clone()), begin).await?;
    let mut found = DefaultBranch::Unknown;
    if let Some(mut branches) = branches {
        let default = branches.iter().find(|branch| branch.name == run.repository.default_branch);
        found = default.map_or(DefaultBranch::Absent, |branch| DefaultBranch::At(branch.head_sha.clone()));
        date(run, tally, &mut branches).await?;
        tally.applied(&run.apply(Change::AllBranches(branches)).await?);
    }
    run.context.reporter.finished();
    Ok(found)
}

/// Fills in the commit dates: those that are known, then those of heads that are new.
async fn date(run: &Run<'_>, tally: &mut Tally, branches: &mut [Branch]) -> Result<(), SyncError> {
    let (db, id) = (run.context.site.db(), run.repository.id);
    let mut dates = commits::known(db, id).await?;
    let heads: BTreeSet<&str> = branches.iter().map(|branch| branch.head_sha.as_str()).collect();
    let left: BTreeSet<&str> = dates.keys().map(String::as_str).filter(|sha| !heads.contains(sha)).collect();
    commits::forget(db, id, &left).await?;
    let unknown: Vec<String> = heads
        .into_iter()
        .filter(|sha| !dates.contains_key(*sha))
        .map(str::to_owned)
        .collect();
    match run.context.client.commit_dates(&run.repository.name, &unknown).await {
        Ok(answered) => {
            commits::remember(db, id, &answered).await?;
            dates.extend(answered);
        }
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
