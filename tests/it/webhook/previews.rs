//! Where pull requests and releases can be seen at work.

use chrono::TimeDelta;
use erpnext_github::sim::github::World;

use super::Hooked;

const PULL: &str = "SELECT IFNULL(preview_url, '') FROM `tabRepository Pull Request`";
const RELEASE: &str = "SELECT IFNULL(preview_url, '') FROM `tabRepository Release`";

async fn hooked() -> Hooked {
    let hooked = Hooked::new(|world| {
        let web = world.repository("octo/web");
        web.open_pull_request("A change", "change");
        web.publish_release("v1");
    })
    .await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked
}

fn deployed(world: &mut World, git_ref: &str, url: &str) -> u64 {
    let web = world.repository("octo/web");
    let id = web.deploy(git_ref);
    web.tell_deployment(id, "success", Some(url));
    id
}

#[tokio::test]
async fn g4_5_a_deployment_is_shown_on_the_pull_request_of_its_commit_and_on_the_release_of_its_tag() {
    let hooked = hooked().await;
    let modified = hooked.value("SELECT modified FROM `tabRepository Pull Request`").await;
    hooked
        .happens(|world| {
            deployed(world, "change", "https://one.example.com/");
        })
        .await;
    hooked
        .happens(|world| {
            deployed(world, "v1", "https://v1.example.com/");
        })
        .await;
    assert_eq!(hooked.value(PULL).await, "https://one.example.com/");
    assert_eq!(hooked.value(RELEASE).await, "https://v1.example.com/");
    assert_ne!(
        hooked.value("SELECT modified FROM `tabRepository Pull Request`").await,
        modified,
        "open forms are told"
    );
    // No sync touches it.
    hooked.mirror.sync_full("octo/web").await;
    assert_eq!(hooked.value(PULL).await, "https://one.example.com/");
    assert_eq!(hooked.value(RELEASE).await, "https://v1.example.com/");
}

#[tokio::test]
async fn the_newest_status_wins_whatever_comes_first() {
    let hooked = hooked().await;
    let mut all = Vec::new();
    let mut id = 0;
    all.extend(hooked.changes(|world| id = deployed(world, "change", "https://one.example.com/")));
    // Within the same second the later status has the higher number.
    all.extend(hooked.changes(|world| world.repository("octo/web").tell_deployment(id, "inactive", None)));
    all.extend(hooked.changes(|world| {
        deployed(world, "change", "https://two.example.com/");
    }));
    all.reverse();
    hooked.tell(&all).await;
    assert_eq!(hooked.value(PULL).await, "https://two.example.com/");
    let statuses: Vec<_> = all.into_iter().filter(|one| one.event == "deployment_status").collect();
    assert_eq!(statuses.len(), 3);
    hooked.tell(&statuses[1..]).await;
    assert_eq!(hooked.value(PULL).await, "https://two.example.com/");
}

#[tokio::test]
async fn a_pull_request_that_moves_on_leaves_its_preview_and_one_that_comes_late_finds_it() {
    let hooked = hooked().await;
    hooked
        .happens(|world| {
            deployed(world, "change", "https://one.example.com/");
        })
        .await;
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked
        .happens(|world| {
            world.repository("octo/web").push("change");
        })
        .await;
    assert_eq!(hooked.value(PULL).await, "", "another commit is its head");
    hooked
        .happens(|world| {
            world.repository("octo/web").push("later");
        })
        .await;
    hooked
        .happens(|world| {
            deployed(world, "later", "https://later.example.com/");
        })
        .await;
    hooked
        .happens(|world| {
            world.repository("octo/web").open_pull_request("Late", "later");
        })
        .await;
    let late = "SELECT preview_url FROM `tabRepository Pull Request` WHERE title = 'Late'";
    assert_eq!(hooked.value(late).await, "https://later.example.com/");
}

#[tokio::test]
async fn what_is_down_or_no_address_is_not_shown() {
    let hooked = hooked().await;
    let mut id = 0;
    hooked
        .happens(|world| id = deployed(world, "change", "javascript:alert(1)"))
        .await;
    assert_eq!(hooked.value(PULL).await, "");
    hooked
        .happens(|world| id = deployed(world, "change", "https://one.example.com/"))
        .await;
    assert_eq!(hooked.value(PULL).await, "https://one.example.com/");
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked
        .happens(|world| world.repository("octo/web").tell_deployment(id, "inactive", None))
        .await;
    assert_eq!(hooked.value(PULL).await, "");
}
