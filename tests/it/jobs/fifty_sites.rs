//! Fifty sites at once, with far fewer connections than sites.

use std::sync::Arc;

use erpnext_github::frappe::db::Databases;
use erpnext_github::sim::site::{FrappeMajor, SiteOptions};
use erpnext_github::store::runs::{RunStatus, Trigger};
use erpnext_github::sync::{RunOptions, Selection, sync_site};
use erpnext_github::telemetry::Silent;
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::support::TestSite;
use crate::support::mirror::Mirror;

const SITES: usize = 50;
/// As many as `serve` opens unless told otherwise.
const CONNECTIONS: usize = 20;

async fn mirror(number: usize) -> Mirror {
    let options = SiteOptions {
        site_name: format!("site-{number}.example.com"),
        ..SiteOptions::default()
    };
    Mirror::on(TestSite::with(FrappeMajor::V15, options).await, |world| {
        world
            .repository("octo/web")
            .with_issues(120)
            .with_pull_requests(3)
            .with_branches(3)
            .with_members(2);
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s5_fifty_sites_are_synced_at_once_within_the_connection_limit() {
    let mut mirrors = Vec::new();
    for some in (0..SITES).collect::<Vec<_>>().chunks(5) {
        mirrors.extend(join_all(some.iter().map(|&number| mirror(number))).await);
    }
    for mirror in &mirrors {
        // What making the site has left idle.
        mirror.erp.scratch().kill_connections().await.expect("closed");
    }
    let databases = Databases::new(CONNECTIONS);
    let users: Vec<String> = mirrors
        .iter()
        .map(|one| format!("'{}'", one.erp.scratch().credentials().user()))
        .collect();
    let open = format!(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER IN ({})",
        users.join(",")
    );
    let over = CancellationToken::new();
    // Counted by another connection of another user for as long as it goes on.
    let watched = async {
        let mut most = 0;
        while !over.is_cancelled() {
            let now: usize = mirrors[0].erp.value(&open).await.parse().expect("a number");
            most = most.max(now);
        }
        most
    };
    let synced = async {
        let all = join_all(mirrors.iter().map(|mirror| {
            let app = mirror.over(databases.clone());
            async move {
                let site = app.site(mirror.erp.site().name()).expect("the site");
                let stop = CancellationToken::new();
                let context = app
                    .sync_context(&site, Arc::new(Silent), stop)
                    .await
                    .expect("it can be synced");
                let selection = Selection {
                    repositories: vec!["octo/web".parse().expect("a name")],
                    ..Selection::default()
                };
                let options = RunOptions {
                    full: false,
                    trigger: Trigger::Command,
                };
                sync_site(&context, &selection, options).await.expect("the database works")
            }
        }))
        .await;
        over.cancel();
        all
    };
    let (most, reports) = tokio::join!(watched, synced);
    for report in &reports {
        assert_eq!(report.repositories[0].status, RunStatus::Completed, "{report:?}");
    }
    // The server lets go of one that was closed a moment after us.
    assert!(
        (1..CONNECTIONS * 3 / 2).contains(&most),
        "{most} connections for {SITES} sites"
    );
    for mirror in mirrors {
        let stored = mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await;
        assert_eq!(stored, "120");
        mirror.finish().await;
    }
}
