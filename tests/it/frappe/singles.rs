//! Singles, and the zone that one of them names.

use erpnext_github::frappe::singles;
use erpnext_github::frappe::zone::{SiteZone, frappe_text};

use super::{FrappeMajor, TestSite, one, sql};

#[tokio::test]
async fn a_field_has_one_row_however_often_it_is_written() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    assert_eq!(
        singles::read_field(site.db(), "GitHub Settings", "enabled")
            .await
            .expect("read"),
        None
    );
    let mut conn = site.db().conn().await.expect("connected");
    for value in ["0", "1", "1"] {
        singles::write_field(&mut conn, "GitHub Settings", "enabled", value)
            .await
            .expect("written");
    }
    singles::write_field(&mut conn, "GitHub Settings", "public_url", "https://ü")
        .await
        .expect("written");
    assert_eq!(
        one(site, "SELECT COUNT(*) FROM `tabSingles` WHERE doctype = 'GitHub Settings'").await,
        "2"
    );
    let mut all = singles::read_all(site.db(), "GitHub Settings").await.expect("read");
    all.sort();
    let expected = [("enabled", "1"), ("public_url", "https://ü")];
    assert_eq!(all, expected.map(|(field, value)| (field.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn odd_rows_are_read_as_far_as_they_go() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    // No key and no constraint keeps these away.
    sql(
        site,
        &["INSERT INTO `tabSingles` (doctype, field, value) VALUES ('Odd', NULL, NULL), ('Odd', 'empty', NULL)"],
    )
    .await;
    assert_eq!(singles::read_field(site.db(), "Odd", "empty").await.expect("read"), None);
    assert_eq!(singles::read_all(site.db(), "Odd").await.expect("read").len(), 2);
}

#[tokio::test]
async fn the_zone_is_that_of_system_settings_now() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    let moment = "2026-11-01T06:30:00Z".parse().expect("a time");
    let mut conn = site.db().conn().await.expect("connected");
    for (name, text) in [
        ("America/New_York", "2026-11-01 01:30:00.000000"),
        ("Europe/Berlin", "2026-11-01 07:30:00.000000"),
        ("", "2026-11-01 12:00:00.000000"),
    ] {
        singles::write_field(&mut conn, "System Settings", "time_zone", name)
            .await
            .expect("written");
        assert_eq!(frappe_text(site.zone().await.expect("read").to_local(moment)), text);
    }
    sql(site, &["DELETE FROM `tabSingles` WHERE doctype = 'System Settings'"]).await;
    assert_eq!(site.zone().await.expect("read"), SiteZone::named("Asia/Kolkata"));
}
