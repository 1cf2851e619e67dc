//! Child rows of a document, as a form shows them.

use std::collections::BTreeMap;

use mysql_async::Row;
use serde_json::{Map, Value as Json};

use crate::frappe::db::{self, Db, DbError, Value};

use super::cell::time_of;
use super::rows::{CHILDREN, ChildTable, REPOSITORY};

const WHAT: &str = "reading child rows for a form";

/// Rows of each table of a document, by the field of the form; none where that document of that repository is not there, or has no tables.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_document(
    db: &Db,
    repository: &str,
    (doctype, name): (&str, &str),
) -> Result<Option<BTreeMap<&'static str, Vec<Map<String, Json>>>>, DbError> {
    let tables: Vec<&ChildTable> = CHILDREN.into_iter().filter(|table| table.parenttype == doctype).collect();
    if tables.is_empty() || !is_of(db, repository, (doctype, name)).await? {
        return Ok(None);
    }
    let mut fields = BTreeMap::new();
    for table in tables {
        fields.insert(table.parentfield, rows_of(db, table, name).await?);
    }
    Ok(Some(fields))
}

/// Whether the document belongs to that repository. `doctype` is one of ours.
async fn is_of(db: &Db, repository: &str, (doctype, name): (&str, &str)) -> Result<bool, DbError> {
    let column = if doctype == REPOSITORY.doctype { "name" } else { "repository" };
    let sql = format!("SELECT 1 FROM `tab{doctype}` WHERE name = ? AND `{column}` = ?");
    Ok(db.row(WHAT, &sql, (name, repository)).await?.is_some())
}

async fn rows_of(db: &Db, table: &ChildTable, parent: &str) -> Result<Vec<Map<String, Json>>, DbError> {
    let names = ["name", "idx"].into_iter().chain(table.columns.iter().copied());
    let names: Vec<&str> = names.chain(table.parent_column).collect();
    let columns: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let sql = format!(
        "SELECT {} FROM `{}` WHERE parent = ? AND parenttype = ? AND parentfield = ? ORDER BY idx",
        columns.join(", "),
        table.table
    );
    let rows = db.rows(WHAT, &sql, (parent, table.parenttype, table.parentfield)).await?;
    let row = |row: Row| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(db::values(row).into_iter().map(json))
            .collect()
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A value as Frappe writes it.
fn json(value: Value) -> Json {
    if let Some(time) = time_of(&value) {
        return time.format("%Y-%m-%d %H:%M:%S").to_string().into();
    }
    match value {
        Value::Int(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        _ => Json::Null,
    }
}
