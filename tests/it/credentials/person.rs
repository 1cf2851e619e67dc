//! People who connect their accounts, in a browser of their own.

use erpnext_github::actions::grants::{Begin, come_back};
use erpnext_github::app::{App, settings};
use erpnext_github::frappe::auth::{Caller, Means};
use erpnext_github::frappe::desk_path::DeskPath;
use erpnext_github::frappe::site::Site;
use erpnext_github::sim::github::FakeGithub;
use secrecy::SecretString;
use url::Url;

use crate::support::mirror::Mirror;

/// Client id of the App that they authorise.
pub(super) const CLIENT: &str = "Iv23fake";
pub(super) const SECRET: &str = "a-secret-of-the-fake-app";
pub(super) const BACK: &str = "https://erp.example.com/integrations/github/callback";

/// Has GitHub know the App, and enters it in the settings.
pub(super) async fn set_up(mirror: &Mirror) {
    mirror.github.world().oauth_app(CLIENT, SECRET).with_callback(BACK);
    for (key, value) in [("app_client_id", CLIENT), ("app_client_secret", SECRET)] {
        set(mirror, key, value).await;
    }
}

/// Sets a field of GitHub Settings.
pub(super) async fn set(mirror: &Mirror, key: &str, value: &str) {
    let value = SecretString::from(value);
    let set = settings::set(mirror.app(), mirror.site(), key, &value, "Administrator").await;
    set.expect("stored");
}

/// Connects `user` with the account `login`, in a browser of his own.
pub(super) async fn connect(mirror: &Mirror, user: &str, login: &str) {
    connect_on((mirror.app(), mirror.site()), &mirror.github, user, login).await;
}

/// The same on any site of a process.
pub(super) async fn connect_on((app, site): (&App, &Site), github: &FakeGithub, user: &str, login: &str) {
    let caller = Caller {
        user: user.to_owned(),
        desk: true,
        means: Means::Session {
            sid: "a session".into(),
            csrf_token: None,
        },
        ..Caller::guest()
    };
    let grants = app.grants(site).await.expect("readable").expect("set up");
    let begin = Begin {
        redirect_uri: &Url::parse(BACK).expect("an address"),
        back_to: &DeskPath::default(),
        scopes: &[],
        login: None,
        chooses_account: false,
    };
    let page = grants.begin(&caller, &begin).await.expect("an address");
    {
        let mut world = github.world();
        world.user(login);
        world.oauth.signed_in = Some(login.to_owned());
    }
    let browser = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a browser");
    browser.get(page.clone()).send().await.expect("a page");
    let form = format!("{}&authorize=1", page.query().expect("a query"));
    let pressed = browser.post(page[..url::Position::AfterPath].to_owned()).body(form);
    let sent = pressed.send().await.expect("an answer");
    let back = Url::parse(sent.headers()["location"].to_str().expect("text")).expect("an address");
    let value = |key: &str| {
        let found = back.query_pairs().find(|(name, _)| name == key);
        found.expect("given").1.into_owned()
    };
    let way = come_back(site, &caller, &value("state")).await.expect("a way");
    let connected = grants.connect(&way, &SecretString::from(value("code"))).await;
    assert_eq!(connected.expect("connected").login, login);
}
