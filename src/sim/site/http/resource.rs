//! `/api/resource`: reading, inserting and updating documents as the caller may.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::server::Shared;
use super::{caller, document, rules, write};
use crate::frappe::permissions::{Right, with_any, with_document};
use crate::sim::mariadb::sql_text;
use crate::sim::site::SiteError;

/// `GET /api/resource/DOCTYPE/NAME`.
pub(super) async fn read(shared: &Shared, user: &str, doctype: &str, name: &str) -> Result<Value, Refusal> {
    let found = document::read(shared, doctype, name).await?;
    let found = found.ok_or_else(|| Refusal::missing(doctype, name))?;
    require(shared, user, (doctype, name), Right::Read).await?;
    Ok(json!({ "data": found }))
}

/// `POST /api/resource/DOCTYPE`.
pub(super) async fn insert(shared: &Shared, user: &str, doctype: &str, values: &Map<String, Value>) -> Result<Value, Refusal> {
    let roles = caller::roles(shared, user).await?;
    let may = with_any(shared.program.db(), &roles, doctype, Right::Create).await;
    if !may.unwrap_or_default() {
        return Err(refused(user, doctype));
    }
    let mut new = values.clone();
    rules::fill_defaults(doctype, &mut new);
    let name = rules::name(shared, doctype, &new).await?;
    rules::validate(shared, (doctype, &name), &mut new).await?;
    let now = write::now(shared).await;
    for (field, value) in [
        ("name", name.as_str()),
        ("owner", user),
        ("modified_by", user),
        ("creation", &now),
        ("modified", &now),
    ] {
        new.insert(field.to_owned(), json!(value));
    }
    if doctype == "Task" {
        let right = shared.value("SELECT IFNULL(MAX(rgt), 0) FROM tabTask").await?;
        let right: u64 = right.parse().unwrap_or_default();
        new.insert("lft".to_owned(), json!(right + 1));
        new.insert("rgt".to_owned(), json!(right + 2));
    }
    write::insert_row(shared, doctype, &new).await?;
    children(shared, user, (doctype, &name), &new).await?;
    saved(shared, doctype, &new).await?;
    Ok(json!({ "data": document::read(shared, doctype, &name).await? }))
}

/// `PUT /api/resource/DOCTYPE/NAME`: fields that are not sent stay. A `modified` that is sent must be the stored one.
pub(super) async fn update(
    shared: &Shared,
    user: &str,
    (doctype, name): (&str, &str),
    values: &Map<String, Value>,
) -> Result<Value, Refusal> {
    let found = document::read(shared, doctype, name).await?;
    let mut whole = found.ok_or_else(|| Refusal::missing(doctype, name))?;
    require(shared, user, (doctype, name), Right::Write).await?;
    let sent = rules::text(values, "modified");
    if !sent.is_empty() && sent != rules::text(&whole, "modified") {
        return Err(Refusal::new(
            417,
            "TimestampMismatchError",
            "Error: Document has been modified after you have opened it. Please refresh to get the latest document.",
        ));
    }
    whole.extend(values.clone());
    rules::validate(shared, (doctype, name), &mut whole).await?;
    whole.insert("modified".to_owned(), json!(write::now(shared).await));
    whole.insert("modified_by".to_owned(), json!(user));
    write::update_row(shared, doctype, name, &whole).await?;
    children(shared, user, (doctype, name), &whole).await?;
    saved(shared, doctype, &whole).await?;
    Ok(json!({ "data": document::read(shared, doctype, name).await? }))
}

/// Somebody else saves the document.
pub(super) async fn touch(shared: &Shared, doctype: &str, name: &str) -> Result<(), SiteError> {
    let sql = format!(
        "UPDATE `tab{doctype}` SET modified = modified + INTERVAL 1 MICROSECOND WHERE name = {}",
        sql_text(name)
    );
    shared.site.execute(&sql).await
}

/// Whether the caller may do this with the document.
pub(super) async fn may(shared: &Shared, user: &str, (doctype, name): (&str, &str), right: Right) -> Result<bool, Refusal> {
    let roles = caller::roles(shared, user).await?;
    let may = with_document(&shared.program, &roles, doctype, name, right).await;
    may.map_err(|error| Refusal::new(500, "OperationalError", error.to_string()))
}

async fn require(shared: &Shared, user: &str, document: (&str, &str), right: Right) -> Result<(), Refusal> {
    if may(shared, user, document, right).await? {
        Ok(())
    } else {
        Err(refused(user, document.0))
    }
}

fn refused(user: &str, doctype: &str) -> Refusal {
    Refusal::permission(format!(
        "User <b>{user}</b> does not have doctype access via role permission for document <b>{doctype}</b>"
    ))
}

async fn children(
    shared: &Shared,
    user: &str,
    (doctype, name): (&str, &str),
    values: &Map<String, Value>,
) -> Result<(), SiteError> {
    for table in document::fields(shared, doctype, "Table").await? {
        if let Some(Value::Array(rows)) = values.get(&table.name) {
            write::replace_children(shared, (doctype, name, user), &table, rows).await?;
        }
    }
    Ok(())
}

/// What follows from a save.
async fn saved(shared: &Shared, doctype: &str, document: &Map<String, Value>) -> Result<(), SiteError> {
    if doctype == "Task" {
        return shared.cached.task_saved(shared, rules::text(document, "project")).await;
    }
    // Frappe drops what it has cached of a document that it saves.
    shared.cached.forget(rules::text(document, "name"));
    Ok(())
}
