//! What a removal would cost, counted, for the operator to read before he agrees.

use std::fmt;

use mysql_async::prelude::FromRow;
use serde::Serialize;

use super::hanging::{self, Goes, HANGING};
use super::owned;
use crate::frappe::db::{DbConn, DbError};
use crate::frappe::site::Site;
use crate::setup::error::SetupError;
use crate::setup::ledger::{Kind, Ledger};
use crate::setup::schema::{Catalog, quoted};

const WHAT: &str = "counting what would be lost";
/// How the ledger names secrets of GitHub Settings.
const OUR_SECRETS: &str = "GitHub Settings/GitHub Settings/";

/// Rows or values that would be lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// What they are, for people.
    pub what: String,
    /// How many.
    pub count: u64,
    /// They stay when the data is kept.
    pub is_data: bool,
}

/// Everything that would be lost; things of which there are none are left out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Losses {
    /// Site folder.
    pub site: String,
    /// What, in the order in which a reader wants it.
    pub items: Vec<Loss>,
}

impl Losses {
    /// What is lost even when the data is kept.
    #[must_use]
    pub fn without_data(&self) -> Self {
        Self {
            site: self.site.clone(),
            items: self.items.iter().filter(|loss| !loss.is_data).cloned().collect(),
        }
    }

    /// True when nothing would be lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn add(&mut self, what: String, count: u64, is_data: bool) {
        if count > 0 {
            self.items.push(Loss { what, count, is_data });
        }
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return write!(f, "{}: nothing would be lost", self.site);
        }
        write!(f, "{}: this would be lost", self.site)?;
        for loss in &self.items {
            write!(f, "\n  {:>9}  {}", loss.count, loss.what)?;
        }
        Ok(())
    }
}

/// Counts what `uninstall` would remove besides what `install` made: documents, values and everything that people added.
///
/// # Errors
/// When the database cannot be read.
pub async fn losses(site: &Site) -> Result<Losses, SetupError> {
    let mut conn = site.db().conn().await?;
    let ledger = Ledger::read(&mut conn).await?;
    let mut tables: Vec<&str> = HANGING.iter().map(|hanging| hanging.table).collect();
    tables.extend(
        ledger
            .of_kind(Kind::Table)
            .chain(ledger.of_kind(Kind::Column))
            .map(|entry| entry.table.as_str()),
    );
    tables.extend(["tabHas Role"]);
    tables.sort_unstable();
    tables.dedup();
    let catalog = Catalog::read(&mut conn, &owned(&tables)).await?;
    let mut losses = Losses {
        site: site.name().to_owned(),
        items: Vec::new(),
    };
    for entry in ledger.of_kind(Kind::Table).filter(|entry| catalog.has_table(&entry.table)) {
        let count = one(&mut conn, &format!("SELECT COUNT(*) FROM {}", quoted(&entry.table)), None).await?;
        losses.add(format!("rows of {}", entry.table), count, true);
    }
    for entry in ledger
        .of_kind(Kind::Column)
        .filter(|entry| catalog.has_column(&entry.table, &entry.item))
    {
        let column = quoted(&entry.item);
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE {column} NOT IN ('', '0')",
            quoted(&entry.table)
        );
        let count = one(&mut conn, &sql, None).await?;
        losses.add(format!("values of {} in {}", entry.item, entry.table), count, true);
    }
    count_hanging(&mut conn, &catalog, &ledger, &mut losses).await?;
    for entry in ledger.of_kind(Kind::Row).filter(|entry| entry.table == "tabRole") {
        // Whom we gave it ourselves loses nothing that is his.
        let sql = "SELECT COUNT(*) FROM `tabHas Role` h LEFT JOIN `erpnext_github_installed` i \
                   ON i.kind = 'row' AND i.tbl = 'tabHas Role' AND i.item = h.name \
                   WHERE h.role = ? AND h.parenttype = 'User' AND i.item IS NULL";
        let given = one(&mut conn, sql, Some(&entry.item)).await?;
        losses.add(format!("users with the role {}", entry.item), given, true);
    }
    Ok(losses)
}

/// What we made ourselves hangs on our DocTypes too, and is no loss.
async fn count_hanging(conn: &mut DbConn, catalog: &Catalog, ledger: &Ledger, losses: &mut Losses) -> Result<(), DbError> {
    let rows = || ledger.of_kind(Kind::Row);
    for hanging in HANGING.iter().filter(|hanging| catalog.has_table(hanging.table)) {
        let doctypes = hanging.doctypes(ledger);
        if doctypes.is_empty() {
            continue;
        }
        let (identity, ours): (_, Vec<&str>) = match hanging.table {
            "tabSingles" => (
                "field",
                ledger.of_kind(Kind::Single).map(|entry| entry.item.as_str()).collect(),
            ),
            "__Auth" => (
                "fieldname",
                rows()
                    .filter_map(|entry| entry.item.strip_prefix(OUR_SECRETS).filter(|_| entry.table == "__Auth"))
                    .collect(),
            ),
            table => (
                "name",
                rows()
                    .filter(|entry| entry.table == table)
                    .map(|entry| entry.item.as_str())
                    .collect(),
            ),
        };
        let count = hanging::count(conn, hanging, &doctypes, (identity, &ours)).await?;
        losses.add(hanging.what.to_owned(), count, hanging.goes == Goes::WithData);
    }
    Ok(())
}

async fn one(conn: &mut DbConn, sql: &str, name: Option<&str>) -> Result<u64, DbError> {
    let row = match name {
        Some(name) => conn.row(WHAT, sql, (name,)).await?,
        None => conn.row(WHAT, sql, ()).await?,
    };
    Ok(row.map(|row| <(u64,)>::from_row(row).0).unwrap_or_default())
}
