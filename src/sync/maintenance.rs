//! While a bench is in maintenance, nothing is asked of GitHub for its sites and nothing is written to them.

use std::time::Duration;

use crate::frappe::bench::Bench;
use crate::telemetry::Reporter;

/// How often things that nobody announces are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// While the bench is in maintenance: whether it still is.
    pub maintenance: Duration,
    /// During a run: whether what it reads is switched on still.
    pub switches: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            maintenance: Duration::from_secs(2),
            switches: Duration::from_secs(5),
        }
    }
}

/// True while the site of that name is in maintenance. The files are read again, because `bench --site X set-maintenance-mode` only
/// writes them.
pub(super) fn is_in_maintenance(bench: &Bench, site: &str) -> bool {
    // A file that cannot be read just now says nothing; the next look may.
    bench.site(site).is_ok_and(|config| config.maintenance_mode())
}

/// Waits until the site of that name is not in maintenance, and tells `reporter` if it has to.
pub async fn maintenance_over(bench: &Bench, site: &str, reporter: &dyn Reporter, pace: Pace) {
    let mut told = false;
    while is_in_maintenance(bench, site) {
        if !told {
            reporter.message("paused: the bench is in maintenance mode");
            told = true;
        }
        tokio::time::sleep(pace.maintenance).await;
    }
}
