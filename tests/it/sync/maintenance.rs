//! While `maintenance_mode` is set nothing is asked and nothing is written, wherever the run stands.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use erpnext_github::sim::github::{Effect, Fault, Gate, World};
use erpnext_github::sim::site::ScratchSite;
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{Pace, RunOptions, Selection, SiteReport, SyncContext, sync_site};
use erpnext_github::telemetry::Reporter;
use tokio::task::JoinHandle;

use crate::support::Heard;
use crate::support::mirror::Mirror;

const PAUSED: &str = "paused: the bench is in maintenance mode";

async fn listened_to(mirror: &Mirror) -> (SyncContext, Arc<Heard>) {
    let heard = Arc::new(Heard::new());
    let mut context = mirror.context().await;
    context.reporter = heard.clone();
    context.pace = Pace {
        maintenance: Duration::from_millis(1),
        ..Pace::default()
    };
    (context, heard)
}

fn begin(context: SyncContext, owners: &[&str], full: bool) -> JoinHandle<SiteReport> {
    let selection = Selection {
        repositories: Vec::new(),
        owners: owners.iter().map(|&owner| owner.to_owned()).collect(),
    };
    let options = RunOptions {
        full,
        trigger: Trigger::Command,
    };
    tokio::spawn(async move { sync_site(&context, &selection, options).await.expect("a report") })
}

fn maintenance(mirror: &Mirror, on: bool) {
    let scratch = mirror.erp.scratch();
    scratch
        .set_config("maintenance_mode", u8::from(on).into())
        .expect("the site's file");
}

/// Looks at the database often enough for the run to look at the file many times, and holds that it does nothing else.
async fn nothing_happens(mirror: &Mirror, run: &JoinHandle<SiteReport>) {
    mirror.github.forget_requests();
    mirror.erp.record().await;
    for _ in 0..20 {
        mirror.erp.value("SELECT 1").await;
    }
    assert_eq!(mirror.github.requests().len(), 0);
    let mut writes = mirror.erp.writes().await;
    // Once, half a second after the last request: what is not used of GitHub's limits.
    writes.retain(|statement| !statement.contains("erpnext_github_budget"));
    assert_eq!(writes, Vec::<String>::new(), "not even a heartbeat at every look");
    assert!(!run.is_finished());
}

async fn completes(mirror: Mirror, run: JoinHandle<SiteReport>, repositories: usize) {
    maintenance(&mirror, false);
    let report = run.await.expect("the run");
    assert!(!report.has_failures(), "{report:?}");
    assert_eq!(report.repositories.len(), repositories);
    let done = |status| status == RunStatus::Completed;
    assert!(report.repositories.iter().all(|one| done(one.status)), "{report:?}");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_run_pauses_after_the_page_in_hand_and_goes_on() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_issues(250);
    })
    .await;
    let gate = Gate::closed();
    let second_page = Fault::on("/repos/octo/web/issues", Effect::Held(gate.clone())).containing("page=2");
    mirror.github.world().faults.push(second_page);
    let (context, heard) = listened_to(&mirror).await;
    let run = begin(context, &["octo"], false);
    gate.reached(1).await;
    maintenance(&mirror, true);
    gate.open();
    heard.until(PAUSED).await;
    nothing_happens(&mirror, &run).await;
    let stored = mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await;
    assert_eq!(stored, "100", "the page in hand is stored, not all of them");
    let held = "SELECT COUNT(*) FROM erpnext_github_lease WHERE lease_until > UTC_TIMESTAMP(6)";
    assert_eq!(mirror.erp.value(held).await, "1", "the repository stays ours");
    completes(mirror, run, 1).await;
}

#[tokio::test]
async fn s3_a_sync_that_is_begun_in_maintenance_asks_and_writes_nothing_until_it_ends() {
    for owners in [&["octo"][..], &[]] {
        let mirror = Mirror::new(|world| {
            world.repository("octo/a").with_issues(2);
            world.repository("octo/b").with_issues(2);
        })
        .await;
        for name in ["octo/a", "octo/b"] {
            let values = [("full_name", name), ("enabled", "1")];
            mirror
                .erp
                .erp()
                .insert("Repository", name, &values)
                .await
                .expect("a repository");
        }
        let (context, heard) = listened_to(&mirror).await;
        maintenance(&mirror, true);
        mirror.erp.record().await;
        let run = begin(context, owners, false);
        heard.until(PAUSED).await;
        assert_eq!(mirror.github.requests().len(), 0);
        assert_eq!(mirror.erp.writes().await, Vec::<String>::new());
        nothing_happens(&mirror, &run).await;
        completes(mirror, run, 2).await;
    }
}

fn two(world: &mut World) {
    world.repository("octo/a").with_issues(3);
    world.repository("octo/b").with_issues(3);
}

/// Puts the site into maintenance once the last list of `octo/a` is read: nothing of it is left to be asked for then.
struct AfterTheFirst {
    heard: Arc<Heard>,
    site: ScratchSite,
    at: Mutex<String>,
}

impl Reporter for AfterTheFirst {
    fn started(&self, _total: Option<u64>, what: &str) {
        what.clone_into(&mut self.at.lock().expect("no panic"));
    }
    fn expects(&self, _total: u64) {}
    fn advanced(&self, _count: u64) {}
    fn message(&self, text: &str) {
        self.heard.message(text);
    }
    fn finished(&self) {
        if *self.at.lock().expect("no panic") == "octo/a: commits" {
            self.site.set_config("maintenance_mode", 1.into()).expect("the site's file");
        }
    }
}

#[tokio::test]
async fn s3_no_repository_is_begun_in_maintenance() {
    let mirror = Mirror::new(two).await;
    let (mut context, heard) = listened_to(&mirror).await;
    assert!(!begin(context.clone(), &["octo"], false).await.expect("a run").has_failures());
    mirror.erp.clock().advance(TimeDelta::hours(1));
    context.reporter = Arc::new(AfterTheFirst {
        heard: heard.clone(),
        site: mirror.erp.scratch().clone(),
        at: Mutex::default(),
    });
    let run = begin(context, &[], true);
    heard.until(PAUSED).await;
    nothing_happens(&mirror, &run).await;
    let runs = "SELECT GROUP_CONCAT(repository, ' ', status) FROM `tabGitHub Sync Run` WHERE started_at = '2026-03-01 08:00:00'";
    assert_eq!(mirror.erp.value(runs).await, "octo/a Completed");
    let held = "SELECT COUNT(*) FROM erpnext_github_lease WHERE lease_until > UTC_TIMESTAMP(6)";
    assert_eq!(mirror.erp.value(held).await, "0", "nobody waits for what is not begun");
    completes(mirror, run, 2).await;
}
