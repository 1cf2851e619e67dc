//! Whether rows of others refer to a user or a role of ours: then he is disabled, not deleted.

use std::collections::BTreeSet;

use mysql_async::Value;
use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError};
use crate::setup::schema::quoted;

/// Tables looked at in one statement.
const CHUNK: usize = 40;
const WHAT: &str = "looking for rows that refer to it";

/// Gives the table of some row that refers to `name`, a document of `doctype` (`User` or `Role`), by a Link field, or as the
/// row's owner. Tables in `going` are about to be dropped, and do not count.
pub(super) async fn find(
    conn: &mut DbConn,
    doctype: &str,
    name: &str,
    going: &BTreeSet<String>,
) -> Result<Option<String>, DbError> {
    let mut columns = link_columns(conn, doctype).await?;
    if doctype == "User" {
        columns.extend(owner_columns(conn).await?);
    }
    columns.retain(|(table, _)| !going.contains(table));
    for chunk in columns.chunks(CHUNK) {
        let selects: Vec<String> = chunk
            .iter()
            .map(|(table, column)| {
                let text = table.replace('\'', "''");
                format!(
                    "(SELECT '{text}' FROM {} WHERE {} = ? LIMIT 1)",
                    quoted(table),
                    quoted(column)
                )
            })
            .collect();
        let params: Vec<Value> = chunk.iter().map(|_| Value::from(name)).collect();
        let row = conn.row(WHAT, &selects.join(" UNION ALL "), params).await?;
        if let Some(row) = row {
            return Ok(Some(<(String,)>::from_row(row).0));
        }
    }
    Ok(None)
}

/// Columns of Link fields to a DocType that really are there.
async fn link_columns(conn: &mut DbConn, doctype: &str) -> Result<Vec<(String, String)>, DbError> {
    let sql = "SELECT DISTINCT c.TABLE_NAME, c.COLUMN_NAME FROM information_schema.COLUMNS c JOIN ( \
               SELECT CONCAT('tab', parent) AS tbl, fieldname FROM `tabDocField` WHERE fieldtype = 'Link' AND options = ? \
               UNION SELECT CONCAT('tab', dt), fieldname FROM `tabCustom Field` WHERE fieldtype = 'Link' AND options = ?) f \
               ON c.TABLE_NAME = f.tbl AND c.COLUMN_NAME = f.fieldname WHERE c.TABLE_SCHEMA = DATABASE()";
    let rows = conn.rows(WHAT, sql, (doctype, doctype)).await?;
    Ok(rows.into_iter().map(<(String, String)>::from_row).collect())
}

async fn owner_columns(conn: &mut DbConn) -> Result<Vec<(String, String)>, DbError> {
    let sql = "SELECT c.TABLE_NAME, c.COLUMN_NAME FROM information_schema.COLUMNS c JOIN information_schema.TABLES t \
               ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME \
               WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND c.TABLE_NAME LIKE 'tab%' \
               AND c.COLUMN_NAME IN ('owner', 'modified_by')";
    let rows = conn.rows(WHAT, sql, ()).await?;
    Ok(rows.into_iter().map(<(String, String)>::from_row).collect())
}
