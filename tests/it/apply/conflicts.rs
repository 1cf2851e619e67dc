//! Transactions that meet others: the whole of one is done again, a few times, and nothing is half written.

use erpnext_github::domain::{Change, Issue};
use erpnext_github::frappe::db::Refusal;
use erpnext_github::sim::mariadb::{ScratchServer, ServerOptions};
use erpnext_github::store::lease::{self, Taken};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::Desk;
use super::made::{issue, repository, then, utc};
use crate::support::server_options;

/// How often a transaction is begun at most.
const ATTEMPTS: usize = 6;

/// A site with two issues on a server that was started with `option`, and a connection of somebody else to its database.
async fn meeting(option: &str) -> (ScratchServer, Desk, Conn) {
    let options = ServerOptions {
        extra: vec![option.to_owned()],
        ..server_options()
    };
    let server = ScratchServer::start(options).await.expect("a server of its own");
    let desk = Desk::alone_on(&server).await;
    desk.repository(&repository(7, "o/r")).await;
    desk.apply(7, vec![Change::Issues(vec![issue(1, then()), issue(2, then())])])
        .await;
    let mut other = server.admin().await.expect("a connection");
    let database = &desk.erp.scratch().credentials().database;
    other.query_drop(format!("USE `{database}`")).await.expect("entered");
    desk.erp.record().await;
    (server, desk, other)
}

/// Both issues under new titles, and a third one.
fn later() -> Vec<Issue> {
    let one = |number| {
        let mut issue = issue(number, utc("2026-02-11T00:00:00Z"));
        issue.item.title = format!("Later {number}");
        issue
    };
    (1..=3).map(one).collect()
}

async fn begun(desk: &Desk) -> usize {
    let statements = desk.erp.statements().await;
    statements.iter().filter(|sql| *sql == "START TRANSACTION").count()
}

async fn titles(desk: &Desk) -> Vec<String> {
    desk.column("SELECT title FROM `tabRepository Issue` ORDER BY name").await
}

/// Waits until somebody waits for a lock. The tables of locks in `information_schema` are no help: who asks for them more than ten times a
/// second sees what they held when he began.
async fn somebody_waits(desk: &Desk) {
    let waiting =
        "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'";
    while desk.value(waiting).await == "0" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn e3_a_lock_that_is_not_given_ends_after_a_few_whole_tries_and_nothing_is_half_written() {
    let (_server, desk, mut other) = meeting("--innodb-lock-wait-timeout=0").await;
    let hold = "UPDATE `tabRepository Issue` SET idx = 5 WHERE name = 'o/r-#2'";
    other.query_drop("START TRANSACTION").await.expect("begun");
    other.query_drop(hold).await.expect("held");
    let error = desk
        .try_apply(7, vec![Change::Issues(later())])
        .await
        .expect_err("it is held");
    assert_eq!(error.refusal(), Some(Refusal::Conflict), "{error}");
    assert!(error.to_string().contains("1205"), "{error}");
    assert_eq!(begun(&desk).await, ATTEMPTS);
    assert_eq!(titles(&desk).await, ["Title of 1", "Title of 2"]);
    other.query_drop("ROLLBACK").await.expect("given back");
    desk.apply(7, vec![Change::Issues(later())]).await;
    assert_eq!(titles(&desk).await, ["Later 1", "Later 2", "Later 3"]);
}

#[tokio::test]
async fn e3_a_row_that_changed_since_it_was_read_has_the_whole_transaction_done_again() {
    let (_server, desk, mut other) = meeting("--innodb-snapshot-isolation=ON").await;
    other.query_drop("START TRANSACTION").await.expect("begun");
    let theirs = "UPDATE `tabRepository Issue` SET task = 'TASK-1' WHERE name = 'o/r-#2'";
    other.query_drop(theirs).await.expect("changed");
    let meet = async {
        somebody_waits(&desk).await;
        other.query_drop("COMMIT").await.expect("committed");
    };
    let (applied, ()) = tokio::join!(desk.try_apply(7, vec![Change::Issues(later())]), meet);
    applied.expect("the second try succeeds");
    assert_eq!(begun(&desk).await, 2);
    assert_eq!(titles(&desk).await, ["Later 1", "Later 2", "Later 3"]);
    assert_eq!(
        desk.value("SELECT task FROM `tabRepository Issue` WHERE name = 'o/r-#2'")
            .await,
        "TASK-1"
    );
}

#[tokio::test]
async fn e3_a_deadlock_has_the_whole_transaction_done_again() {
    let (_server, desk, mut other) = meeting("--innodb-snapshot-isolation=OFF").await;
    other.query_drop("START TRANSACTION").await.expect("begun");
    // Who has written less gives way.
    let much = "INSERT INTO erpnext_github_tombstone (repository_id, entity, number, version) SELECT 9, 'label', seq, 1 FROM seq_1_to_2000";
    other.query_drop(much).await.expect("written");
    let held = "SELECT name FROM `tabRepository Issue` WHERE name = 'o/r-#2' FOR UPDATE";
    other.query_drop(held).await.expect("held");
    let meet = async {
        somebody_waits(&desk).await;
        let crossing = "SELECT name FROM tabRepository WHERE name = 'o/r' FOR UPDATE";
        other.query_drop(crossing).await.expect("the other one gives way");
        other.query_drop("COMMIT").await.expect("committed");
    };
    let (applied, ()) = tokio::join!(desk.try_apply(7, vec![Change::Issues(later())]), meet);
    applied.expect("the second try succeeds");
    assert_eq!(begun(&desk).await, 2);
    assert_eq!(titles(&desk).await, ["Later 1", "Later 2", "Later 3"]);
}

/// What a run stores beside what it is just storing, seen from the outside.
const BESIDE: &str = "SELECT name FROM tabRepository WHERE github_id = '7' LOCK IN SHARE MODE";

#[tokio::test]
async fn s2_what_a_run_stores_side_by_side_does_not_wait_for_itself_and_everybody_else_waits_for_both() {
    let (_server, desk, mut other) = meeting("--innodb-snapshot-isolation=OFF").await;
    let db = desk.erp.site().db();
    let Taken::Ours(lease) = lease::take(db, &lease::of_repository(7), "a run").await.expect("a lease") else {
        panic!("nobody else has it");
    };
    other.query_drop("START TRANSACTION").await.expect("begun");
    other.query_drop(BESIDE).await.expect("held");
    let own = desk
        .try_apply_as((Some(&lease), false), 7, vec![Change::Issues(later())])
        .await;
    own.expect("it does not wait for the other half");
    assert_eq!(titles(&desk).await, ["Later 1", "Later 2", "Later 3"]);
    assert_eq!(begun(&desk).await, 1);

    let mut renamed = repository(7, "o/renamed");
    renamed.updated_at = utc("2026-02-12T00:00:00Z");
    let told = issue(4, utc("2026-02-12T00:00:00Z"));
    for (what, set) in [
        ("a delivery", vec![Change::Issues(vec![told])]),
        ("a rename", vec![Change::Repository(Box::new(renamed))]),
    ] {
        let before = desk.column("SELECT name FROM `tabRepository Issue` ORDER BY name").await;
        let meet = async {
            somebody_waits(&desk).await;
            let meanwhile = desk.column("SELECT name FROM `tabRepository Issue` ORDER BY name").await;
            assert_eq!(meanwhile, before, "{what} waits");
            other.query_drop("COMMIT").await.expect("committed");
        };
        let (applied, ()) = tokio::join!(desk.try_apply(7, set), meet);
        applied.expect(what);
        other.query_drop("START TRANSACTION").await.expect("begun");
        other.query_drop(BESIDE).await.expect("held");
    }
    let names = desk.column("SELECT name FROM `tabRepository Issue` ORDER BY name").await;
    assert_eq!(names, ["o/renamed-#1", "o/renamed-#2", "o/renamed-#3", "o/renamed-#4"]);
}
