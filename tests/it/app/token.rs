//! A token is sent where it was entered for, and nowhere else: scheme, host and port of both APIs (design D16).

use std::collections::BTreeMap;
use std::path::Path;

use erpnext_github::app::{App, ConnectError, settings};
use erpnext_github::config::HostLayer;
use erpnext_github::frappe::bench::Bench;
use erpnext_github::frappe::db::Databases;
use erpnext_github::frappe::site::Site;
use erpnext_github::frappe::site_config_file::remove_key;
use erpnext_github::frappe::{encryption_key, secrets};
use erpnext_github::sim::github::{FakeGithub, World};
use secrecy::SecretString;

use crate::support::mirror::{Mirror, TOKEN};

/// The wiring of a process that was told these addresses.
pub(super) fn started_with(mirror: &Mirror, api: &str, graphql: &str) -> App {
    let bench = Bench::locate(Some(mirror.erp.bench_root()), Path::new("/"), BTreeMap::new()).expect("a bench");
    let flags = HostLayer::of_flags(Some(api.to_owned()), Some(graphql.to_owned()), None);
    let clock = mirror.site().clock().clone();
    App::new(bench, Databases::new(2), clock, [HostLayer::default(), flags])
}

/// Another GitHub on this machine, which has another port.
async fn other_github() -> FakeGithub {
    FakeGithub::start(World::default()).await.expect("a fake GitHub")
}

/// The site as a process that begins now reads it.
pub(super) fn site(app: &App, mirror: &Mirror) -> Site {
    app.site(mirror.site().name()).expect("the site's files")
}

/// The sentence of the refusal.
async fn refused(app: &App, mirror: &Mirror) -> String {
    match app.github(&site(app, mirror)).await {
        Err(error @ ConnectError::OtherHost { .. }) => error.to_string(),
        other => panic!("the token would be sent: {other:?}"),
    }
}

async fn enter(app: &App, mirror: &Mirror, token: &str) {
    settings::set(
        app,
        &site(app, mirror),
        "personal_access_token",
        &SecretString::from(token),
        "Administrator",
    )
    .await
    .expect("stored");
}

/// Stores a token as a save in the desk does.
async fn enter_in_the_desk(mirror: &Mirror, token: &str) {
    let key = encryption_key::ensure(mirror.site().config()).expect("a key");
    let mut conn = mirror.site().db().conn().await.expect("a connection");
    secrets::store_single(
        &mut conn,
        &key,
        "GitHub Settings",
        "personal_access_token",
        &SecretString::from(token),
    )
    .await
    .expect("stored");
}

#[tokio::test]
async fn d16_a_token_is_bound_to_scheme_host_and_port_when_it_is_entered() {
    // The mirror's token was entered for its own GitHub and never used.
    let mirror = Mirror::new(|_| {}).await;
    let other = other_github().await;
    let app = started_with(&mirror, other.base_url(), &other.graphql_url());
    let sentence = refused(&app, &mirror).await;
    for part in [
        mirror.github.base_url(),
        other.base_url(),
        "settings set personal_access_token --stdin",
    ] {
        assert!(sentence.contains(part.trim_end_matches('/')), "{part} is missing: {sentence}");
    }
    assert!(!sentence.contains(TOKEN), "{sentence}");
    let encrypted = mirror.github.base_url().replace("http://", "https://");
    let app = started_with(&mirror, &encrypted, &encrypted);
    refused(&app, &mirror).await;
    assert_eq!((other.requests().len(), mirror.github.requests().len()), (0, 0));
    assert!(mirror.app().github(mirror.site()).await.is_ok(), "where it belongs it may go");
    mirror.finish().await;
}

#[tokio::test]
async fn d16_another_graphql_address_is_another_place() {
    let mirror = Mirror::new(|_| {}).await;
    let other = other_github().await;
    let app = started_with(&mirror, mirror.github.base_url(), &other.graphql_url());
    refused(&app, &mirror).await;
    assert_eq!((other.requests().len(), mirror.github.requests().len()), (0, 0));
    mirror.finish().await;
}

#[tokio::test]
async fn d16_a_token_that_is_entered_again_is_bound_anew() {
    let mirror = Mirror::new(|_| {}).await;
    let other = other_github().await;
    let app = started_with(&mirror, other.base_url(), &other.graphql_url());
    enter(&app, &mirror, TOKEN).await;
    assert!(app.github(mirror.site()).await.is_ok());
    refused(mirror.app(), &mirror).await;
    mirror.finish().await;
}

#[tokio::test]
async fn d16_a_token_of_the_desk_is_bound_by_its_first_use() {
    let mirror = Mirror::new(|_| {}).await;
    let other = other_github().await;
    let app = started_with(&mirror, other.base_url(), &other.graphql_url());
    enter_in_the_desk(&mirror, "token-of-the-desk").await;
    assert!(app.github(mirror.site()).await.is_ok());
    refused(mirror.app(), &mirror).await;
    mirror.finish().await;
}

#[tokio::test]
async fn d16_a_site_that_gets_its_key_with_the_token_is_bound_as_well() {
    let mirror = Mirror::new(|_| {}).await;
    let file = mirror.site().config().file();
    remove_key(&file, "encryption_key").expect("removed");
    enter(mirror.app(), &mirror, "another-token").await;
    let other = other_github().await;
    let app = started_with(&mirror, other.base_url(), &other.graphql_url());
    refused(&app, &mirror).await;
    mirror.finish().await;
}
