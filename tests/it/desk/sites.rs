//! Two sites of one bench: nobody of one is anybody on the other.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use erpnext_github::api::{self, ApiState, Deliveries, Desk as DeskState, MetricsHandle, Server};
use erpnext_github::app::{App, Served};
use erpnext_github::clock::SharedClock;
use erpnext_github::config::{HostLayer, trusted_proxies};
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::encryption_key;
use erpnext_github::frappe::secrets;
use erpnext_github::frappe::zone::frappe_text;
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use erpnext_github::webhook::signature::{HEADER, sign};
use secrecy::SecretString;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::TestSite;
use crate::support::desk::{Answer, Desk};
use crate::support::server;

const WEBHOOK: &str = "/api/method/erpnext_github_integration.webhooks.github_webhook";
const RIGHTS: &str = "/api/method/erpnext_github_integration.desk.rights";

/// The sites `a.test` and `b.test`, and a user ann on each: an admin with a session and a key on the first, nobody much on the other.
struct Pair {
    a: TestSite,
    b: TestSite,
    base: String,
    http: reqwest::Client,
    _end: DropGuard,
}

async fn pair(trusted: &str) -> Pair {
    let name = |site_name: &str| SiteOptions {
        site_name: site_name.to_owned(),
        ..SiteOptions::default()
    };
    let a = TestSite::with(FrappeMajor::V15, name("a.test")).await;
    let bench = a.scratch().bench().clone();
    let b = SmallSite::create_in(&bench, server().await, FrappeMajor::V16, name("b.test")).await;
    let b = TestSite::of(b.expect("a second site").into_site());
    for site in [&a, &b] {
        setup::install(site.site(), &SetupOptions::default(), &|_| ())
            .await
            .expect("installed");
        site.erp().add_user("ann@x.com", "Ann", &[]).await.expect("a user");
    }
    let erp = a.erp();
    erp.add_child("Has Role", ("User", "ann@x.com", "roles"), &[("role", "GitHub Admin")])
        .await
        .expect("a role");
    let zone = a.site().zone().await.expect("a zone");
    let now = frappe_text(zone.to_local(a.site().clock().now()));
    erp.add_session("ann@x.com", "ann", "token-ann", &now)
        .await
        .expect("a session");
    let key = encryption_key::ensure(a.site().config()).expect("a key");
    erp.add_api_key("ann@x.com", "k1", "s3cret", &key).await.expect("a key");
    let clock: SharedClock = a.site().clock().clone();
    let bench = Bench::locate(Some(a.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench");
    let app = App::new(bench, Databases::new(20), clock, [HostLayer::default(), HostLayer::default()]);
    let end = CancellationToken::new();
    let sites = Served::new(app.clone(), || ["a.test", "b.test"].map(str::to_owned).into(), end.clone());
    let proxies = trusted_proxies(Some(trusted), &[].into_iter().collect()).expect("proxies");
    let state = ApiState {
        readiness: sites.readiness(),
        metrics: MetricsHandle::start(app.databases().clone()).expect("counters"),
        desk: DeskState::new(Arc::new(sites), proxies),
        deliveries: Deliveries::counting(app.crowd().clone()),
    };
    let server = Server::bind("127.0.0.1:0".parse().expect("an address"))
        .await
        .expect("a port");
    let base = format!("http://{}", server.address());
    tokio::spawn(server.run(api::router(state), end.clone()));
    let _kept = rustls::crypto::ring::default_provider().install_default();
    Pair {
        a,
        b,
        base,
        http: reqwest::Client::builder().no_proxy().build().expect("a client"),
        _end: end.drop_guard(),
    }
}

impl Pair {
    async fn ask(&self, headers: &[(&str, &str)]) -> Answer {
        let request = self.http.get(format!("{}{RIGHTS}", self.base));
        Desk::answer(
            headers
                .iter()
                .fold(request, |request, (name, value)| request.header(*name, *value)),
        )
        .await
    }
}

#[tokio::test]
async fn f24_a_delivery_is_for_the_site_of_its_host_alone_even_where_both_have_one_secret() {
    let pair = pair("10.0.0.1").await;
    let secret = SecretString::from("one for both");
    for site in [&pair.a, &pair.b] {
        let key = encryption_key::ensure(site.site().config()).expect("a key");
        let mut conn = site.site().db().conn().await.expect("a connection");
        secrets::store_single(&mut conn, &key, "GitHub Settings", "webhook_secret", &secret)
            .await
            .expect("stored");
    }
    let body = r#"{"action": "started", "repository": {"id": 7, "full_name": "octo/web"}}"#;
    let deliver = async |host: &str, further: &[(&str, &str)]| {
        let request = pair.http.post(format!("{}{WEBHOOK}", pair.base)).header("host", host);
        let request = further
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request
            .header("content-type", "application/json")
            .header("x-github-event", "ping")
            .header("x-github-delivery", "one")
            .header(HEADER, sign(&secret, body.as_bytes()));
        Desk::answer(request.body(body)).await.status
    };
    let events = async || {
        let sql = "SELECT COUNT(*) FROM `tabGitHub Event`";
        (pair.a.value(sql).await, pair.b.value(sql).await)
    };
    assert_eq!(deliver("c.test", &[]).await, 404);
    // Who is no trusted proxy cannot lead it to another site.
    assert_eq!(deliver("a.test", &[("x-frappe-site-name", "b.test")]).await, 202);
    assert_eq!(events().await, ("1".to_owned(), "0".to_owned()));
    assert_eq!(deliver("a.test", &[]).await, 200, "known there");
    assert_eq!(deliver("b.test", &[]).await, 202, "and not yet here");
    assert_eq!(events().await, ("1".to_owned(), "1".to_owned()));
}

#[tokio::test]
async fn a_session_and_a_key_of_one_site_are_nothing_on_the_other() {
    let pair = pair("10.0.0.1").await;
    for (host, status) in [
        ("a.test", 200),
        ("a.test:8000", 200),
        ("A.TEST", 200),
        ("b.test", 403),
        ("b.test:80", 403),
        ("c.test", 404),
        ("a.test.", 404),
        ("../a.test", 404),
        ("a.test@b.test", 404),
    ] {
        let answer = pair.ask(&[("host", host), ("cookie", "sid=ann")]).await;
        assert_eq!(answer.status, status, "{host}: {answer:?}");
        if status == 403 {
            assert_eq!(answer.body["session_expired"], 1, "{answer:?}");
        }
        let by_key = pair.ask(&[("host", host), ("authorization", "token k1:s3cret")]).await;
        let status = if status == 403 { 401 } else { status };
        assert_eq!(by_key.status, status, "{host}: {by_key:?}");
    }
    assert_eq!(pair.a.value("SELECT COUNT(*) FROM tabSessions").await, "1");
}

#[tokio::test]
async fn only_a_trusted_proxy_says_another_site_than_the_host() {
    for (trusted, is_b) in [("10.0.0.1", false), ("127.0.0.0/8", true)] {
        let pair = pair(trusted).await;
        let headers = [("host", "a.test"), ("x-frappe-site-name", "b.test"), ("cookie", "sid=ann")];
        let answer = pair.ask(&headers).await;
        assert_eq!(answer.status, if is_b { 403 } else { 200 }, "{trusted}: {answer:?}");
        // The one that nginx names counts, the first of two: a stranger's cannot come before it.
        let headers = [("host", "b.test"), ("x-frappe-site-name", "a.test"), ("cookie", "sid=ann")];
        let answer = pair.ask(&headers).await;
        assert_eq!(answer.status, if is_b { 200 } else { 403 }, "{trusted}: {answer:?}");
    }
}
