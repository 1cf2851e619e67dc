//! `modified` of a document, as a form that is open holds it: a save with another text is refused.

use mysql_async::prelude::FromRow;

use super::db::{Db, DbError};

/// The text of `modified`, six digits included; none where there is no such document. `doctype` is a name of ours or of Frappe, never
/// something that somebody typed.
///
/// # Errors
/// When the database cannot be read.
pub async fn modified(db: &Db, doctype: &str, name: &str) -> Result<Option<String>, DbError> {
    let sql = format!("SELECT CAST(modified AS CHAR) FROM `tab{doctype}` WHERE name = ?");
    let row = db.row("reading when a document was saved", &sql, (name,)).await?;
    Ok(row.and_then(|row| <(Option<String>,)>::from_row(row).0))
}
