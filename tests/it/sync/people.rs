//! People: by GitHub's id, then by login, then by a public address that exactly one enabled user has.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::store::runs::RunStatus;

use crate::support::mirror::Mirror;

pub(super) const LINKS: &str =
    "SELECT GROUP_CONCAT(github_username, '=', IFNULL(user, '-') ORDER BY github_username) FROM `tabRepository Member`";

pub(super) async fn with_members(logins: &[(&str, &str)]) -> Mirror {
    Mirror::new(|world| {
        world.repository("octo/web").with_issues(1);
        for (login, email) in logins {
            let user = world.user(login);
            if !email.is_empty() {
                user.with_email(email);
            }
            world
                .repository("octo/web")
                .with_member(Collaborator::new(login, Permission::Push));
        }
    })
    .await
}

pub(super) fn lookups(mirror: &Mirror) -> usize {
    let requests = mirror.github.requests();
    let is = |query: &str| query.contains("PublicEmails");
    requests
        .iter()
        .filter(|one| one.operation.as_ref().is_some_and(|sent| is(&sent.query)))
        .count()
}

#[tokio::test]
async fn s3_the_id_goes_over_the_login_and_the_login_over_the_public_address() {
    let mirror = with_members(&[
        ("ann", "jane@example.com"),
        ("ben", ""),
        ("cid", "carl@example.com"),
        ("dot", "dan@example.com"),
    ])
    .await;
    let erp = mirror.erp.erp();
    for name in ["carl", "dan", "dora", "eve"] {
        erp.add_user(&format!("{name}@example.com"), name, &[]).await.expect("a user");
    }
    let id = mirror
        .github
        .world()
        .account("ann")
        .map(|account| account.id)
        .expect("an account");
    // Bob claims Ann's login, Dora has Ann's id: the id wins, and Dora is not Ben, whatever login she claims. Eve claims Cid's login,
    // Cid shows Carl's address: the login wins. Dot shows Dan's address, which nobody disputes.
    let sql = format!(
        "UPDATE tabUser SET github_username = 'ann' WHERE name = 'bob@example.com'; \
         UPDATE tabUser SET github_user_id = '{id}', github_username = 'ben' WHERE name = 'dora@example.com'; \
         UPDATE tabUser SET github_username = 'cid' WHERE name = 'eve@example.com'"
    );
    mirror.erp.scratch().execute(&sql).await.expect("mappings");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror.erp.value(LINKS).await,
        "ann=dora@example.com,ben=-,cid=eve@example.com,dot=dan@example.com,octo=-"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s3_an_address_that_two_users_have_links_neither_and_a_disabled_user_is_never_linked() {
    let mirror = with_members(&[
        ("ann", "shared@example.com"),
        ("ben", "off@example.com"),
        ("cid", "off2@example.com"),
    ])
    .await;
    let erp = mirror.erp.erp();
    for (name, email) in [
        ("one@example.com", "shared@example.com"),
        ("two@example.com", "Shared@Example.com"),
    ] {
        erp.add_user(name, "Somebody", &[]).await.expect("a user");
        let sql = format!("UPDATE tabUser SET email = '{email}' WHERE name = '{name}'");
        mirror.erp.scratch().execute(&sql).await.expect("an address");
    }
    erp.add_user("off@example.com", "Gone", &[]).await.expect("a user");
    erp.add_user("off2@example.com", "Gone", &[]).await.expect("a user");
    let sql = "UPDATE tabUser SET enabled = 0 WHERE name LIKE 'off%'; UPDATE tabUser SET github_username = 'cid' WHERE name = 'off2@example.com'";
    mirror.erp.scratch().execute(sql).await.expect("disabled");
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(LINKS).await, "ann=-,ben=-,cid=-,octo=-");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_answers_are_remembered_both_ways_for_a_day() {
    let mirror = with_members(&[("ann", "jane@example.com"), ("ben", "")]).await;
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 1);
    let issues_first = mirror.github.requests();
    let last = issues_first
        .last()
        .and_then(|one| one.operation.clone())
        .map(|sent| sent.query);
    assert!(
        last.is_some_and(|query| query.contains("PublicEmails")),
        "after the mirror is written"
    );
    assert_eq!(mirror.erp.value(LINKS).await, "ann=jane@example.com,ben=-,octo=-");
    mirror.erp.clock().advance(TimeDelta::hours(23));
    mirror.sync("octo/web").await;
    assert_eq!(
        lookups(&mirror),
        1,
        "neither who has an address nor who has none is asked about again"
    );
    mirror.github.world().user("ben").with_email("bob@example.com");
    mirror.erp.clock().advance(TimeDelta::hours(2));
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 2);
    assert_eq!(
        mirror.erp.value(LINKS).await,
        "ann=jane@example.com,ben=bob@example.com,octo=-"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s3_logins_are_looked_up_a_hundred_a_query_and_bots_not_at_all() {
    let mirror = Mirror::new(|world| {
        world.repository("octo/web").with_members(230);
        world.repository("octo/web").open_issue("By a bot").assigned_to("helper[bot]");
    })
    .await;
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 3);
    assert_eq!(
        mirror
            .erp
            .value("SELECT COUNT(*) FROM erpnext_github_login WHERE login LIKE '%bot]'")
            .await,
        "0"
    );
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM erpnext_github_login").await, "230");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_who_is_linked_by_address_is_as_a_sync_would_write_him() {
    let mirror = with_members(&[("ann", "jane@example.com")]).await;
    mirror.github.world().repository("octo/web").item_mut(1).assigned_to("ann");
    mirror.sync("octo/web").await;
    let before = mirror.mirror_without_notes().await;
    mirror.erp.clock().advance(TimeDelta::minutes(10));
    for full in [false, true] {
        let report = mirror.sync_in(&mirror.context().await, "octo/web", full).await;
        for (entity, run) in &report.entities {
            assert_eq!((run.counts.created, run.counts.updated), (0, 0), "{entity:?}: {report:?}");
        }
    }
    let after = mirror.mirror_without_notes().await;
    let modified = |dump: &str| dump.matches("2026-03-01 07:10").count();
    assert_eq!(
        (modified(&before), after.matches("07:10").count()),
        (0, 1),
        "last_synced alone"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn f20_a_mapping_that_comes_later_links_what_is_there_already() {
    let mirror = with_members(&[("ann", "")]).await;
    mirror.github.world().repository("octo/web").item_mut(1).assigned_to("ann");
    mirror.sync("octo/web").await;
    let id = mirror
        .github
        .world()
        .account("ann")
        .map(|account| account.id)
        .expect("an account");
    let sql = format!("UPDATE tabUser SET github_user_id = '{id}' WHERE name = 'bob@example.com'");
    mirror.erp.scratch().execute(&sql).await.expect("a mapping");
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(
        mirror.erp.value("SELECT user FROM `tabRepository Issue Assignee`").await,
        "bob@example.com"
    );
    assert_eq!(mirror.erp.value(LINKS).await, "ann=bob@example.com,octo=-");
    mirror.finish().await;
}
