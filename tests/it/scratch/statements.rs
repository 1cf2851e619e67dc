//! What a test can see and do of the program's connections.

use erpnext_github::frappe::db::Refusal;
use erpnext_github::sim::mariadb::ScratchServer;
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};

use crate::support::{TestSite, server_options};

#[tokio::test]
async fn the_programs_statements_are_listed_with_their_parameters_and_nobody_elses() {
    let (one, other) = (TestSite::new(FrappeMajor::V15).await, TestSite::new(FrappeMajor::V15).await);
    one.record().await;
    let db = one.site().db();
    db.row("reading", "SELECT name FROM tabTask WHERE name = ?", ("TASK-2026-00001",))
        .await
        .expect("a row");
    let update = "UPDATE tabTask SET subject = ? WHERE name = ?";
    db.exec("writing", update, ("It's done", "TASK-2026-00002"))
        .await
        .expect("a change");
    other
        .site()
        .db()
        .exec("writing", update, ("Other", "TASK-2026-00002"))
        .await
        .expect("a change");
    one.query("SELECT 'mine'").await;
    let statements = one.statements().await;
    assert!(
        statements
            .iter()
            .any(|text| text == "SELECT name FROM tabTask WHERE name = 'TASK-2026-00001'"),
        "{statements:?}"
    );
    assert!(
        !statements.iter().any(|text| text.contains("Other") || text.contains("mine")),
        "{statements:?}"
    );
    let writes = one.writes().await;
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].contains("done"), "{writes:?}");
    one.record().await;
    assert!(one.statements().await.is_empty(), "recording begins anew");
}

#[tokio::test]
async fn a_finished_capture_is_complete_and_ends() {
    let site = TestSite::new(FrappeMajor::V16).await;
    let capture = site.scratch().capture().await.expect("a capture");
    site.site()
        .db()
        .exec("writing", "UPDATE tabTask SET progress = 5", ())
        .await
        .expect("a change");
    let statements = capture.finish().await.expect("statements");
    assert!(
        statements.iter().any(|text| text == "UPDATE tabTask SET progress = 5"),
        "{statements:?}"
    );
}

#[tokio::test]
async fn killed_connections_are_replaced() {
    let site = TestSite::new(FrappeMajor::V15).await;
    let mut conn = site.site().db().conn().await.expect("a connection");
    assert_eq!(site.scratch().kill_connections().await.expect("killed"), 1);
    let lost = conn.row("reading", "SELECT 1", ()).await.expect_err("killed");
    assert!(lost.is_transient(), "{lost}");
    drop(conn);
    assert!(
        site.site()
            .db()
            .row("reading", "SELECT 1", ())
            .await
            .expect("a row")
            .is_some()
    );
}

#[tokio::test]
async fn a_smaller_packet_is_refused_by_the_server() {
    let server = ScratchServer::start(server_options()).await.expect("a server of its own");
    server.set_max_allowed_packet(64 << 10).await.expect("set");
    let small = SmallSite::create(&server, FrappeMajor::V15, SiteOptions::default()).await;
    assert!(small.is_err(), "the site's own statements pass 64 KiB in one packet");
    server.set_max_allowed_packet(1 << 20).await.expect("set");
    let small = SmallSite::create(&server, FrappeMajor::V15, SiteOptions::default())
        .await
        .expect("a site");
    let site = TestSite::of(small.into_site());
    let large = "x".repeat(2 << 20);
    let refused = site
        .site()
        .db()
        .exec("writing", "UPDATE tabTask SET description = ?", (large,))
        .await;
    let error = refused.expect_err("too large");
    assert_ne!(error.refusal(), Some(Refusal::Conflict), "{error}");
    drop(site);
}
