//! A process is ready when a site is; a site is when this version is installed there and it is no copy.

use std::sync::Arc;

use erpnext_github::frappe::instance::FILE_KEY;
use erpnext_github::frappe::site::Site;
use erpnext_github::frappe::site_config_file::remove_key;
use erpnext_github::health::{Readiness, ReadinessReport, Standing, Verdict};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions};

use super::install;
use crate::support::TestSite;

async fn report(sites: &[&Site]) -> Arc<ReadinessReport> {
    let sites: Vec<Site> = sites.iter().map(|site| (*site).clone()).collect();
    let listed = move || sites.iter().map(|site| (site.name().to_owned(), Ok(site.clone()))).collect();
    Readiness::new(listed, |_| Box::pin(async { None })).report().await
}

/// What is said of the only site, with its reasons.
async fn standing(site: &Site) -> (Verdict, Standing, String) {
    let report = report(&[site]).await;
    let [only] = report.sites.as_slice() else {
        panic!("one site: {report:?}")
    };
    let reasons = only
        .checks
        .iter()
        .filter(|check| check.is_failure())
        .map(|check| check.message.as_str());
    (report.status, only.status, reasons.collect())
}

#[tokio::test]
async fn a_site_is_served_when_it_is_ours() {
    let test = TestSite::new(FrappeMajor::V15).await;
    let site = test.site();
    let (verdict, stands, reason) = standing(site).await;
    assert_eq!((verdict, stands), (Verdict::NotReady, Standing::NotServed));
    assert!(reason.contains("erpnext-github install --site"), "{reason}");

    install(site).await;
    assert_eq!(standing(site).await, (Verdict::Ready, Standing::Ready, String::new()));

    for (schema, part) in [("0", "erpnext-github install --site"), ("99", "run that program")] {
        let sql = format!("UPDATE erpnext_github_site SET v = '{schema}' WHERE k = 'schema_version'");
        test.scratch().execute(&sql).await.expect("changed");
        let (verdict, stands, reason) = standing(site).await;
        assert_eq!((verdict, stands), (Verdict::NotReady, Standing::NotReady));
        assert!(reason.contains(part), "{reason}");
    }
}

#[tokio::test]
async fn a_copy_is_not_served_and_says_why() {
    let test = TestSite::new(FrappeMajor::V15).await;
    install(test.site()).await;
    remove_key(&test.site().config().file(), FILE_KEY).expect("removed");
    let (verdict, stands, reason) = standing(test.site()).await;
    assert_eq!((verdict, stands), (Verdict::NotReady, Standing::NotServed));
    assert!(
        reason.contains("is passive") && reason.contains("erpnext-github adopt"),
        "{reason}"
    );
}

#[tokio::test]
async fn the_sites_of_a_bench_stand_for_themselves() {
    let named = |name: &str| SiteOptions {
        site_name: name.to_owned(),
        ..SiteOptions::default()
    };
    let good = TestSite::with(FrappeMajor::V15, named("b.example.com")).await;
    let other = TestSite::with(FrappeMajor::V15, named("a.example.com")).await;
    install(good.site()).await;
    let both = report(&[good.site(), other.site()]).await;
    assert_eq!(
        (both.status, both.message),
        (Verdict::Ready, None),
        "one of two need not be served"
    );
    assert_eq!(both.sites[0].site, "a.example.com", "in the order of their names");

    install(other.site()).await;
    let sql = "UPDATE erpnext_github_site SET v = '99' WHERE k = 'schema_version'";
    other.scratch().execute(sql).await.expect("changed");
    assert_eq!(report(&[good.site(), other.site()]).await.status, Verdict::Degraded);

    let none = report(&[]).await;
    assert_eq!(none.status, Verdict::NotReady);
    assert!(none.message.is_some_and(|message| message.contains("erpnext-github doctor")));
}
