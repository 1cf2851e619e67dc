//! The ledger: one row of `erpnext_github_installed` for every thing that setup made, so that `uninstall` removes those alone.
//!
//! Rows are recorded in the transaction that makes them. Tables, columns and indexes, which MariaDB commits by itself, are
//! recorded before they are made: an entry may thus name something that is not there, never the other way round.

use std::collections::{BTreeMap, BTreeSet};

use mysql_async::Value;
use mysql_async::prelude::FromRow;

use super::rows::Record;
use crate::frappe::db::{DbConn, DbError, Refusal};

/// Entries a statement.
const CHUNK: usize = 500;

/// What kind of thing an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A whole table; `item` is empty.
    Table,
    /// A row; `item` is its name.
    Row,
    /// A column.
    Column,
    /// An index.
    Index,
    /// A field of a Single; `tbl` is the DocType.
    Single,
    /// A key of `site_config.json`.
    FileKey,
}

impl Kind {
    /// As it is stored.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Row => "row",
            Self::Column => "column",
            Self::Index => "index",
            Self::Single => "single",
            Self::FileKey => "file_key",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Table, Self::Row, Self::Column, Self::Index, Self::Single, Self::FileKey]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// One thing that we made.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) table: String,
    pub(crate) item: String,
    /// More about it; for rows a [`Record`] as JSON.
    pub(crate) extra: Option<String>,
}

impl Entry {
    /// A table, column, index, single or key.
    pub(crate) fn new(kind: Kind, table: &str, item: &str) -> Self {
        Self {
            kind,
            table: table.to_owned(),
            item: item.to_owned(),
            extra: None,
        }
    }

    /// A row, with what we wrote into it.
    pub(crate) fn row(table: &str, name: &str, record: &Record) -> Self {
        Self {
            extra: serde_json::to_string(record).ok(),
            ..Self::new(Kind::Row, table, name)
        }
    }

    /// What we wrote into a row.
    pub(crate) fn record(&self) -> Record {
        let text = self.extra.as_deref().unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// The whole ledger of a site, as it was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(BTreeMap<(Kind, String, String), Entry>);

impl Ledger {
    /// Reads it; empty where nothing was ever installed.
    pub(crate) async fn read(conn: &mut DbConn) -> Result<Self, DbError> {
        let rows = conn
            .rows(
                "reading what was installed",
                "SELECT kind, tbl, item, extra FROM `erpnext_github_installed` ORDER BY id",
                (),
            )
            .await;
        let rows = match rows {
            Err(error) if error.refusal() == Some(Refusal::Missing) => return Ok(Self::default()),
            rows => rows?,
        };
        let entries = rows.into_iter().filter_map(|row| {
            let (kind, table, item, extra) = <(String, String, String, Option<String>)>::from_row(row);
            let entry = Entry {
                kind: Kind::parse(&kind)?,
                table,
                item,
                extra,
            };
            Some(((entry.kind, entry.table.clone(), entry.item.clone()), entry))
        });
        Ok(Self(entries.collect()))
    }

    /// The entry of a thing.
    pub(crate) fn get(&self, kind: Kind, table: &str, item: &str) -> Option<&Entry> {
        self.0.get(&(kind, table.to_owned(), item.to_owned()))
    }

    /// True when we made it.
    pub(crate) fn has(&self, kind: Kind, table: &str, item: &str) -> bool {
        self.get(kind, table, item).is_some()
    }

    /// All entries of a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.0.values().filter(move |entry| entry.kind == kind)
    }

    /// DocTypes that Frappe knows from us.
    pub(crate) fn doctypes(&self) -> BTreeSet<&str> {
        let rows = self.of_kind(Kind::Row).filter(|entry| entry.table == "tabDocType");
        rows.map(|entry| entry.item.as_str()).collect()
    }

    /// DocTypes that we have data of: those, and those whose data stayed when they were removed.
    pub(crate) fn doctypes_with_data(&self) -> BTreeSet<&str> {
        let tables = self.of_kind(Kind::Table).filter_map(|entry| entry.table.strip_prefix("tab"));
        let singles = self.of_kind(Kind::Single).map(|entry| entry.table.as_str());
        self.doctypes().into_iter().chain(tables).chain(singles).collect()
    }

    /// True when nothing was ever made, or all of it is removed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// True while there is a ledger: then something of us may be there.
pub(crate) async fn exists(conn: &mut DbConn) -> Result<bool, DbError> {
    const SQL: &str = "SELECT 1 FROM `erpnext_github_installed` LIMIT 1";
    match conn.row("looking whether something was installed", SQL, ()).await {
        Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(false),
        row => row.map(|_| true),
    }
}

/// Records things, or brings their entries up to date.
pub(crate) async fn record(conn: &mut DbConn, entries: &[Entry]) -> Result<(), DbError> {
    for chunk in entries.chunks(CHUNK) {
        let sql = format!(
            "INSERT INTO `erpnext_github_installed` (kind, tbl, item, extra) VALUES {} ON DUPLICATE KEY UPDATE extra = VALUES(extra)",
            vec!["(?, ?, ?, ?)"; chunk.len()].join(", ")
        );
        let params: Vec<Value> = chunk
            .iter()
            .flat_map(|entry| -> [Value; 4] {
                [
                    entry.kind.as_str().into(),
                    entry.table.as_str().into(),
                    entry.item.as_str().into(),
                    entry.extra.as_deref().into(),
                ]
            })
            .collect();
        conn.exec("recording what is installed", &sql, params).await?;
    }
    Ok(())
}

/// Strikes things out that are no longer there.
pub(crate) async fn strike(conn: &mut DbConn, kind: Kind, table: &str, items: &[&str]) -> Result<(), DbError> {
    for chunk in items.chunks(CHUNK) {
        let sql = format!(
            "DELETE FROM `erpnext_github_installed` WHERE kind = ? AND tbl = ? AND item IN ({})",
            vec!["?"; chunk.len()].join(", ")
        );
        let mut params: Vec<Value> = vec![kind.as_str().into(), table.into()];
        params.extend(chunk.iter().map(|item| Value::from(*item)));
        conn.exec("striking out what was removed", &sql, params).await?;
    }
    Ok(())
}
