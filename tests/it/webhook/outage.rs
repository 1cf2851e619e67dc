//! The database dies under load and comes back on what it had.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use tokio::sync::Notify;

use super::load::{Parcel, is_accepted, is_as_if_synced_afresh, leases_end, life, rush};
use super::stored_secret;
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;
use crate::support::server_options;

/// A server of the test's own, which keeps what it committed when it is killed, as a real one does.
async fn server() -> ScratchServer {
    let options = ServerOptions {
        extra: vec![
            "--innodb-flush-log-at-trx-commit=2".to_owned(),
            "--innodb-doublewrite=ON".to_owned(),
        ],
        ..server_options()
    };
    ScratchServer::start(options).await.expect("a scratch MariaDB")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_when_mariadb_is_killed_under_load_and_the_outage_is_503() {
    let server = server().await;
    let small = SmallSite::create(&server, FrappeMajor::V15, SiteOptions::default()).await;
    let erp = TestSite::of(small.expect("a small site").into_site());
    let mirror = Mirror::on(erp, |world| {
        world
            .repository("octo/web")
            .with_issues(10)
            .with_pull_requests(6)
            .with_branches(3)
            .with_members(3);
    })
    .await;
    mirror.sync("octo/web").await;
    let parcels = life(&mirror, &stored_secret(&mirror).await, 60);
    let desk = Desk::of(&mirror).await;
    let all: Vec<&Parcel> = parcels.iter().collect();
    let (base, site) = (desk.base().to_owned(), mirror.site().name().to_owned());
    let (first, rest) = all.split_at(all.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);

    // The server dies among the first ones, is not there for the second ones, and comes back among the third ones.
    let is_time = Notify::new();
    let rushed = rush((&base, &site), first, |count, status| {
        assert!([200, 202, 503].contains(&status), "{status}");
        if count == first.len() / 2 {
            is_time.notify_one();
        }
    });
    let crash = async {
        is_time.notified().await;
        server.crash().await.expect("killed");
    };
    let (mut ends, ()) = tokio::join!(rushed, crash);
    let during = rush((&base, &site), second, |_, status| {
        assert_eq!(status, 503, "nothing is taken that cannot be kept");
    })
    .await;
    assert!(during.iter().all(|(_, status)| *status == Some(503)));
    let rushed = rush((&base, &site), third, |_, status| {
        assert!([200, 202, 503].contains(&status), "{status}");
    });
    let start = async { server.start_again().await.expect("it comes back") };
    let (after, ()) = tokio::join!(rushed, start);
    ends.extend(during);
    ends.extend(after);
    desk.ended().await;

    // GitHub delivers again what failed; what was accepted is there already.
    let accepted = mirror.column("SELECT name FROM `tabGitHub Event`").await;
    for (parcel, status) in &ends {
        assert!(
            !is_accepted(*status) || accepted.contains(&parcel.id),
            "{} is lost",
            parcel.id
        );
    }
    let failed = ends.iter().filter(|(_, status)| !is_accepted(*status));
    let mut left: Vec<&Parcel> = failed.map(|(parcel, _)| *parcel).collect();
    for _round in 0..5 {
        // Connections of before are found to be dead one by one.
        let ends = rush((&base, &site), &left, |_, status| {
            assert!([200, 202, 503].contains(&status), "{status}");
        })
        .await;
        left.retain(|parcel| ends.iter().any(|(one, status)| one.id == parcel.id && !is_accepted(*status)));
    }
    assert_eq!(left.len(), 0);
    desk.ended().await;
    work_off(&mirror).await;
    is_as_if_synced_afresh(&mirror, &parcels).await;
    mirror.finish().await;
}

/// Works on what was put off or left, until nothing is.
async fn work_off(mirror: &Mirror) {
    let runner = runner(mirror);
    for _ in 0..20 {
        leases_end(mirror).await;
        mirror.erp.clock().advance(TimeDelta::minutes(11));
        let worked = runner.step(Work::WorkOnDeliveries).await;
        if worked + runner.step(Work::Refresh).await == 0 {
            break;
        }
    }
}
