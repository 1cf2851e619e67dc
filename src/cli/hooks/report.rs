//! What `hooks` answers.

use serde::Serialize;

use crate::cli::outcome::Report;
use crate::github::HookDelivery;
use crate::webhook::hooks::{Home, HookRow};

/// What became of a webhook that was asked for.
pub(super) fn ensured(hook: &serde_json::Value) -> String {
    let words = |key: &str| hook[key].as_str().unwrap_or_default().to_owned();
    if hook["id"].is_null() {
        return format!(
            "the webhook of {} tells of it; it needs none of its own",
            words("organization")
        );
    }
    let was = if hook["existing"] == true {
        "was there and is right"
    } else {
        "was made"
    };
    let address = hook["config"]["url"].as_str().unwrap_or_default();
    format!("webhook {} {was}: {address}", hook["id"])
}

/// A row, as it is shown.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    webhook: Option<u64>,
    /// It is made on GitHub with the App, and what it delivered is looked through.
    of_app: bool,
    address: String,
    events: String,
    last_status: Option<u16>,
    problem: Option<String>,
}

impl From<&HookRow> for Line {
    fn from(row: &HookRow) -> Self {
        Self {
            name: row.name.clone(),
            webhook: row.hook_id,
            of_app: matches!(row.home, Home::App(_)),
            address: row.address.clone(),
            events: row.events.clone(),
            last_status: row.last_status,
            problem: row.problem.clone(),
        }
    }
}

/// The webhooks that are kept right, and the App's own.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    webhooks: Vec<Line>,
}

impl Listed {
    pub(super) fn of(rows: &[HookRow]) -> Self {
        Self {
            webhooks: rows.iter().map(Line::from).collect(),
        }
    }
}

impl Report for Listed {
    fn lines(&self) -> Vec<String> {
        if self.webhooks.is_empty() {
            return vec!["no webhook is kept right".to_owned()];
        }
        let line = |one: &Line| {
            let id = one.webhook.map_or_else(|| "-".to_owned(), |id| id.to_string());
            let status = one.last_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            let address = if one.of_app {
                "as the App's page on GitHub says"
            } else {
                one.address.as_str()
            };
            let text = format!("{:<40} {id:>12} {status:>4}  {address}", one.name);
            match &one.problem {
                Some(problem) => format!("{text}\n    {problem}"),
                None => text,
            }
        };
        self.webhooks.iter().map(line).collect()
    }

    fn has_failures(&self) -> bool {
        self.webhooks.iter().any(|one| one.problem.is_some())
    }
}

/// What one of them delivered.
#[derive(Debug, Serialize)]
pub(super) struct Delivered {
    pub(super) deliveries: Vec<HookDelivery>,
}

impl Report for Delivered {
    fn lines(&self) -> Vec<String> {
        let line = |one: &HookDelivery| {
            let again = if one.redelivery { " again" } else { "" };
            format!(
                "{}  {:<14} {:>3} {}  {} {}{again}",
                one.delivered_at, one.id, one.status_code, one.status, one.event, one.guid
            )
        };
        self.deliveries.iter().map(line).collect()
    }

    fn has_failures(&self) -> bool {
        false
    }
}

/// What was done, and what was not.
#[derive(Debug, Default, Serialize)]
pub(super) struct Done {
    pub(super) done: Vec<String>,
    pub(super) failed: Vec<String>,
}

impl Done {
    pub(super) fn new(sentence: String) -> Self {
        Self {
            done: vec![sentence],
            failed: Vec::new(),
        }
    }
}

impl Report for Done {
    fn lines(&self) -> Vec<String> {
        self.done.iter().chain(&self.failed).cloned().collect()
    }

    fn has_failures(&self) -> bool {
        !self.failed.is_empty()
    }
}
