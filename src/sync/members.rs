//! Collaborators and their permissions.

use crate::domain::{Change, Entity, Member};
use crate::github::Pages;
use crate::store::known::{self, MEMBER_LIST, StoredSet};
use crate::store::repositories::Tracked;
use crate::store::runs::Trigger;

use super::repository::{Run, RunOptions, Scope, run};
use super::whole::{self, Reading, Whole};
use super::{RepositoryReport, SyncContext, SyncError, people, report::Tally};

/// Reads all collaborators and stores them as the whole set.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let name = &run.repository.name;
    run.context.reporter.started(None, &format!("{name}: members"));
    let stored = stored(run).await?;
    let first = match run.looks.members.take(stored.print).await {
        Some(begun) => begun,
        None => list(run).await?.0,
    };
    let reading = Reading {
        entity: Entity::Member,
        stored: &stored,
        key: |one: &Member| one.person.login.clone(),
        first: Some(first),
        anew: || run.context.client.collaborators(name),
        meanwhile: |_, _| Box::pin(async {}),
    };
    let read = whole::read(run, tally, reading).await?;
    if let Whole::All(members, tags) = read {
        tally.applied(&run.apply(Change::AllMembers(members)).await?);
        whole::keep(run, MEMBER_LIST, self::stored(run).await?.print, tags.as_ref()).await?;
    }
    run.context.reporter.finished();
    Ok(())
}

/// The list, unless it is what the rows are already, and the print of these.
pub(super) async fn list(run: &Run<'_>) -> Result<(Pages<Member>, u64), SyncError> {
    let stored = stored(run).await?;
    let tags = whole::tags(run, MEMBER_LIST, &stored).await?;
    let list = run.context.client.collaborators(&run.repository.name);
    Ok((list.unless_all(tags).remembered(), stored.print))
}

async fn stored(run: &Run<'_>) -> Result<StoredSet, SyncError> {
    let (db, name) = (run.context.site.db(), run.repository.name.as_str());
    Ok(known::members(db, run.stamp.zone, name).await?)
}

/// Syncs the members of one repository, and matches those whom no user claims by the address that they show in public. Beside the
/// report, what kept them from being matched.
///
/// # Errors
/// When the database cannot be used, another process is at the same repository, or we were asked to stop.
pub async fn sync_members(
    context: &SyncContext,
    tracked: &Tracked,
    trigger: Trigger,
) -> Result<(RepositoryReport, Option<SyncError>), SyncError> {
    let options = RunOptions { full: false, trigger };
    let (context, _) = &context.of_repository(&tracked.name).await?;
    let report = run(context, tracked, options, Scope::Members).await?;
    let unmatched = match people::match_by_address(context, &[&context.client]).await {
        Err(SyncError::Db(error)) => return Err(error.into()),
        matched => matched.err(),
    };
    Ok((report, unmatched))
}
