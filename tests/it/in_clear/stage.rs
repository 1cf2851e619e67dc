//! A company whose program is served by a process of its own, everything of which is kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use erpnext_github::sim::github::RecordedRequest;
use erpnext_github::sim::site::FrappeMajor;
use futures_util::StreamExt as _;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::papers::{Named, Papers};
use super::session;
use crate::cli::program::{finish, program};
use crate::cli::serving::SERVE;
use crate::desk::company_of;
use crate::frappe::redis_server::RedisServer;
use crate::support::mirror::Mirror;
use crate::support::{TestSite, noon};

pub(super) const ADMIN: &str = "admin@x.com";
/// Where people open the site.
pub(super) const SITE: &str = "https://erp.example.com";
/// The token of GitHub Settings.
pub(super) const SITE_TOKEN: &str = "ghp_SiteTokenNobodyReads0001";
/// The variable's.
pub(super) const VARIABLE: &str = "ghp_TokenOfTheVariable0002";
/// The token of the repository `octo/web`.
pub(super) const OWN: &str = "github_pat_OwnOfRepository0003";
/// What is pasted for an integration.
pub(super) const PASTED: &str = "ghp_PastedForIntegration0004";
/// One that GitHub does not know.
pub(super) const UNKNOWN: &str = "ghp_NobodyKnowsThisOne0005";
/// Of the site's webhooks, today and before.
pub(super) const HOOK: [&str; 2] = ["hook-secret-of-today-0006", "hook-secret-of-before-0007"];
/// Client secret of an OAuth App.
pub(super) const OAUTH: &str = "client-secret-of-an-oauth-app-0008";

/// The log speaks of everything of ours, and of what the libraries below tell in between.
const LOG: &str = "debug,erpnext_github=trace";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// The site, GitHub, the process, and all that was heard.
pub(super) struct Stage {
    pub(super) mirror: Mirror,
    pub(super) needles: Named,
    papers: Papers,
    process: Option<Child>,
    base: String,
    browser: reqwest::Client,
    told: Arc<Mutex<String>>,
    folder: tempfile::TempDir,
    _redis: RedisServer,
}

/// An answer of the program.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) text: String,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let (site, redis) = TestSite::cached(FrappeMajor::V15).await;
        // The process goes by the real clock, and so do those whom it speaks with.
        site.clock().advance(Utc::now() - noon());
        let told = listen(&redis).await;
        let (mirror, desk) = company_of(site).await;
        drop(desk);
        for (key, url) in [
            ("github_api_url", mirror.github.base_url().to_owned()),
            ("github_graphql_url", mirror.github.graphql_url()),
        ] {
            mirror.erp.scratch().set_config(key, url.into()).expect("the site's file");
        }
        let mut needles = Named::default();
        let config: Value =
            serde_json::from_str(&fs::read_to_string(mirror.site().config().file()).expect("a file")).expect("JSON");
        for key in ["db_password", "encryption_key"] {
            needles.add("a password of the site", config[key].as_str().expect("a password"));
        }
        let browser = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            mirror,
            needles,
            papers: Papers::default(),
            process: None,
            base: String::new(),
            browser: browser.build().expect("a browser"),
            told,
            folder: tempfile::tempdir().expect("a folder"),
            _redis: redis,
        }
    }

    /// Runs a command to its end, with `input` and the variables of the environment.
    pub(super) fn command(&mut self, arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> i32 {
        let mut command = program(arguments);
        command
            .current_dir(self.mirror.erp.bench_root())
            .env("ERPNEXT_GITHUB_LOG", LOG);
        command.envs(variables.iter().copied());
        let ended = finish(command, input);
        self.papers.write("the log and standard error", &ended.stderr);
        self.papers.write("standard output", &ended.stdout);
        ended.code
    }

    /// Starts the program.
    pub(super) async fn serve(&mut self) {
        let mut command = program(&SERVE);
        let file = |path: PathBuf| Stdio::from(File::create(path).expect("a file"));
        command
            .current_dir(self.mirror.erp.bench_root())
            .env("ERPNEXT_GITHUB_LOG", LOG)
            .env("GITHUB_AUTH_TOKEN", VARIABLE)
            .stdout(file(self.output()))
            .stderr(file(self.log()));
        self.process = Some(command.spawn().expect("the program starts"));
        let began = Instant::now();
        while self.base.is_empty() {
            assert!(began.elapsed() < PATIENCE, "it does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
            let log = fs::read_to_string(self.log()).expect("a log");
            let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let address = lines.find_map(|line| line["listen"].as_str().map(str::to_owned));
            self.base = address.map_or_else(String::new, |address| format!("http://{address}"));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// Ends the process, and keeps what it said.
    pub(super) async fn ends(&mut self) {
        let mut process = self.process.take().expect("it runs");
        let pid = process.id();
        let arguments = fs::read_to_string(format!("/proc/{pid}/cmdline")).expect("its arguments");
        self.papers.write("the arguments of a process", &arguments);
        kill(Pid::from_raw(i32::try_from(pid).expect("a pid")), Signal::SIGTERM).expect("sent");
        let code = tokio::task::spawn_blocking(move || process.wait().expect("it ends").code()).await;
        assert_eq!(code.expect("waited"), Some(0));
        for (place, file) in [("the log and standard error", self.log()), ("standard output", self.output())] {
            self.papers.write(place, &fs::read_to_string(file).expect("a file"));
        }
    }

    /// A method of the desk.
    pub(super) async fn call(&mut self, user: &str, method: &str, arguments: &[(&str, &str)]) -> Heard {
        let path = format!("/api/method/erpnext_github_integration.{method}");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(arguments)
            .finish();
        let short = session(user);
        let request = self
            .request(Method::POST, &path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", format!("system_user=yes; sid={short}"))
            .header("x-frappe-csrf-token", format!("token-{short}"));
        self.answer(request.body(body)).await
    }

    /// Opens an address of the site in the browser of `user`.
    pub(super) async fn open(&mut self, user: &str, path: &str) -> Heard {
        let request = self.request(Method::GET, path);
        self.answer(request.header("cookie", format!("sid={}", session(user)))).await
    }

    /// A request of one's own making.
    pub(super) fn request(&self, verb: Method, path: &str) -> RequestBuilder {
        let request = self.browser.request(verb, format!("{}{path}", self.base));
        request.header("x-frappe-site-name", self.mirror.site().name())
    }

    /// Sends it and keeps the answer. The address of GitHub that somebody is to open holds the state, which is meant for it: it alone is left out.
    pub(super) async fn answer(&mut self, request: RequestBuilder) -> Heard {
        let answer = request.send().await.expect("an answer");
        let (status, head) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        let text = answer.text().await.expect("text");
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        let mut kept = text.clone();
        if let Some(url) = body["message"]["url"]
            .as_str()
            .filter(|url| url.starts_with(self.mirror.github.base_url()))
        {
            let state = url::Url::parse(url).expect("an address");
            let state = state.query_pairs().find(|(key, _)| key == "state");
            if let Some((_, state)) = state {
                self.needles.add("a state", &state);
                kept = kept.replacen(&*state, "", 1);
            }
        }
        self.papers.write("an answer", &format!("{status} {head}\n{kept}"));
        Heard { status, body, text }
    }

    /// A page of GitHub's, on which `form` is sent: where that leads.
    pub(super) async fn press(&self, address: &str, form: String) -> String {
        let sent = self.browser.post(address).body(form).send().await.expect("an answer");
        let Some(back) = sent.headers().get("location").cloned() else {
            panic!("{address} leads nowhere: {}", sent.text().await.expect("text"));
        };
        let back = url::Url::parse(back.to_str().expect("text")).expect("an address");
        assert_eq!(back.origin().ascii_serialization(), SITE, "{back}");
        back[url::Position::BeforePath..].to_owned()
    }

    /// Waits until a query gives that.
    pub(super) async fn until(&self, sql: &str, wanted: &str) {
        let began = Instant::now();
        loop {
            let found = self.mirror.erp.value(sql).await;
            if found == wanted {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{sql} gives {found}, not {wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The whole database.
    pub(super) async fn dump(&self) -> String {
        self.mirror.erp.scratch().dump().await.expect("a dump")
    }

    /// All secrets, and all that was written.
    pub(super) async fn gathered(&mut self) -> (Named, Papers) {
        let (mut needles, mut papers) = (std::mem::take(&mut self.needles), std::mem::take(&mut self.papers));
        for secret in self.mirror.github.world().given_out() {
            let is_installations = secret.starts_with("ghs_");
            let kind = if is_installations {
                "a token of an installation"
            } else {
                "a code or a token of people"
            };
            needles.add(kind, secret);
        }
        for request in self.mirror.github.requests() {
            // GitHub's pages are opened by the browser.
            if !request.is_page() {
                papers.write(
                    "an address that GitHub was asked for",
                    &format!("{} {:?}", target(&request), request.headers),
                );
            }
        }
        let dump = self.dump().await;
        let tables =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";
        for table in self.mirror.column(tables).await {
            assert!(dump.contains(&format!("CREATE TABLE `{table}`")), "{table} was left out");
        }
        papers.write("the database", &dump);
        files(self.mirror.erp.bench_root(), &mut papers);
        papers.write(
            "what Redis was told",
            &self.told.lock().unwrap_or_else(PoisonError::into_inner),
        );
        (needles, papers)
    }

    /// What must hold of the two sides at the end.
    pub(super) fn finish(&self) {
        assert_eq!(self.mirror.github.unexpected(), Vec::<String>::new());
    }
}

/// What was asked for. GitHub's own address of a manifest has its code in the path, which is good once, and used up by that.
fn target(request: &RecordedRequest) -> String {
    let is_conversion = request.path.starts_with("/app-manifests/") && request.path.ends_with("/conversions");
    if is_conversion && request.query.is_empty() {
        return "/app-manifests/{code}/conversions".to_owned();
    }
    request.target()
}

impl Drop for Stage {
    /// A process that a failed test left ends with it.
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ended = process.kill();
            let _reaped = process.wait();
        }
    }
}

/// Everything below a folder.
fn files(folder: &Path, papers: &mut Papers) {
    for entry in fs::read_dir(folder).expect("a folder").map_while(Result::ok) {
        let (path, kind) = (entry.path(), entry.file_type().expect("a kind"));
        if kind.is_dir() {
            files(&path, papers);
        } else if kind.is_file() {
            let bytes = fs::read(&path).expect("a file");
            papers.write(
                "a file of the bench",
                &format!("{}\n{}", path.display(), String::from_utf8_lossy(&bytes)),
            );
        }
    }
}

/// Keeps every command that Redis gets.
async fn listen(redis: &RedisServer) -> Arc<Mutex<String>> {
    let told = Arc::new(Mutex::new(String::new()));
    let client = redis::Client::open(redis.url()).expect("an address");
    let monitor = client.get_async_monitor().await.expect("it answers");
    let kept = told.clone();
    tokio::spawn(async move {
        let mut lines = monitor.into_on_message::<String>();
        while let Some(line) = lines.next().await {
            let mut told = kept.lock().unwrap_or_else(PoisonError::into_inner);
            told.push_str(&line);
            told.push('\n');
        }
    });
    told
}
