//! Single DocTypes: `tabSingles`, one row a field, no primary key.

use mysql_async::prelude::FromRow;

use super::db::{Db, DbConn, DbError};

/// One field's value as text; none when there is no row.
///
/// # Errors
/// When the database cannot be read.
pub async fn read_field(db: &Db, doctype: &str, field: &str) -> Result<Option<String>, DbError> {
    const WHAT: &str = "reading a setting";
    let row = db
        .row(
            WHAT,
            "SELECT value FROM `tabSingles` WHERE doctype = ? AND field = ? LIMIT 1",
            (doctype, field),
        )
        .await?;
    Ok(row.and_then(|row| <(Option<String>,)>::from_row(row).0))
}

/// All fields of a Single.
///
/// # Errors
/// When the database cannot be read.
pub async fn read_all(db: &Db, doctype: &str) -> Result<Vec<(String, String)>, DbError> {
    const WHAT: &str = "reading settings";
    let rows = db
        .rows(
            WHAT,
            "SELECT IFNULL(field, ''), IFNULL(value, '') FROM `tabSingles` WHERE doctype = ?",
            (doctype,),
        )
        .await?;
    Ok(rows.into_iter().map(<(String, String)>::from_row).collect())
}

/// Sets one field, whether or not it has a row. `tabSingles` has no key to update on, so that the row is looked for first.
///
/// # Errors
/// When the database cannot be written.
pub async fn write_field(conn: &mut DbConn, doctype: &str, field: &str, value: &str) -> Result<(), DbError> {
    const WHAT: &str = "writing a setting";
    let present = conn
        .row(
            WHAT,
            "SELECT 1 FROM `tabSingles` WHERE doctype = ? AND field = ? LIMIT 1 FOR UPDATE",
            (doctype, field),
        )
        .await?
        .is_some();
    if present {
        conn.exec(
            WHAT,
            "UPDATE `tabSingles` SET value = ? WHERE doctype = ? AND field = ?",
            (value, doctype, field),
        )
        .await?;
    } else {
        conn.exec(
            WHAT,
            "INSERT INTO `tabSingles` (doctype, field, value) VALUES (?, ?, ?)",
            (doctype, field, value),
        )
        .await?;
    }
    Ok(())
}
