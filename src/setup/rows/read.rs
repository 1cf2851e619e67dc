//! The rows that are there, read in one statement a table.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Value;

use super::{Cell, WantedRow};
use crate::frappe::db::{DbConn, DbError};
use crate::setup::schema::{Catalog, quoted};

/// A row that is there.
#[derive(Debug, Clone)]
pub(crate) struct CurrentRow {
    /// Its name.
    pub(crate) name: String,
    /// Its position.
    pub(crate) idx: i64,
    /// Name of the document that it hangs on; empty for documents.
    pub(crate) parent: String,
    /// Its columns, as far as we are concerned with them.
    pub(crate) cells: BTreeMap<String, Cell>,
}

impl CurrentRow {
    /// One column; nothing where the table has no such column.
    pub(crate) fn cell(&self, column: &str) -> Cell {
        self.cells.get(column).cloned().unwrap_or(Cell::Null)
    }
}

/// The rows of all tables that we want something in.
#[derive(Debug, Default)]
pub(crate) struct Existing(BTreeMap<&'static str, Vec<CurrentRow>>);

impl Existing {
    /// Reads the rows that have the name, or hang on the same document, of one that is wanted.
    pub(crate) async fn read(conn: &mut DbConn, catalog: &Catalog, wanted: &[WantedRow]) -> Result<Self, DbError> {
        let mut tables: BTreeMap<&'static str, Vec<&WantedRow>> = BTreeMap::new();
        for row in wanted {
            tables.entry(row.table).or_default().push(row);
        }
        let mut found = BTreeMap::new();
        for (table, rows) in tables {
            found.insert(table, read_table(conn, catalog, table, &rows).await?);
        }
        Ok(Self(found))
    }

    /// The rows of a table.
    pub(crate) fn table(&self, table: &str) -> &[CurrentRow] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// The row that a wanted one stands for: by name, or by what identifies it under its parent.
    pub(crate) fn find(&self, wanted: &WantedRow) -> Option<&CurrentRow> {
        let rows = self.table(wanted.table);
        let by_name = rows.iter().find(|row| row.name.eq_ignore_ascii_case(&wanted.name));
        by_name.or_else(|| {
            let parent = wanted.parent.as_ref()?;
            rows.iter().find(|row| {
                let same = |column: &&str| wanted.values.get(*column).is_some_and(|want| row.cell(column).is_same(want));
                row.parent == parent.name && !wanted.identity.is_empty() && wanted.identity.iter().all(same)
            })
        })
    }
}

async fn read_table(
    conn: &mut DbConn,
    catalog: &Catalog,
    table: &'static str,
    wanted: &[&WantedRow],
) -> Result<Vec<CurrentRow>, DbError> {
    let is_child = wanted.iter().any(|row| row.parent.is_some());
    let keys: BTreeSet<&str> = wanted
        .iter()
        .map(|row| row.parent.as_ref().map_or(row.name.as_str(), |parent| parent.name.as_str()))
        .collect();
    // Columns of our release before this one may still be recorded: all are read, there are few rows.
    let columns: Vec<&str> = catalog
        .table(table)
        .map(|table| table.columns.keys().map(String::as_str).collect())
        .unwrap_or_default();
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM {} WHERE {} IN ({}) ORDER BY idx, name",
        columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", "),
        quoted(table),
        if is_child { "parent" } else { "name" },
        vec!["?"; keys.len()].join(", ")
    );
    let params: Vec<Value> = keys.into_iter().map(Value::from).collect();
    let rows = conn.rows("reading what Frappe knows of us", &sql, params).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let cell = |at: usize| row.as_ref(at).map_or(Cell::Null, Cell::of_db);
            let cells: BTreeMap<String, Cell> = columns
                .iter()
                .enumerate()
                .map(|(at, column)| ((*column).to_owned(), cell(at)))
                .collect();
            let text = |column: &str| cells.get(column).map(|cell| cell.text().into_owned()).unwrap_or_default();
            CurrentRow {
                name: text("name"),
                idx: text("idx").parse().unwrap_or_default(),
                parent: text("parent"),
                cells,
            }
        })
        .collect())
}
