//! People's own connections with GitHub: the way there and back, tokens and their renewal, and the end.

mod connecting;
mod ending;
mod in_clear;
mod renewing;

mod together;
mod ways;

use std::collections::BTreeMap;

use erpnext_github::actions::grants::{
    Begin, Connected, GrantError, Grants, Patience, Purpose, Turns, UserToken, Way, come_back,
};
use erpnext_github::config::{HostLayer, Hosts};
use erpnext_github::frappe::auth::{Caller, Means, UserId};
use erpnext_github::frappe::desk_path::DeskPath;
use erpnext_github::frappe::site::Site;
use erpnext_github::github::oauth::{OAuth, OAuthApp};
use erpnext_github::github::{ClientOptions, Connections};
use erpnext_github::setup::{self, SetupOptions};
use erpnext_github::sim::github::{FakeGithub, World};
use erpnext_github::sim::site::FrappeMajor;
use secrecy::SecretString;
use url::Url;

use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;

const APP: (&str, &str) = ("Iv23fake", "a-secret-of-the-fake-app");
const BACK: &str = "https://erp.example.com/integrations/github/callback";
/// How the tokens are asked for.
const TOKENS: &str = "/login/oauth/access_token";
/// Who is connected with whom, and how that stands.
const GRANTS: &str =
    "SELECT GROUP_CONCAT(SUBSTRING_INDEX(user, '@', 1), '=', login, ' ', status ORDER BY user) FROM erpnext_github_grant";

/// A site with ann and ben, a GitHub with an App, and the browser between them.
struct Stage {
    test: TestSite,
    github: FakeGithub,
    browser: reqwest::Client,
    _redis: RedisServer,
}

/// Somebody who calls from the session of that name.
fn caller_in(user: &str, session: &str) -> Caller {
    Caller {
        user: format!("{user}@x.com"),
        desk: true,
        means: Means::Session {
            sid: session.into(),
            csrf_token: None,
        },
        ..Caller::guest()
    }
}

fn caller(user: &str) -> Caller {
    caller_in(user, &format!("session of {user}"))
}

/// Waits as long as it takes, however slow the machine is.
fn patient() -> Patience {
    Patience::new(u32::MAX, || Box::pin(tokio::task::yield_now()))
}

fn id(user: &str) -> UserId {
    caller(user).user_id().expect("somebody")
}

impl Stage {
    async fn new() -> Self {
        let (test, redis) = TestSite::cached(FrappeMajor::V15).await;
        setup::install(test.site(), &SetupOptions::default(), &|_| ())
            .await
            .expect("installed");
        for name in ["ann", "ben"] {
            test.erp()
                .add_user(&format!("{name}@x.com"), name, &[])
                .await
                .expect("a user");
        }
        let mut world = World::new(test.site().clock().clone());
        world.user("ann-hub");
        world
            .oauth_app(APP.0, APP.1)
            .with_callback("https://erp.example.com/integrations/github/");
        let github = FakeGithub::start(world).await.expect("a free port");
        let _kept = rustls::crypto::ring::default_provider().install_default();
        let browser = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a browser");
        Self {
            test,
            github,
            browser,
            _redis: redis,
        }
    }

    fn hosts(&self) -> Hosts {
        let base = || Some(self.github.base_url().to_owned());
        Hosts::resolve(&[&HostLayer::of_flags(base(), None, base())]).expect("addresses")
    }

    fn oauth(&self, app: (&str, &str)) -> OAuth {
        let app = OAuthApp {
            client_id: app.0.to_owned(),
            client_secret: app.1.into(),
        };
        let clock = self.test.site().clock().clone();
        OAuth::new(&Connections::default(), self.hosts(), app, clock, ClientOptions::default()).expect("an App")
    }

    /// What one process works with.
    fn grants(&self) -> Grants {
        Grants::new(self.test.site(), self.oauth(APP), "process-1", &Turns::default()).with_patience(patient())
    }

    /// The same site as another process has it.
    fn other_process(&self) -> (Site, Grants) {
        let site = self.test.scratch().open(self.test.site().clock().clone()).expect("the site");
        let grants = Grants::new(&site, self.oauth(APP), "process-2", &Turns::default());
        (site, grants)
    }

    /// Sends `user` to GitHub.
    async fn begin(&self, user: &str) -> Url {
        let redirect_uri = Url::parse(BACK).expect("an address");
        let begin = Begin {
            redirect_uri: &redirect_uri,
            back_to: &DeskPath::parse("/app/user").expect("a place"),
            scopes: &[],
            login: None,
            chooses_account: false,
        };
        self.grants().begin(&caller(user), &begin).await.expect("an address")
    }

    /// Opens GitHub's page as `login` and presses a button; gives what stands in the address that he is sent back to.
    async fn at_github(&self, page: &Url, login: &str, authorizes: bool) -> BTreeMap<String, String> {
        self.github.world().user(login);
        self.github.world().oauth.signed_in = Some(login.to_owned());
        let shown = self.browser.get(page.clone()).send().await.expect("a page");
        assert_eq!(shown.status(), 200);
        let button = if authorizes { "1" } else { "0" };
        let form = format!("{}&authorize={button}", page.query().expect("a query"));
        let pressed = self.browser.post(page[..url::Position::AfterPath].to_owned()).body(form);
        let sent = pressed.send().await.expect("an answer");
        let back = sent.headers()["location"].to_str().expect("text");
        let back = Url::parse(back).expect("an address");
        assert!(back.as_str().starts_with(BACK));
        back.query_pairs()
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect()
    }

    /// Goes the whole way until `user` is back with a code of `login`.
    async fn come_back(&self, user: &str, login: &str) -> (Way, SecretString) {
        let page = self.begin(user).await;
        let back = self.at_github(&page, login, true).await;
        let way = come_back(self.test.site(), &caller(user), &back["state"])
            .await
            .expect("a way");
        assert_eq!((way.purpose, way.back_to.as_str()), (Purpose::ConnectAccount, "/app/user"));
        (way, back["code"].as_str().into())
    }

    async fn try_connect(&self, user: &str, login: &str) -> Result<Connected, GrantError> {
        let (way, code) = self.come_back(user, login).await;
        self.grants().connect(&way, &code).await
    }

    /// Connects `user` with the account `login`.
    async fn connect(&self, user: &str, login: &str) -> Connected {
        self.try_connect(user, login).await.expect("connected")
    }

    async fn token(&self, user: &str) -> Result<UserToken, GrantError> {
        self.grants().token(&id(user)).await
    }

    /// Whose token GitHub says that `user` has.
    async fn acts_as(&self, user: &str) -> String {
        let token = self.token(user).await.expect("a token");
        account_of(&token).await.expect("an account")
    }

    async fn standing(&self) -> String {
        self.test.value(GRANTS).await
    }

    /// How often tokens were asked for.
    fn asked_for_tokens(&self) -> usize {
        let all = self.github.requests();
        all.iter().filter(|request| request.path == TOKENS).count()
    }

    /// Tokens of people that work on GitHub.
    fn live_tokens(&self) -> usize {
        let world = self.github.world();
        world.tokens.len() - 1
    }
}

/// Login of whoever the token acts as; none where GitHub does not accept it.
async fn account_of(token: &UserToken) -> Option<String> {
    let client = token.client().expect("a client").for_a_person();
    client.own_account().await.ok().map(|account| account.login)
}
