//! The run: each of the ways in which the program meets secrets, with the ends at which it is refused.

use chrono::{TimeDelta, Utc};
use erpnext_github::frappe::zone::frappe_text;
use erpnext_github::sim::github::{Delivery, Effect, Fault};
use erpnext_github::webhook::signature::{HEADER, sign};
use reqwest::Method;
use secrecy::SecretString;

use super::stage::{ADMIN, HOOK, Heard, OAUTH, OWN, PASTED, SITE, SITE_TOKEN, Stage, UNKNOWN, VARIABLE};
use super::store;
use crate::support::github_app::not_listed_yet;

/// How tokens of people are asked for.
const TOKENS: &str = "/login/oauth/access_token";
const DELIVERED: &str = "SELECT COUNT(*) FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing')";
const DESK: &str = "desk@x.com";
const PUSHER: &str = "pusher@x.com";
const VARIABLES: [(&str, &str); 1] = [("GITHUB_AUTH_TOKEN", VARIABLE)];

impl Stage {
    /// The site has no token, and its file names a variable: it is there, it is missing, and GitHub does not know it.
    pub(super) async fn by_the_variable(&mut self) {
        for sql in [
            "DELETE FROM `__Auth` WHERE fieldname = 'personal_access_token'",
            "UPDATE tabSingles SET value = '' WHERE field = 'personal_access_token'",
        ] {
            self.mirror.erp.query(sql).await;
        }
        self.needles.add("the token of the environment", VARIABLE);
        let scratch = self.mirror.erp.scratch();
        scratch.set_config("github_token_key", true.into()).expect("the site's file");
        let sync = ["sync", "--repo", "octo/web"];
        assert_eq!(self.command(&sync, "", &[]), 1);
        assert_eq!(self.command(&sync, "", &VARIABLES), 1, "GitHub does not know it");
        self.mirror.github.world().token(VARIABLE, "octo");
        assert_eq!(self.command(&sync, "", &VARIABLES), 0);
        self.command(&["doctor", "--json"], "", &VARIABLES);
    }

    /// Secrets are entered, one is refused, and a repository gets a token of its own.
    pub(super) async fn settings(&mut self) {
        for (kind, key, secret) in [
            ("the site's token", "personal_access_token", SITE_TOKEN),
            ("the webhook secret before", "previous_webhook_secret", HOOK[1]),
            ("the webhook secret", "webhook_secret", HOOK[0]),
            ("the client secret of the OAuth App", "oauth_client_secret", OAUTH),
        ] {
            self.needles.add(kind, secret);
            assert_eq!(self.command(&["settings", "set", key, "--stdin"], secret, &[]), 0, "{key}");
            assert_eq!(self.command(&["settings", "get", key], "", &[]), 0, "{key}");
        }
        self.needles.add("a token that nobody knows", UNKNOWN);
        assert_eq!(
            self.command(&["settings", "set", "personal_access_token", UNKNOWN], "", &[]),
            2
        );
        assert_eq!(
            self.command(&["settings", "set", "app_private_key", "--stdin"], UNKNOWN, &[]),
            1
        );
        assert_eq!(self.command(&["settings", "set", "public_url", SITE], "", &[]), 0);
        self.needles.add("the token of the repository", OWN);
        self.mirror.github.world().token(SITE_TOKEN, "octo");
        self.mirror.github.world().token(OWN, "octo").with_scopes(&["public_repo"]);
        store(self, ("Repository", "octo/web", "access_token"), OWN).await;
        let zone = self.mirror.site().zone().await.expect("a zone");
        let now = frappe_text(zone.to_local(Utc::now()));
        let until = frappe_text(zone.to_local(Utc::now() + TimeDelta::hours(1)));
        let erp = self.mirror.erp.erp();
        erp.set_single("GitHub Settings", "previous_secret_until", &until)
            .await
            .expect("set");
        let saved = format!("UPDATE tabRepository SET modified = '{now}' WHERE name = 'octo/web'");
        self.mirror.erp.query(&saved).await;
    }

    /// The App is made by a manifest, and the way back is tried a second time.
    pub(super) async fn app_is_made(&mut self) {
        let arguments = [
            ("name", "ERP of acme"),
            ("personal", "1"),
            ("back_to", "/app/github-settings"),
            // It is installed in the organisation of the others.
            ("public", "1"),
        ];
        let asked = self.call(ADMIN, "desk.create_app", &arguments).await;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(
                "manifest",
                asked.body["message"]["fields"]["manifest"].as_str().expect("a manifest"),
            )
            .append_pair("state", &query(&address(&asked), "state"))
            .append_pair("owner", "mona")
            .finish();
        let page = format!("{}/settings/apps/manifest", self.mirror.github.base_url());
        let back = self.press(&page, form).await;
        self.needles.add("a code or a token of people", &query(&back, "code"));
        let made = self.open(ADMIN, &back).await;
        assert_eq!(kind(&made), "app-made", "{}", made.text);
        assert_eq!(kind(&self.open(ADMIN, &back).await), "state-used");
        let app = self.mirror.github.world().apps.last().cloned().expect("an App");
        self.needles.add("the client secret of the App", &app.client_secret);
        let hook = app.webhook_secret.clone().expect("a secret");
        self.needles.add("the webhook secret of the App", &hook);
        self.needles.add("the private key of the App", &app.pem());
        let mut world = self.mirror.github.world();
        world
            .oauth_app(&app.client_id, &app.client_secret)
            .with_callback(&format!("{SITE}/integrations/github/"));
    }

    async fn connect(&mut self, user: &str, login: &str, yes: bool) -> String {
        let asked = self.call(user, "desk.connect_github", &[("back_to", "/app/user")]).await;
        let page = address(&asked);
        {
            let mut world = self.mirror.github.world();
            world.user(login);
            world.oauth.signed_in = Some(login.to_owned());
        }
        let (page, asked) = page.split_once('?').expect("a query");
        self.press(page, format!("{asked}&authorize={}", u8::from(yes))).await
    }

    /// People connect their accounts: denied, forged, cut off, done, replayed, and taken by somebody else.
    pub(super) async fn people_connect(&mut self) {
        let denied = self.connect(PUSHER, "pusher", false).await;
        assert_eq!(kind(&self.open(PUSHER, &denied).await), "refused");
        let forged = "/integrations/github/callback?code=a-code-that-nobody-gave&state=a-state-that-nobody-gave";
        assert_eq!(kind(&self.open(PUSHER, forged).await), "state-used");
        for effect in [Effect::Truncated, Effect::Lost] {
            let back = self.connect(PUSHER, "pusher", true).await;
            self.mirror.github.world().faults.push(Fault::on(TOKENS, effect));
            assert_eq!(kind(&self.open(PUSHER, &back).await), "refused");
        }
        for (user, login) in [(PUSHER, "pusher"), (DESK, "mona")] {
            let back = self.connect(user, login, true).await;
            let done = self.open(user, &back).await;
            assert_eq!(kind(&done), "connected", "{}", done.text);
            assert_eq!(kind(&self.open(user, &back).await), "state-used");
            let other = self.connect("member@x.com", login, true).await;
            assert_eq!(kind(&self.open("member@x.com", &other).await), "refused");
        }
    }

    /// The App is installed from the desk, and GitHub tells of it.
    pub(super) async fn app_is_installed(&mut self) {
        let before = {
            let mut world = self.mirror.github.world();
            world.repository("acme/web").with_issues(2);
            world.clone()
        };
        let asked = self.call(DESK, "desk.install_app", &[]).await;
        let (page, state) = (address(&asked), query(&address(&asked), "state"));
        let id = self.mirror.github.world().repository("acme/web").id;
        let form = format!("account=acme&selection=selected&state={state}&repository={id}");
        let page = page.split("/installations").next().unwrap_or_default();
        let back = self.press(&format!("{page}/installations"), form).await;
        not_listed_yet(&mut self.mirror.github.world());
        assert_eq!(kind(&self.open(DESK, &back).await), "waiting");
        let told = self.mirror.github.deliveries_since(&before);
        self.by_the_apps_webhook("installed", &told).await;
        self.open(DESK, "/integrations/github/").await;
        self.open("member@x.com", &back).await;
    }

    async fn by_the_apps_webhook(&mut self, id: &str, told: &[Delivery]) {
        let secret = self
            .mirror
            .github
            .world()
            .apps
            .last()
            .and_then(|app| app.webhook_secret.clone());
        let secret = secret.expect("an App");
        assert!(!told.is_empty());
        for (at, one) in told.iter().enumerate() {
            let heard = self.deliver(&format!("{id}-{at}"), one, Some(&secret)).await;
            assert_eq!(heard.status, 202, "{}", heard.text);
        }
        self.until(DELIVERED, "0").await;
    }

    async fn deliver(&mut self, id: &str, one: &Delivery, secret: Option<&str>) -> Heard {
        let body = one.payload.clone().into_bytes();
        let mut request = self
            .request(Method::POST, "/api/method/erpnext_github_integration.webhooks.github_webhook")
            .header("content-type", "application/json")
            .header("x-github-delivery", id)
            .header("x-github-event", one.event);
        if let Some(secret) = secret {
            request = request.header(HEADER, sign(&SecretString::from(secret), &body));
        }
        self.answer(request.body(body)).await
    }

    /// Deliveries of the repository's webhook: signed with both secrets, with none, and with another.
    pub(super) async fn deliveries(&mut self) {
        let before = self.mirror.github.world().clone();
        self.mirror.github.world().repository("octo/web").close(1, "completed");
        let told = self.mirror.github.deliveries_since(&before);
        for (at, (secret, status)) in [(Some(HOOK[0]), 202), (Some(HOOK[1]), 202), (Some(UNKNOWN), 401), (None, 401)]
            .into_iter()
            .enumerate()
        {
            let heard = self.deliver(&format!("told-{at}"), &told[0], secret).await;
            assert_eq!(heard.status, status, "{}", heard.text);
        }
        self.until(DELIVERED, "0").await;
    }

    /// A token is pasted, tested, and makes an integration; another one is refused.
    pub(super) async fn integrations(&mut self) {
        self.needles.add("the token of the integration", PASTED);
        {
            let mut world = self.mirror.github.world();
            world.token(PASTED, "mona");
            world.organization("guild");
            world.repository("guild/tool").with_issues(2);
        }
        let method = ("method", "Personal Access Token");
        for token in [UNKNOWN, PASTED] {
            let arguments = [method, ("token", token)];
            self.call(ADMIN, "desk.connectable_organizations", &arguments).await;
            let named = [method, ("token", token), ("name", "Ours"), ("organizations", "guild")];
            self.call(ADMIN, "desk.create_integrations", &named).await;
        }
        let ours = ("integration", "Ours");
        let follow = [ours, ("repositories", r#"["guild/tool"]"#), ("follow", "1")];
        let followed = self.call(ADMIN, "desk.follow_repositories", &follow).await;
        assert!(followed.text.contains("guild/tool"), "{}", followed.text);
        self.sync("guild/tool", "Completed").await;
        self.call(ADMIN, "desk.check_integration", &[ours]).await;
    }

    /// Syncs as the button does, and gives how that ended.
    async fn sync(&mut self, repository: &str, status: &str) {
        let heard = self.call(ADMIN, "github_api.sync_repo", &[("repository", repository)]).await;
        let sql = format!(
            "SELECT status FROM `tabGitHub Sync Run` WHERE repository = '{repository}' ORDER BY creation DESC, name DESC LIMIT 1"
        );
        let ended = self.mirror.erp.value(&sql).await;
        assert_eq!(ended, status, "{repository}: {}", heard.text);
    }

    /// Buttons of whoever is connected, and of who is not.
    pub(super) async fn buttons(&mut self) {
        let repository = ("repo_full_name", "octo/web");
        for (user, title) in [(PUSHER, "mine"), (ADMIN, "the site's")] {
            let made = self
                .call(user, "github_api.create_issue", &[repository, ("title", title)])
                .await;
            assert_eq!(made.status, 200, "{user}: {}", made.text);
        }
        let tested = self.call(ADMIN, "github_api.test_connection", &[]).await;
        assert!(tested.text.contains("Successfully connected via octo"), "{}", tested.text);
        let hook = [("repo_full_name", "octo/secret"), ("webhook_secret", HOOK[0])];
        self.call(ADMIN, "github_api.create_repository_webhook", &hook).await;
        self.call(ADMIN, "github_api.fetch_all_repositories", &[("organization", "octo")])
            .await;
        self.sync("octo/web", "Completed").await;
    }

    /// GitHub refuses: a token that ended, single sign-on, a right that is missing, and people's tokens.
    pub(super) async fn refusals(&mut self) {
        for status in [401, 403, 404] {
            let fault = Fault::status("/repositories/*", status).always();
            let named = Fault::status("/repos/*", status).always();
            self.mirror.github.world().faults.extend([fault, named]);
            self.call(ADMIN, "github_api.sync_repo", &[("repository", "octo/web")]).await;
            self.call(
                PUSHER,
                "github_api.create_issue",
                &[("repo_full_name", "octo/web"), ("title", "refused")],
            )
            .await;
            self.mirror.github.world().faults.clear();
        }
        self.mirror.github.world().organization("guild").requires_sso = true;
        self.call(ADMIN, "github_api.sync_repo", &[("repository", "guild/tool")])
            .await;
        self.call(ADMIN, "desk.check_integration", &[("integration", "Ours")]).await;
        let tokens = self.mirror.github.world().tokens.clone();
        self.mirror.github.world().tokens.clear();
        let tested = self.call(ADMIN, "github_api.test_connection", &[]).await;
        assert!(tested.text.contains("does not accept the token"), "{}", tested.text);
        for repository in ["octo/web", "octo/secret", "guild/tool"] {
            self.call(ADMIN, "github_api.sync_repo", &[("repository", repository)]).await;
        }
        self.call(ADMIN, "desk.check_integration", &[("integration", "Ours")]).await;
        // What GitHub gives instead of a person's token gets lost half of the way.
        self.mirror.github.world().faults.push(Fault::on(TOKENS, Effect::Truncated));
        self.call(
            PUSHER,
            "github_api.create_issue",
            &[("repo_full_name", "octo/web"), ("title", "lost")],
        )
        .await;
        self.mirror.github.world().tokens = tokens;
    }

    /// The site goes by its App: tokens are given, end in between, and are refused when it is suspended and removed.
    pub(super) async fn by_the_app(&mut self) {
        assert_eq!(self.command(&["settings", "set", "auth_type", "GitHub App"], "", &[]), 0);
        self.sync("acme/web", "Completed").await;
        self.mirror.github.world().tokens.retain(|token| token.grant.is_none());
        self.sync("acme/web", "Completed").await;
        let before = self.mirror.github.world().clone();
        let id = *before.installations.keys().next().expect("an installation");
        self.mirror
            .github
            .world()
            .installations
            .get_mut(&id)
            .expect("there")
            .suspend("mona");
        self.call(ADMIN, "github_api.sync_repo", &[("repository", "acme/web")]).await;
        self.mirror.github.world().uninstall(id);
        self.call(ADMIN, "github_api.sync_repo", &[("repository", "acme/web")]).await;
        let told = self.mirror.github.deliveries_since(&before);
        self.by_the_apps_webhook("removed", &told).await;
        assert_eq!(
            self.command(&["settings", "set", "auth_type", "Personal Access Token"], "", &[]),
            0
        );
    }

    /// Every page, every list and every overview.
    pub(super) async fn everything_that_is_shown(&mut self) {
        let arguments = [
            ("repository", "octo/web"),
            ("repo_full_name", "octo/web"),
            ("project", "TRY-1"),
            ("integration", "Ours"),
            ("organization", "acme"),
            ("installations", "1"),
            ("delivery", "told-0"),
            ("event", "told-0"),
            ("repositories", "1"),
        ];
        for method in erpnext_github::actions::METHODS.iter().filter(|method| !method.writes) {
            let short = method.path.trim_start_matches("erpnext_github_integration.");
            self.call(ADMIN, short, &arguments).await;
            self.call(DESK, short, &arguments).await;
        }
        for path in [
            "/metrics",
            "/readyz",
            "/healthz",
            "/integrations/github",
            "/api/method/erpnext_github_integration.doctor",
        ] {
            self.open(ADMIN, path).await;
        }
        self.until("SELECT credential_note > '' FROM tabRepository WHERE name = 'octo/web'", "1")
            .await;
        let gone = self.call(PUSHER, "desk.disconnect_github", &[]).await;
        assert!([200, 417].contains(&gone.status), "{}", gone.text);
    }

    /// What an administrator types afterwards.
    pub(super) fn commands(&mut self) {
        for arguments in [
            &["doctor"][..],
            &["doctor", "--json"],
            &["install"],
            &["events", "list", "--json"],
            &["events", "show", "told-0"],
            &["hooks", "list"],
            &["settings", "get", "app_private_key"],
            &["sync", "--repo", "octo/web"],
            &["sync", "--full"],
        ] {
            self.command(arguments, "", &VARIABLES);
        }
    }
}

/// The address of GitHub that somebody is to open.
fn address(heard: &Heard) -> String {
    let url = heard.body["message"]["url"].as_str();
    url.unwrap_or_else(|| panic!("no address: {}", heard.text)).to_owned()
}

/// A value of the query of an address or a path.
fn query(address: &str, key: &str) -> String {
    let (_, query) = address.split_once('?').expect("a query");
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == key).expect("given").1.into_owned()
}

/// Which page it is.
fn kind(page: &Heard) -> &str {
    let kind = page.text.split("data-kind=\"").nth(1).and_then(|rest| rest.split('"').next());
    kind.unwrap_or_default()
}
