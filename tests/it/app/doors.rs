//! The GitHub App of a site and what people authorise: entered once, kept for one GitHub, and shown to nobody.

use erpnext_github::app::{ConnectError, settings};
use erpnext_github::domain::Login;
use erpnext_github::github::app::Narrowing;
use erpnext_github::sim::github::{FakeGithub, World};
use secrecy::SecretString;

use super::token::{site, started_with};
use crate::support::mirror::Mirror;

/// Slug of the App in these tests.
pub(crate) const APP: &str = "erp-of-acme";
/// Every key and secret lies sealed or encrypted: what is readable of them anywhere in the site.
const KEY_OF_APP: &str = "SELECT CONCAT_WS('|', host, fingerprint, sealed LIKE '%PRIVATE KEY%') FROM erpnext_github_app_key";

/// A site beside a GitHub with an App in `acme`.
async fn stage() -> Mirror {
    Mirror::new(|world| {
        world.repository("acme/web");
        world.app(APP).asking_for(&[("metadata", "read"), ("issues", "write")]);
        world.install(APP, "acme");
    })
    .await
}

async fn set(mirror: &Mirror, key: &str, value: &str) -> String {
    let value = SecretString::from(value);
    let set = settings::set(mirror.app(), mirror.site(), key, &value, "Administrator");
    set.await.unwrap_or_else(|error| error.to_string())
}

/// Sets the App up as an administrator does.
pub(crate) async fn enter_app(mirror: &Mirror) -> String {
    let (pem, client_id, id) = {
        let mut world = mirror.github.world();
        let app = world.app(APP);
        (app.pem(), app.client_id.clone(), app.id.to_string())
    };
    for (key, value) in [("app_client_id", client_id), ("app_id", id), ("app_slug", APP.to_owned())] {
        set(mirror, key, &value).await;
    }
    set(mirror, "app_private_key", &pem).await
}

#[tokio::test]
async fn g3_3_an_app_that_is_entered_speaks_for_itself_and_its_installations() {
    let mirror = stage().await;
    assert!(mirror.app().github_app(mirror.site()).await.expect("readable").is_none());
    let told = enter_app(&mirror).await;
    assert!(
        told.starts_with("app_private_key (") && told.contains(") is set for http://"),
        "{told}"
    );
    let client = mirror.app().as_app(mirror.site()).await.expect("a client").expect("an App");
    let acme = "acme".parse::<Login>().expect("a login");
    let installation = client
        .installation_in_organization(&acme)
        .await
        .expect("answered")
        .expect("installed");
    let acting = mirror
        .app()
        .as_installation(mirror.site(), &installation, Narrowing::default());
    let acting = acting.await.expect("a client").expect("an App");
    let page = acting
        .installation_repositories()
        .next()
        .await
        .expect("answered")
        .expect("a page");
    assert_eq!(page.items.len(), 1);
    let again = mirror
        .app()
        .github_app(mirror.site())
        .await
        .expect("readable")
        .expect("an App");
    let kept = mirror
        .app()
        .github_app(mirror.site())
        .await
        .expect("readable")
        .expect("an App");
    assert!(std::sync::Arc::ptr_eq(&again, &kept), "signed tokens are kept with it");
    mirror.finish().await;
}

#[tokio::test]
async fn the_key_of_an_app_lies_sealed_and_what_is_no_key_is_refused_without_being_repeated() {
    let mirror = stage().await;
    enter_app(&mirror).await;
    let shown = mirror
        .erp
        .value("SELECT value FROM tabSingles WHERE field = 'app_key_fingerprint'")
        .await;
    let host = mirror.github.base_url().trim_end_matches('/').to_owned();
    assert_eq!(mirror.erp.value(KEY_OF_APP).await, format!("{host}|{shown}|0"));
    assert_eq!(settings::get(mirror.site(), "app_private_key").await.expect("known"), "set");
    let told = set(&mirror, "app_private_key", "-----BEGIN sesame-----").await;
    assert!(
        told.contains("no private key of a GitHub App") && !told.contains("sesame"),
        "{told}"
    );
    assert_eq!(
        mirror.erp.value(KEY_OF_APP).await,
        format!("{host}|{shown}|0"),
        "the old one stays"
    );
    let told = set(&mirror, "app_key_fingerprint", "x").await;
    assert!(told.contains("set by the system"), "{told}");
    mirror.finish().await;
}

#[tokio::test]
async fn d16_keys_and_secrets_of_an_app_stay_with_the_github_they_were_entered_for() {
    let mirror = stage().await;
    enter_app(&mirror).await;
    set(&mirror, "app_client_secret", "a-secret-of-the-fake-app").await;
    let other = FakeGithub::start(World::default()).await.expect("a fake GitHub");
    let app = started_with(&mirror, other.base_url(), &other.graphql_url());
    let site = site(&app, &mirror);
    for refused in [app.as_app(&site).await.map(drop), app.grants(&site).await.map(drop)] {
        let Err(error @ ConnectError::OtherHost { .. }) = refused else {
            panic!("it would be used: {refused:?}");
        };
        let sentence = error.to_string();
        assert!(
            sentence.contains("settings set app_") && !sentence.contains("a-secret-of"),
            "{sentence}"
        );
    }
    assert!(
        mirror.app().grants(mirror.site()).await.expect("readable").is_some(),
        "where it belongs"
    );
    assert_eq!(other.requests().len(), 0);
    mirror.finish().await;
}

#[tokio::test]
async fn the_app_of_a_site_goes_before_an_oauth_app_for_what_people_authorise() {
    let mirror = stage().await;
    let grants = async || mirror.app().grants(mirror.site()).await.expect("readable");
    set(&mirror, "oauth_client_id", "Ov1").await;
    assert!(grants().await.is_none(), "an id alone is none");
    set(&mirror, "oauth_client_secret", "a-secret").await;
    assert_eq!(grants().await.expect("set up").client_id(), "Ov1");
    set(&mirror, "app_client_id", "Iv1").await;
    set(&mirror, "app_client_secret", "another-secret").await;
    assert_eq!(grants().await.expect("set up").client_id(), "Iv1");
    mirror.finish().await;
}
