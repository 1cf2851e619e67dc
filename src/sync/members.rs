//! Collaborators and their permissions.

use crate::domain::{Change, Entity, Member};
use crate::store::items::member_logins;
use crate::store::repositories::Tracked;
use crate::store::runs::Trigger;

use super::repository::{Run, RunOptions, Scope, run};
use super::{RepositoryReport, SyncContext, SyncError, people, report::Tally, whole};

/// Reads all collaborators and stores them as the whole set.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let name = &run.repository.name;
    run.context.reporter.started(None, &format!("{name}: members"));
    let stored = member_logins(run.context.site.db(), name.as_str()).await?;
    let begin = || run.context.client.collaborators(name);
    let members = whole::read(
        run,
        tally,
        Entity::Member,
        (&stored, |one: &Member| one.person.login.clone()),
        begin,
    )
    .await?;
    if let Some(members) = members {
        tally.applied(&run.apply(Change::AllMembers(members)).await?);
    }
    run.context.reporter.finished();
    Ok(())
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
    let report = run(context, tracked, options, Scope::Members).await?;
    let unmatched = match people::match_by_address(context).await {
        Err(SyncError::Db(error)) => return Err(error.into()),
        matched => matched.err(),
    };
    Ok((report, unmatched))
}
