//! D2: what is given and taken while others do the same, and what Frappe has cached meanwhile.

use erpnext_github::sim::site::FrappeMajor;
use erpnext_github::store::readers;
use futures_util::future::join_all;

use super::{CONFINED, HOLDERS, company, company_with_cache, join, leave, readable, settle};

#[tokio::test]
async fn d2_several_processes_at_once_make_each_row_once() {
    let test = company().await;
    for user in ["ann", "ben", "cid"] {
        for repository in ["octo/api", "octo/web"] {
            join(&test, repository, user).await;
        }
    }
    let settled = join_all((0..6).map(|_| readers::settle(test.site()))).await;
    let made: usize = settled.into_iter().map(|one| one.expect("settled").confined).sum();
    assert_eq!(made, 6);
    assert_eq!(test.value("SELECT COUNT(*) FROM `tabUser Permission`").await, "6");
    assert_eq!(test.value(HOLDERS).await, "ann,ben,cid");
    for user in ["ann", "ben", "cid"] {
        leave(&test, "octo/api", user).await;
        leave(&test, "octo/web", user).await;
    }
    let settled = join_all((0..6).map(|_| readers::settle(test.site()))).await;
    let gone: usize = settled.into_iter().map(|one| one.expect("settled").freed).sum();
    assert_eq!((gone, test.value(CONFINED).await), (6, String::new()));
    assert_eq!(
        test.value("SELECT COUNT(*) FROM erpnext_github_installed WHERE tbl = 'tabUser Permission'")
            .await,
        "0"
    );
}

#[tokio::test]
async fn d2_nobody_is_ever_seen_with_the_role_and_without_a_row() {
    let test = company().await;
    let looks = async {
        loop {
            let sql = "SELECT COUNT(*) FROM `tabHas Role` h WHERE h.role = 'GitHub User' AND h.parenttype = 'User' AND NOT EXISTS \
                       (SELECT 1 FROM `tabUser Permission` p WHERE p.user = h.parent AND p.allow = 'Repository')";
            let row = test.site().db().row("looking for a gap", sql, ()).await.expect("read");
            assert_eq!(row.and_then(|row| row.get::<i64, _>(0)), Some(0));
        }
    };
    let changes = async {
        for _ in 0..10 {
            join(&test, "octo/web", "ann").await;
            settle(&test).await;
            leave(&test, "octo/web", "ann").await;
            settle(&test).await;
        }
    };
    tokio::select! {
        () = changes => {}
        never = looks => never,
    }
    assert_eq!(
        (test.value(CONFINED).await, test.value(HOLDERS).await),
        (String::new(), String::new())
    );
}

#[tokio::test]
async fn d2_what_frappe_cached_of_somebody_is_dropped_after_the_commit() {
    let (test, redis) = company_with_cache(FrappeMajor::V15).await;
    let prefix = test.site().config().text("db_name").expect("a name");
    let keys =
        |user: &str| ["roles", "user_permissions", "bootinfo", "user_doc"].map(|hash| format!("{prefix}|{hash}/@{user}@x.com"));
    let document = format!("{prefix}|document_cache::User::ann@x.com");
    for change in ["given", "taken"] {
        let all: Vec<String> = [keys("ann"), keys("ben")].concat();
        redis.fill(&all.iter().map(String::as_str).collect::<Vec<_>>()).await;
        redis.fill(&[&document]).await;
        if change == "given" {
            join(&test, "octo/web", "ann").await;
        } else {
            leave(&test, "octo/web", "ann").await;
        }
        settle(&test).await;
        let mut others = keys("ben").to_vec();
        others.sort();
        assert_eq!(redis.left().await, others, "{change}");
    }
    assert!(readable(&test, "ann").await.is_empty());
}

#[tokio::test]
async fn d2_without_a_cache_the_drops_wait_and_the_rows_do_not() {
    let (test, mut redis) = company_with_cache(FrappeMajor::V14).await;
    redis.stop();
    join(&test, "octo/web", "ann").await;
    settle(&test).await;
    assert_eq!(test.value(CONFINED).await, "ann>octo/web");
    let waiting = "SELECT GROUP_CONCAT(doctype, ' ', name) FROM erpnext_github_cache_drop";
    assert_eq!(test.value(waiting).await, "User ann@x.com");
}
