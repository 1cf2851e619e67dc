//! Child tables: the wanted set replaces the stored one as a difference, so that what stays is not touched.

use std::collections::{HashMap, HashSet};

use mysql_async::prelude::FromValue;

use crate::frappe::db::{self, DbConn, DbError, Params, Row, Value};

use super::applied::Counts;
use super::cell::{Cell, time_value};
use super::rows::{ChildTable, WantedChild};
use super::stamp::Stamp;
use super::upsert::{NAMES, Upsert, in_order, list, marks, texts};

/// Whose child rows are: nobody's who is confined to some repositories. What he owns, Frappe lists to him in any case.
pub(super) const OWNER: &str = "Administrator";

/// Child rows of several parents, by parent, as stored: name -> `idx` and values.
pub(super) type Stored = HashMap<String, HashMap<String, StoredChild>>;

/// One stored child row.
pub(super) struct StoredChild {
    idx: i64,
    values: Vec<Value>,
}

/// What must be written so that a parent's rows are the wanted ones.
#[derive(Default)]
pub(super) struct ChildDifference {
    delete: Vec<String>,
    /// Parent, `idx`, and the row.
    write: Vec<(String, i64, WantedChild)>,
    /// By rows.
    pub counts: Counts,
}

/// Reads the rows of `parents`, whose names are compared as MariaDB does, by exact name of the row's `parent`.
pub(super) async fn read(conn: &mut DbConn, table: &ChildTable, parents: &[&str]) -> Result<Stored, DbError> {
    const WHAT: &str = "reading child rows";
    let mut stored = Stored::new();
    for chunk in parents.chunks(NAMES) {
        let (marks, mut params) = list(texts(chunk.iter().copied()));
        let sql = format!(
            "SELECT `name`, `parent`, `idx`, {} FROM `{}` WHERE `parent` IN ({marks}) AND `parenttype` = ? AND `parentfield` = ?",
            columns(table),
            table.table,
        );
        params.extend(texts([table.parenttype, table.parentfield]));
        for row in conn.rows(WHAT, &sql, Params::Positional(params)).await? {
            let (name, parent, child) = child_of(row)?;
            stored.entry(parent).or_default().insert(name, child);
        }
    }
    Ok(stored)
}

fn columns(table: &ChildTable) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .copied()
        .chain(table.parent_column)
        .map(|column| format!("`{column}`"))
        .collect();
    columns.join(", ")
}

fn child_of(row: Row) -> Result<(String, String, StoredChild), DbError> {
    let odd = || DbError::Shape {
        what: "reading child rows",
        reason: "a row without a name".to_owned(),
    };
    let mut values = db::values(row).into_iter();
    let mut text = || values.next().and_then(|value| String::from_value_opt(value).ok());
    let (name, parent) = (text().ok_or_else(odd)?, text().ok_or_else(odd)?);
    let idx = values.next().and_then(|value| i64::from_value_opt(value).ok()).unwrap_or(0);
    Ok((
        name,
        parent,
        StoredChild {
            idx,
            values: values.collect(),
        },
    ))
}

/// True when a row that is wanted is not stored as it is.
fn says(table: &ChildTable, (idx, row): (i64, &WantedChild), parent: &Cell, old: &StoredChild) -> bool {
    let cells = row.cells.iter().chain(table.parent_column.map(|_| parent));
    old.idx == idx && cells.zip(&old.values).all(|(cell, value)| cell.says(value))
}

/// True when one parent's stored rows are not the wanted ones.
pub(super) fn differ(
    table: &ChildTable,
    parent: &str,
    stored: Option<&HashMap<String, StoredChild>>,
    wanted: &[WantedChild],
) -> bool {
    let parent = Cell::Text(parent.to_owned());
    let is_stored = |(idx, row): (i64, &WantedChild)| {
        let old = stored.and_then(|stored| stored.get(&row.name));
        old.is_some_and(|old| says(table, (idx, row), &parent, old))
    };
    stored.map_or(0, HashMap::len) != wanted.len() || !(1..).zip(wanted).all(is_stored)
}

impl ChildDifference {
    /// Adds one parent's rows; true when they differ from what is stored.
    pub(super) fn add(
        &mut self,
        table: &ChildTable,
        parent: &str,
        stored: Option<&HashMap<String, StoredChild>>,
        wanted: Vec<WantedChild>,
    ) -> bool {
        let before = self.delete.len() + self.write.len();
        if let Some(stored) = stored {
            let names: HashSet<&str> = wanted.iter().map(|row| row.name.as_str()).collect();
            let gone = stored.keys().filter(|name| !names.contains(name.as_str()));
            self.delete.extend(gone.cloned());
        }
        self.counts.deleted += (self.delete.len() + self.write.len() - before) as u64;
        let parent_cell = Cell::Text(parent.to_owned());
        for (idx, row) in (1..).zip(wanted) {
            let old = stored.and_then(|stored| stored.get(&row.name));
            let same = old.is_some_and(|old| says(table, (idx, &row), &parent_cell, old));
            match (same, old) {
                (true, _) => self.counts.unchanged += 1,
                (false, Some(_)) => self.counts.updated += 1,
                (false, None) => self.counts.created += 1,
            }
            if !same {
                self.write.push((parent.to_owned(), idx, row));
            }
        }
        self.delete.len() + self.write.len() > before
    }

    /// Writes the difference.
    pub(super) async fn write(mut self, conn: &mut DbConn, table: &ChildTable, stamp: &Stamp) -> Result<(), DbError> {
        const WHAT: &str = "writing child rows";
        self.delete.sort_unstable();
        for names in self.delete.chunks(NAMES) {
            let sql = format!("DELETE FROM `{}` WHERE `name` IN ({})", table.table, marks(names.len()));
            conn.exec(WHAT, &sql, Params::Positional(texts(names.iter().map(String::as_str))))
                .await?;
        }
        let mut columns = vec![
            "name",
            "creation",
            "owner",
            "docstatus",
            "modified",
            "modified_by",
            "parent",
            "parentfield",
            "parenttype",
            "idx",
        ];
        columns.extend(table.columns);
        columns.extend(table.parent_column);
        let now = time_value(stamp.local_now());
        let text = |text: &str| Value::Bytes(text.as_bytes().to_vec());
        let rows = self.write.into_iter().map(|(parent, idx, row)| {
            let mut values = vec![
                text(&row.name),
                now.clone(),
                text(OWNER),
                Value::Int(0),
                now.clone(),
                text(&stamp.user),
                text(&parent),
                text(table.parentfield),
                text(table.parenttype),
                Value::Int(idx),
            ];
            values.extend(row.cells.into_iter().map(Value::from));
            values.extend(table.parent_column.map(|_| text(&parent)));
            values
        });
        let upsert = Upsert {
            what: WHAT,
            table: table.table,
            columns: &columns,
            updated: &columns[4..],
        };
        let mut rows: Vec<Vec<Value>> = rows.collect();
        in_order(&mut rows);
        upsert.write(conn, rows).await
    }
}
