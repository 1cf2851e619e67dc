//! One bound for the connections of all sites.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::time::Duration;

use erpnext_github::frappe::db::{Databases, Db, Endpoint};
use erpnext_github::sim::site::FrappeMajor;

use crate::support::TestSite;
use crate::support::cut::Cut;

fn database(databases: &Databases, test: &TestSite) -> Db {
    databases.site(test.site().config().database().expect("a database"))
}

async fn id(db: &Db) -> u32 {
    db.conn().await.expect("a connection").id()
}

/// A way to the test's server that nobody else uses, so that its connections can be counted.
async fn own_way(test: &TestSite) -> Cut {
    Cut::after(usize::MAX, test.scratch().server().port()).await
}

fn database_by(databases: &Databases, test: &TestSite, way: &Cut) -> Db {
    let mut spec = test.site().config().database().expect("a database");
    spec.endpoint = Endpoint::Tcp("127.0.0.1".to_owned(), way.port());
    databases.site(spec)
}

/// How many connections to that port of this machine clients hold open, as the kernel lists them. While connections of others
/// come and go, it may list one twice.
fn open_connections(port: u16) -> usize {
    const ESTABLISHED: &str = "01";
    let table = std::fs::read_to_string("/proc/net/tcp").expect("a system with /proc");
    let to = format!(":{port:04X}");
    let ours = table.lines().filter_map(|line| {
        let row: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, ..] = row.as_slice() else {
            return None;
        };
        (remote.ends_with(&to) && *state == ESTABLISHED).then(|| (*local).to_owned())
    });
    ours.collect::<BTreeSet<_>>().len()
}

/// Gives what `work` gives; whenever it lets others go on, at most `max` connections may be open.
async fn never_more_than<T>(max: usize, way: &Cut, work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    poll_fn(|context| {
        let polled = work.as_mut().poll(context);
        let open = open_connections(way.port());
        assert!(open <= max, "{open} connections are open where {max} are allowed");
        polled
    })
    .await
}

#[tokio::test]
async fn the_place_of_an_idle_connection_is_taken_only_when_it_is_closed() {
    let (one, other) = tokio::join!(TestSite::new(FrappeMajor::V15), TestSite::new(FrappeMajor::V15));
    let way = own_way(&one).await;
    let databases = Databases::new(2);
    let (first, second) = (database_by(&databases, &one, &way), database_by(&databases, &other, &way));
    drop((first.conn().await.expect("one"), first.conn().await.expect("two")));
    assert_eq!((databases.idle(), open_connections(way.port())), (2, 2));
    let both = never_more_than(2, &way, async { (second.conn().await, second.conn().await) }).await;
    assert_eq!((databases.in_use(), databases.idle()), (2, 0), "{both:?}");
}

#[tokio::test]
async fn the_place_of_a_connection_whose_call_was_cut_short_is_taken_only_when_it_is_closed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let way = own_way(&test).await;
    let databases = Databases::new(1);
    let db = database_by(&databases, &test, &way);
    let mut conn = db.conn().await.expect("a connection");
    let mut call = Box::pin(conn.rows("waiting", "SELECT SLEEP(60)", ()));
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    drop(conn);
    never_more_than(1, &way, db.conn()).await.expect("another connection");
}

#[tokio::test]
async fn a_connection_that_idles_for_thirty_seconds_is_closed() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let way = own_way(&test).await;
    let databases = Databases::new(2);
    let db = database_by(&databases, &test, &way);
    id(&db).await;
    // From here on time is what the test says.
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(29_990)).await;
    tokio::task::yield_now().await;
    assert_eq!((databases.idle(), open_connections(way.port())), (1, 1));
    tokio::time::advance(Duration::from_millis(20)).await;
    while open_connections(way.port()) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(databases.idle(), 0);
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
