//! Which columns a site's tables really have: they differ between Frappe's versions, and upgraded sites keep older ones.

use std::collections::{BTreeMap, HashMap};

use mysql_async::prelude::FromRow;

use super::db::{Db, DbError};

/// Columns of some tables, as `information_schema` has them. A table that is not there has none.
#[derive(Debug, Clone, Default)]
pub struct Columns(HashMap<String, BTreeMap<String, String>>);

impl Columns {
    /// Reads the columns of these tables, which are named as MariaDB names them (`tabUser`).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn probe(db: &Db, tables: &[&str]) -> Result<Self, DbError> {
        const WHAT: &str = "reading which columns there are";
        let mut conn = db.conn().await?;
        let mut found = HashMap::new();
        for table in tables {
            // One table a query: with both names given, the server opens that table alone and not the site's 700.
            let rows = conn
                .rows(
                    WHAT,
                    "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = ? AND table_name = ?",
                    (db.spec().database.as_str(), *table),
                )
                .await?;
            let columns: BTreeMap<String, String> = rows.into_iter().map(<(String, String)>::from_row).collect();
            if !columns.is_empty() {
                found.insert((*table).to_owned(), columns);
            }
        }
        Ok(Self(found))
    }

    /// True when the table is there.
    #[must_use]
    pub fn has_table(&self, table: &str) -> bool {
        self.0.contains_key(table)
    }

    /// True when the table has the column.
    #[must_use]
    pub fn has(&self, table: &str, column: &str) -> bool {
        self.type_of(table, column).is_some()
    }

    /// The column's type in MariaDB's words, such as `varchar(140)` or `bigint(20)`.
    #[must_use]
    pub fn type_of(&self, table: &str, column: &str) -> Option<&str> {
        self.0.get(table)?.get(column).map(String::as_str)
    }

    /// The table's columns by name, with their types.
    pub fn of(&self, table: &str) -> impl Iterator<Item = (&str, &str)> {
        let columns = self.0.get(table).into_iter().flatten();
        columns.map(|(name, kind)| (name.as_str(), kind.as_str()))
    }
}
