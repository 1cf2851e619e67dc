//! Collaborators and their permissions.

use crate::domain::{Change, Entity};

use super::repository::Run;
use super::{SyncError, report::Tally};

/// Reads all collaborators and stores them as the whole set.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    run.context
        .reporter
        .started(None, &format!("{}: members", run.repository.name));
    let mut members = Vec::new();
    let mut pages = run.context.client.collaborators(&run.repository.name);
    while let Some(page) = pages.next().await? {
        run.context.reporter.advanced(page.items.len() as u64);
        for odd in &page.odd {
            tally.failed(Entity::Member, 1, odd.to_string());
        }
        members.extend(page.items);
        run.context.checkpoint().await?;
    }
    tally.fetched(Entity::Member, members.len());
    // Half a set would throw out the other half.
    if tally.is_whole(Entity::Member) {
        tally.applied(&run.apply(Change::AllMembers(members)).await?);
    }
    run.context.reporter.finished();
    Ok(())
}
