//! GitHub changes, the tables follow, and both are told line by line.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio_util::sync::CancellationToken;

use crate::app::Served;
use crate::cli::exit::sentence;
use crate::cli::output;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;
use crate::jobs::SiteSource;
use crate::sync::{SiteReport, SyncContext};
use crate::telemetry::Silent;

use super::report::{changes, failures, requests};
use super::stage::Stage;
use super::table::cut;

/// Rows that are shown of one sync.
const ROWS: u32 = 5;
/// Characters of a title that are shown.
const TITLE: usize = 34;
/// As wide as a time.
const NO_TIME: &str = "        ";

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
    fn owner(&self) -> String {
        self.served.owner()
    }

    fn sites(&self) -> Vec<Site> {
        self.served.sites()
    }

    async fn is_served(&self, site: &Site) -> bool {
        self.served.is_served(site).await
    }

    async fn sync_context(&self, site: &Site) -> Option<SyncContext> {
        self.served.sync_context(site).await
    }

    async fn look_at_desk(&self, site: &Site) -> bool {
        self.served.look_at_desk(site).await
    }

    fn synced(&self, report: &SiteReport) {
        // Nobody hears it any more when the demo ends.
        let _ended = self.heard.send(report.clone());
    }
}

/// Tells what follows.
pub(super) struct Follower<'a> {
    stage: &'a Stage,
    /// Rows written before have been told, as the site's rows have the time.
    since: String,
    /// What could not be done last time; not told twice in a row.
    failed: Vec<String>,
}

impl<'a> Follower<'a> {
    /// What happens from now on; `failed` was told already.
    pub(super) async fn new(stage: &'a Stage, failed: Vec<String>) -> Self {
        let since = now(stage).await;
        Self { stage, since, failed }
    }

    /// Until `ending`: lets the demo's own GitHub change after each `pause` and syncs, and tells what that or the schedule did.
    pub(super) async fn run(mut self, pause: Duration, mut reports: UnboundedReceiver<SiteReport>, ending: &CancellationToken) {
        let mut changes = 0;
        loop {
            tokio::select! {
                () = ending.cancelled() => return,
                Some(report) = reports.recv() => {
                    let seen = now(self.stage).await;
                    self.tell(&report).await;
                    self.since = seen;
                }
                () = tokio::time::sleep(pause), if self.stage.origin.fake.is_some() => {
                    self.since = now(self.stage).await;
                    self.change(changes, ending).await;
                    changes += 1;
                }
            }
        }
    }

    /// One change on the demo's own GitHub, and the sync that follows it.
    async fn change(&mut self, number: u64, ending: &CancellationToken) {
        let Some(fake) = &self.stage.origin.fake else { return };
        let happened = fake.world().evolve(number);
        output::line(&format!("{}  GitHub   {happened}", clock(self.stage)));
        match self.stage.sync(Arc::new(Silent), ending).await {
            // Cut short, which is no news.
            _ if ending.is_cancelled() => {}
            Ok(report) => self.tell(&report).await,
            Err(error) => told(&clock(self.stage), &format!("not followed: {}", sentence(&error))),
        }
    }

    /// What a sync changed: a line a repository, then the rows themselves, read back from the tables.
    async fn tell(&mut self, report: &SiteReport) {
        let time = clock(self.stage);
        let changes = changes(report);
        match changes.split_first() {
            None => told(&time, &format!("nothing to change ({} requests)", requests(report))),
            Some((first, others)) => {
                told(&time, first);
                for line in others {
                    told(NO_TIME, line);
                }
                self.show_rows().await;
            }
        }
        let failed = failures(report);
        if failed != self.failed {
            for line in &failed {
                told(NO_TIME, line);
            }
            self.failed = failed;
        }
    }

    async fn show_rows(&self) {
        match self.stage.erp.written_since(&self.since, ROWS).await {
            Ok(rows) => {
                for row in rows {
                    let line = format!(
                        "{NO_TIME}           {:<16}  {:<7}  {}",
                        row.name,
                        row.state,
                        cut(&row.title, TITLE)
                    );
                    output::line(line.trim_end());
                }
            }
            Err(error) => told(NO_TIME, &error.to_string()),
        }
    }
}

fn told(time: &str, text: &str) {
    output::line(&format!("{time}  ERPNext  {text}"));
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
        // That the database is away is told by the sync.
        Err(_away) => frappe_text(now.naive_utc()),
    }
}
