//! The walk of the night: one repository read completely, by what it has now and not by what changed.
//!
//! It is the complete run of the sync, begun for its own sake: by a list of a hundred a page it costs what asking for a hundred ids a query
//! would, and finds what came as well as what went. What is not seen is asked for by number or node id before it is taken away.

use crate::store::repositories::Tracked;
use crate::store::runs::{RunStatus, Trigger};

use super::reconcile::note_drift;
use super::report::SiteReport;
use super::repository::RunOptions;
use super::site::sync_chosen;
use super::{SyncContext, SyncError};

/// Walks through a repository; true when all of it was seen. What the walk changed was missed, and is noted as drift.
///
/// # Errors
/// When the database cannot be used, or we were asked to stop.
pub async fn walk(context: &SyncContext, tracked: &Tracked) -> Result<(SiteReport, bool), SyncError> {
    let options = RunOptions {
        full: true,
        trigger: Trigger::Reconciliation,
    };
    context.checkpoint().await?;
    let report = sync_chosen(context, std::slice::from_ref(tracked), (options, None), None).await?;
    if let Some(id) = tracked.github_id {
        note_drift(context, id, &report).await?;
    }
    let is_whole = report.repositories.iter().all(|run| run.status == RunStatus::Completed);
    Ok((report, is_whole))
}
