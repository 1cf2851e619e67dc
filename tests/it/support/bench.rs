//! The bench's web server of a test's site.

use erpnext_github::clock::SharedClock;
use erpnext_github::sim::site::{SiteHttp, SiteRequest};
use serde_json::json;

use super::TestSite;

/// A bench that answers, or not.
pub(crate) struct Bench {
    http: SiteHttp,
}

impl Bench {
    /// Serves the site, by its clock, where its configuration says.
    pub(crate) async fn of(test: &TestSite) -> Self {
        let clock: SharedClock = test.site().clock().clone();
        let http = SiteHttp::start(test.scratch(), clock).await.expect("a port");
        let bench = Self { http };
        bench.up(test);
        bench
    }

    /// It answers.
    pub(crate) fn up(&self, test: &TestSite) {
        Self::port(test, self.http.port());
    }

    /// Nobody listens.
    pub(crate) fn down(test: &TestSite) {
        Self::port(test, 1);
    }

    fn port(test: &TestSite, port: u16) {
        let bench = test.scratch().bench();
        bench.set_common("webserver_port", json!(port)).expect("written");
    }

    /// The site's HTTP, for faults and what it was asked.
    pub(crate) fn http(&self) -> &SiteHttp {
        &self.http
    }

    /// Requests that change something.
    pub(crate) fn writes(&self) -> Vec<SiteRequest> {
        let mut requests = self.http.requests();
        requests.retain(|request| request.verb != "GET");
        requests
    }
}
