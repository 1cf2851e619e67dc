//! What Frappe and ERPNext demand of a document before it is saved, as far as we meet it.

use serde_json::{Map, Value, json};

use super::document;
use super::refusal::Refusal;
use super::server::Shared;
use crate::sim::mariadb::sql_text;
use crate::sim::site::SiteError;

/// Fields that must be filled, with their labels.
const MANDATORY: [(&str, &[(&str, &str)]); 3] = [
    ("Task", &[("subject", "Subject")]),
    (
        "Project",
        &[
            ("naming_series", "Series"),
            ("project_name", "Project Name"),
            ("company", "Company"),
        ],
    ),
    ("ToDo", &[("description", "Description")]),
];

/// Fields that get a value where none is given.
const DEFAULTS: [(&str, &[(&str, &str)]); 3] = [
    ("Task", &[("status", "Open"), ("priority", "Low")]),
    (
        "Project",
        &[
            ("naming_series", "PROJ-.####"),
            ("status", "Open"),
            ("is_active", "Yes"),
            ("priority", "Medium"),
        ],
    ),
    ("ToDo", &[("status", "Open"), ("priority", "Medium")]),
];

/// Values of `status` that a Task may have.
const TASK_STATUS: [&str; 7] = [
    "Open",
    "Working",
    "Pending Review",
    "Overdue",
    "Template",
    "Completed",
    "Cancelled",
];

fn of<'a>(table: &[(&str, &'a [(&'a str, &'a str)])], doctype: &str) -> &'a [(&'a str, &'a str)] {
    table.iter().find(|(name, _)| *name == doctype).map_or(&[], |(_, list)| list)
}

pub(super) fn text<'a>(document: &'a Map<String, Value>, field: &str) -> &'a str {
    document.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Fills what a new document of the type begins with.
pub(super) fn fill_defaults(doctype: &str, document: &mut Map<String, Value>) {
    for (field, value) in of(&DEFAULTS, doctype) {
        if text(document, field).is_empty() {
            document.insert((*field).to_owned(), json!(value));
        }
    }
}

/// The name of a new document, by its DocType's rule.
pub(super) async fn name(shared: &Shared, doctype: &str, document: &Map<String, Value>) -> Result<String, SiteError> {
    let year = super::write::now(shared).await.chars().take(4).collect::<String>();
    let series = match doctype {
        "Project" => text(document, "naming_series").replace(".####", ""),
        "Task" => format!("TASK-{year}-"),
        _ => return Ok(crate::frappe::naming::random_name()),
    };
    let digits = if doctype == "Task" { 5 } else { 4 };
    let key = sql_text(&series);
    shared
        .site
        .execute(&format!(
            "INSERT INTO tabSeries (name, current) VALUES ({key}, 1) ON DUPLICATE KEY UPDATE current = current + 1"
        ))
        .await?;
    let number = shared
        .value(&format!("SELECT current FROM tabSeries WHERE name = {key}"))
        .await?;
    Ok(format!("{series}{number:0>digits$}"))
}

/// Holds a document to its DocType's rules, and lets the controller change it.
pub(super) async fn validate(
    shared: &Shared,
    (doctype, name): (&str, &str),
    document: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    links(shared, doctype, document).await?;
    for (field, label) in of(&MANDATORY, doctype) {
        if text(document, field).trim().is_empty() {
            return Err(Refusal::new(
                417,
                "MandatoryError",
                format!("Error: Value missing for {doctype}: {label}"),
            ));
        }
    }
    lengths(shared, (doctype, name), document).await?;
    if doctype == "Task" {
        task(shared, document).await?;
    }
    if doctype == "Project" {
        users(shared, document);
    }
    Ok(())
}

/// Every Link must lead somewhere.
async fn links(shared: &Shared, doctype: &str, document: &Map<String, Value>) -> Result<(), Refusal> {
    for field in document::fields(shared, doctype, "Link").await? {
        let value = text(document, &field.name);
        if value.is_empty() || shared.site.erp().columns(&format!("tab{}", field.options)).await?.is_empty() {
            continue;
        }
        let sql = format!("SELECT name FROM `tab{}` WHERE name = {}", field.options, sql_text(value));
        if shared.value(&sql).await?.is_empty() {
            return Err(Refusal::new(
                417,
                "LinkValidationError",
                format!("Could not find {}: {value}", field.label),
            ));
        }
    }
    Ok(())
}

/// What does not fit into a varchar(140) is refused, not cut.
async fn lengths(shared: &Shared, (doctype, name): (&str, &str), document: &Map<String, Value>) -> Result<(), Refusal> {
    let columns = shared.site.erp().columns(&format!("tab{doctype}")).await?;
    for (field, value) in document {
        let long = value.as_str().is_some_and(|text| text.chars().count() > 140);
        if long && columns.get(field).is_some_and(|kind| kind == "varchar") {
            return Err(Refusal::new(
                417,
                "CharacterLengthExceededError",
                format!("<b>{doctype} {name}</b>: '{field}' will get truncated, as max characters allowed is 140"),
            ));
        }
    }
    Ok(())
}

/// `task.py`: status, completion, company of the Project.
async fn task(shared: &Shared, document: &mut Map<String, Value>) -> Result<(), Refusal> {
    let status = text(document, "status").to_owned();
    if !TASK_STATUS.contains(&status.as_str()) {
        return Err(Refusal::validation(format!("Status cannot be \"{status}\"")));
    }
    let today = super::write::now(shared).await.chars().take(10).collect::<String>();
    let completed_on = text(document, "completed_on").to_owned();
    if status == "Completed" && completed_on.is_empty() {
        return Err(Refusal::new(
            417,
            "MandatoryError",
            "Error: Value missing for Task: Completed On",
        ));
    }
    if completed_on > today {
        return Err(Refusal::validation("Completed On cannot be greater than Today"));
    }
    if status == "Completed" {
        document.insert("progress".to_owned(), json!(100));
    }
    let project = text(document, "project").to_owned();
    if !project.is_empty() {
        let sql = format!("SELECT company FROM tabProject WHERE name = {}", sql_text(&project));
        document.insert("company".to_owned(), json!(shared.value(&sql).await?));
    }
    Ok(())
}

/// `project.py`: whoever was not welcomed yet gets a mail.
fn users(shared: &Shared, document: &mut Map<String, Value>) {
    let Some(Value::Array(rows)) = document.get_mut("users") else {
        return;
    };
    for row in rows {
        if row["welcome_email_sent"].as_i64().unwrap_or_default() == 0 {
            shared.mail(row["user"].as_str().unwrap_or_default());
            row["welcome_email_sent"] = json!(1);
        }
    }
}
