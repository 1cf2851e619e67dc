//! Which columns of a site refer to documents of a DocType: what renaming and deleting must look at.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;

use super::db::{DbConn, DbError};

/// A column that holds names of documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// DocType whose documents refer.
    pub doctype: String,
    /// Column that holds the name.
    pub column: String,
    /// Column that holds the DocType's name, for a Dynamic Link; empty for a Link.
    pub type_column: String,
    /// The referring documents are child rows.
    pub is_child: bool,
}

impl Reference {
    /// Table of the referring documents.
    #[must_use]
    pub fn table(&self) -> String {
        format!("tab{}", self.doctype)
    }
}

/// Tables that refer to documents without a Link field of their own: table, name column, DocType column.
const UNDECLARED: [(&str, &str, &str); 3] = [
    ("File", "attached_to_name", "attached_to_doctype"),
    ("Version", "docname", "ref_doctype"),
    ("Comment", "reference_name", "reference_doctype"),
];

/// All columns of ordinary and child tables that are Links to `doctype`, from standard fields, Custom Fields and Property
/// Setters, and that exist.
///
/// # Errors
/// When the database cannot be read.
pub async fn links_to(conn: &mut DbConn, doctype: &str) -> Result<Vec<Reference>, DbError> {
    const WHAT: &str = "listing link fields";
    let rows = conn
        .rows(
            WHAT,
            "SELECT f.parent, f.fieldname, '', d.istable FROM `tabDocField` f JOIN `tabDocType` d ON d.name = f.parent \
             WHERE f.fieldtype = 'Link' AND f.options = ? AND d.issingle = 0 \
             UNION SELECT f.dt, f.fieldname, '', d.istable FROM `tabCustom Field` f JOIN `tabDocType` d ON d.name = f.dt \
             WHERE f.fieldtype = 'Link' AND f.options = ? AND d.issingle = 0 \
             UNION SELECT p.doc_type, p.field_name, '', d.istable FROM `tabProperty Setter` p JOIN `tabDocType` d ON d.name = p.doc_type \
             WHERE p.property = 'options' AND p.value = ? AND d.issingle = 0 AND p.field_name IS NOT NULL",
            (doctype, doctype, doctype),
        )
        .await?;
    existing(conn, rows.into_iter().map(reference).collect()).await
}

/// All Dynamic Link columns, and the few tables that refer without declaring it.
///
/// # Errors
/// When the database cannot be read.
pub async fn dynamic_links(conn: &mut DbConn) -> Result<Vec<Reference>, DbError> {
    const WHAT: &str = "listing dynamic link fields";
    let rows = conn
        .rows(
            WHAT,
            "SELECT f.parent, f.fieldname, f.options, d.istable FROM `tabDocField` f JOIN `tabDocType` d ON d.name = f.parent \
             WHERE f.fieldtype = 'Dynamic Link' AND IFNULL(f.options, '') <> '' AND d.issingle = 0 \
             UNION SELECT f.dt, f.fieldname, f.options, d.istable FROM `tabCustom Field` f JOIN `tabDocType` d ON d.name = f.dt \
             WHERE f.fieldtype = 'Dynamic Link' AND IFNULL(f.options, '') <> '' AND d.issingle = 0",
            (),
        )
        .await?;
    let mut all: BTreeSet<Reference> = rows.into_iter().map(reference).collect();
    all.extend(UNDECLARED.map(|(doctype, column, type_column)| Reference {
        doctype: doctype.to_owned(),
        column: column.to_owned(),
        type_column: type_column.to_owned(),
        is_child: false,
    }));
    existing(conn, all).await
}

/// Tables of the child rows that documents of `doctype` may have, by its own fields and by Custom Fields; those that exist.
///
/// # Errors
/// When the database cannot be read.
pub async fn child_tables(conn: &mut DbConn, doctype: &str) -> Result<BTreeSet<String>, DbError> {
    let rows = conn
        .rows(
            "listing child tables",
            "SELECT t.table_name FROM information_schema.tables t JOIN ( \
             SELECT options FROM `tabDocField` WHERE parent = ? AND fieldtype IN ('Table', 'Table MultiSelect') \
             UNION SELECT options FROM `tabCustom Field` WHERE dt = ? AND fieldtype IN ('Table', 'Table MultiSelect')) f \
             ON t.table_name = CONCAT('tab', f.options) WHERE t.table_schema = DATABASE()",
            (doctype, doctype),
        )
        .await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

fn reference(row: super::db::Row) -> Reference {
    let (doctype, column, type_column, istable) = <(String, String, String, i64)>::from_row(row);
    Reference {
        doctype,
        column,
        type_column,
        is_child: istable != 0,
    }
}

/// Leaves out virtual fields and what a half-removed app has left in the metadata: only columns that are there count.
async fn existing(conn: &mut DbConn, all: BTreeSet<Reference>) -> Result<Vec<Reference>, DbError> {
    let rows = conn
        .rows(
            "listing columns",
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name LIKE 'tab%'",
            (),
        )
        .await?;
    let columns: BTreeSet<(String, String)> = rows.into_iter().map(<(String, String)>::from_row).collect();
    let there = |reference: &Reference, column: &str| columns.contains(&(reference.table(), column.to_owned()));
    Ok(all
        .into_iter()
        .filter(|one| there(one, &one.column) && (one.type_column.is_empty() || there(one, &one.type_column)))
        .collect())
}
