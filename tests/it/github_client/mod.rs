//! The GitHub client against a server that answers what a test tells it to.

mod apps;
mod broken;
pub(crate) mod canned;
mod conditional;
mod details;
mod errors;
mod graphql;
mod lists;
mod objects;
mod parts;
mod redirects;
mod transport;
mod writes;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use erpnext_github::clock::FixedClock;
use erpnext_github::config::Hosts;
use erpnext_github::domain::RepoName;
use erpnext_github::domain::budget::Rules;
use erpnext_github::github::budget::{Budget, InMemory};
use erpnext_github::github::{Client, ClientOptions, Credential, RetryPolicy};
use secrecy::SecretString;

/// What must never be seen anywhere but in the Authorization header.
const TOKEN: &str = "ghp_neverShownAnywhere";

/// Our own clock, which differs from GitHub's so that a test can tell whose was taken.
fn our_clock() -> DateTime<Utc> {
    time("2024-01-01T00:00:00Z")
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Three attempts, no pause of our own, no patience for an ordered one.
fn options() -> ClientOptions {
    ClientOptions {
        connect_timeout: Duration::from_secs(5),
        timeout: Duration::from_secs(20),
        max_body: 1024 * 1024,
        retry: RetryPolicy {
            attempts: 3,
            first: Duration::ZERO,
            longest: Duration::ZERO,
            patience: Duration::ZERO,
            total: Duration::from_secs(60),
        },
    }
}

fn client_at(url: &str, options: ClientOptions) -> Client {
    client_by(url, options, FixedClock::at(our_clock()))
}

fn client_by(url: &str, options: ClientOptions, clock: Arc<FixedClock>) -> Client {
    let hosts = Hosts::of_api(url).expect("a local address");
    let token = Credential::Token(SecretString::from(TOKEN));
    let rules = Rules {
        write_gap_ms: 0,
        ..Rules::default()
    };
    let budget = Budget::new(Arc::new(InMemory::default()), "a test", rules, clock.clone());
    let client = Client::new(hosts, &token, clock, options).expect("a client");
    client.within(budget, 0)
}

fn web() -> RepoName {
    "acme/web".parse().expect("a name")
}
