//! Who an App is: its key, its token, and clocks that are not GitHub's.

use chrono::TimeDelta;
use erpnext_github::clock::FixedClock;
use erpnext_github::domain::RepositorySelection;
use erpnext_github::github::app::{AppIdentity, AppKey};
use erpnext_github::github::{ErrorKind, Renewable as _};
use erpnext_github::sim::github::World;
use secrecy::{ExposeSecret as _, SecretString};

use super::{APP, Stage};

fn key(text: impl Into<String>) -> Result<AppKey, String> {
    AppKey::from_pem(&SecretString::from(text.into())).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_key_is_read_in_both_forms_and_never_shown() {
    let mut world = World::default();
    let (first, second) = (world.app(APP).pem(), world.app(APP).pem_pkcs8());
    let (first, second) = (key(format!("\n{first}\n")).expect("PKCS#1"), key(second).expect("PKCS#8"));
    assert_eq!(first.fingerprint(), second.fingerprint());
    world.app("another").key = 1;
    let other = key(world.app("another").pem()).expect("a key");
    assert_ne!(first.fingerprint(), other.fingerprint());
    assert_eq!(format!("{first:?}"), "AppKey(..)");
}

#[test]
fn what_is_no_key_is_said_in_one_sentence_without_it() {
    let ends = ": paste the whole .pem file that GitHub gave when the key was made";
    let elliptic = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    let pem = World::default().app(APP).pem();
    let cut = pem.lines().take(9).collect::<Vec<_>>().join("\n");
    for (text, why) in [
        ("verySecretNothing".to_owned(), "it is no key in PEM form"),
        (String::new(), "it is no key in PEM form"),
        (cut, "it is no key in PEM form"),
        (elliptic, "it is no whole RSA key of 2048 bits or more"),
        (
            "-----BEGIN PUBLIC KEY-----\nverySecret\n-----END PUBLIC KEY-----".to_owned(),
            "it is a public key",
        ),
        ("ssh-rsa verySecret jane@x.com".to_owned(), "it is a public key"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nverySecret".to_owned(),
            "it is in the form of OpenSSH",
        ),
        ("-----BEGIN CERTIFICATE-----\nverySecret".to_owned(), "it is a certificate"),
        ("-----BEGIN EC PRIVATE KEY-----\nverySecret".to_owned(), "it is no RSA key"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nverySecret".to_owned(),
            "it is protected by a password",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----".to_owned(),
            "it is no whole RSA key of 2048 bits or more",
        ),
    ] {
        let error = key(text).expect_err(why);
        assert_eq!(error, format!("this is no private key of a GitHub App ({why}){ends}"));
    }
}

#[tokio::test]
async fn an_app_reads_what_it_is_and_where_it_is_installed() {
    let stage = Stage::new(|world| {
        let web = world.repository("acme/web").id;
        world.install(APP, "acme").only([web]);
        for number in 0..120 {
            world.install(APP, &format!("org-{number}"));
        }
    })
    .await;
    let app = stage.app();
    let told = app.github_app().await.expect("an App").value;
    assert_eq!((told.slug.as_deref(), told.installations), (Some(APP), Some(121)));
    assert_eq!(told.owner, World::VIEWER);
    let mut pages = app.installations();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await.expect("a page") {
        assert!(page.odd.is_empty());
        all.extend(page.items);
    }
    assert_eq!(all.len(), 121);
    let acme = stage.acme().await;
    assert_eq!(acme.account.as_ref().map(|account| account.login.as_str()), Some("acme"));
    assert_eq!((acme.selection, acme.suspended_at), (RepositorySelection::Selected, None));
    assert_eq!(app.installation(acme.id).await.expect("an answer"), Some(acme.clone()));
    assert_eq!(
        app.installation_in_organization(&"acme".parse().expect("a login"))
            .await
            .expect("an answer"),
        Some(acme.clone())
    );
    let web = app.installation_of(&"acme/web".parse().expect("a name")).await;
    assert_eq!(web.expect("an answer"), Some(acme.clone()));
    assert!(acme.pending(&told).is_empty());
    let nobody = app.installation_in_account(&"nobody".parse().expect("a login")).await;
    assert_eq!(nobody.expect("an answer"), None);
    assert_eq!(app.installation(7).await.expect("an answer"), None);
    stage.done();
}

#[tokio::test]
async fn g3_8_what_the_app_wants_by_now_and_nobody_accepted_is_told() {
    let stage = Stage::new(|_| {}).await;
    stage
        .fake
        .world()
        .app(APP)
        .asking_for(&[("deployments", "read"), ("contents", "write")]);
    let app = stage.app().github_app().await.expect("an App").value;
    let acme = stage.acme().await;
    assert_eq!(acme.pending(&app).to_string(), "contents=write, deployments=read");
    stage.fake.world().accept_permissions(acme.id);
    assert!(stage.acme().await.pending(&app).is_empty());
    stage.done();
}

#[tokio::test]
async fn the_token_of_an_app_is_signed_once_and_anew_before_it_ends() {
    let stage = Stage::new(|_| {}).await;
    let identity = stage.identity();
    let now = World::start_of_time();
    let at = async |minutes: i64| {
        let pass = identity.pass(now + TimeDelta::minutes(minutes)).await.expect("a token");
        pass.secret.expose_secret().to_owned()
    };
    let first = at(0).await;
    assert_eq!(at(7).await, first);
    assert_ne!(at(8).await, first);
    let app = stage.client(&identity.credential());
    for _ in 0..3 {
        app.github_app().await.expect("an App");
        stage.pass(5);
    }
    assert_eq!(stage.fake.counts().requests(), 3, "none was refused");
    stage.done();
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_off_costs_one_refusal() {
    for off in [-10, 10] {
        let stage = Stage::new(|_| {}).await;
        let ours = FixedClock::at(World::start_of_time() + TimeDelta::minutes(off));
        let app = stage.client_by(&stage.identity().credential(), ours);
        app.github_app().await.expect("an App");
        app.github_app().await.expect("an App");
        let statuses: Vec<u16> = stage.fake.requests().iter().map(|request| request.status).collect();
        assert_eq!(statuses, [401, 200, 200], "{off} minutes");
        stage.done();
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_apps_is_told_so() {
    let stage = Stage::new(|world| world.app("another").key = 1).await;
    let wrong_key = AppKey::from_pem(&SecretString::from(stage.fake.world().app("another").pem())).expect("a key");
    let client_id = stage.fake.world().app(APP).client_id.clone();
    let right_key = AppKey::from_pem(&stage.pem()).expect("a key");
    for (issuer, key) in [(client_id, wrong_key), ("Iv23liNobody".to_owned(), right_key)] {
        let app = stage.client(&AppIdentity::new(issuer, None, key).credential());
        let error = app.github_app().await.expect_err("refused");
        assert_eq!(error.kind(), &ErrorKind::AppRefused);
        assert!(error.is_outage());
        let text = error.to_string();
        assert!(
            text.starts_with("GitHub does not know the GitHub App by this id and key (GET /app:"),
            "{text}"
        );
        assert!(text.ends_with("that its page on GitHub lists in GitHub Settings"), "{text}");
    }
    stage.done();
}
