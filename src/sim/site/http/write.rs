//! Writing rows: a document's own, and those of its child tables.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::document::{self, literal};
use super::server::Shared;
use crate::frappe::naming::random_name;
use crate::frappe::zone::frappe_text;
use crate::sim::mariadb::sql_text;
use crate::sim::site::SiteError;

/// The present moment as the site writes it.
pub(super) async fn now(shared: &Shared) -> String {
    let zone = shared.program.zone().await;
    let now = shared.program.clock().now();
    zone.map_or_else(|_| frappe_text(now.naive_utc()), |zone| frappe_text(zone.to_local(now)))
}

/// Inserts a row of those values that the table has columns for.
pub(super) async fn insert_row(shared: &Shared, doctype: &str, values: &Map<String, Value>) -> Result<(), SiteError> {
    let columns = shared.site.erp().columns(&format!("tab{doctype}")).await?;
    let (names, literals): (Vec<String>, Vec<String>) = stored(values, &columns).unzip();
    let sql = format!(
        "INSERT INTO `tab{doctype}` ({}) VALUES ({})",
        names.join(", "),
        literals.join(", ")
    );
    shared.site.execute(&sql).await
}

/// Sets the columns of a row that `values` names.
pub(super) async fn update_row(shared: &Shared, doctype: &str, name: &str, values: &Map<String, Value>) -> Result<(), SiteError> {
    let columns = shared.site.erp().columns(&format!("tab{doctype}")).await?;
    let set: Vec<String> = stored(values, &columns)
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    if set.is_empty() {
        return Ok(());
    }
    let sql = format!("UPDATE `tab{doctype}` SET {} WHERE name = {}", set.join(", "), sql_text(name));
    shared.site.execute(&sql).await
}

/// Columns with their values; what a number column is not given stays at its default.
fn stored<'a>(
    values: &'a Map<String, Value>,
    columns: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = (String, String)> + 'a {
    values.iter().filter_map(|(name, value)| {
        let kind = columns.get(name)?;
        let number = matches!(kind.as_str(), "int" | "tinyint" | "bigint" | "decimal");
        if value.is_array() || (number && value.is_null()) {
            return None;
        }
        Some((format!("`{name}`"), literal(value)))
    })
}

/// Makes the rows of a child table those that are given: rows with a known name are kept, others are new, the rest goes.
pub(super) async fn replace_children(
    shared: &Shared,
    (doctype, name, user): (&str, &str, &str),
    table: &document::Field,
    rows: &[Value],
) -> Result<(), SiteError> {
    let place = format!(
        "parent = {} AND parenttype = {} AND parentfield = {}",
        sql_text(name),
        sql_text(doctype),
        sql_text(&table.name)
    );
    let sql = format!("SELECT name FROM `tab{}` WHERE {place}", table.options);
    let there: Vec<String> = shared.site.query(&sql).await?.into_iter().flatten().flatten().collect();
    let named = |row: &Value| row["name"].as_str().unwrap_or_default().to_owned();
    let kept: Vec<String> = rows.iter().map(named).filter(|name| there.contains(name)).collect();
    for gone in there.iter().filter(|name| !kept.contains(name)) {
        let sql = format!("DELETE FROM `tab{}` WHERE name = {}", table.options, sql_text(gone));
        shared.site.execute(&sql).await?;
    }
    let now = now(shared).await;
    for (at, row) in rows.iter().enumerate() {
        let mut values = row.as_object().cloned().unwrap_or_default();
        let own = named(row);
        values.insert("idx".to_owned(), json!(at + 1));
        values.insert("modified".to_owned(), json!(now));
        values.insert("modified_by".to_owned(), json!(user));
        if kept.contains(&own) {
            update_row(shared, &table.options, &own, &values).await?;
            continue;
        }
        let standard = [
            ("name", json!(random_name())),
            ("owner", json!(user)),
            ("creation", json!(now)),
            ("parent", json!(name)),
            ("parenttype", json!(doctype)),
            ("parentfield", json!(table.name)),
        ];
        values.extend(standard.map(|(key, value)| (key.to_owned(), value)));
        insert_row(shared, &table.options, &values).await?;
    }
    Ok(())
}
