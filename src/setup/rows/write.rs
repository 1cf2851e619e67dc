//! Writes decided changes and their records: multi-row inserts, single updates, all in the caller's transaction.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Value;

use super::{Cell, Record, WantedRow};
use crate::frappe::db::{DbConn, DbError};
use crate::setup::ledger;
use crate::setup::schema::{Catalog, quoted};

/// Rows a statement.
const CHUNK: usize = 200;
/// Who makes the rows.
const OWNER: &str = "Administrator";

/// A change that was decided on.
#[derive(Debug, Clone)]
pub(crate) enum RowChange {
    /// Make a row.
    Insert(WantedRow),
    /// Set columns of a row; `None` is the column's default.
    Update {
        /// Table.
        table: &'static str,
        /// Row.
        name: String,
        /// DocType whose form it is a part of.
        form: Option<String>,
        /// What to set; nothing when only the record changes.
        set: BTreeMap<String, Option<Cell>>,
        /// What to record; none for a row that is not ours and that only moves.
        record: Option<Record>,
    },
}

impl RowChange {
    /// Table that it is about.
    pub(crate) fn table(&self) -> &'static str {
        match self {
            Self::Insert(row) => row.table,
            Self::Update { table, .. } => table,
        }
    }

    /// Name of the row.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Insert(row) => &row.name,
            Self::Update { name, .. } => name,
        }
    }

    /// The DocType whose form the row is a part of.
    pub(crate) fn form(&self) -> Option<&str> {
        match self {
            Self::Insert(row) => row.form(),
            Self::Update { form, .. } => form.as_deref(),
        }
    }

    /// False for a change of the record alone.
    pub(crate) fn is_visible(&self) -> bool {
        !matches!(self, Self::Update { set, .. } if set.is_empty())
    }
}

/// How many rows were changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) inserted: usize,
    pub(crate) updated: usize,
}

/// Writes `changes`, which were decided from the same transaction or under the same circumstances. `now` is the site's own time.
pub(crate) async fn apply(conn: &mut DbConn, catalog: &Catalog, changes: &[RowChange], now: &str) -> Result<Changed, DbError> {
    let mut count = Changed::default();
    let mut records: Vec<ledger::Entry> = Vec::new();
    let mut inserts: BTreeMap<&'static str, Vec<&WantedRow>> = BTreeMap::new();
    for change in changes {
        match change {
            RowChange::Insert(row) => inserts.entry(row.table).or_default().push(row),
            RowChange::Update {
                table,
                name,
                set,
                record,
                ..
            } => {
                if !set.is_empty() {
                    let theirs = record.as_ref().is_some_and(|record| record.was.is_some());
                    update(conn, (table, name), set, (!theirs).then_some(now)).await?;
                    count.updated += 1;
                }
                records.extend(record.iter().map(|record| ledger::Entry::row(table, name, record)));
            }
        }
    }
    for (table, rows) in inserts {
        for chunk in rows.chunks(CHUNK) {
            insert(conn, catalog, table, chunk, now).await?;
        }
        count.inserted += rows.len();
        records.extend(rows.iter().map(|row| {
            let mut wrote = row.values.clone();
            if row.table == "tabDocField" {
                wrote.insert("idx".to_owned(), Cell::Int(row.idx));
            }
            ledger::Entry::row(table, &row.name, &Record { wrote, was: None })
        }));
    }
    ledger::record(conn, &records).await?;
    Ok(count)
}

async fn insert(conn: &mut DbConn, catalog: &Catalog, table: &str, rows: &[&WantedRow], now: &str) -> Result<(), DbError> {
    let full: Vec<BTreeMap<&str, Cell>> = rows.iter().map(|row| with_standard_columns(row, now)).collect();
    let columns: BTreeSet<&str> = full
        .iter()
        .flat_map(BTreeMap::keys)
        .copied()
        .filter(|column| catalog.has_column(table, column))
        .collect();
    let mut params: Vec<Value> = Vec::new();
    let mut lines = Vec::new();
    for row in &full {
        let mut marks = Vec::new();
        for column in &columns {
            if let Some(cell) = row.get(column) {
                marks.push("?");
                params.push(cell.into());
            } else {
                marks.push("DEFAULT");
            }
        }
        lines.push(format!("({})", marks.join(", ")));
    }
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        quoted(table),
        columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", "),
        lines.join(", ")
    );
    conn.exec("installing rows", &sql, params).await?;
    Ok(())
}

fn with_standard_columns<'a>(row: &'a WantedRow, now: &str) -> BTreeMap<&'a str, Cell> {
    let mut all: BTreeMap<&str, Cell> = BTreeMap::from([
        ("name", row.name.as_str().into()),
        ("owner", OWNER.into()),
        ("modified_by", OWNER.into()),
        ("creation", now.into()),
        ("modified", now.into()),
        ("docstatus", 0.into()),
        ("idx", row.idx.into()),
    ]);
    if let Some(parent) = &row.parent {
        all.insert("parent", parent.name.as_str().into());
        all.insert("parenttype", parent.doctype.into());
        all.insert("parentfield", parent.field.into());
    }
    all.extend(
        row.values
            .iter()
            .chain(&row.initial)
            .map(|(column, cell)| (column.as_str(), cell.clone())),
    );
    all
}

/// A row of others keeps its `modified`, so that `uninstall` can put it back as it was.
async fn update(
    conn: &mut DbConn,
    (table, name): (&str, &str),
    set: &BTreeMap<String, Option<Cell>>,
    now: Option<&str>,
) -> Result<(), DbError> {
    let mut parts = Vec::new();
    let mut params: Vec<Value> = Vec::new();
    if let Some(now) = now {
        parts.extend(["modified = ?".to_owned(), "modified_by = ?".to_owned()]);
        params.extend([Value::from(now), Value::from(OWNER)]);
    }
    for (column, cell) in set {
        let column = quoted(column);
        match cell {
            Some(cell) => {
                parts.push(format!("{column} = ?"));
                params.push(cell.into());
            }
            None => parts.push(format!("{column} = DEFAULT({column})")),
        }
    }
    params.push(name.into());
    let sql = format!("UPDATE {} SET {} WHERE name = ?", quoted(table), parts.join(", "));
    conn.exec("updating rows", &sql, params).await?;
    Ok(())
}
