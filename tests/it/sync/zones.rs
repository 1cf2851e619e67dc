//! F-16 in whole runs: the site's zone decides what people see, and never what is fetched.

use chrono::TimeDelta;
use erpnext_github::domain::Entity;
use erpnext_github::sim::site::{FrappeMajor, SiteOptions};
use erpnext_github::store::runs::RunStatus;

use crate::support::TestSite;
use crate::support::mirror::Mirror;

async fn in_zone(zone: &str) -> Mirror {
    let options = SiteOptions {
        time_zone: zone.to_owned(),
        ..SiteOptions::default()
    };
    Mirror::on(TestSite::with(FrappeMajor::V15, options).await, |world| {
        world.repository("octo/web").with_issues(3).with_branches(3);
    })
    .await
}

#[tokio::test]
async fn f16_no_site_asks_for_changes_of_the_future() {
    for zone in ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"] {
        let mirror = in_zone(zone).await;
        // More than a page: a shorter list is asked for as a whole.
        mirror.github.world().repository("octo/web").with_issues(120);
        mirror.sync("octo/web").await;
        mirror.erp.clock().advance(TimeDelta::minutes(10));
        mirror.github.world().repository("octo/web").comment(2);
        mirror.erp.clock().advance(TimeDelta::minutes(10));
        mirror.github.forget_requests();
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.entities[&Entity::Issue].counts.updated, 1, "{zone}: {report:?}");
        let asked = mirror.github.requests();
        let since = asked
            .iter()
            .find(|one| one.path.ends_with("/issues"))
            .map(|one| one.query.clone());
        // Five minutes before the first run's own noon.
        assert!(
            since.as_ref().is_some_and(|query| query.contains("2026-03-01T11%3A55%3A00Z")),
            "{since:?}"
        );
        mirror.finish().await;
    }
}

#[tokio::test]
async fn f16_runs_across_the_repeated_hour_of_new_york_miss_nothing_and_write_nothing_twice() {
    let mirror = in_zone("America/New_York").await;
    // To 05:00 UTC on 1 November 2026, one in the morning in New York for the first time.
    let start = "2026-11-01T05:00:00Z"
        .parse::<chrono::DateTime<chrono::Utc>>()
        .expect("a moment");
    mirror.erp.clock().advance(start - crate::support::noon());
    mirror.sync("octo/web").await;
    for step in 1..=8 {
        mirror.erp.clock().advance(TimeDelta::minutes(15));
        let mut world = mirror.github.world();
        let web = world.repository("octo/web");
        web.open_issue(&format!("At step {step}"));
        web.push(&format!("step-{step}"));
        drop(world);
        let report = mirror.sync("octo/web").await;
        assert_eq!(report.status, RunStatus::Completed, "{report:?}");
        assert_eq!(report.entities[&Entity::Issue].counts.created, 1, "step {step}: {report:?}");
        let again = mirror.sync("octo/web").await;
        for (entity, run) in &again.entities {
            assert_eq!(
                (run.counts.created, run.counts.updated),
                (0, 0),
                "step {step}: {entity:?} {run:?}"
            );
        }
    }
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabRepository Issue`").await, "11");
    mirror.finish().await;
}

#[tokio::test]
async fn f16_after_a_change_of_the_sites_zone_a_complete_walk_shows_every_time_in_the_new_one() {
    let mirror = in_zone("America/New_York").await;
    mirror.sync("octo/web").await;
    let latest =
        "SELECT CONCAT((SELECT MAX(created_at) FROM tabRepository), ' ', (SELECT MAX(last_updated) FROM `tabRepository Branch`))";
    let before = mirror.erp.value(latest).await;
    mirror
        .erp
        .erp()
        .set_system_setting("time_zone", "Asia/Tokyo")
        .await
        .expect("the setting");
    let report = mirror.sync_full("octo/web").await;
    assert_eq!(report.status, RunStatus::Completed, "{report:?}");
    // Both are of this winter, when Tokyo is fourteen hours ahead of New York.
    let shifted = "SELECT CONCAT((SELECT MAX(created_at) - INTERVAL 14 HOUR FROM tabRepository), ' ', \
                   (SELECT MAX(last_updated) - INTERVAL 14 HOUR FROM `tabRepository Branch`))";
    assert_eq!(mirror.erp.value(shifted).await, before);
    mirror.finish().await;
}
