//! GitHub changes, the tables follow, and both are told line by line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio_util::sync::CancellationToken;

use crate::app::Served;
use crate::cli::outcome::Report as _;
use crate::cli::output;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;
use crate::jobs::SiteSource;
use crate::sync::{EntityLine, RepositoryReport, SiteReport, SyncContext};
use crate::telemetry::Silent;

use super::stage::Stage;
use super::table::cut;

/// Rows that are shown of one sync.
const ROWS: u32 = 5;
/// Characters of a title that are shown.
const TITLE: usize = 48;

/// The served sites, and somebody who hears what the schedule did there.
pub(super) struct Looker {
    served: Served,
    heard: UnboundedSender<SiteReport>,
}

impl Looker {
    /// Sends every report to `heard`.
    pub(super) fn new(served: Served, heard: UnboundedSender<SiteReport>) -> Self {
        Self { served, heard }
    }
}

impl SiteSource for Looker {
    async fn sites(&self) -> Vec<Site> {
        self.served.sites().await
    }

    async fn sync_context(&self, site: &Site) -> Option<SyncContext> {
        self.served.sync_context(site).await
    }

    fn synced(&self, report: &SiteReport) {
        // Nobody hears it any more when the demo ends.
        let _ended = self.heard.send(report.clone());
    }
}

/// Until `stop`: lets the demo's own GitHub change after each `pause` and syncs, and tells what that or the schedule did.
pub(super) async fn follow(stage: &Stage, pause: Duration, mut reports: UnboundedReceiver<SiteReport>, stop: &CancellationToken) {
    let mut step = 0;
    let mut since = now(stage).await;
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(report) = reports.recv() => {
                let seen = now(stage).await;
                tell(stage, &report, None, &since).await;
                since = seen;
            }
            () = tokio::time::sleep(pause), if stage.origin.fake.is_some() => {
                since = now(stage).await;
                change(stage, step, &since, stop).await;
                step += 1;
            }
        }
    }
}

/// One change on the demo's own GitHub, and the sync that follows it.
async fn change(stage: &Stage, step: u64, since: &str, stop: &CancellationToken) {
    let Some(fake) = &stage.origin.fake else { return };
    let sentence = fake.world().evolve(step);
    output::line(&format!("{}  GitHub   {sentence}", clock(stage)));
    let began = Instant::now();
    match stage.sync(Arc::new(Silent), stop).await {
        Ok(_) if stop.is_cancelled() => {}
        Ok(report) => tell(stage, &report, Some(began.elapsed()), since).await,
        Err(error) => erpnext(&format!("not followed: {}", crate::cli::exit::sentence(&error))),
    }
}

/// What a sync changed: a line a repository, then the rows themselves, read back from the tables.
async fn tell(stage: &Stage, report: &SiteReport, took: Option<Duration>, since: &str) {
    let changed: Vec<String> = report.repositories.iter().filter_map(changes).collect();
    if report.has_failures() {
        report.lines().iter().for_each(|line| erpnext(line));
    }
    let requests: u64 = report.repositories.iter().map(|one| one.cost.requests).sum();
    let cost = took.map_or_else(String::new, |took| format!(" ({:.1} s, {requests} requests)", took.as_secs_f64()));
    for line in &changed {
        erpnext(&format!("{line}{cost}"));
    }
    match stage.erp.written_since(since, ROWS).await {
        Ok(rows) => {
            for row in rows {
                let line = format!("{:<24}  {:<8}  {}", row.name, row.state, cut(&row.title, TITLE));
                output::line(&format!("                     {}", line.trim_end()));
            }
        }
        Err(error) => erpnext(&error.to_string()),
    }
}

/// "acme/web: 1 issue new, 2 branches changed", or nothing where nothing changed.
fn changes(report: &RepositoryReport) -> Option<String> {
    let mut parts = Vec::new();
    for (entity, run) in &report.entities {
        let line = EntityLine::from(run);
        for (count, verb) in [(line.created, "new"), (line.updated, "changed"), (line.deleted, "gone")] {
            if count > 0 {
                parts.push(format!("{} {verb}: {count}", entity.as_str()));
            }
        }
    }
    (!parts.is_empty()).then(|| format!("{}: {}", report.repository, parts.join(", ")))
}

fn erpnext(text: &str) {
    output::line(&format!("          ERPNext  {text}"));
}

/// The present, for a line.
fn clock(stage: &Stage) -> String {
    stage.app.clock().now().format("%H:%M:%S").to_string()
}

/// The present as the site's rows have it.
async fn now(stage: &Stage) -> String {
    let now = stage.app.clock().now();
    match stage.site.zone().await {
        Ok(zone) => frappe_text(zone.to_local(now)),
        // Then nothing is shown as new; that the database is away is told by the sync.
        Err(_away) => frappe_text(now.naive_utc()),
    }
}
