//! Renamed, transferred, deleted: told by a delivery, it ends as when a sync finds it.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use erpnext_github::store::lease::{self, Taken};
use erpnext_github::store::rename::{Steps, carry_large};
use erpnext_github::store::{People, Stamp, Writer};
use erpnext_github::sync::fetch_repositories;
use serde_json::json;

use super::Hooked;
use crate::desk::company;
use crate::support::mirror::Mirror;

fn story(world: &mut erpnext_github::sim::github::World) {
    let web = world.repository("octo/web");
    web.with_issues(5)
        .with_pull_requests(3)
        .with_comments(3)
        .with_releases(1)
        .with_members(2);
}

async fn a_task_links(mirror: &Mirror) {
    let sql = "UPDATE `tabRepository Issue` SET task = 'TASK-1' WHERE issue_number = 2";
    mirror.erp.query(sql).await;
    let sql = "INSERT INTO tabTask (name, creation, modified, subject, github_repo, github_issue_number) \
               VALUES ('TASK-1', NOW(6), NOW(6), 'It', 'octo/web', 2)";
    mirror.erp.query(sql).await;
}

const LINKS: &str =
    "SELECT CONCAT_WS('|', t.github_repo, i.name, i.repository) FROM tabTask t JOIN `tabRepository Issue` i ON i.task = t.name";

#[tokio::test]
async fn a_rename_that_is_delivered_moves_everything_and_all_addresses_are_read() {
    for to in ["octo/shop", "acme/web"] {
        let hooked = Hooked::new(story).await;
        a_task_links(&hooked.mirror).await;
        hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
        hooked.happens(|world| world.rename_repository("octo/web", to)).await;
        assert_eq!(hooked.value(LINKS).await, format!("{to}|{to}-#2|{to}"));
        let old = "SELECT COUNT(*) FROM `tabRepository Comment` WHERE url LIKE '%/octo/web/%'";
        assert_eq!(hooked.value(old).await, "0");
        let told = hooked.mirror.owned().await;
        let world = hooked.mirror.github.world().clone();
        let fresh = Mirror::new(|new| *new = world.with_clock(hooked.mirror.site().clock().clone())).await;
        fresh.sync(to).await;
        assert_eq!(told, fresh.owned().await);
    }
}

#[tokio::test]
async fn a_repository_that_is_deleted_is_marked_and_nothing_of_it_is_erased() {
    let hooked = Hooked::new(story).await;
    a_task_links(&hooked.mirror).await;
    let issues = hooked.count("tabRepository Issue").await;
    hooked.happens(|world| world.delete_repository("octo/web")).await;
    let row = "SELECT CONCAT_WS('|', deleted_on_github, last_sync_error <> '') FROM tabRepository";
    assert_eq!(hooked.value(row).await, "1|1");
    assert_eq!(hooked.count("tabRepository Issue").await, issues);
    assert_eq!(hooked.value(LINKS).await, "octo/web|octo/web-#2|octo/web");
    assert_eq!(hooked.count("erpnext_github_refresh").await, "0");
}

/// Goes on with a rename to `octo/shop` for so many steps; true when it is done.
async fn carried(hooked: &Hooked, steps: usize) -> bool {
    carried_to(hooked, "octo/shop", steps).await
}

/// Goes on with a rename for so many steps, while GitHub calls the repository `to`; true when it is done.
async fn carried_to(hooked: &Hooked, to: &str, steps: usize) -> bool {
    let site = hooked.mirror.site();
    let context = hooked.mirror.context().await;
    let name = to.parse().expect("a name");
    let repository = context.client.repository(&name).await.expect("there").value;
    let Taken::Ours(lease) = lease::take(site.db(), &format!("sync:{}", repository.id), "a test")
        .await
        .expect("a lease")
    else {
        panic!("somebody else is at it");
    };
    let (stamp, people) = (Stamp::now(site, "Administrator").await.expect("a stamp"), People::default());
    let writer = Writer {
        site,
        stamp: &stamp,
        people: &people,
        lease: Some(&lease),
        is_first: false,
    };
    let left = AtomicUsize::new(steps);
    let go_on = || {
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    };
    let done = carry_large(&writer, &repository, Steps { above: 5, rows: 2 }, &go_on).await;
    lease.release(site.db()).await.expect("given back");
    done.expect("the database works")
}

#[tokio::test]
async fn a_large_rename_goes_in_steps_and_is_gone_on_with_where_it_stopped() {
    let hooked = Hooked::new(story).await;
    a_task_links(&hooked.mirror).await;
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("edited", json!({"issue": issue})).await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked.change(|world| world.rename_repository("octo/web", "octo/shop"));
    assert!(!carried(&hooked, 2).await, "it was stopped");
    let names = "SELECT GROUP_CONCAT(name) FROM tabRepository";
    assert_eq!(hooked.value(names).await, "octo/web", "the old name stands until the end");
    let moved = "SELECT COUNT(*) FROM `tabRepository Issue` WHERE repository = 'octo/shop' AND name LIKE 'octo/shop-#%'";
    assert_eq!(hooked.value(moved).await, "4", "two at a time");
    // What is told meanwhile waits.
    assert_eq!(hooked.deliver("meanwhile", "issues", &payload).await, 202);
    let (status, reason) = hooked.event("meanwhile").await;
    assert_eq!(status, "unprocessed", "{reason}");
    assert!(reason.contains("step by step"), "{reason}");
    assert_eq!(hooked.count("tabRepository Issue").await, "5");

    assert!(
        carried(&hooked, 3).await || carried(&hooked, 100).await,
        "another one goes on"
    );
    assert_eq!(hooked.value(names).await, "octo/shop");
    assert_eq!(hooked.value(LINKS).await, "octo/shop|octo/shop-#2|octo/shop");
    assert_eq!(hooked.count("erpnext_github_rename").await, "0");
    for table in ["Issue", "Pull Request", "Comment", "Release", "Label"] {
        let left = format!("SELECT COUNT(*) FROM `tabRepository {table}` WHERE repository = 'octo/web'");
        assert_eq!(hooked.value(&left).await, "0", "{table}");
    }
    let links = "SELECT COUNT(*) FROM `tabRepository Comment` WHERE IFNULL(issue, pull_request) LIKE 'octo/shop-#%'";
    assert_eq!(hooked.value(links).await, "3");
    hooked.mirror.sync("octo/shop").await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(6));
    assert_eq!(hooked.deliver("later", "issues", &payload).await, 202);
    assert_eq!(hooked.event("meanwhile").await.0, "processed");
}

#[tokio::test]
async fn g4_8_a_large_rename_of_the_case_of_letters_comes_to_an_end() {
    let hooked = Hooked::new(story).await;
    a_task_links(&hooked.mirror).await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked.change(|world| world.rename_repository("octo/web", "octo/Web"));
    assert!(carried_to(&hooked, "octo/Web", 100).await, "it moves nothing twice");
    assert_eq!(hooked.value(LINKS).await, "octo/Web|octo/Web-#2|octo/Web");
    for table in ["Issue", "Pull Request", "Comment", "Release", "Label"] {
        let left = format!("SELECT COUNT(*) FROM `tabRepository {table}` WHERE BINARY repository <> 'octo/Web'");
        assert_eq!(hooked.value(&left).await, "0", "{table}");
    }
    assert_eq!(hooked.count("erpnext_github_rename").await, "0");
}

#[tokio::test]
async fn g4_8_a_large_rename_that_another_one_overtakes_ends_at_the_last_name() {
    let hooked = Hooked::new(story).await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked.change(|world| world.rename_repository("octo/web", "octo/shop"));
    assert!(!carried(&hooked, 1).await);
    hooked.change(|world| world.rename_repository("octo/shop", "octo/store"));
    assert!(carried_to(&hooked, "octo/store", 100).await);
    let names = "SELECT GROUP_CONCAT(DISTINCT r.name, '|', i.repository) FROM tabRepository r, `tabRepository Issue` i";
    assert_eq!(hooked.value(names).await, "octo/store|octo/store");
    assert_eq!(hooked.count("erpnext_github_rename").await, "0");
}

/// More rows than one transaction renames.
async fn make_large(mirror: &Mirror) {
    let sql = "INSERT INTO `tabRepository Commit` (name, repository, sha) SELECT CONCAT('c', seq), 'octo/web', CONCAT('c', seq) FROM seq_1_to_50001";
    mirror.erp.scratch().execute(sql).await.expect("rows");
}

const COMMITS_OF: &str =
    "SELECT GROUP_CONCAT(DISTINCT repository) FROM `tabRepository Commit` WHERE name LIKE 'c%' AND sha = name";

#[tokio::test]
async fn g4_8_a_list_of_repositories_renames_a_large_one_under_the_lease_of_whoever_reads_it() {
    let hooked = Hooked::new(story).await;
    let (mirror, site) = (&hooked.mirror, hooked.mirror.site());
    make_large(mirror).await;
    hooked.change(|world| world.rename_repository("octo/web", "octo/shop"));
    let id = mirror.github.world().repository("octo/shop").id;
    let Taken::Ours(lease) = lease::take(site.db(), &lease::of_repository(id), "another one")
        .await
        .expect("asked")
    else {
        panic!("nobody has it");
    };
    let context = mirror.context().await;
    let fetched = fetch_repositories(&context, Some("octo")).await.expect("the database works");
    let (name, reason) = fetched.failures.first().expect("it is told");
    assert!(name == "octo/shop" && reason.contains("another one"), "{name}: {reason}");
    let names = "SELECT GROUP_CONCAT(name) FROM tabRepository";
    assert_eq!(
        hooked.value(names).await,
        "octo/web",
        "nothing is moved while somebody reads it"
    );
    lease.release(site.db()).await.expect("given back");
    let fetched = fetch_repositories(&context, Some("octo")).await.expect("the database works");
    assert_eq!(fetched.failures, []);
    assert_eq!(hooked.value(names).await, "octo/shop");
    assert_eq!(hooked.value(COMMITS_OF).await, "octo/shop");
    let held = "SELECT COUNT(*) FROM erpnext_github_lease WHERE name LIKE 'sync:%' AND lease_until > UTC_TIMESTAMP(6)";
    assert_eq!(hooked.value(held).await, "0", "it is given back");
}

#[tokio::test]
async fn g4_8_what_is_written_leaves_a_large_rename_to_the_next_sync() {
    let (mirror, desk) = company().await;
    make_large(&mirror).await;
    mirror.github.world().rename_repository("octo/web", "octo/shop");
    let values = [("full_name", "octo/shop"), ("enabled", "1")];
    let erp = mirror.erp.erp();
    erp.insert("Repository", "octo/shop", &values).await.expect("made by hand");
    let method = "erpnext_github_integration.github_api.create_issue";
    let form = [("repo_full_name", "octo/shop"), ("title", "Pressed meanwhile")];
    let answer = desk.post("admin@x.com", method, &form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.to_string().contains("step by step"), "{answer:?}");
    let names = "SELECT GROUP_CONCAT(name ORDER BY name) FROM tabRepository WHERE github_id > ''";
    assert!(mirror.erp.value(names).await.contains("octo/web"));
    mirror.sync("octo/shop").await;
    assert_eq!(mirror.erp.value(COMMITS_OF).await, "octo/shop");
    let made = "SELECT repository FROM `tabRepository Issue` WHERE title = 'Pressed meanwhile'";
    assert_eq!(mirror.erp.value(made).await, "octo/shop");
}

#[tokio::test]
async fn a_sync_goes_on_with_a_rename_that_was_left() {
    let hooked = Hooked::new(story).await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked.change(|world| world.rename_repository("octo/web", "octo/shop"));
    assert!(!carried(&hooked, 1).await);
    hooked.mirror.sync("octo/shop").await;
    assert_eq!(
        hooked.value("SELECT GROUP_CONCAT(name) FROM tabRepository").await,
        "octo/shop"
    );
    assert_eq!(hooked.count("erpnext_github_rename").await, "0");
    let world = hooked.mirror.github.world().clone();
    let fresh = Mirror::new(|new| *new = world.with_clock(hooked.mirror.site().clock().clone())).await;
    fresh.sync("octo/shop").await;
    assert_eq!(hooked.mirror.owned().await, fresh.owned().await);
}
