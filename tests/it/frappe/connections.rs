//! One bound for the connections of all sites.

use erpnext_github::frappe::db::{Databases, Db};
use erpnext_github::sim::site::FrappeMajor;

use crate::support::TestSite;

fn database(databases: &Databases, test: &TestSite) -> Db {
    databases.site(test.site().config().database().expect("a database"))
}

async fn id(db: &Db) -> u32 {
    db.conn().await.expect("a connection").id()
}

#[tokio::test]
async fn two_sites_share_two_connections() {
    let (one, other) = tokio::join!(TestSite::new(FrappeMajor::V15), TestSite::new(FrappeMajor::V15));
    let databases = Databases::new(2);
    let (first, second) = (database(&databases, &one), database(&databases, &other));
    let (a, b) = (first.conn().await.expect("one"), first.conn().await.expect("two"));
    assert_eq!(databases.in_use(), 2);
    // Nobody may have a third; when one is given back, its place is taken over by the other site.
    let mut waiting = Box::pin(second.conn());
    assert!(futures_util::poll!(&mut waiting).is_pending());
    drop(a);
    let c = waiting.await.expect("the place of the first");
    assert_eq!((databases.in_use(), databases.idle()), (2, 0));
    drop((b, c));
    assert_eq!((databases.in_use(), databases.idle()), (0, 2));
}

#[tokio::test]
async fn an_idle_connection_is_used_again_and_a_killed_one_replaced() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let databases = Databases::new(1);
    let db = database(&databases, &test);
    let kept = id(&db).await;
    assert_eq!(id(&db).await, kept);
    let mut conn = db.conn().await.expect("a connection");
    assert!(test.scratch().kill_connections().await.expect("killed") >= 1);
    assert!(conn.row("reading", "SELECT 1", ()).await.expect_err("killed").is_outage());
    drop(conn);
    assert_ne!(id(&db).await, kept, "a broken connection is not given to the next one");
}

#[tokio::test]
async fn a_transaction_that_is_dropped_is_rolled_back() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let databases = Databases::new(2);
    let db = database(&databases, &test);
    let mut tx = db.begin().await.expect("a transaction");
    tx.exec("writing", "UPDATE tabProject SET notes = 'half' WHERE name = 'PROJ-0001'", ())
        .await
        .expect("written");
    drop(tx);
    db.exec(
        "writing",
        "UPDATE tabProject SET priority = 'High' WHERE name = 'PROJ-0001'",
        (),
    )
    .await
    .expect("no lock is left");
    assert_eq!(
        test.value("SELECT IFNULL(notes, '') FROM tabProject WHERE name = 'PROJ-0001'")
            .await,
        ""
    );
}
