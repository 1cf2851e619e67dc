//! A copy of a site is passive until somebody says otherwise.

use std::os::fd::AsRawFd;

use erpnext_github::frappe::instance::{self, FILE_KEY, InstanceError, InstanceState};
use erpnext_github::frappe::site_config_file::{remove_key, set_key};

use super::{FrappeMajor, SITE_TABLE, TestSite, one, sql};

#[tokio::test]
async fn a_site_is_ours_after_it_was_adopted() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    sql(site, &["DROP TABLE IF EXISTS erpnext_github_site"]).await;
    assert_eq!(
        instance::state(site).await.expect("read"),
        InstanceState::NotInstalled,
        "no table"
    );
    sql(site, &[SITE_TABLE]).await;
    assert_eq!(
        instance::state(site).await.expect("read"),
        InstanceState::NotInstalled,
        "no row"
    );

    let before = std::fs::read_to_string(site.config().file()).expect("readable");
    let id = instance::adopt(site).await.expect("adopted");
    assert_eq!(instance::state(site).await.expect("read"), InstanceState::Ours);
    assert_eq!(
        one(site, "SELECT v FROM erpnext_github_site WHERE k = 'instance_id'").await,
        id
    );
    instance::forget(site.config()).expect("forgotten");
    assert_eq!(std::fs::read_to_string(site.config().file()).expect("readable"), before);
}

#[tokio::test]
async fn a_restored_copied_or_moved_site_is_passive() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    sql(site, &[SITE_TABLE]).await;
    let first = instance::adopt(site).await.expect("adopted");
    for copied in [true, false] {
        if copied {
            set_key(&site.config().file(), FILE_KEY, &"another".into()).expect("changed");
        } else {
            remove_key(&site.config().file(), FILE_KEY).expect("removed");
        }
        let InstanceState::Passive { reason } = instance::state(site).await.expect("read") else {
            panic!("a copy must be passive");
        };
        let command = format!("`erpnext-github adopt --site {}`", site.name());
        assert!(reason.contains(&command) && reason.contains("site_config.json"), "{reason}");
    }
    let second = instance::adopt(site).await.expect("adopted");
    assert_ne!(first, second, "the original's id stays the original's");
    assert_eq!(instance::state(site).await.expect("read"), InstanceState::Ours);
}

#[tokio::test]
async fn where_the_file_cannot_be_written_the_line_to_add_is_told() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    sql(site, &[SITE_TABLE]).await;
    // A file that has no name any more can be read through its descriptor, and nobody, not even root, can replace it.
    let file = site.config().file();
    let nameless = std::fs::File::open(&file).expect("opened");
    std::fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink(format!("/proc/self/fd/{}", nameless.as_raw_fd()), &file).expect("linked");

    let error = instance::adopt(site).await.expect_err("not writable");
    let id = one(site, "SELECT v FROM erpnext_github_site WHERE k = 'instance_id'").await;
    let line = format!("add the line \"erpnext_github_instance_id\": \"{id}\" to it");
    assert!(error.to_string().contains(&line), "{error}");
    assert!(matches!(error, InstanceError::NotWritable { .. }));
    assert!(matches!(
        instance::state(site).await.expect("read"),
        InstanceState::Passive { .. }
    ));

    // Done by hand, it is ours.
    let before = std::fs::read_to_string(&file).expect("readable");
    std::fs::remove_file(&file).expect("removed");
    std::fs::write(&file, before).expect("written");
    set_key(&file, FILE_KEY, &id.into()).expect("added");
    assert_eq!(instance::state(site).await.expect("read"), InstanceState::Ours);
}
