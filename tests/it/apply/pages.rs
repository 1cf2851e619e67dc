//! How often a page asks the database, and how it fits the server's packet. The bounds are exact for the moment: who adds a statement
//! to every page says so here.

use erpnext_github::domain::{Absence, Change, Entity, Issue, PullRequest};
use erpnext_github::sim::mariadb::{ScratchServer, is_write};
use erpnext_github::store::Applied;

use super::made::{issue, person, pull, repository, then, utc};
use super::{Desk, counts};
use crate::support::server_options;

/// Things of a page.
const PAGE: u64 = 100;
/// Beginning, the repository's row, renames under way, tombstones, what is stored, the end.
const FRAME: usize = 6;

fn issues(from: u64, count: u64) -> Vec<Issue> {
    let one = |number| {
        let mut issue = issue(number, then());
        issue.item.assignees = vec![person(2, "ada")];
        issue
    };
    (from..from + count).map(one).collect()
}

fn pulls(from: u64) -> Vec<PullRequest> {
    let one = |number| {
        let mut pull = pull(number, then());
        pull.item.assignees = vec![person(2, "ada")];
        pull.detail.as_mut().expect("a detail").reviewers = vec![person(1, "mona"), person(2, "ada")];
        pull
    };
    (from..from + PAGE).map(one).collect()
}

/// A site on a server of its own, which counts what is prepared.
async fn alone() -> (ScratchServer, Desk) {
    let server = ScratchServer::start(server_options()).await.expect("a server of its own");
    let desk = Desk::alone_on(&server).await;
    desk.repository(&repository(7, "o/r")).await;
    (server, desk)
}

/// The statements of the transaction that applies `change`, and how many were prepared for it.
async fn applied(desk: &Desk, change: Change) -> (Applied, Vec<String>, u64) {
    const PREPARED: &str = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_STMT_PREPARE'";
    let prepared = async || desk.value(PREPARED).await.parse::<u64>().expect("a number");
    let before = prepared().await;
    desk.erp.record().await;
    let applied = desk.apply(7, vec![change]).await;
    let statements = desk.erp.statements().await;
    let from = statements
        .iter()
        .position(|sql| sql == "START TRANSACTION")
        .expect("a transaction");
    (applied, statements[from..].to_vec(), prepared().await - before)
}

fn written(statements: &[String]) -> usize {
    statements.iter().filter(|sql| is_write(sql)).count()
}

#[tokio::test]
async fn e3_a_page_of_issues_takes_few_statements_and_prepares_none_that_was_prepared() {
    let (_server, desk) = alone().await;
    for from in [1, 101] {
        desk.apply(7, vec![Change::Issues(issues(from, PAGE))]).await;
    }
    let (new, statements, prepared) = applied(&desk, Change::Issues(issues(201, PAGE))).await;
    assert_eq!(new.counts[&Entity::Issue], counts(100, 0, 0));
    assert_eq!((statements.len(), written(&statements)), (FRAME + 2, 2), "{statements:#?}");
    assert_eq!(prepared, 0, "{statements:#?}");

    desk.apply(7, vec![Change::Issues(issues(201, PAGE))]).await;
    let (same, statements, prepared) = applied(&desk, Change::Issues(issues(101, PAGE))).await;
    assert_eq!(same.counts[&Entity::Issue], counts(0, 0, 100));
    assert_eq!((statements.len(), written(&statements)), (FRAME + 1, 0), "{statements:#?}");
    assert_eq!(prepared, 0, "{statements:#?}");

    let mut changed = issues(1, PAGE);
    for one in &mut changed[..10] {
        (one.item.title, one.item.updated_at) = ("Another".to_owned(), utc("2026-02-11T00:00:00Z"));
        one.item.assignees = vec![person(1, "mona")];
    }
    let (few, statements, _) = applied(&desk, Change::Issues(changed)).await;
    assert_eq!(few.counts[&Entity::Issue], counts(0, 10, 90));
    // Two pieces of ten, of the documents and of their child rows; one statement removes child rows.
    assert_eq!((statements.len(), written(&statements)), (FRAME + 6, 5), "{statements:#?}");

    // Every feed has pages of another number.
    desk.apply(7, vec![Change::Issues(issues(1_001, 67))]).await;
    let (_, statements, prepared) = applied(&desk, Change::Issues(issues(2_001, 67))).await;
    assert_eq!((statements.len(), written(&statements)), (FRAME + 4, 4), "{statements:#?}");
    assert_eq!(prepared, 0, "{statements:#?}");
}

#[tokio::test]
async fn e3_a_page_of_pull_requests_takes_few_statements() {
    let (_server, desk) = alone().await;
    for from in [1, 101] {
        desk.apply(7, vec![Change::PullRequests(pulls(from))]).await;
    }
    let (new, statements, prepared) = applied(&desk, Change::PullRequests(pulls(201))).await;
    assert_eq!(new.counts[&Entity::PullRequest], counts(100, 0, 0));
    // The documents, two child tables (two pieces twice), and whether anything was deployed.
    assert!(statements.len() <= FRAME + 6 && written(&statements) <= 5, "{statements:#?}");
    assert_eq!(prepared, 0, "{statements:#?}");
    desk.apply(7, vec![Change::PullRequests(pulls(101))]).await;
    let (same, statements, prepared) = applied(&desk, Change::PullRequests(pulls(1))).await;
    assert_eq!(same.counts[&Entity::PullRequest], counts(0, 0, 100));
    assert_eq!((statements.len(), written(&statements)), (FRAME + 2, 0), "{statements:#?}");
    assert_eq!(prepared, 0, "{statements:#?}");
}

#[tokio::test]
async fn e3_the_last_of_two_in_one_page_counts_and_is_written_once() {
    let (_server, desk) = alone().await;
    let (mut old, mut new) = (issue(1, then()), issue(1, utc("2026-02-11T00:00:00Z")));
    old.item.title = "Old".to_owned();
    new.item.title = "New".to_owned();
    for pair in [[new.clone(), old.clone()], [old, new]] {
        desk.execute("DELETE FROM `tabRepository Issue`").await;
        let (applied, statements, _) = applied(&desk, Change::Issues(pair.to_vec())).await;
        assert_eq!(applied.counts[&Entity::Issue], counts(1, 0, 0));
        assert_eq!(written(&statements), 1, "{statements:#?}");
        assert_eq!(desk.value("SELECT title FROM `tabRepository Issue`").await, "New");
    }
}

#[tokio::test]
async fn e3_statements_stay_below_the_servers_packet_and_what_is_larger_is_said_and_left_out() {
    const LARGE: usize = 60_000;
    let server = ScratchServer::start(server_options()).await.expect("a server of its own");
    server.set_max_allowed_packet(1 << 20).await.expect("set");
    let desk = Desk::alone_on(&server).await;
    desk.repository(&repository(7, "o/r")).await;
    let mut page = issues(1, PAGE + 1);
    for one in &mut page {
        one.item.body = "x".repeat(LARGE);
    }
    page[50].item.body = "y".repeat(1_100_000);
    let applied = desk.apply(7, vec![Change::Issues(page.clone())]).await;
    assert_eq!(applied.counts[&Entity::Issue], counts(100, 0, 0));
    let [left] = &applied.left_out[..] else {
        panic!("{:?}", applied.left_out)
    };
    assert_eq!(left.entity, Entity::Issue);
    assert!(left.reason.starts_with("o/r-#51 has 1100"), "{}", left.reason);
    assert!(left.reason.contains("max_allowed_packet"), "{}", left.reason);
    let stored = "SELECT CONCAT(COUNT(*), ' ', MIN(LENGTH(body)), ' ', MAX(LENGTH(body))) FROM `tabRepository Issue`";
    assert_eq!(desk.value(stored).await, format!("100 {LARGE} {LARGE}"));
    // The same again writes nothing, and says it again.
    let again = desk.apply(7, vec![Change::Issues(page)]).await;
    assert_eq!(again.counts[&Entity::Issue], counts(0, 0, 100));
    assert_eq!(again.left_out.len(), 1);
}

#[tokio::test]
async fn s3_what_is_above_all_that_is_stored_is_not_looked_for_and_the_rest_is() {
    let (_server, desk) = alone().await;
    let first = async |numbers: &[u64]| {
        let issues: Vec<Issue> = numbers.iter().map(|number| issue(*number, then())).collect();
        desk.erp.record().await;
        let applied = desk
            .try_apply_as((None, true), 7, vec![Change::Issues(issues)])
            .await
            .expect("applied");
        let statements = desk.erp.statements().await;
        let looked = statements.iter().any(|sql| sql.contains("`github_version`, `title`"));
        (applied.counts[&Entity::Issue].clone(), looked)
    };
    assert_eq!(first(&[1, 2, 3]).await, (counts(3, 0, 0), false));
    assert_eq!(first(&[4, 5]).await, (counts(2, 0, 0), false));
    assert_eq!(first(&[5, 6]).await, (counts(1, 0, 1), true), "one of them is there");
    desk.apply(7, vec![Change::IssuesGone(vec![(9, Absence::Deleted)])]).await;
    let (ghosts, looked) = first(&[8, 9]).await;
    assert_eq!((ghosts.created, ghosts.stale, looked), (1, 1, true), "one of them is gone");
    assert_eq!(first(&[10]).await, (counts(1, 0, 0), false));
    let names = desk
        .column("SELECT issue_number FROM `tabRepository Issue` ORDER BY issue_number")
        .await;
    assert_eq!(names, ["1", "2", "3", "4", "5", "6", "8", "10"]);
}
