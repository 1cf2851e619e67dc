//! F-16: GitHub's UTC becomes the site's own clock, and order never depends on that clock.

use chrono::TimeDelta;
use erpnext_github::domain::{Change, Entity};

use super::made::{branch, issue, repository, utc};
use super::{Desk, counts};

const TIMES: &str = "SELECT CONCAT(created_at, ' | ', updated_at, ' | ', github_version) FROM `tabRepository Issue`";

#[tokio::test]
async fn f16_times_are_the_sites_own_in_tokyo_and_in_new_york() {
    for (zone, created, updated) in [
        ("America/New_York", "2026-07-01 21:00:00.000000", "2026-12-31 18:59:59.000000"),
        ("Asia/Tokyo", "2026-07-02 10:00:00.000000", "2027-01-01 08:59:59.000000"),
        ("Asia/Kolkata", "2026-07-02 06:30:00.000000", "2027-01-01 05:29:59.000000"),
    ] {
        let desk = Desk::in_zone(zone).await;
        desk.repository(&repository(1, "o/r")).await;
        let mut one = issue(1, utc("2026-12-31T23:59:59Z"));
        one.item.created_at = utc("2026-07-02T01:00:00Z");
        desk.apply(1, vec![Change::Issues(vec![one])]).await;
        let version = utc("2026-12-31T23:59:59Z").timestamp();
        assert_eq!(
            desk.value(TIMES).await,
            format!("{created} | {updated} | {version}"),
            "{zone}"
        );
        // Noon UTC is when every test's clock stands.
        let modified = desk.value("SELECT modified FROM `tabRepository Issue`").await;
        let local = if zone == "America/New_York" {
            "2026-03-01 07:00:00.000000"
        } else {
            &modified
        };
        assert_eq!(modified, local);
    }
}

#[tokio::test]
async fn f16_the_hour_that_autumn_repeats_does_not_confuse_the_order() {
    let desk = Desk::in_zone("America/New_York").await;
    desk.repository(&repository(1, "o/r")).await;
    // 05:59 and 06:01 UTC on 1 November 2026 are 01:59 and, on the clock put back, 01:01.
    let mut first = issue(1, utc("2026-11-01T05:59:00Z"));
    first.item.title = "first".to_owned();
    let mut second = issue(1, utc("2026-11-01T06:01:00Z"));
    second.item.title = "second".to_owned();
    desk.apply(1, vec![Change::Issues(vec![first.clone()])]).await;
    let applied = desk.apply(1, vec![Change::Issues(vec![second.clone()])]).await;
    assert_eq!(
        applied.counts[&Entity::Issue],
        counts(0, 1, 0),
        "later, though the clock on the wall says earlier"
    );
    assert_eq!(
        desk.value("SELECT updated_at FROM `tabRepository Issue`").await,
        "2026-11-01 01:01:00.000000"
    );
    let late = desk.apply(1, vec![Change::Issues(vec![first])]).await;
    assert_eq!(late.counts[&Entity::Issue].stale, 1);
    let again = desk.apply(1, vec![Change::Issues(vec![second])]).await;
    assert_eq!(again.counts[&Entity::Issue], counts(0, 0, 1));
    assert_eq!(desk.value("SELECT title FROM `tabRepository Issue`").await, "second");
}

#[tokio::test]
async fn f16_branches_of_the_repeated_hour_are_stable() {
    let desk = Desk::in_zone("America/New_York").await;
    desk.repository(&repository(1, "o/r")).await;
    let all = || {
        vec![
            branch("a", utc("2026-11-01T05:30:00Z")),
            branch("b", utc("2026-11-01T06:30:00Z")),
        ]
    };
    desk.apply(1, vec![Change::AllBranches(all())]).await;
    assert_eq!(desk.apply(1, vec![Change::AllBranches(all())]).await.touched, Vec::new());
}

#[tokio::test]
async fn f16_after_a_change_of_the_sites_zone_what_is_applied_again_is_mended() {
    let desk = Desk::in_zone("America/New_York").await;
    desk.repository(&repository(1, "o/r")).await;
    let one = issue(1, utc("2026-02-10T15:04:05Z"));
    desk.apply(1, vec![Change::Issues(vec![one.clone()])]).await;
    desk.erp
        .erp()
        .set_system_setting("time_zone", "Asia/Tokyo")
        .await
        .expect("the setting");
    desk.erp.clock().advance(TimeDelta::hours(1));
    let applied = desk.apply(1, vec![Change::Issues(vec![one])]).await;
    assert_eq!(applied.counts[&Entity::Issue], counts(0, 1, 0), "neither stale nor unchanged");
    assert_eq!(
        desk.value("SELECT updated_at FROM `tabRepository Issue`").await,
        "2026-02-11 00:04:05.000000"
    );
    assert_eq!(
        desk.value("SELECT modified FROM `tabRepository Issue`").await,
        "2026-03-01 22:00:00.000000"
    );
}
