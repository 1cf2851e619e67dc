//! Collaborators and their permissions.

use crate::domain::{Change, Entity, Member};
use crate::store::items::member_logins;

use super::repository::Run;
use super::{SyncError, report::Tally, whole};

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
