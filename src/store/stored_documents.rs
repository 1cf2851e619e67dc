//! Documents as they are stored, to be held against what GitHub says.
//!
//! Nothing is locked by reading them: whoever applies something to a repository holds the Repository's row first, and what this
//! transaction sees began after that. Locks on rows that are not there yet are locks on the gaps between rows, in which the pages of two
//! repositories would meet.

use std::collections::HashMap;

use mysql_async::prelude::FromValue;

use crate::frappe::db::{self, DbConn, DbError, Params, Value};

use super::cell::Cell;
use super::rows::{DocTable, Wanted};
use super::upsert::{NAMES, list, texts};

/// Those of some wanted documents that are stored.
#[derive(Default)]
pub(super) struct StoredDocuments {
    /// Which columns were read, in the order of the values.
    columns: Vec<&'static str>,
    by_name: HashMap<String, StoredDocument>,
}

/// One stored document.
pub(super) struct StoredDocument {
    /// Its `github_version`.
    pub version: i64,
    values: Vec<Value>,
}

/// Reads what is stored of the columns that any of `wanted` has.
pub(super) async fn read(conn: &mut DbConn, table: &DocTable, wanted: &[Wanted]) -> Result<StoredDocuments, DbError> {
    const WHAT: &str = "reading mirrored documents";
    let columns = columns_of(wanted);
    let quoted: Vec<String> = ["name", "github_version"]
        .iter()
        .chain(&columns)
        .map(|column| format!("`{column}`"))
        .collect();
    let mut by_name = HashMap::with_capacity(wanted.len());
    for chunk in wanted.chunks(NAMES) {
        let (marks, names) = list(texts(chunk.iter().map(|document| document.name.as_str())));
        let sql = format!(
            "SELECT {} FROM `{}` WHERE `name` IN ({marks})",
            quoted.join(", "),
            table.table
        );
        for row in conn.rows(WHAT, &sql, Params::Positional(names)).await? {
            let mut values = db::values(row).into_iter();
            let Some(name) = values.next().and_then(|value| String::from_value_opt(value).ok()) else {
                continue;
            };
            let version = values.next().and_then(|value| i64::from_value_opt(value).ok()).unwrap_or(0);
            let values = values.collect();
            by_name.insert(name, StoredDocument { version, values });
        }
    }
    Ok(StoredDocuments { columns, by_name })
}

/// Every column that one of them has. Most have the same ones in the same order.
fn columns_of(wanted: &[Wanted]) -> Vec<&'static str> {
    let mut columns: Vec<&'static str> = Vec::new();
    for document in wanted {
        for (at, (column, _)) in document.columns.iter().enumerate() {
            if columns.get(at) != Some(column) && !columns.contains(column) {
                columns.push(column);
            }
        }
    }
    columns
}

impl StoredDocuments {
    /// The stored document of that name.
    pub(super) fn get(&self, name: &str) -> Option<&StoredDocument> {
        self.by_name.get(name)
    }

    /// True when `old`, which is one of these, says the same in all of these columns.
    pub(super) fn says(&self, old: &StoredDocument, columns: &[(&'static str, Cell)]) -> bool {
        columns.iter().enumerate().all(|(at, (column, cell))| {
            let at = if self.columns.get(at) == Some(column) {
                Some(at)
            } else {
                self.columns.iter().position(|one| one == column)
            };
            at.and_then(|at| old.values.get(at)).is_some_and(|value| cell.says(value))
        })
    }
}
