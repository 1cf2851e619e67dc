//! A repository that could not even be read: what is left of its run.

use chrono::{DateTime, Utc};

use crate::frappe::db::DbError;
use crate::store::attempts;
use crate::store::cursors::{self, ITEMS};
use crate::store::repositories::{self, Tracked};
use crate::store::runs::{self, RunStart, RunStatus};
use crate::store::{Stamp, Touched};

use super::ending::Ending;
use super::report::Tally;
use super::repository::RunOptions;
use super::{SyncContext, SyncError, announce};

/// Notes it on the run's row and on the document. Nobody holds a lease on it here: its document may have another name by now.
pub(super) async fn note(
    context: &SyncContext,
    tracked: &Tracked,
    options: RunOptions,
    mut error: SyncError,
) -> Result<Ending, SyncError> {
    let db = context.site.db();
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    let document = repositories::present_name(db, tracked).await?;
    if let (SyncError::Gone(name), Some(document)) = (&mut error, &document) {
        name.clone_from(document);
    }
    let start = RunStart {
        repository: document.as_deref(),
        trigger: options.trigger,
        full: options.full,
    };
    let row = runs::begin(db, &stamp, start).await?;
    if let Some(document) = &document {
        repositories::note_refusal(db, tracked, &error.to_string()).await?;
        if matches!(error, SyncError::Gone(_)) && repositories::mark_gone(db, tracked, &stamp).await? {
            let marked = Touched {
                doctype: "Repository",
                name: document.clone(),
                modified: stamp.local_now(),
            };
            announce::changed(context, &[marked]).await;
        }
    }
    attempted(context, tracked, stamp.now).await?;
    let still_gone = tracked.gone && matches!(error, SyncError::Gone(_));
    Ok(Ending {
        row,
        document,
        full: options.full,
        // Whoever names it wants it; to everybody else its document says what there is to say.
        status: if still_gone && !tracked.by_name {
            RunStatus::Completed
        } else {
            RunStatus::Failed
        },
        tally: Tally::default(),
        error: Some(error),
        is_drift: false,
        is_news: !still_gone,
    })
}

/// Puts the next look of the schedule at `tracked` off by its interval.
async fn attempted(context: &SyncContext, tracked: &Tracked, now: DateTime<Utc>) -> Result<(), DbError> {
    let db = context.site.db();
    match tracked.github_id {
        Some(id) => cursors::attempt(db, id, ITEMS, now).await,
        None if tracked.is_stored => attempts::begun_by_name(db, &tracked.name, now).await,
        None => Ok(()),
    }
}
