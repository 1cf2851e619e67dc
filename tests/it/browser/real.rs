//! A real desk, where somebody names one: `DESK_URL`, `DESK_USER` (a GitHub Admin who may make Tasks), `DESK_PASSWORD`, and `DESK_REPOSITORY`, a Repository there.
//! `DESK_READER` and `DESK_READER_PASSWORD` are of somebody who reads another Repository, and not that one.

use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use super::chromium::Sheet;

/// One scenario at a time: they share one site.
static TURN: Mutex<()> = Mutex::const_new(());

/// A real desk.
pub(super) struct RealDesk {
    url: String,
    user: String,
    password: String,
    repository: String,
    reader: Option<(String, String)>,
    _turn: MutexGuard<'static, ()>,
}

impl RealDesk {
    /// The desk that the environment names; without one, says why `scenario` is skipped.
    pub(super) async fn named(scenario: &str) -> Option<Self> {
        let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (Some(url), Some(user), Some(password)) = (given("DESK_URL"), given("DESK_USER"), given("DESK_PASSWORD")) else {
            println!("skipped {scenario} on a real desk: DESK_URL, DESK_USER and DESK_PASSWORD do not name one");
            return None;
        };
        let turn = TURN.lock().await;
        let mut desk = Self {
            url: url.trim_end_matches('/').to_owned(),
            user,
            password,
            repository: given("DESK_REPOSITORY").unwrap_or_default(),
            reader: given("DESK_READER").zip(given("DESK_READER_PASSWORD")),
            _turn: turn,
        };
        if desk.repository.is_empty() {
            let sheet = desk.sheet().await;
            sheet.list("Repository").await;
            let first = "frappe.db.get_list('Repository', {filters: {is_synced: 1}, limit: 1}).then((rows) => rows[0].name)";
            desk.repository = sheet.eval(first).await.as_str().unwrap_or_default().to_owned();
            sheet.close().await;
        }
        Some(desk)
    }

    /// A browser in which its user is logged in.
    pub(super) async fn sheet(&self) -> Sheet {
        let sheet = Sheet::open(&self.url, None).await;
        sheet.log_in(&self.user, &self.password).await;
        sheet
    }

    /// A browser in which somebody is logged in who reads some Repositories and not that of the scenarios; without one, says why `scenario` is
    /// skipped.
    pub(super) async fn reader(&self, scenario: &str) -> Option<Sheet> {
        let Some((user, password)) = &self.reader else {
            println!("skipped {scenario} on a real desk: DESK_READER and DESK_READER_PASSWORD do not name who reads there");
            return None;
        };
        let sheet = Sheet::open(&self.url, None).await;
        sheet.log_in(user, password).await;
        Some(sheet)
    }

    /// The Repository that scenarios work with.
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// Makes a Task of that Repository, as a person would; gives its name.
    pub(super) async fn task(&self, subject: &str) -> String {
        let sheet = self.sheet().await;
        sheet.list("Task").await;
        let task = json!({"doctype": "Task", "subject": subject, "github_repo": self.repository});
        let made = sheet
            .eval(&format!("frappe.db.insert({task}).then((task) => task.name)"))
            .await;
        sheet.close().await;
        match made {
            Value::String(name) => name,
            other => panic!("no Task was made: {other}"),
        }
    }
}
