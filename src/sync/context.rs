//! What a run works with, and where it may pause or stop.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::frappe::bench::Bench;
use crate::frappe::site::Site;
use crate::github::Client;
use crate::store::Lease;
use crate::telemetry::Reporter;

use super::SyncError;

/// How often things that nobody announces are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// While the bench is in maintenance: whether it still is.
    pub maintenance: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            maintenance: Duration::from_secs(2),
        }
    }
}

/// What a run works with. Cheap to clone.
#[derive(Clone)]
pub struct SyncContext {
    /// The site whose mirror it is.
    pub site: Site,
    /// The bench, whose files say whether work must pause.
    pub bench: Bench,
    /// GitHub, in the name of the site's credential.
    pub client: Client,
    /// Name of this process in leases.
    pub owner: Arc<str>,
    /// User whose name stands in the rows.
    pub user: Arc<str>,
    /// Who is told how far it is.
    pub reporter: Arc<dyn Reporter>,
    /// Asks the run to stop after the page in hand.
    pub stop: CancellationToken,
    /// How often to look.
    pub pace: Pace,
}

impl SyncContext {
    /// Between two pages: stops when asked to, waits while the bench is in maintenance, and keeps `lease` alive.
    pub(super) async fn checkpoint(&self, lease: &Lease) -> Result<(), SyncError> {
        let mut told = false;
        loop {
            if self.stop.is_cancelled() {
                return Err(SyncError::Stopped);
            }
            lease.beat(self.site.db()).await?;
            if !self.in_maintenance() {
                return Ok(());
            }
            if !told {
                self.reporter.message("paused: the bench is in maintenance mode");
                told = true;
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(self.pace.maintenance) => {}
            }
        }
    }

    /// The configuration is read again, because `bench --site X set-maintenance-mode` only writes the file.
    fn in_maintenance(&self) -> bool {
        // A file that cannot be read just now says nothing; the next look may.
        self.bench
            .site(self.site.name())
            .is_ok_and(|config| config.maintenance_mode())
    }
}
