//! What people are linked by changes: logins change hands, addresses are shown and hidden, users say who they are.

use chrono::TimeDelta;
use erpnext_github::sim::github::{Collaborator, Fault, Permission};
use erpnext_github::store::runs::RunStatus;
use serde_json::json;

use super::people::{LINKS, lookups, with_members};
use crate::support::mirror::Mirror;

const MODIFIED: &str = "SELECT CONCAT(name, ' ', modified) FROM tabRepository";

fn id_of(mirror: &Mirror, login: &str) -> u64 {
    let world = mirror.github.world();
    world.account(login).map(|account| account.id).expect("an account")
}

async fn execute(mirror: &Mirror, sql: &str) {
    mirror.erp.scratch().execute(sql).await.expect("the statement runs");
}

#[tokio::test]
async fn s3_a_user_who_is_another_account_is_linked_by_neither_login_nor_address() {
    let mirror = with_members(&[("ann", ""), ("ben", "jane@example.com"), ("cid", "")]).await;
    let other = id_of(&mirror, "cid") + 1_000_000;
    let sql = format!(
        "UPDATE tabUser SET github_username = 'ann', github_user_id = '{other}' WHERE name = 'bob@example.com'; \
         UPDATE tabUser SET github_user_id = '{}' WHERE name = 'jane@example.com'",
        other + 1
    );
    execute(&mirror, &sql).await;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(LINKS).await, "ann=-,ben=-,cid=-,octo=-");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_an_address_belongs_to_the_account_that_showed_it_not_to_its_login() {
    let mirror = with_members(&[("ann", "jane@example.com")]).await;
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(LINKS).await, "ann=jane@example.com,octo=-");
    // The account takes another login, and somebody else the one that it had.
    let mut world = mirror.github.world();
    world.rename_account("ann", "annie");
    world.user("ann");
    world
        .repository("octo/web")
        .with_member(Collaborator::new("ann", Permission::Push));
    drop(world);
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(LINKS).await, "ann=-,annie=jane@example.com,octo=-");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_what_github_says_of_a_login_is_not_taken_for_whoever_had_it_before() {
    let mirror = with_members(&[("ann", "")]).await;
    mirror.github.world().repository("octo/web").item_mut(1).assigned_to("ann");
    mirror.sync("octo/web").await;
    // The account is gone; its assignment here is not read again. The login goes to somebody who shows Jane's address.
    let mut world = mirror.github.world();
    world.rename_account("ann", "gone");
    world.repository("octo/web").remove_member("gone");
    world.user("ann").with_email("jane@example.com");
    drop(world);
    mirror.erp.clock().advance(TimeDelta::hours(23));
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::minutes(61));
    execute(&mirror, "UPDATE erpnext_github_cursor SET walked_at = '2026-03-02 12:00:00'").await;
    let report = mirror.sync("octo/web").await;
    assert!(!report.full, "{report:?}");
    assert_eq!(lookups(&mirror), 2, "asked again after a day");
    let assignee = "SELECT CONCAT(github_username, '=', IFNULL(user, '-')) FROM `tabRepository Issue Assignee` WHERE github_username = 'ann'";
    assert_eq!(mirror.erp.value(assignee).await, "ann=-");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_after_a_day_linked_addresses_are_asked_again_too_a_hundred_a_query() {
    let mirror = with_members(&[("ann", "jane@example.com"), ("ben", "bob@example.com")]).await;
    mirror.github.world().repository("octo/web").with_members(122);
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 2);
    let linked = "SELECT GROUP_CONCAT(github_username, '=', user ORDER BY github_username) FROM `tabRepository Member` WHERE user IS NOT NULL";
    assert_eq!(mirror.erp.value(linked).await, "ann=jane@example.com,ben=bob@example.com");
    let before = mirror.mirror_without_notes().await;
    mirror.erp.clock().advance(TimeDelta::hours(25));
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 4, "121 logins in two queries");
    let same = mirror.mirror_without_notes().await;
    assert_eq!(
        same.replace("2026-03-02 08:00", "2026-03-01 07:00"),
        before,
        "last_synced alone: who shows what he showed is neither unlinked nor written"
    );
    // Ann hides her address: for a day nobody asks, then the link goes, and open forms are told.
    mirror.github.world().user("ann").email = None;
    mirror.erp.clock().advance(TimeDelta::hours(23));
    mirror.sync("octo/web").await;
    assert_eq!(
        (lookups(&mirror), mirror.erp.value(linked).await),
        (4, "ann=jane@example.com,ben=bob@example.com".to_owned())
    );
    mirror.erp.clock().advance(TimeDelta::hours(2));
    mirror.sync("octo/web").await;
    assert_eq!(
        (lookups(&mirror), mirror.erp.value(linked).await),
        (6, "ben=bob@example.com".to_owned())
    );
    assert_eq!(mirror.erp.value(MODIFIED).await, "octo/web 2026-03-03 09:00:00.000000");
    mirror.finish().await;
}

#[tokio::test]
async fn s3_a_login_of_which_github_did_not_speak_keeps_its_link_and_is_asked_again() {
    let mirror = with_members(&[("ann", "jane@example.com")]).await;
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(25));
    let silent = Fault::edit("/graphql", |body| {
        body["data"]["u0"] = json!(null);
        body["errors"] = json!([{ "type": "INTERNAL", "path": ["u0"], "message": "oops" }]);
    });
    mirror.github.world().faults.push(silent.containing("PublicEmails"));
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    assert_eq!(mirror.erp.value(LINKS).await, "ann=jane@example.com,octo=-");
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 3);
    mirror.sync("octo/web").await;
    assert_eq!(lookups(&mirror), 3, "told by now");
    mirror.finish().await;
}

#[tokio::test]
async fn f20_a_mapping_that_comes_later_gives_the_documents_a_new_modified_once() {
    let mirror = with_members(&[("ann", "")]).await;
    mirror.github.world().repository("octo/web").item_mut(1).assigned_to("ann");
    mirror.sync("octo/web").await;
    mirror.erp.clock().advance(TimeDelta::hours(1));
    execute(
        &mirror,
        "UPDATE tabUser SET github_username = 'ann' WHERE name = 'bob@example.com'",
    )
    .await;
    mirror.sync("octo/web").await;
    let modified = "SELECT CONCAT_WS(' ', r.modified, i.modified, a.modified) FROM tabRepository r, `tabRepository Issue` i JOIN `tabRepository Issue Assignee` a \
                    ON a.parent = i.name WHERE a.github_username = 'ann'";
    let once = ["2026-03-01 08:00:00.000000"; 3].join(" ");
    assert_eq!(mirror.erp.value(modified).await, once, "an open form hears of its new row");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(modified).await, once, "nothing changed, nothing is written");
    mirror.finish().await;
}
