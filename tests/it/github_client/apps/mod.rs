//! The client in the name of a GitHub App and of its installations, against the fake GitHub.

mod ending;
mod identity;
mod manifest;
mod refusals;
mod scope;
mod secrets;
mod tokens;

use std::sync::Arc;

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::config::Hosts;
use erpnext_github::domain::budget::Rules;
use erpnext_github::domain::{Grants, Installation, Login, Visibility};
use erpnext_github::github::app::{AppIdentity, AppKey, InstallationCredential, InstallationTokens, Narrowing};
use erpnext_github::github::budget::{Budget, InMemory};
use erpnext_github::github::{Client, Credential};
use erpnext_github::sim::github::{FakeGithub, World};
use secrecy::SecretString;

use super::options;
use crate::github_contract::wrong_requests;

/// Slug of the App in these tests.
const APP: &str = "erp-of-acme";
/// What it asks for.
const PERMISSIONS: [(&str, &str); 6] = [
    ("administration", "write"),
    ("contents", "read"),
    ("issues", "write"),
    ("members", "read"),
    ("metadata", "read"),
    ("pull_requests", "write"),
];

/// A fake GitHub with an App, and what is needed to speak to it as that App.
struct Stage {
    fake: FakeGithub,
    /// GitHub's clock.
    clock: Arc<FixedClock>,
    hosts: Hosts,
    tokens: InstallationTokens,
}

impl Stage {
    /// The App is installed in `acme`, which has a private repository; `story` adds the rest.
    async fn new(story: impl FnOnce(&mut World)) -> Self {
        let clock = FixedClock::at(World::start_of_time());
        let mut world = World::new(clock.clone());
        world
            .repository("acme/web")
            .with_visibility(Visibility::Private)
            .with_issues(3);
        world.app(APP).asking_for(&PERMISSIONS).for_events(&["issues"]);
        world.install(APP, "acme");
        story(&mut world);
        let fake = FakeGithub::start(world).await.expect("a free port");
        let hosts = Hosts::of_api(fake.base_url()).expect("a local address");
        Self {
            fake,
            clock,
            hosts,
            tokens: InstallationTokens::default(),
        }
    }

    fn pem(&self) -> SecretString {
        SecretString::from(self.fake.world().app(APP).pem())
    }

    /// The App by its client id and key.
    fn identity(&self) -> Arc<AppIdentity> {
        let client_id = self.fake.world().app(APP).client_id.clone();
        let key = AppKey::from_pem(&self.pem()).expect("a key");
        AppIdentity::new(client_id, Some(APP.to_owned()), key)
    }

    /// A client whose clock is GitHub's.
    fn client(&self, credential: &Credential) -> Client {
        self.client_by(credential, self.clock.clone())
    }

    fn client_by(&self, credential: &Credential, clock: Arc<FixedClock>) -> Client {
        let rules = Rules {
            write_gap_ms: 0,
            ..Rules::default()
        };
        let budget = Budget::new(Arc::new(InMemory::default()), "a test", rules, clock.clone());
        let client = Client::new(self.hosts.clone(), credential, clock, options()).expect("a client");
        client.within(budget, 0)
    }

    /// A client of the App itself.
    fn app(&self) -> Client {
        self.client(&self.identity().credential())
    }

    /// The installation in `acme`, as GitHub tells of it.
    async fn acme(&self) -> Installation {
        self.found("acme").await
    }

    async fn found(&self, login: &str) -> Installation {
        let login: Login = login.parse().expect("a login");
        let found = self.app().installation_in_account(&login).await;
        found.expect("an answer").expect("it is installed there")
    }

    /// The credential of an installation, as a site uses it.
    fn credential(&self, site: &str, installation: &Installation, narrowing: Narrowing) -> Credential {
        let identity = self.identity();
        let app = self.client(&identity.credential());
        InstallationCredential::new(&self.tokens, site, (&identity, &app), installation, narrowing).credential()
    }

    /// A client of the installation in `acme`, for all that it may.
    async fn installed(&self) -> Client {
        let acme = self.acme().await;
        self.client(&self.credential("site", &acme, Narrowing::default()))
    }

    /// How often a token was asked for, by whom.
    fn asked_for_tokens(&self) -> Vec<String> {
        let requests = self.fake.requests().into_iter();
        requests
            .filter(|request| request.path.ends_with("/access_tokens"))
            .map(|request| request.credential)
            .collect()
    }

    fn pass(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }

    /// Ends a test that asked for nothing that GitHub does not know.
    fn done(self) {
        assert_eq!(self.fake.unexpected(), Vec::<String>::new());
        assert_eq!(wrong_requests(&self.fake.requests()), Vec::<String>::new());
    }
}

fn grants(pairs: &[(&str, erpnext_github::domain::Level)]) -> Grants {
    pairs.iter().map(|&(name, level)| (name, level)).collect()
}
