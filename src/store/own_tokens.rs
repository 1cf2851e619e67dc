//! Tokens of repositories' own, and what was found out about each. Whether one changed is told by a digest of what Frappe stores, which is
//! other bytes each time that somebody enters one.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError};

const WHAT: &str = "looking at the tokens of repositories";

/// A repository whose token nobody looked at since it was entered, changed or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Name of the Repository.
    pub repository: String,
    /// `modified` of the Repository, as Frappe writes it.
    pub modified: String,
    /// What tells the token from others; empty where it was taken away.
    pub mark: String,
}

/// All of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn unlooked(db: &Db) -> Result<Vec<NewToken>, DbError> {
    let sql = "SELECT r.name, CAST(r.modified AS CHAR), IFNULL(SHA2(a.password, 256), '') FROM `tabRepository` r \
               LEFT JOIN `__Auth` a ON a.doctype = 'Repository' AND a.name = r.name AND a.fieldname = 'access_token' AND a.password <> '' \
               WHERE IFNULL(SHA2(a.password, 256), '') <> IFNULL(r._token_mark, '') ORDER BY r.name";
    let rows = db.rows(WHAT, sql, ()).await?;
    let new = |(repository, modified, mark)| NewToken {
        repository,
        modified,
        mark,
    };
    Ok(rows.into_iter().map(|row| new(FromRow::from_row(row))).collect())
}

/// Notes what was found out about a token; an empty `note` for nothing. The document is no newer by that.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(db: &Db, token: &NewToken, note: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabRepository` SET credential_note = NULLIF(?, ''), _token_mark = NULLIF(?, '') WHERE name = ?";
    let values = (note, token.mark.as_str(), token.repository.as_str());
    db.exec(WHAT, sql, values).await.map(drop)
}

/// Notes why a token could not be tried. It is new still.
///
/// # Errors
/// When the database cannot be written.
pub async fn not_yet(db: &Db, token: &NewToken, reason: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabRepository` SET credential_note = ? WHERE name = ?";
    db.exec(WHAT, sql, (reason, token.repository.as_str())).await.map(drop)
}
