//! D13: the site's cache is gone, or has an old copy of what a delivery changed.

use chrono::TimeDelta;
use erpnext_github::jobs::Work;
use serde_json::json;

use super::{Hooked, stored_secret};
use crate::desk::company;
use crate::jobs::runner;
use crate::support::TestSite;
use crate::support::bench::Bench;
use crate::support::desk::Desk;
use crate::support::mirror::Mirror;
use erpnext_github::sim::site::FrappeMajor;

const PROJECT: &str = "SELECT repository FROM tabProject WHERE name = 'TRY-1'";

/// GitHub renames `octo/web`, and says so.
async fn rename(hooked: &Hooked) {
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked.change(|world| world.rename_repository("octo/web", "octo/site"));
    let mut payload = json!({"action": "renamed", "sender": {"login": "octo", "id": 1}});
    payload["repository"] = hooked.object("repos/octo/site").await;
    assert_eq!(hooked.deliver("rename", "repository", &payload).await, 202);
    assert_eq!(hooked.event("rename").await.0, "processed");
}

#[tokio::test]
async fn d13_without_redis_deliveries_are_accepted_and_processed() {
    let (site, mut redis) = TestSite::cached(FrappeMajor::V15).await;
    let mirror = Mirror::on(site, |world| {
        world.repository("octo/web").open_issue("Before");
    })
    .await;
    mirror.sync("octo/web").await;
    mirror.erp.erp().add_project("TRY-1", "A try").await.expect("a project");
    mirror.erp.connect("TRY-1", "octo/web").await;
    let (desk, secret) = (Desk::of(&mirror).await, stored_secret(&mirror).await);
    let hooked = Hooked { mirror, desk, secret };
    redis.stop();
    hooked.mirror.erp.clock().advance(TimeDelta::seconds(2));
    hooked.change(|world| world.repository("octo/web").edit(1).title = "After".to_owned());
    let issue = hooked.object("repos/octo/web/issues/1").await;
    let payload = hooked.payload("edited", json!({"issue": issue})).await;
    assert_eq!(hooked.deliver("one", "issues", &payload).await, 202);
    assert_eq!(hooked.event("one").await, ("processed".to_owned(), String::new()));
    let title = hooked.mirror.erp.value("SELECT title FROM `tabRepository Issue`").await;
    assert_eq!(title, "After");
    rename(&hooked).await;
    assert_eq!(hooked.mirror.erp.value(PROJECT).await, "octo/site");
    let drops = "SELECT COUNT(*) > 0 FROM erpnext_github_cache_drop";
    let all = "SELECT CONCAT(doctype, ' ', name) FROM erpnext_github_watched_row";
    let watched = hooked.mirror.column(all).await;
    assert_eq!(
        hooked.mirror.erp.value(drops).await,
        "1",
        "what is to be dropped waits, {watched:?}"
    );
    redis.start_again().await;
    let runner = runner(&hooked.mirror);
    for _ in 0..5 {
        hooked.mirror.erp.clock().advance(TimeDelta::minutes(5));
        runner.step(Work::FlushCacheDrops).await;
    }
    assert_eq!(
        hooked.mirror.erp.value(drops).await,
        "0",
        "and is dropped when the cache is back"
    );
}

#[tokio::test]
async fn d13_an_old_copy_does_not_undo_what_a_delivery_renamed() {
    let (mirror, desk) = company().await;
    let bench = Bench::of(&mirror.erp).await;
    let secret = stored_secret(&mirror).await;
    let hooked = Hooked { mirror, desk, secret };
    bench.http().hold_project("TRY-1").await.expect("held");
    rename(&hooked).await;
    assert_eq!(hooked.mirror.erp.value(PROJECT).await, "octo/site");
    bench.http().write_back_held().await.expect("written back");
    assert_eq!(hooked.mirror.erp.value(PROJECT).await, "octo/web", "the trap is there");
    let due = "UPDATE erpnext_github_watched_row SET due_at = '2020-01-01'";
    hooked.mirror.erp.scratch().execute(due).await.expect("it is time");
    runner(&hooked.mirror).step(Work::FlushCacheDrops).await;
    assert_eq!(hooked.mirror.erp.value(PROJECT).await, "octo/site");
}
