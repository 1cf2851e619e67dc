//! G4 11: which Project or Task a release belongs to.

use chrono::TimeDelta;
use erpnext_github::store::{Stamp, release_rules};

use super::Hooked;

const SAYS: &str = "SELECT IFNULL(GROUP_CONCAT(CONCAT(tag_name, '>', IFNULL(project, ''), '|', IFNULL(task, '')) ORDER BY tag_name SEPARATOR ' '), '') \
                    FROM `tabRepository Release`";

async fn rule(hooked: &Hooked, name: &str, values: &[(&str, &str)]) {
    let all = [&[("repository", "octo/web"), ("enabled", "1")][..], values].concat();
    let erp = hooked.mirror.erp.erp();
    erp.insert("GitHub Release Rule", name, &all).await.expect("a rule");
}

/// What follows from a save of a rule; gives how many releases were written.
async fn settle(hooked: &Hooked) -> usize {
    let site = hooked.mirror.site();
    let stamp = Stamp::now(site, "Administrator").await.expect("a stamp");
    release_rules::settle(site.db(), &stamp).await.expect("settled").len()
}

#[tokio::test]
async fn g4_11_rules_hold_for_what_is_synced_delivered_and_there_already() {
    let hooked = Hooked::new(|world| {
        let web = world.repository("octo/web");
        web.publish_release("v1.0");
        web.publish_release("v2.0-rc").prerelease = true;
    })
    .await;
    assert_eq!(hooked.value(SAYS).await, "v1.0>| v2.0-rc>|");
    rule(&hooked, "all", &[("tag_pattern", "*"), ("project", "PROJ-0001")]).await;
    rule(
        &hooked,
        "two",
        &[
            ("tag_pattern", "v2.*"),
            ("task", "TASK-2026-00001"),
            ("prereleases", "Prereleases"),
        ],
    )
    .await;
    assert_eq!(settle(&hooked).await, 2);
    assert_eq!(settle(&hooked).await, 0, "settled is settled");
    let task_alone = hooked.value(SAYS).await;
    assert!(task_alone.starts_with("v1.0>PROJ-0001| v2.0-rc>"), "{task_alone}");
    assert!(task_alone.ends_with("|TASK-2026-00001"), "{task_alone}");
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked
        .happens(|world| {
            world.repository("octo/web").publish_release("v3.0");
        })
        .await;
    assert!(hooked.value(SAYS).await.ends_with("v3.0>PROJ-0001|"), "delivered");
    hooked.mirror.github.world().repository("octo/web").publish_release("v4.0");
    hooked.mirror.erp.clock().advance(TimeDelta::hours(1));
    hooked.mirror.sync("octo/web").await;
    assert!(hooked.value(SAYS).await.ends_with("v4.0>PROJ-0001|"), "synced");
    // A sync changes nothing of it.
    let before = hooked.value(SAYS).await;
    hooked.mirror.sync_full("octo/web").await;
    assert_eq!(hooked.value(SAYS).await, before);
}

#[tokio::test]
async fn g4_11_what_somebody_chose_is_his_and_a_rule_that_goes_takes_its_own_along() {
    let hooked = Hooked::new(|world| {
        let web = world.repository("octo/web");
        web.publish_release("v1");
        web.publish_release("v2");
        web.publish_release("v3");
    })
    .await;
    let erp = hooked.mirror.erp.erp();
    erp.add_project("P-2", "Two").await.expect("a project");
    let of = |tag: &str| format!("SELECT name FROM `tabRepository Release` WHERE tag_name = '{tag}'");
    let first = hooked.value(&of("v1")).await;
    erp.set("Repository Release", &first, "project", "P-2").await.expect("chosen");
    rule(&hooked, "all", &[("tag_pattern", "*"), ("project", "PROJ-0001")]).await;
    assert_eq!(settle(&hooked).await, 2);
    assert_eq!(hooked.value(SAYS).await, "v1>P-2| v2>PROJ-0001| v3>PROJ-0001|");
    let second = hooked.value(&of("v2")).await;
    erp.set("Repository Release", &second, "project", "").await.expect("cleared");
    erp.set("GitHub Release Rule", "all", "project", "P-2")
        .await
        .expect("changed");
    assert_eq!(settle(&hooked).await, 1);
    assert_eq!(hooked.value(SAYS).await, "v1>P-2| v2>| v3>P-2|");
    erp.set("GitHub Release Rule", "all", "enabled", "0").await.expect("off");
    assert_eq!(settle(&hooked).await, 1);
    assert_eq!(hooked.value(SAYS).await, "v1>P-2| v2>| v3>|");
}

#[tokio::test]
async fn g4_11_a_project_with_a_new_name_keeps_the_releases_of_its_rule() {
    let hooked = Hooked::new(|world| {
        world.repository("octo/web").publish_release("v1");
    })
    .await;
    let erp = hooked.mirror.erp.erp();
    erp.add_project("P-2", "Two").await.expect("a project");
    rule(&hooked, "all", &[("tag_pattern", "*"), ("project", "P-2")]).await;
    assert_eq!(settle(&hooked).await, 1);
    // As Frappe renames: the document, and every Link to it. A release has none.
    for sql in [
        "UPDATE tabProject SET name = 'P-3' WHERE name = 'P-2'",
        "UPDATE `tabGitHub Release Rule` SET project = 'P-3' WHERE project = 'P-2'",
    ] {
        hooked.mirror.erp.query(sql).await;
    }
    settle(&hooked).await;
    assert_eq!(hooked.value(SAYS).await, "v1>P-3|");
    assert_eq!(settle(&hooked).await, 0, "settled is settled");
    erp.set("GitHub Release Rule", "all", "enabled", "0").await.expect("off");
    assert_eq!(settle(&hooked).await, 1);
    assert_eq!(hooked.value(SAYS).await, "v1>|", "what the rule wrote goes with it");
}
