//! Copies, restored and moved sites stay passive (design D17).

use erpnext_github::frappe::instance;
use erpnext_github::frappe::site_config_file;
use erpnext_github::setup::{self, Adopted, State};
use erpnext_github::sim::site::FrappeMajor;

use super::{install, uninstall};
use crate::support::TestSite;

#[tokio::test]
async fn a_site_whose_file_does_not_know_it_is_passive_until_adopted() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let file = test.site().config().file();
    for id in [None, Some("0123456789abcdef0123456789abcdef")] {
        match id {
            None => site_config_file::remove_key(&file, instance::FILE_KEY).expect("written"),
            Some(id) => site_config_file::set_key(&file, instance::FILE_KEY, &id.into()).expect("written"),
        }
        let State::Passive { reason } = setup::state(test.site()).await.expect("state") else {
            panic!("must be passive")
        };
        assert!(reason.contains("adopt --site"), "{reason}");
        let report = install(test.site()).await;
        assert!(
            report.is_empty() && report.warnings.iter().any(|warning| warning.contains("passive")),
            "{report}"
        );
        assert!(
            matches!(setup::state(test.site()).await.expect("state"), State::Passive { .. }),
            "install adopts nothing"
        );
        assert_eq!(setup::adopt(test.site()).await.expect("adopted"), Adopted::Now);
        assert_eq!(setup::state(test.site()).await.expect("state"), State::Current);
    }
    assert_eq!(setup::adopt(test.site()).await.expect("adopted"), Adopted::WasOurs);
}

#[tokio::test]
async fn a_removal_takes_the_id_out_of_the_file_and_leaves_the_rest() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let file = test.site().config().file();
    let before = std::fs::read_to_string(&file).expect("read");
    install(test.site()).await;
    assert!(std::fs::read_to_string(&file).expect("read").contains(instance::FILE_KEY));
    uninstall(test.site()).await;
    assert_eq!(std::fs::read_to_string(&file).expect("read"), before);
}

#[tokio::test]
async fn a_site_without_an_installation_cannot_be_adopted() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let error = setup::adopt(test.site()).await.expect_err("nothing is installed");
    assert!(error.to_string().contains("install"), "{error}");
}

#[tokio::test]
async fn an_older_and_a_newer_installation_are_told_apart() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    let set = async |key: &str, value: &str| {
        let sql = format!("UPDATE erpnext_github_site SET v = '{value}' WHERE k = '{key}'");
        test.scratch().execute(&sql).await.expect("written");
    };
    set("schema_version", "0").await;
    assert!(matches!(setup::state(test.site()).await.expect("state"), State::Older { .. }));
    assert!(install(test.site()).await.recorded_version.is_some());
    set("schema_fingerprint", "other").await;
    assert!(matches!(setup::state(test.site()).await.expect("state"), State::Older { .. }));
    set("schema_version", "99").await;
    assert!(matches!(setup::state(test.site()).await.expect("state"), State::Newer { .. }));
    let error = super::try_install(test.site()).await.expect_err("a newer one is there");
    assert!(error.to_string().contains("newer"), "{error}");
}
