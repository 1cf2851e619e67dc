//! Never out of step: what was missed is found, at what cost, by whom of several, and what is said of it.

mod drift;
mod fresh;
mod left;
mod night;
mod probes;
mod replicas;
mod together;

use chrono::TimeDelta;
use erpnext_github::app::Served;
use erpnext_github::jobs::{Runner, Work};
use erpnext_github::sim::github::World;
use erpnext_github::sim::site::FrappeMajor;

use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// Lets so many minutes pass and compares.
async fn compared_after(mirror: &Mirror, runner: &Runner<Served>, minutes: i64) -> usize {
    mirror.erp.clock().advance(TimeDelta::minutes(minutes));
    runner.step(Work::Reconcile).await
}

/// Drift of the last run, entity by entity.
async fn drift(mirror: &Mirror) -> String {
    let sql = "SELECT GROUP_CONCAT(entity, ' ', drift ORDER BY idx SEPARATOR ', ') FROM `tabGitHub Sync Run Entity` WHERE drift > 0 \
               AND parent = (SELECT name FROM `tabGitHub Sync Run` ORDER BY started_at DESC, creation DESC LIMIT 1)";
    mirror.erp.value(sql).await
}

/// How many runs each trigger began.
async fn triggers(mirror: &Mirror) -> String {
    let sql = "SELECT GROUP_CONCAT(DISTINCT `trigger`, ' ', kind ORDER BY `trigger`, kind) FROM `tabGitHub Sync Run` WHERE `trigger` <> 'Command'";
    mirror.erp.value(sql).await
}

/// Holds the tables against those of a site that read the same world for the first time, whose clock has gone on by `passed`.
async fn as_read_at_once(mirror: &Mirror, repositories: &[&str], passed: TimeDelta, told: &str) {
    let world: World = mirror.github.world().clone();
    let erp = TestSite::new(FrappeMajor::V15).await;
    erp.clock().advance(passed);
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| {
        let mut world = world.with_clock(clock);
        world.faults.clear();
        *new = world;
    })
    .await;
    for repository in repositories {
        fresh.sync(repository).await;
    }
    let (ours, read) = (mirror.owned().await, fresh.owned().await);
    for (ours, read) in ours.iter().zip(&read) {
        assert_eq!(ours, read, "{told}");
    }
    assert_eq!(ours.len(), read.len(), "{told}");
}
