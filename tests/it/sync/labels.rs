//! Labels: known by their ids, so that names may be anything that GitHub lets them be.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::github::World;
use erpnext_github::store::runs::RunStatus;

use super::shifted::{between_pages, finish, mirror as shared};
use crate::support::mirror::Mirror;

const LABELS: &str = "SELECT CONCAT_WS(' | ', label_name, color, is_default, description) FROM `tabRepository Label` \
                      WHERE is_default = 0 ORDER BY CAST(github_id AS UNSIGNED)";

async fn mirror(story: impl FnOnce(&mut World)) -> Mirror {
    let mirror = Mirror::new(story).await;
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    mirror.erp.clock().advance(TimeDelta::hours(1));
    mirror
}

#[tokio::test]
async fn s4_names_that_the_database_takes_for_one_are_several_labels() {
    // To the tables' collation all emoji are one, and so are letters with and without an accent.
    let mirror = mirror(|world| {
        let web = world.repository("octo/web");
        for name in ["🚀", "🐛", "cafe", "café", &"長".repeat(50)] {
            web.add_label(name);
        }
    })
    .await;
    let names = "SELECT label_name FROM `tabRepository Label` WHERE is_default = 0 ORDER BY CAST(github_id AS UNSIGNED)";
    assert_eq!(mirror.column(names).await, ["🚀", "🐛", "cafe", "café", &"長".repeat(50)]);
    assert_eq!(
        mirror.erp.value("SELECT SUM(is_default) FROM `tabRepository Label`").await,
        "5"
    );
    mirror.finish().await;
}

#[tokio::test]
async fn s4_labels_that_swap_their_names_stay_what_they_are() {
    let mirror = mirror(|world| {
        world.repository("octo/web").add_label("one");
        world.repository("octo/web").add_label("two");
    })
    .await;
    let names = "SELECT GROUP_CONCAT(name, label_name ORDER BY CAST(github_id AS UNSIGNED)) FROM `tabRepository Label` WHERE is_default = 0";
    let before = mirror.erp.value(names).await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.rename_label("one", "aside");
    web.rename_label("two", "one");
    web.rename_label("aside", "two");
    drop(world);
    let report = mirror.sync("octo/web").await;
    assert_eq!(report.entities[&Entity::Label].counts.updated, 2, "{report:?}");
    let after = before.replace("one", "x").replace("two", "one").replace('x', "two");
    assert_eq!(mirror.erp.value(names).await, after);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_label_that_is_deleted_and_made_again_is_another_one() {
    let mirror = mirror(|world| {
        world.repository("octo/web").add_label("again");
    })
    .await;
    let mut world = mirror.github.world();
    let web = world.repository("octo/web");
    web.delete_label("again");
    web.add_label("again");
    drop(world);
    let report = mirror.sync("octo/web").await;
    let counts = &report.entities[&Entity::Label].counts;
    assert_eq!((counts.created, counts.deleted), (1, 1), "{report:?}");
    assert_eq!(mirror.column(LABELS).await.len(), 1);
    mirror.finish().await;
}

#[tokio::test]
async fn s4_a_label_deleted_between_two_pages_hides_no_other() {
    let mirror = shared(|world| {
        world.repository("octo/web").with_labels(300);
    })
    .await;
    between_pages(&mirror, "/repos/octo/web/labels", false, |world| {
        world.repository("octo/web").delete_label("area/0007");
    })
    .await;
    assert_eq!(mirror.column(LABELS).await.len(), 299);
    finish(mirror).await;
}

#[tokio::test]
async fn s4_what_changed_on_a_later_page_alone_is_found_by_the_complete_walk() {
    let mirror = mirror(|world| {
        world.repository("octo/web").with_labels(300);
    })
    .await;
    mirror.github.world().repository("octo/web").rename_label("area/0299", "last");
    mirror.sync("octo/web").await;
    let renamed = "SELECT COUNT(*) FROM `tabRepository Label` WHERE label_name = 'last'";
    assert_eq!(mirror.erp.value(renamed).await, "0");
    mirror.erp.clock().advance(TimeDelta::hours(24));
    mirror.sync("octo/web").await;
    assert_eq!(mirror.erp.value(renamed).await, "1");
    mirror.finish().await;
}
