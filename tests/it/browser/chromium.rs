//! One Chromium for all tests of the run, behind a small program in Node that takes steps as lines of JSON (`tests/browser`).

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use tokio::sync::oneshot;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<Value, String>>>>>;

/// The program. It ends with the tests: its standard input closes.
struct Driver {
    input: Mutex<ChildStdin>,
    waiting: Waiting,
    next: AtomicU64,
    _child: Child,
}

/// Where `make browser` put what drives Chromium.
pub(super) fn modules() -> PathBuf {
    let folder = match std::env::var_os("BROWSER_MODULES") {
        Some(folder) => folder.into(),
        None => root().join("target/browser"),
    };
    assert!(
        folder.join("node_modules/playwright-core").is_dir(),
        "what drives Chromium is not installed in {}: run `make browser`, or set BROWSER_MODULES to the folder that has it",
        folder.display()
    );
    folder
}

/// The project's folder.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Driver {
    fn running() -> &'static Self {
        static DRIVER: OnceLock<Driver> = OnceLock::new();
        DRIVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let mut child = Command::new("node")
            .arg(root().join("tests/browser/driver.mjs"))
            .env("BROWSER_MODULES", modules())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node can be started: run `make browser`");
        let waiting = Waiting::default();
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let told = waiting.clone();
        // A thread and no task: every test has a runtime of its own, and this outlives them all.
        std::thread::spawn(move || {
            for line in answers.lines().map_while(Result::ok) {
                let answer: Value = serde_json::from_str(&line).expect("an answer in JSON");
                let id = answer["id"].as_u64().unwrap_or_default();
                if let Some(waiter) = lock(&told).remove(&id) {
                    let result = match answer.get("error") {
                        Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
                        None => Ok(answer["ok"].clone()),
                    };
                    // A test that gave up no longer wants it.
                    let _given_up = waiter.send(result);
                }
            }
            // Whoever still waits is told that nothing comes.
            lock(&told).clear();
        });
        Self {
            input: Mutex::new(child.stdin.take().expect("a pipe")),
            waiting,
            next: AtomicU64::new(1),
            _child: child,
        }
    }

    async fn ask(&self, page: &str, verb: &str, arguments: &Value) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        lock(&self.waiting).insert(id, tell);
        let line = json!({"id": id, "page": page, "verb": verb, "args": arguments}).to_string();
        writeln!(lock(&self.input), "{line}").map_err(|error| format!("the driver of Chromium is gone: {error}"))?;
        told.await
            .map_err(|_| "the driver of Chromium ended; its message is above".to_owned())?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page of one test, with cookies of its own: what a person sees and does. Steps are those of `driver.mjs`.
pub(super) struct Sheet {
    key: String,
}

impl Sheet {
    /// Opens one on `base`; `sid` is the session's cookie.
    pub(super) async fn open(base: &str, sid: Option<&str>) -> Self {
        let sheet = Self { key: Self::next_key() };
        sheet.ask("open", json!([{"base": base, "sid": sid}])).await;
        sheet
    }

    /// The same, where no scripts run.
    pub(super) async fn open_without_scripts(base: &str, sid: &str) -> Self {
        let sheet = Self { key: Self::next_key() };
        sheet
            .ask("open", json!([{"base": base, "sid": sid, "without_scripts": true}]))
            .await;
        sheet
    }

    fn next_key() -> String {
        static KEYS: AtomicU64 = AtomicU64::new(1);
        KEYS.fetch_add(1, Ordering::Relaxed).to_string()
    }

    async fn ask(&self, verb: &str, arguments: Value) -> Value {
        match Driver::running().ask(&self.key, verb, &arguments).await {
            Ok(value) => value,
            Err(error) => panic!("{verb} {arguments}: {error}"),
        }
    }

    /// Logs in with a password, on a real desk.
    pub(super) async fn log_in(&self, user: &str, password: &str) {
        self.ask("log_in", json!([{"user": user, "password": password}])).await;
    }

    /// Opens a form; `new-...` is a new document.
    pub(super) async fn form(&self, doctype: &str, name: &str) {
        self.ask("form", json!([doctype, name])).await;
    }

    /// Opens a list.
    pub(super) async fn list(&self, doctype: &str) {
        self.ask("list", json!([doctype])).await;
    }

    /// Labels of the buttons of a group, in order; `""` for those outside of all groups.
    pub(super) async fn buttons(&self, group: &str) -> Vec<String> {
        let all = self.ask("buttons", json!([])).await;
        let labels = all[group].as_array().cloned().unwrap_or_default();
        labels.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Presses a button of a group; `""` for one outside of all groups.
    pub(super) async fn press(&self, group: &str, label: &str) {
        self.ask("press", json!([group, label])).await;
    }

    /// The dialog in front, once one says `words`: its title, its fields by name, its text.
    pub(super) async fn dialog(&self, words: &str) -> Value {
        self.ask("dialog", json!([words])).await
    }

    /// Fills fields of the dialog in front.
    pub(super) async fn fill(&self, values: Value) {
        self.ask("fill", json!([values])).await;
    }

    /// Presses the dialog's own button.
    pub(super) async fn submit(&self) {
        self.ask("submit", json!([])).await;
    }

    /// Presses another button of the dialog in front.
    pub(super) async fn press_in_dialog(&self, label: &str) {
        self.ask("submit", json!([label])).await;
    }

    /// Closes the dialog in front.
    pub(super) async fn dismiss(&self) {
        self.ask("dismiss", json!([])).await;
    }

    /// Waits until the screen says this.
    pub(super) async fn until(&self, words: &str) {
        self.ask("until", json!([words])).await;
    }

    /// What the screen says, once nothing is asked any more: `messages`, `alerts`, `overview`, `headline`.
    pub(super) async fn said(&self) -> Value {
        self.ask("said", json!([])).await
    }

    /// Saves the form.
    pub(super) async fn save(&self) -> Value {
        self.ask("save", json!([])).await
    }

    /// Sets fields of the form, as somebody who types.
    pub(super) async fn set(&self, values: Value) {
        self.ask("set", json!([values])).await;
    }

    /// A field of the form's document.
    pub(super) async fn value(&self, field: &str) -> Value {
        self.ask("value", json!([field])).await
    }

    /// Runs an expression in the page.
    pub(super) async fn eval(&self, expression: &str) -> Value {
        self.ask("eval", json!([expression])).await
    }

    /// Waits until an expression is true in the page.
    pub(super) async fn holds(&self, expression: &str) {
        self.ask("holds", json!([expression])).await;
    }

    /// What the service answered since the last time, as `method status`; nothing may have broken in the page meanwhile.
    pub(super) async fn answers(&self) -> Vec<String> {
        let trail = self.ask("trail", json!([])).await;
        assert_eq!(trail["problems"], json!([]), "something broke in the page");
        let answers = trail["answers"].as_array().cloned().unwrap_or_default();
        answers.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What broke in the page so far was meant to: `frappe.throw` is an error to the browser, too.
    pub(super) async fn forget_problems(&self) {
        self.ask("trail", json!([])).await;
    }

    /// The window that the page opened last.
    pub(super) async fn window(&self) -> Self {
        let own = Self { key: Self::next_key() };
        self.ask("window", json!([own.key])).await;
        own
    }

    /// Opens any page of the site, or of another address.
    pub(super) async fn visit(&self, path: &str) {
        self.ask("visit", json!([path])).await;
    }

    /// Clicks something on a page that is no form of the desk.
    pub(super) async fn click(&self, selector: &str) {
        self.ask("click", json!([selector])).await;
    }

    /// Chooses one of what a list offers, on such a page.
    pub(super) async fn choose(&self, selector: &str, value: &str) {
        self.ask("choose", json!([selector, value])).await;
    }

    /// Presses a key, as somebody without a mouse.
    pub(super) async fn key(&self, name: &str) {
        self.ask("key", json!([name])).await;
    }

    /// Where it went (`addresses`), whom it asked (`hosts`), and what its console says is wrong (`errors`).
    pub(super) async fn seen(&self) -> Value {
        self.ask("seen", json!([])).await
    }

    /// The address of ours that GitHub sent it to with a code.
    pub(super) async fn came_back_by(&self) -> String {
        let seen = self.seen().await;
        let addresses = seen["addresses"].as_array().cloned().unwrap_or_default();
        let mut texts = addresses.iter().filter_map(Value::as_str);
        let found = texts.find(|address| address.contains("/integrations/github/") && address.contains("code="));
        found.unwrap_or_else(|| panic!("GitHub sent nobody back: {seen}")).to_owned()
    }

    /// A page of ours where no scripts run: its kind, what it says, and when it is loaded anew.
    pub(super) async fn plain(&self) -> (String, String, String) {
        let page = self.ask("plain", json!([])).await;
        let text = |key: &str| page[key].as_str().unwrap_or_default().to_owned();
        (text("kind"), text("text"), text("refresh"))
    }

    /// Waits for a page of ours of that kind; what it says, and its address.
    pub(super) async fn ours(&self, kind: &str) -> (String, String) {
        let page = self.ask("ours", json!([kind])).await;
        let text = |key: &str| page[key].as_str().unwrap_or_default().to_owned();
        (text("text"), text("url"))
    }

    /// Closes it. Nothing may have broken in it.
    pub(super) async fn close(self) {
        self.answers().await;
        self.ask("close", json!([])).await;
    }
}
