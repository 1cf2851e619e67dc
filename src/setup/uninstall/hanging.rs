//! Rows that others made and that hang on our DocTypes: they would point nowhere, so that they go too.

use mysql_async::Value;
use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError};
use crate::setup::ledger::Ledger;
use crate::setup::schema::{Catalog, quoted};

/// When such rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    /// With the DocType itself: they shape it, or say who may see it.
    WithMetadata,
    /// With the documents only: people wrote them about documents.
    WithData,
}

/// A column that names DocTypes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hanging {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// What the rows are, in the plural, for people.
    pub(super) what: &'static str,
    pub(super) goes: Goes,
}

const fn shapes(table: &'static str, column: &'static str, what: &'static str) -> Hanging {
    Hanging {
        table,
        column,
        what,
        goes: Goes::WithMetadata,
    }
}

const fn written(table: &'static str, column: &'static str, what: &'static str) -> Hanging {
    Hanging {
        goes: Goes::WithData,
        ..shapes(table, column, what)
    }
}

/// What Frappe itself deletes with a DocType or a document (`frappe/model/delete_doc.py`), and what would break a form that
/// names a DocType that is gone.
pub(super) const HANGING: [Hanging; 27] = [
    shapes("tabDocField", "parent", "fields that were added to our DocTypes"),
    shapes("tabDocPerm", "parent", "permissions that were added to our DocTypes"),
    shapes("tabDocType Link", "parent", "connections that were added to our DocTypes"),
    shapes("tabDocType Link", "link_doctype", "connections to our DocTypes"),
    shapes("tabDocType Action", "parent", "actions that were added to our DocTypes"),
    shapes("tabDocType State", "parent", "states that were added to our DocTypes"),
    shapes(
        "tabCustom DocPerm",
        "parent",
        "permissions of the Role Permission Manager on our DocTypes",
    ),
    shapes("tabCustom Field", "dt", "custom fields on our DocTypes"),
    shapes("tabProperty Setter", "doc_type", "customisations of our DocTypes"),
    shapes("tabClient Script", "dt", "client scripts of our DocTypes"),
    shapes("tabReport", "ref_doctype", "reports on our DocTypes"),
    shapes("tabUser Permission", "allow", "user permissions on our DocTypes"),
    shapes("tabUser Permission", "applicable_for", "user permissions for our DocTypes"),
    shapes("tabDocShare", "share_doctype", "shares of our documents"),
    shapes("tabList Filter", "reference_doctype", "saved filters of our lists"),
    shapes("__UserSettings", "doctype", "remembered views of our lists"),
    written("tabVersion", "ref_doctype", "recorded changes of our documents"),
    written("tabComment", "reference_doctype", "comments on our documents"),
    written("tabTag Link", "document_type", "tags on our documents"),
    written("tabToDo", "reference_type", "assignments of our documents"),
    written("tabView Log", "reference_doctype", "recorded views of our documents"),
    written("tabDocument Follow", "ref_doctype", "followers of our documents"),
    written("tabNotification Log", "document_type", "notifications about our documents"),
    written(
        "tabEmail Unsubscribe",
        "reference_doctype",
        "unsubscriptions from our documents",
    ),
    written("__global_search", "doctype", "entries of the global search"),
    written("tabSingles", "doctype", "values of GitHub Settings"),
    written("__Auth", "doctype", "secrets of GitHub Settings"),
];

/// A column that names the DocType that rows are about which stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) table: &'static str,
    column: &'static str,
    /// What the rows are, in the plural, for people.
    what: &'static str,
}

/// What Frappe keeps when a DocType is deleted, and what we keep as well: files of people, and logs.
pub(super) const KEPT: [Kept; 2] = [
    Kept {
        table: "tabFile",
        column: "attached_to_doctype",
        what: "files that were attached to our documents",
    },
    Kept {
        table: "tabError Log",
        column: "reference_doctype",
        what: "rows of the Error Log about our documents",
    },
];

impl Kept {
    /// What they are and how many; none where there are none. `catalog` knows the table.
    pub(super) async fn told(&self, conn: &mut DbConn, catalog: &Catalog, doctypes: &[&str]) -> Result<Option<String>, DbError> {
        if doctypes.is_empty() || !catalog.has_column(self.table, self.column) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE {}",
            quoted(self.table),
            condition(self.column, doctypes.len())
        );
        let row = conn.row("counting what stays", &sql, params(doctypes)).await?;
        let count = row.map(|row| <(u64,)>::from_row(row).0).unwrap_or_default();
        Ok((count > 0).then(|| format!("{}: {count}", self.what)))
    }
}

impl Hanging {
    /// The DocTypes that such rows may hang on; with metadata only those that Frappe still knows from us.
    pub(super) fn doctypes<'a>(&self, ledger: &'a Ledger) -> Vec<&'a str> {
        let doctypes = match self.goes {
            Goes::WithMetadata => ledger.doctypes(),
            Goes::WithData => ledger.doctypes_with_data(),
        };
        doctypes.into_iter().collect()
    }
}

/// `WHERE` for one of them.
fn condition(column: &str, doctypes: usize) -> String {
    format!("{} IN ({})", quoted(column), vec!["?"; doctypes].join(", "))
}

/// Deletes what hangs on `doctypes`.
pub(super) async fn remove(conn: &mut DbConn, hanging: &Hanging, doctypes: &[&str]) -> Result<u64, DbError> {
    let sql = format!(
        "DELETE FROM {} WHERE {}",
        quoted(hanging.table),
        condition(hanging.column, doctypes.len())
    );
    conn.exec("removing what hangs on our DocTypes", &sql, params(doctypes)).await
}

/// Counts what hangs on `doctypes`, but for the rows that are ours: those whose `identity` column holds one of these.
pub(super) async fn count(
    conn: &mut DbConn,
    hanging: &Hanging,
    doctypes: &[&str],
    (identity, ours): (&str, &[&str]),
) -> Result<u64, DbError> {
    let mut sql = format!(
        "SELECT COUNT(*) FROM {} WHERE {}",
        quoted(hanging.table),
        condition(hanging.column, doctypes.len())
    );
    let mut params = params(doctypes);
    if !ours.is_empty() {
        let marks = vec!["?"; ours.len()].join(", ");
        sql = format!("{sql} AND {} NOT IN ({marks})", quoted(identity));
        params.extend(ours.iter().map(|name| Value::from(*name)));
    }
    let row = conn.row("counting what would be lost", &sql, params).await?;
    Ok(row.map(|row| <(u64,)>::from_row(row).0).unwrap_or_default())
}

fn params(doctypes: &[&str]) -> Vec<Value> {
    doctypes.iter().map(|name| Value::from(*name)).collect()
}
