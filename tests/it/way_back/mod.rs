//! People whom GitHub sends back: connecting, installing the App, making it, and every end of these.

mod account;
mod another_app;
mod choosing;
mod claimed;
mod down;
mod given_up;
mod held_up;
mod hung_up;
mod installing;
mod late;
mod leaving;
mod let_go;
mod made;
mod mine;
mod organizations;
mod read_by;
mod recover;
mod states;
mod troubles;
mod uninstalled;
mod unseen;
mod used;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use erpnext_github::sim::github::World;
use erpnext_github::sim::site::FrappeMajor;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::support::TestSite;
use crate::support::desk::{Answer, Desk};
use crate::support::github_app::{APP, deliver, enter, register};
use crate::support::mirror::Mirror;

/// Where people open the site.
const SITE: &str = "https://erp.example.com";
/// Their sessions begin with it.
const PAGES: &str = "/integrations/github/";

/// A company whose site has a GitHub App, and the browser between both.
struct Stage {
    mirror: Mirror,
    desk: Desk,
    browser: reqwest::Client,
    told: AtomicU32,
    redis: RedisServer,
}

/// A page as a browser gets it.
struct Page {
    status: u16,
    kind: String,
    text: String,
    headers: HeaderMap,
}

impl Stage {
    async fn new() -> Self {
        let stage = Self::without_app().await;
        register(&mut stage.mirror.github.world(), SITE);
        enter(&stage.mirror, SITE).await;
        stage
    }

    async fn without_app() -> Self {
        let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
        let (mirror, desk) = company_of(site).await;
        let may_write = [("role", "Projects User"), ("read", "1"), ("write", "1"), ("permlevel", "0")];
        let erp = mirror.erp.erp();
        erp.add_child("DocPerm", ("DocType", "Project", "permissions"), &may_write)
            .await
            .expect("a row");
        erp.add_project("NEW-1", "A new one").await.expect("a project");
        // Who leads a Project installs for it.
        for project in ["NEW-1", "TRY-1"] {
            erp.set("Project", project, "owner", "desk@x.com").await.expect("set");
        }
        {
            let mut world = mirror.github.world();
            world.repository("acme/web");
            world.repository("acme/api");
        }
        let browser = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a browser");
        Self {
            mirror,
            desk,
            browser,
            told: AtomicU32::new(0),
            redis,
        }
    }

    /// A method of the desk, by POST.
    async fn call(&self, user: &str, method: &str, arguments: &[(&str, &str)]) -> Answer {
        let path = format!("erpnext_github_integration.desk.{method}");
        self.desk.post(user, &path, arguments).await
    }

    /// The address that a method sends somebody to.
    async fn address(&self, user: &str, method: &str, arguments: &[(&str, &str)]) -> Url {
        let answer = self.call(user, method, arguments).await;
        Url::parse(answer.message()["url"].as_str().expect("an address")).expect("an address")
    }

    /// Opens a page in the browser in which `session` is signed in.
    async fn open(&self, session: &str, path: &str) -> Page {
        let request = self.desk.request(reqwest::Method::GET, path);
        let mut request = request.header("x-frappe-site-name", self.mirror.site().name());
        if !session.is_empty() {
            request = request.header("cookie", format!("sid={session}"));
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("text");
        let kind = text.split("data-kind=\"").nth(1).and_then(|rest| rest.split('"').next());
        Page {
            status,
            kind: kind.unwrap_or_default().to_owned(),
            text,
            headers,
        }
    }

    /// Sends a form of a page of GitHub's; where that leads.
    async fn press(&self, address: &Url, form: &str) -> Url {
        let sent = self
            .browser
            .post(address.clone())
            .body(form.to_owned())
            .send()
            .await
            .expect("an answer");
        let Some(back) = sent.headers().get("location").cloned() else {
            panic!("{address} leads nowhere: {}", sent.text().await.expect("text"));
        };
        Url::parse(back.to_str().expect("text")).expect("an address")
    }

    /// Authorises the App on GitHub as `login`, or does not; where that leads, as a path of the site.
    async fn authorize(&self, page: &Url, login: &str, yes: bool) -> String {
        self.mirror.github.world().user(login);
        self.mirror.github.world().oauth.signed_in = Some(login.to_owned());
        let form = format!("{}&authorize={}", page.query().expect("a query"), u8::from(yes));
        let address = Url::parse(&page[..url::Position::AfterPath]).expect("an address");
        path_of(&self.press(&address, &form).await)
    }

    /// Connects `user` with the account `login`.
    async fn connect(&self, user: &str, login: &str) -> Page {
        let page = self.address(user, "connect_github", &[("back_to", "/app/user")]).await;
        let back = self.authorize(&page, login, true).await;
        self.open(session(user), &back).await
    }

    /// Installs the App in `acme` for `picked` repositories, on the page of GitHub's; where that leads, and what GitHub delivers.
    async fn install(&self, page: &Url, picked: &[&str]) -> String {
        let state = query(page).get("state").cloned().unwrap_or_default();
        let ids: Vec<String> = {
            let mut world = self.mirror.github.world();
            picked
                .iter()
                .map(|name| format!("&repository={}", world.repository(name).id))
                .collect()
        };
        let form = format!("account=acme&selection=selected&state={state}{}", ids.concat());
        let address = format!("{}/apps/{APP}/installations", self.mirror.github.base_url());
        path_of(&self.press(&Url::parse(&address).expect("an address"), &form).await)
    }

    /// Delivers what GitHub tells of everything since `before`; each delivery must be processed.
    async fn tell(&self, before: &World) {
        self.tell_by(before, None).await;
    }

    /// The same of what the account `login` did.
    async fn tell_by(&self, before: &World, login: Option<&str>) {
        for mut delivery in self.mirror.github.deliveries_since(before) {
            if let Some(login) = login {
                let mut payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
                let id = self.mirror.github.world().user(login).id;
                payload["sender"] = json!({"login": login, "id": id});
                delivery.payload = payload.to_string();
            }
            let id = format!("told-{}", self.told.fetch_add(1, Ordering::Relaxed));
            assert_eq!(deliver(&self.mirror, &self.desk, &id, &delivery).await, 202);
            let sql = format!("SELECT CONCAT_WS(' ', status, source, reason) FROM `tabGitHub Event` WHERE name = '{id}'");
            let ended = self.mirror.erp.value(&sql).await;
            assert_eq!(ended.trim_end(), "processed application", "{delivery:?}");
        }
    }

    /// Has GitHub change, and tell of it.
    async fn happens(&self, story: impl FnOnce(&mut World)) {
        let before = self.world();
        story(&mut self.mirror.github.world());
        self.tell(&before).await;
    }

    /// Has the account `login` change something on GitHub, and GitHub tell of it.
    async fn happens_by(&self, login: &str, story: impl FnOnce(&mut World)) {
        let before = self.world();
        story(&mut self.mirror.github.world());
        self.tell_by(&before, Some(login)).await;
    }

    fn world(&self) -> World {
        self.mirror.github.world().clone()
    }

    /// Whose each installation is, and how it stands.
    async fn installations(&self) -> String {
        self.mirror
            .erp
            .value(
                "SELECT IFNULL(GROUP_CONCAT(CONCAT_WS(' ', SUBSTRING_INDEX(owner, '@', 1), origin, IFNULL(processing, '-'), \
                 IFNULL(originating_project, '-'), IFNULL(repository_selection, '-'), CONCAT(suspended, deleted_on_github, permissions_pending)) \
                 ORDER BY creation, name SEPARATOR '; '), '') FROM `tabGitHub App Installation`",
            )
            .await
    }

    /// Which repositories of `acme` are followed, and what the Projects name.
    async fn followed(&self) -> String {
        self.mirror
            .erp
            .value(
                "SELECT CONCAT(IFNULL((SELECT GROUP_CONCAT(CONCAT(name, '=', enabled) ORDER BY name) FROM tabRepository WHERE name LIKE 'acme/%'), ''), \
                 ' | ', (SELECT GROUP_CONCAT(CONCAT(name, '=', IFNULL(repository, '-')) ORDER BY name) FROM tabProject WHERE name IN ('NEW-1', 'TRY-1')))",
            )
            .await
    }

    async fn finish(self) {
        self.desk.ended().await;
        self.mirror.finish().await;
    }
}

/// The session's id of [`Desk::log_in`].
fn session(user: &str) -> &str {
    user.split('@').next().unwrap_or(user)
}

fn path_of(url: &Url) -> String {
    assert_eq!(url.origin().ascii_serialization(), SITE, "{url}");
    url[url::Position::BeforePath..].to_owned()
}

fn query(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
