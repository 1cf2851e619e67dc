//! Multi-row statements, cut so that each fits the server's packet and the protocol's number of parameters.

use std::fmt::Write as _;

use crate::frappe::db::{DbConn, DbError, Params, Value};

/// Bytes of values in one statement; below the smallest `max_allowed_packet` in use (1 MiB) with room for the text.
const STATEMENT_BYTES: usize = 512 * 1024;
/// Parameters in one statement; the protocol ends at 65,535.
const STATEMENT_PARAMS: usize = 32_000;
/// Names in one `IN` list.
pub(super) const NAMES: usize = 1_000;

/// Rows that are inserted where their key is new and updated where it is not.
pub(super) struct Upsert<'a> {
    /// For messages.
    pub what: &'static str,
    /// Table.
    pub table: &'a str,
    /// All columns, in the order of the values.
    pub columns: &'a [&'a str],
    /// Columns that a row which is there already takes over.
    pub updated: &'a [&'a str],
}

impl Upsert<'_> {
    /// Writes `rows`, each with one value a column.
    ///
    /// # Errors
    /// As [`DbError`] says.
    pub(super) async fn write(&self, conn: &mut DbConn, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let most = (STATEMENT_PARAMS / self.columns.len().max(1)).max(1);
        let mut batch = Vec::new();
        let mut bytes = 0;
        for row in rows {
            let weight: usize = row.iter().map(weight).sum();
            if !batch.is_empty() && (batch.len() >= most || bytes + weight > STATEMENT_BYTES) {
                self.send(conn, std::mem::take(&mut batch)).await?;
                bytes = 0;
            }
            bytes += weight;
            batch.push(row);
        }
        if batch.is_empty() {
            Ok(())
        } else {
            self.send(conn, batch).await
        }
    }

    async fn send(&self, conn: &mut DbConn, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let sql = self.text(rows.len());
        let params = Params::Positional(rows.into_iter().flatten().collect());
        conn.exec(self.what, &sql, params).await.map(drop)
    }

    fn text(&self, rows: usize) -> String {
        let row = format!("({})", marks(self.columns.len()));
        let mut sql = format!("INSERT INTO `{}` (`{}`) VALUES {row}", self.table, self.columns.join("`, `"));
        for _ in 1..rows {
            sql.push_str(", ");
            sql.push_str(&row);
        }
        for (at, column) in self.updated.iter().enumerate() {
            let lead = if at == 0 { " ON DUPLICATE KEY UPDATE " } else { ", " };
            // Writing to a String cannot fail.
            let _infallible = write!(sql, "{lead}`{column}` = VALUES(`{column}`)");
        }
        sql
    }
}

/// `?, ?, ?`
pub(super) fn marks(count: usize) -> String {
    let mut text = "?, ".repeat(count);
    text.truncate(text.len().saturating_sub(2));
    text
}

/// Texts as parameters.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    texts.into_iter().map(|text| Value::Bytes(text.as_bytes().to_vec())).collect()
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Bytes(bytes) => bytes.len() + 9,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_names_every_column_once() {
        let upsert = Upsert {
            what: "writing",
            table: "tabX",
            columns: &["name", "a"],
            updated: &["a"],
        };
        assert_eq!(
            upsert.text(2),
            "INSERT INTO `tabX` (`name`, `a`) VALUES (?, ?), (?, ?) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`)"
        );
        assert_eq!(marks(0), "");
    }
}
