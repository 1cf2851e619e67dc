//! Branches: the list from REST, the dates of heads that are new from GraphQL.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;

use crate::domain::{Branch, Change, Entity};
use crate::github::{BATCH, GithubError, Pages};
use crate::store::commits;
use crate::store::known::{self, BRANCH_LIST, StoredSet};

use super::repository::Run;
use super::whole::{self, Reading, Whole};
use super::{SyncError, report::Tally};

/// Questions for dates that are under way at a time.
const SIDE_BY_SIDE: usize = 6;

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
    let stored = stored(run).await?;
    let first = match run.looks.branches.take(stored.print).await {
        Some(begun) => begun,
        None => list(run).await?.0,
    };
    let reading = Reading {
        entity: Entity::Branch,
        stored: &stored,
        key: |one: &Branch| one.name.clone(),
        first: Some(first),
        anew: || run.context.client.branches(name),
        meanwhile: |run, branches| Box::pin(ask_early(run, branches)),
    };
    let read = whole::read(run, tally, reading).await?;
    let at = |head: Option<&String>| head.map_or(DefaultBranch::Absent, |sha| DefaultBranch::At(sha.clone()));
    let default = &run.repository.default_branch;
    let found = match read {
        Whole::Unchanged => at(stored.rows.get(default)),
        Whole::All(mut branches, tags) => {
            let found = branches.iter().find(|branch| branch.name == *default);
            let found = at(found.map(|branch| &branch.head_sha));
            date(run, tally, &mut branches).await?;
            tally.applied(&run.apply(Change::AllBranches(branches)).await?);
            whole::keep(run, BRANCH_LIST, self::stored(run).await?.print, tags.as_ref()).await?;
            found
        }
        Whole::Broken => DefaultBranch::Unknown,
    };
    run.context.reporter.finished();
    Ok(found)
}

/// The list, unless it is what the rows are already, and the print of these.
pub(super) async fn list(run: &Run<'_>) -> Result<(Pages<Branch>, u64), SyncError> {
    let stored = stored(run).await?;
    let tags = whole::tags(run, BRANCH_LIST, &stored).await?;
    let list = run.context.client.branches(&run.repository.name);
    // Where tags are known, pages that did not change are not fetched at all.
    let list = match &tags {
        None if run.context.ways.side_by_side => list.side_by_side(),
        _ => list,
    };
    Ok((list.unless_all(tags).remembered(), stored.print))
}

async fn stored(run: &Run<'_>) -> Result<StoredSet, SyncError> {
    let (db, name) = (run.context.site.db(), run.repository.name.as_str());
    Ok(known::branches(db, run.stamp.zone, name).await?)
}

/// Asks for dates of heads that are new and remembers them, while it is not sure yet that these are all branches. What cannot be asked is
/// asked by [`date`], which says why.
async fn ask_early(run: &Run<'_>, branches: &[Branch]) {
    let (db, id) = (run.context.site.db(), run.repository.id);
    if !run.context.ways.graphql {
        return;
    }
    let asked = async {
        let dates = commits::known(db, id).await?;
        answered(run, &unknown(&dates, branches)).await.map(drop)
    };
    if let Err(error) = asked.await {
        tracing::debug!(repository = %run.repository.name, error = %error, "dates of branches are asked for again");
    }
}

/// Fills in the commit dates: those that are known, then those of heads that are new.
async fn date(run: &Run<'_>, tally: &mut Tally, branches: &mut [Branch]) -> Result<(), SyncError> {
    if !run.context.ways.graphql {
        return Ok(());
    }
    let (db, id) = (run.context.site.db(), run.repository.id);
    let mut dates = commits::known(db, id).await?;
    let heads: BTreeSet<&str> = branches.iter().map(|branch| branch.head_sha.as_str()).collect();
    let left: BTreeSet<&str> = dates.keys().map(String::as_str).filter(|sha| !heads.contains(sha)).collect();
    commits::forget(db, id, &left).await?;
    let unknown = unknown(&dates, branches);
    match answered(run, &unknown).await {
        Ok(answered) => dates.extend(answered),
        Err(SyncError::Github(error)) if !error.is_stopped() => {
            tally.failed(Entity::Branch, unknown.len() as u64, error.to_string());
            return Err(error.into());
        }
        Err(error) => return Err(error),
    }
    for branch in branches {
        branch.committed_at = dates.get(&branch.head_sha).copied();
    }
    Ok(())
}

/// Heads whose dates are not among `dates`, each once.
fn unknown(dates: &HashMap<String, DateTime<Utc>>, branches: &[Branch]) -> Vec<String> {
    let heads: BTreeSet<&str> = branches.iter().map(|branch| branch.head_sha.as_str()).collect();
    heads
        .into_iter()
        .filter(|sha| !dates.contains_key(*sha))
        .map(str::to_owned)
        .collect()
}

/// Dates of commits as GitHub answers, remembered.
async fn answered(run: &Run<'_>, shas: &[String]) -> Result<HashMap<String, DateTime<Utc>>, SyncError> {
    let answered = dates_of(run, shas).await?;
    commits::remember(run.context.site.db(), run.repository.id, &answered).await?;
    Ok(answered)
}

/// Dates of commits, some questions of them side by side.
async fn dates_of(run: &Run<'_>, shas: &[String]) -> Result<HashMap<String, DateTime<Utc>>, GithubError> {
    let (client, name) = (&run.context.client, &run.repository.name);
    let questions: Vec<&[String]> = shas.chunks(BATCH).collect();
    let mut dates = HashMap::with_capacity(shas.len());
    for together in questions.chunks(SIDE_BY_SIDE) {
        let asked = together.iter().map(|some| client.commit_dates(name, some));
        try_join_all(asked).await?.into_iter().for_each(|some| dates.extend(some));
    }
    Ok(dates)
}
