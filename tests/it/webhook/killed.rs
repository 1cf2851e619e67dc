//! A process that is killed at any moment: nothing that it accepted is lost, and nothing is done twice.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::load::{Parcel, is_accepted, is_as_if_synced_afresh, keep_commits, leases_end, life, rush};
use super::stored_secret;
use crate::cli::program::program;
use crate::cli::serving::{SERVE, Serving};
use crate::support::mirror::Mirror;

/// How long the last process may take to end what the others left.
const PATIENCE: Duration = Duration::from_secs(90);

/// A mirror that only deliveries keep in step: its next sync is due in some hundred years, and nothing is walked through.
async fn alone() -> Mirror {
    let mirror = Mirror::new(|world| {
        world
            .repository("octo/web")
            .with_issues(10)
            .with_pull_requests(6)
            .with_branches(3)
            .with_members(3);
    })
    .await;
    // The process goes by the real clock, by which what happens in this world is long ago.
    keep_commits(&mirror, "36000").await;
    mirror.sync("octo/web").await;
    let scratch = mirror.erp.scratch();
    scratch
        .execute("UPDATE tabRepository SET sync_interval_minutes = 60000000")
        .await
        .expect("set");
    let erp = mirror.erp.erp();
    let no_walks = erp.set_single("GitHub Settings", "reconciliation_budget_percent", "0").await;
    no_walks.expect("set");
    for (key, url) in [
        ("github_api_url", mirror.github.base_url().to_owned()),
        ("github_graphql_url", mirror.github.graphql_url()),
    ] {
        scratch.set_config(key, url.into()).expect("the site's file");
    }
    mirror
}

/// Nothing but deliveries tells it of anything: a comparison would hide what got lost.
fn serve(mirror: &Mirror) -> Serving {
    let mut command = program(&SERVE);
    command.args(["--reconciliation-period", "off"]);
    command.current_dir(mirror.erp.bench_root());
    Serving::run(command, None)
}

/// Until nothing waits any more; the process is asked nothing meanwhile.
async fn worked_off(mirror: &Mirror) {
    let began = Instant::now();
    let waits = "SELECT (SELECT COUNT(*) FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing')) \
                 + (SELECT COUNT(*) FROM erpnext_github_refresh)";
    while mirror.erp.value(waits).await != "0" {
        let left = mirror
            .erp
            .query(
                "SELECT name, status, reason, available_at FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing')",
            )
            .await;
        assert!(began.elapsed() < PATIENCE, "these wait: {left:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_or_done_twice_when_the_process_is_killed_under_load() {
    let mirror = alone().await;
    let parcels = life(&mirror, &stored_secret(&mirror).await, 70);
    let mut left: Vec<&Parcel> = parcels.iter().collect();
    let mut accepted = BTreeSet::new();
    for dies in [true, true, false] {
        let serving = serve(&mirror);
        let process = Pid::from_raw(i32::try_from(serving.child.id()).expect("a pid"));
        let third = left.len() / 3;
        let base = format!("http://{}", serving.address);
        let ends = rush((&base, mirror.site().name()), &left, |count, status| {
            assert!([200, 202].contains(&status), "{status}");
            if dies && count == third {
                kill(process, Signal::SIGKILL).expect("killed");
            }
        })
        .await;
        let taken = ends.iter().filter(|(_, status)| is_accepted(*status));
        accepted.extend(taken.map(|(parcel, _)| parcel.id.as_str()));
        left.retain(|parcel| !accepted.contains(parcel.id.as_str()));
        if dies {
            assert!(!left.is_empty() && accepted.len() >= third, "it died in the middle");
            drop(serving);
            leases_end(&mirror).await;
        } else {
            assert_eq!(left.len(), 0, "all were taken in the end");
            worked_off(&mirror).await;
            assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
        }
    }
    let others = "SELECT GROUP_CONCAT(`trigger`) FROM `tabGitHub Sync Run` WHERE `trigger` <> 'Command'";
    assert_eq!(mirror.erp.value(others).await, "", "deliveries alone told of it");
    is_as_if_synced_afresh(&mirror, &parcels).await;
    mirror.finish().await;
}
