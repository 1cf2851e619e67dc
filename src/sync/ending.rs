//! How a run ends: its row, the Error Log where it failed, and the report.

use tokio::time::Instant;

use crate::frappe::error_log;
use crate::github::Spent;
use crate::store::Stamp;
use crate::store::runs::{self, Cost, RunEnd, RunStatus};

use super::report::{RepositoryReport, Tally};
use super::{SyncContext, SyncError};

/// What a run has cost since it began.
pub(super) struct Meter {
    began: Instant,
    before: Spent,
}

impl Meter {
    pub(super) fn start(context: &SyncContext) -> Self {
        Self {
            began: Instant::now(),
            before: context.client.spent(),
        }
    }

    fn cost(&self, context: &SyncContext) -> Cost {
        let spent = context.client.spent().since(self.before);
        Cost {
            requests: spent.requests,
            points: spent.points,
            not_modified: spent.not_modified,
        }
    }
}

/// How a run ended, before it is written down.
pub(super) struct Ending {
    /// Name of the row in `GitHub Sync Run`.
    pub row: String,
    /// Name of the Repository document; none where there is none.
    pub document: Option<String>,
    /// A complete walk.
    pub full: bool,
    /// How it counts.
    pub status: RunStatus,
    /// What was done.
    pub tally: Tally,
    /// What ended it early.
    pub error: Option<SyncError>,
    /// What was changed should have been told by deliveries: it counts as drift.
    pub is_drift: bool,
    /// The error is none that the last run ended with already.
    pub is_news: bool,
}

/// Completes the run's row, leaves an Error Log row where it failed, and gives the report.
pub(super) async fn write_down(
    context: &SyncContext,
    mut ending: Ending,
    meter: &Meter,
    name: &str,
) -> Result<RepositoryReport, SyncError> {
    let status = ending.status;
    if ending.is_drift {
        ending.tally.is_drift();
    }
    let error = ending.error.as_ref().map(ToString::to_string);
    let outage = matches!(&ending.error, Some(SyncError::Github(error)) if error.is_outage());
    let report = RepositoryReport {
        repository: name.to_owned(),
        status,
        full: ending.full,
        entities: ending.tally.entities,
        cost: meter.cost(context),
        seconds: meter.began.elapsed().as_secs_f64(),
        error,
        outage,
        unreachable: matches!(&ending.error, Some(SyncError::Github(error)) if error.is_unreachable()),
    };
    let end = RunEnd {
        status,
        repository: ending.document.as_deref().unwrap_or_default(),
        seconds: report.seconds,
        cost: report.cost,
        error: report.error.as_deref().unwrap_or_default(),
        entities: report.entities.iter().map(|(entity, run)| (*entity, run)).collect(),
    };
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    runs::end(context.site.db(), &stamp, &ending.row, &end).await?;
    // Whoever asked it to stop knows; only what went wrong is for the Error Log.
    if let (RunStatus::Failed, Some(error), true) = (status, &report.error, ending.is_news) {
        let reference = ending
            .document
            .as_deref()
            .map_or(("GitHub Sync Run", ending.row.as_str()), |document| ("Repository", document));
        let title = format!("GitHub sync of {name} failed");
        error_log::write(&context.site, &title, error, Some(reference)).await?;
    }
    Ok(report)
}
