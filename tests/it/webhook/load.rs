//! Deliveries of a repository's life, brought over several connections at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use erpnext_github::webhook::signature::{HEADER, sign};
use futures_util::future::join_all;
use secrecy::SecretString;

use super::PATH;
use crate::support::TestSite;
use crate::support::mirror::Mirror;

/// Connections that bring deliveries.
const LINES: usize = 6;

/// A delivery, signed.
pub(super) struct Parcel {
    pub(super) id: String,
    event: String,
    body: Vec<u8>,
    signature: String,
}

impl Parcel {
    pub(super) fn new(secret: &SecretString, id: String, event: &str, body: Vec<u8>) -> Self {
        Self {
            id,
            event: event.to_owned(),
            signature: sign(secret, &body),
            body,
        }
    }

    /// Brings it to `base`; the status of the answer, none where nobody answered.
    pub(super) async fn bring(&self, http: &reqwest::Client, base: &str, site: &str) -> Option<u16> {
        let answer = http
            .post(format!("{base}{PATH}"))
            .header("x-frappe-site-name", site)
            .header("content-type", "application/json")
            .header("x-github-event", &self.event)
            .header("x-github-delivery", &self.id)
            .header(HEADER, &self.signature)
            .body(self.body.clone())
            .send()
            .await
            .ok()?;
        let status = answer.status().as_u16();
        // An answer that breaks off is none: GitHub notes a failure.
        answer.bytes().await.ok().map(|_| status)
    }
}

/// What GitHub sends while `octo/web` goes on for so many steps.
pub(super) fn life(mirror: &Mirror, secret: &SecretString, steps: u64) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    for step in 0..steps {
        mirror.erp.clock().advance(TimeDelta::seconds(1));
        let before = mirror.github.world().clone();
        mirror.github.world().evolve(7_000 + step);
        for delivery in mirror.github.deliveries_since(&before) {
            let id = format!("00000000-0000-4000-8000-{:012}", parcels.len());
            parcels.push(Parcel::new(secret, id, delivery.event, delivery.payload.into_bytes()));
        }
    }
    parcels
}

/// Brings them all over several connections; `answered` hears how many got an answer so far, and its status. Gives each one's status.
pub(super) async fn rush<'p>(
    (base, site): (&str, &str),
    parcels: &[&'p Parcel],
    answered: impl Fn(usize, u16) + Sync,
) -> Vec<(&'p Parcel, Option<u16>)> {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let count = AtomicUsize::new(0);
    let lines = (0..LINES).map(|line| {
        let (http, count, answered) = (&http, &count, &answered);
        async move {
            let mut ends = Vec::new();
            for parcel in parcels.iter().skip(line).step_by(LINES) {
                let status = parcel.bring(http, base, site).await;
                if let Some(status) = status {
                    answered(count.fetch_add(1, Ordering::SeqCst) + 1, status);
                }
                ends.push((*parcel, status));
            }
            ends
        }
    });
    join_all(lines).await.concat()
}

/// GitHub takes these as delivered.
pub(super) fn is_accepted(status: Option<u16>) -> bool {
    status.is_some_and(|status| (200..300).contains(&status))
}

/// Time passes for the database: what a dead process had taken up is free.
pub(super) async fn leases_end(mirror: &Mirror) {
    for sql in [
        "UPDATE `tabGitHub Event` SET _lease_until = '1970-01-01' WHERE _lease_until IS NOT NULL",
        "UPDATE erpnext_github_lease SET lease_until = '1970-01-01'",
    ] {
        mirror.erp.scratch().execute(sql).await.expect("set");
    }
}

/// Has commits kept for so many days.
pub(super) async fn keep_commits(mirror: &Mirror, days: &str) {
    let erp = mirror.erp.erp();
    let set = erp.set_single("GitHub Settings", "commit_history_days", days).await;
    set.expect("set");
}

/// Every delivery is there once and was processed, and the tables are those of a sync of the same world into an empty site.
pub(super) async fn is_as_if_synced_afresh(mirror: &Mirror, parcels: &[Parcel]) {
    let odd = "SELECT CONCAT_WS(' ', name, event, status, reason) FROM `tabGitHub Event` WHERE status <> 'processed'";
    assert_eq!(mirror.column(odd).await, Vec::<String>::new());
    let names = mirror.column("SELECT delivery_id FROM `tabGitHub Event` ORDER BY name").await;
    let sent: Vec<&str> = parcels.iter().map(|parcel| parcel.id.as_str()).collect();
    assert_eq!(names, sent, "each delivery is there once");
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_refresh").await, "0");

    let world = mirror.github.world().clone();
    let erp = TestSite::new(erpnext_github::sim::site::FrappeMajor::V15).await;
    erp.clock().advance(mirror.site().clock().now() - erp.site().clock().now());
    let clock = erp.site().clock().clone();
    let fresh = Mirror::on(erp, |new| *new = world.with_clock(clock)).await;
    let days = "SELECT value FROM tabSingles WHERE doctype = 'GitHub Settings' AND field = 'commit_history_days'";
    keep_commits(&fresh, &mirror.erp.value(days).await).await;
    fresh.sync("octo/web").await;
    let (told, read) = (mirror.owned().await, fresh.owned().await);
    for (told, read) in told.iter().zip(&read) {
        assert_eq!(told, read);
    }
    assert_eq!(told.len(), read.len());
}
