//! What `information_schema` says of the tables that we are concerned with, read in three statements.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use super::dialect::Dialect;
use crate::frappe::db::{DbConn, DbError, Value};

/// A column that is there.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// `varchar(140)` and so on.
    pub(crate) sql_type: String,
}

/// An index that is there.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
}

/// A table that is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) columns: BTreeMap<String, Column>,
    pub(crate) indexes: BTreeMap<String, Index>,
    /// Columns can be added without touching the rows: InnoDB, not compressed, no full-text index.
    pub(crate) instant: bool,
}

/// The tables that were looked for and found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog(BTreeMap<String, Table>);

impl Catalog {
    /// Reads what there is of `tables`.
    pub(crate) async fn read(conn: &mut DbConn, tables: &[String]) -> Result<Self, DbError> {
        const WHAT: &str = "reading the site's tables";
        if tables.is_empty() {
            return Ok(Self::default());
        }
        let marks = vec!["?"; tables.len()].join(", ");
        let params = || -> Vec<Value> { tables.iter().map(|table| table.as_str().into()).collect() };
        let mut found: BTreeMap<String, Table> = BTreeMap::new();
        let sql = format!(
            "SELECT TABLE_NAME, IFNULL(ENGINE, ''), IFNULL(ROW_FORMAT, '') FROM information_schema.TABLES \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({marks})"
        );
        for row in conn.rows(WHAT, &sql, params()).await? {
            let (table, engine, format) = <(String, String, String)>::from_row(row);
            let instant = engine.eq_ignore_ascii_case("InnoDB") && !format.eq_ignore_ascii_case("Compressed");
            found.insert(
                table,
                Table {
                    instant,
                    ..Table::default()
                },
            );
        }
        let sql = format!(
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({marks})"
        );
        for row in conn.rows(WHAT, &sql, params()).await? {
            let (table, column, sql_type) = <(String, String, String)>::from_row(row);
            if let Some(table) = found.get_mut(&table) {
                table.columns.insert(column, Column { sql_type });
            }
        }
        let sql = format!(
            "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, NON_UNIQUE, INDEX_TYPE FROM information_schema.STATISTICS \
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({marks}) ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
        );
        for row in conn.rows(WHAT, &sql, params()).await? {
            let (table, index, column, non_unique, kind) = <(String, String, String, u8, String)>::from_row(row);
            if let Some(table) = found.get_mut(&table) {
                table.instant &= kind != "FULLTEXT";
                let entry = table.indexes.entry(index).or_insert_with(|| Index {
                    columns: Vec::new(),
                    unique: non_unique == 0,
                });
                entry.columns.push(column);
            }
        }
        Ok(Self(found))
    }

    /// One table.
    pub(crate) fn table(&self, table: &str) -> Option<&Table> {
        self.0.get(table)
    }

    /// True when it is there.
    pub(crate) fn has_table(&self, table: &str) -> bool {
        self.0.contains_key(table)
    }

    /// One column.
    pub(crate) fn column(&self, table: &str, column: &str) -> Option<&Column> {
        self.0.get(table)?.columns.get(column)
    }

    /// True when it is there.
    pub(crate) fn has_column(&self, table: &str, column: &str) -> bool {
        self.column(table, column).is_some()
    }

    /// All indexes of a table by name.
    pub(crate) fn indexes(&self, table: &str) -> impl Iterator<Item = (&str, &Index)> {
        let indexes = self.0.get(table).map(|table| table.indexes.iter());
        indexes.into_iter().flatten().map(|(name, index)| (name.as_str(), index))
    }

    /// How the site's Frappe writes types.
    pub(crate) fn dialect(&self, major: u32) -> Dialect {
        Dialect::probe(major, self)
    }
}
