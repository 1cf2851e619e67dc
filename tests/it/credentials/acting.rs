//! In whose name a button changes something: of whoever presses, where he is connected.

use erpnext_github::actions::grants::{Begin, come_back};
use erpnext_github::app::settings;
use erpnext_github::frappe::auth::{Caller, Means};
use erpnext_github::frappe::desk_path::DeskPath;
use erpnext_github::sim::github::{Collaborator, Permission};
use erpnext_github::sim::site::FrappeMajor;
use secrecy::SecretString;
use url::Url;

use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::desk::{Answer, Desk};
use crate::support::mirror::Mirror;

const CREATE_ISSUE: &str = "erpnext_github_integration.github_api.create_issue";
const BACK: &str = "https://erp.example.com/integrations/github/callback";
/// Who did what, in whose name.
const ROWS: &str = "SELECT GROUP_CONCAT(CONCAT_WS(' ', SUBSTRING_INDEX(asked_by, '@', 1), acting_as, acting_login, status) ORDER BY asked_by DESC) \
                    FROM `tabGitHub Write`";

pub(super) async fn stage() -> (Mirror, Desk, RedisServer) {
    let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
    let (mirror, desk) = company_of(site).await;
    {
        let mut world = mirror.github.world();
        world.oauth_app("Iv23fake", "a-secret-of-the-fake-app").with_callback(BACK);
        world
            .repository("octo/web")
            .with_member(Collaborator::new("pusher", Permission::Push));
    }
    for (key, value) in [
        ("app_client_id", "Iv23fake"),
        ("app_client_secret", "a-secret-of-the-fake-app"),
    ] {
        set(&mirror, key, value).await;
    }
    (mirror, desk, redis)
}

async fn set(mirror: &Mirror, key: &str, value: &str) {
    let value = SecretString::from(value);
    let set = settings::set(mirror.app(), mirror.site(), key, &value, "Administrator").await;
    set.expect("stored");
}

/// Connects `user` with the account `login`, in a browser of his own.
pub(super) async fn connect(mirror: &Mirror, user: &str, login: &str) {
    let caller = Caller {
        user: user.to_owned(),
        desk: true,
        means: Means::Session {
            sid: "a session".into(),
            csrf_token: None,
        },
        ..Caller::guest()
    };
    let grants = mirror.app().grants(mirror.site()).await.expect("readable").expect("set up");
    let begin = Begin {
        redirect_uri: &Url::parse(BACK).expect("an address"),
        back_to: &DeskPath::default(),
        scopes: &[],
        login: None,
        chooses_account: false,
    };
    let page = grants.begin(&caller, &begin).await.expect("an address");
    mirror.github.world().oauth.signed_in = Some(login.to_owned());
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
    let way = come_back(mirror.site(), &caller, &value("state")).await.expect("a way");
    let connected = grants.connect(&way, &SecretString::from(value("code"))).await;
    assert_eq!(connected.expect("connected").login, login);
}

pub(super) async fn press(desk: &Desk, user: &str, title: &str) -> Answer {
    desk.post(user, CREATE_ISSUE, &[("repo_full_name", "octo/web"), ("title", title)])
        .await
}

/// Who opened the issue of that title on GitHub.
pub(super) fn author(mirror: &Mirror, title: &str) -> String {
    let world = mirror.github.world();
    let home = world.find("octo/web").expect("the repository");
    let found = home.items.values().find(|item| item.title == title);
    found.and_then(|item| item.author.clone()).unwrap_or_default()
}

#[tokio::test]
async fn g3_who_is_connected_acts_in_his_own_name_and_who_is_not_by_the_sites_token() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    let own = press(&desk, "pusher@x.com", "mine").await;
    assert_eq!(own.status, 200, "{own:?}");
    assert_eq!(author(&mirror, "mine"), "pusher");
    let other = press(&desk, "admin@x.com", "the site's").await;
    assert_eq!(other.status, 200, "{other:?}");
    assert_eq!(author(&mirror, "the site's"), "octo");
    let rows = mirror.erp.value(ROWS).await;
    assert_eq!(rows, "pusher user pusher done,admin token octo done");
}

#[tokio::test]
async fn g3_where_the_setting_says_so_nobody_acts_in_another_name_and_the_form_is_told() {
    let (mirror, desk, _redis) = stage().await;
    connect(&mirror, "pusher@x.com", "pusher").await;
    set(&mirror, "act_without_connection", "0").await;
    let refused = press(&desk, "admin@x.com", "not mine").await;
    assert_eq!(
        (refused.status, &refused.body["connect_github"]),
        (417, &serde_json::json!(1))
    );
    assert!(refused.sentence().contains("connect your account first"), "{refused:?}");
    assert_eq!(
        author(&mirror, "not mine"),
        "",
        "nothing was sent, and by nobody else's token"
    );
    assert_eq!(mirror.erp.value("SELECT COUNT(*) FROM `tabGitHub Write`").await, "0");
    let own = press(&desk, "pusher@x.com", "mine").await;
    assert_eq!((own.status, author(&mirror, "mine").as_str()), (200, "pusher"));
}
