//! Two sites of one process: what one of them proves itself with never serves the other, however alike they are.

use std::collections::BTreeMap;
use std::path::Path;

use erpnext_github::app::{App, settings};
use erpnext_github::config::HostLayer;
use erpnext_github::frappe::auth::{Caller, UserId};
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::github::app::Narrowing;
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::github::{FakeGithub, World};
use erpnext_github::sim::site::{FrappeMajor, SiteOptions, SmallSite};
use secrecy::SecretString;

use super::person::{self, BACK, CLIENT, SECRET};
use crate::frappe::redis_server::RedisServer;
use crate::support::{TestSite, server};

const APP: &str = "erp-of-acme";

/// The sites, one GitHub, and the process that serves both.
struct Pair {
    app: App,
    github: FakeGithub,
    a: TestSite,
    b: TestSite,
    _redis: RedisServer,
}

impl Pair {
    async fn new() -> Self {
        let redis = RedisServer::start().await;
        let options = |site_name: &str| SiteOptions {
            site_name: site_name.to_owned(),
            redis: erpnext_github::sim::site::RedisUrls {
                cache: redis.url(),
                queue: redis.url(),
            },
            ..SiteOptions::default()
        };
        let a = TestSite::with(FrappeMajor::V15, options("a.test")).await;
        let bench = a.scratch().bench().clone();
        let b = SmallSite::create_in(&bench, server().await, FrappeMajor::V15, options("b.test")).await;
        let b = TestSite::of(b.expect("a second site").into_site());
        for site in [&a, &b] {
            setup::install(site.site(), &SetupOptions::default(), &|_| ())
                .await
                .expect("installed");
            site.erp().add_user("ann@x.com", "Ann", &[]).await.expect("a user");
        }
        let mut world = World::new(a.site().clock().clone());
        world.user("ann-hub");
        world.repository("acme/web");
        world.app(APP).asking_for(&[("metadata", "read"), ("issues", "write")]);
        world.install(APP, "acme");
        world.oauth_app(CLIENT, SECRET).with_callback(BACK);
        let github = FakeGithub::start(world).await.expect("a fake GitHub");
        let hosts = HostLayer::of_flags(Some(github.base_url().to_owned()), Some(github.graphql_url()), None);
        let bench = Bench::locate(Some(a.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench");
        let clock = a.site().clock().clone();
        let app = App::new(bench, Databases::new(8), clock, [HostLayer::default(), hosts]);
        Self {
            app,
            github,
            a,
            b,
            _redis: redis,
        }
    }

    fn site(&self, name: &str) -> Site {
        self.app.site(name).expect("the site's files")
    }

    async fn set(&self, site: &Site, key: &str, value: &str) {
        let value = SecretString::from(value);
        let set = settings::set(&self.app, site, key, &value, "Administrator").await;
        set.unwrap_or_else(|error| panic!("{key}: {error}"));
    }

    async fn enter_app(&self, site: &Site) {
        let (pem, id) = {
            let mut world = self.github.world();
            (world.app(APP).pem(), world.app(APP).client_id.clone())
        };
        for (key, value) in [("app_client_id", id.as_str()), ("app_slug", APP), ("app_private_key", &pem)] {
            self.set(site, key, value).await;
        }
    }

    /// Puts rows of a table of the first site into the second one's, as a restored copy has them.
    async fn copy(&self, table: &str) {
        let all = self.a.dump_tables(&[table]).await;
        let rows: Vec<&str> = all.lines().filter(|line| line.starts_with("INSERT INTO")).collect();
        assert!(!rows.is_empty(), "{table} holds nothing");
        for row in rows {
            self.b.scratch().execute(row).await.expect("copied");
        }
    }
}

fn ann() -> UserId {
    let caller = Caller {
        user: "ann@x.com".to_owned(),
        desk: true,
        ..Caller::guest()
    };
    caller.user_id().expect("somebody")
}

#[tokio::test]
async fn d16_tokens_of_an_installation_are_each_sites_own_and_so_is_the_app() {
    let pair = Pair::new().await;
    let (a, b) = (pair.site("a.test"), pair.site("b.test"));
    pair.enter_app(&a).await;
    assert!(
        pair.app.as_app(&b).await.expect("readable").is_none(),
        "the App is the first one's"
    );
    let acme = "acme".parse().expect("a login");
    let asking = pair.app.as_app(&a).await.expect("a client").expect("an App");
    let found = asking
        .installation_in_organization(&acme)
        .await
        .expect("answered")
        .expect("installed");
    let reach = async |site: &Site| {
        let client = pair
            .app
            .as_installation(site, &found, Narrowing::default())
            .await
            .expect("readable");
        let Some(client) = client else { return false };
        client.installation_repositories().next().await.expect("answered").is_some()
    };
    let asked = || {
        let requests = pair.github.requests();
        requests.iter().filter(|one| one.path.ends_with("/access_tokens")).count()
    };
    assert!(reach(&a).await && reach(&a).await);
    assert_eq!(
        (reach(&b).await, asked()),
        (false, 1),
        "what is kept for one is not given to the other"
    );
    // A sealed key that was copied does not open, though all else of the App is entered.
    for (key, value) in [("app_client_id", CLIENT), ("app_slug", APP)] {
        pair.set(&b, key, value).await;
    }
    pair.copy("erpnext_github_app_key").await;
    let copied = pair.app.as_app(&b).await;
    assert!(!matches!(copied, Ok(Some(_))), "it was sealed for another site");
    // The same App with the same key, entered there: still a token of its own.
    pair.enter_app(&b).await;
    assert_eq!((reach(&b).await, asked()), (true, 2));
}

#[tokio::test]
async fn d16_whom_somebody_is_on_one_site_he_is_not_on_the_other() {
    let pair = Pair::new().await;
    let (a, b) = (pair.site("a.test"), pair.site("b.test"));
    for site in [&a, &b] {
        pair.set(site, "app_client_id", CLIENT).await;
        pair.set(site, "app_client_secret", SECRET).await;
    }
    person::connect_on((&pair.app, &a), &pair.github, "ann@x.com", "ann-hub").await;
    let as_ann = async |site: &Site| pair.app.github_as_user(site, &ann()).await;
    let login = as_ann(&a).await.expect("readable").map(|acting| acting.account.login);
    assert_eq!(login.as_deref(), Some("ann-hub"));
    let nobody = as_ann(&b).await;
    assert!(!matches!(nobody, Ok(Some(_))), "she has not connected there");
    // Her row, as it lies there: first beside another key, then beside the same one, as after a restore.
    pair.copy("erpnext_github_grant").await;
    let from = pair.github.requests().len();
    let refused = as_ann(&b).await;
    assert!(!matches!(refused, Ok(Some(_))), "it was sealed with another key");
    let config = |site: &TestSite| site.scratch().config_file();
    let read =
        |path| -> serde_json::Value { serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON") };
    let key = read(config(&pair.a))["encryption_key"].clone();
    pair.b.scratch().set_config("encryption_key", key).expect("the site's file");
    let b = pair.site("b.test");
    pair.set(&b, "app_client_secret", SECRET).await;
    let refused = pair.app.github_as_user(&b, &ann()).await;
    assert!(!matches!(refused, Ok(Some(_))), "it was sealed for another site");
    assert_eq!(pair.github.requests().len(), from, "GitHub is asked nothing with it");
    assert!(matches!(as_ann(&a).await, Ok(Some(_))), "where it belongs it works");
}

#[tokio::test]
async fn d16_a_token_of_one_site_is_not_sent_for_the_other() {
    let pair = Pair::new().await;
    let (a, b) = (pair.site("a.test"), pair.site("b.test"));
    pair.github.world().token("token-of-the-first", "first");
    pair.github.world().token("token-of-the-second", "second");
    pair.set(&a, "personal_access_token", "token-of-the-first").await;
    let none = pair.app.github(&b).await.expect_err("it has none").to_string();
    assert!(
        none.contains("b.test") && none.contains("no GitHub token is stored"),
        "{none}"
    );
    pair.set(&b, "personal_access_token", "token-of-the-second").await;
    let (one, other) = (pair.app.github(&a).await, pair.app.github(&b).await);
    let (one, other) = (one.expect("a client"), other.expect("a client"));
    // Both at once, again and again.
    for _ in 0..5 {
        let (one, other) = tokio::join!(one.viewer(), other.viewer());
        assert_eq!(one.expect("answered").login, "first");
        assert_eq!(other.expect("answered").login, "second");
    }
}
