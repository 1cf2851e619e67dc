//! Documents as Frappe gives them: a row with its child rows, typed by their columns.

use serde_json::{Map, Value, json};

use super::server::Shared;
use crate::sim::mariadb::sql_text;
use crate::sim::site::SiteError;

/// A field that matters for writing.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) options: String,
}

/// Fields of one type, standard and custom.
pub(super) async fn fields(shared: &Shared, doctype: &str, kind: &str) -> Result<Vec<Field>, SiteError> {
    let (doctype, kind) = (sql_text(doctype), sql_text(kind));
    let rows = shared
        .site
        .query(&format!(
            "SELECT fieldname, label, options FROM tabDocField WHERE parent = {doctype} AND fieldtype = {kind} \
             UNION SELECT fieldname, label, options FROM `tabCustom Field` WHERE dt = {doctype} AND fieldtype = {kind}"
        ))
        .await?;
    let text = |value: Option<String>| value.unwrap_or_default();
    Ok(rows
        .into_iter()
        .filter_map(|row| <[Option<String>; 3]>::try_from(row).ok())
        .map(|[name, label, options]| Field {
            name: text(name),
            label: text(label),
            options: text(options),
        })
        .collect())
}

/// A document with its child tables; none where there is none.
pub(super) async fn read(shared: &Shared, doctype: &str, name: &str) -> Result<Option<Map<String, Value>>, SiteError> {
    let condition = format!("name = {}", sql_text(name));
    let Some(mut document) = rows(shared, doctype, &condition).await?.into_iter().next() else {
        return Ok(None);
    };
    for table in fields(shared, doctype, "Table").await? {
        let condition = format!(
            "parent = {} AND parenttype = {} AND parentfield = {} ORDER BY idx",
            sql_text(name),
            sql_text(doctype),
            sql_text(&table.name)
        );
        let children = rows(shared, &table.options, &condition).await?;
        document.insert(table.name, children.into_iter().map(Value::Object).collect());
    }
    Ok(Some(document))
}

/// Rows of a DocType's table, with the type of each value that its column has.
async fn rows(shared: &Shared, doctype: &str, condition: &str) -> Result<Vec<Map<String, Value>>, SiteError> {
    let columns = shared.site.erp().columns(&format!("tab{doctype}")).await?;
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&String> = columns.keys().collect();
    let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let sql = format!("SELECT {} FROM `tab{doctype}` WHERE {condition}", list.join(", "));
    let found = shared.site.query(&sql).await?;
    Ok(found
        .into_iter()
        .map(|row| {
            let values = names.iter().zip(row).map(|(name, value)| {
                let kind = columns.get(*name).map_or("", String::as_str);
                ((*name).clone(), typed(kind, value))
            });
            let mut document: Map<String, Value> = values.filter(|(name, _)| !name.starts_with('_')).collect();
            document.insert("doctype".to_owned(), json!(doctype));
            document
        })
        .collect())
}

fn typed(kind: &str, value: Option<String>) -> Value {
    let Some(text) = value else { return Value::Null };
    match kind {
        "int" | "tinyint" | "bigint" => text.parse::<i64>().map_or(Value::Null, Value::from),
        "decimal" => text.parse::<f64>().map_or(Value::Null, Value::from),
        // Six digits, always.
        "datetime" if !text.contains('.') => Value::from(format!("{text}.000000")),
        _ => Value::from(text),
    }
}

/// A value as a literal of SQL.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(on) => i32::from(*on).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "NULL".to_owned(),
        Value::String(text) => sql_text(text),
        other => sql_text(&other.to_string()),
    }
}
