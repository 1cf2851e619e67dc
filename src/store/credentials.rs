//! A credential belongs to the place it was entered for: a changed address never gets the old token.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError};

const WHAT: &str = "binding a credential to its place";

/// What came of asking whether a credential may be sent somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// It may be sent there.
    Bound,
    /// It was entered for this other place.
    ForOther(String),
}

/// Binds the credential of `purpose` to `place`, whatever it was bound to. `fingerprint` is one from which nobody can tell
/// the credential.
///
/// # Errors
/// When the database cannot be written.
pub async fn bind(conn: &mut DbConn, purpose: &str, fingerprint: &str, place: &str) -> Result<(), DbError> {
    conn.exec(
        WHAT,
        "INSERT INTO `erpnext_github_credential` (purpose, fingerprint, host, bound_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6)) \
         ON DUPLICATE KEY UPDATE fingerprint = VALUES(fingerprint), host = VALUES(host), bound_at = VALUES(bound_at)",
        (purpose, fingerprint, place),
    )
    .await
    .map(drop)
}

/// Tells what the credential of `purpose` is bound to, seen from `place`; none for one that nothing was written down of.
///
/// # Errors
/// When the database cannot be read.
pub async fn binding(db: &Db, purpose: &str, fingerprint: &str, place: &str) -> Result<Option<Binding>, DbError> {
    read(&mut db.conn().await?, purpose, fingerprint, place).await
}

/// Like [`binding`], on a connection that is at hand.
///
/// # Errors
/// When the database cannot be read.
pub async fn binding_on(conn: &mut DbConn, purpose: &str, fingerprint: &str, place: &str) -> Result<Option<Binding>, DbError> {
    read(conn, purpose, fingerprint, place).await
}

/// True when any credential of the site itself was ever bound: its token, one of its environment, an App's secret, a key. Tokens of integrations and
/// Repositories are none, nor are those that somebody tried.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_any_of_site(conn: &mut DbConn) -> Result<bool, DbError> {
    let row = conn
        .row(
            WHAT,
            "SELECT 1 FROM `erpnext_github_credential` WHERE purpose NOT LIKE 'token %' LIMIT 1",
            (),
        )
        .await?;
    Ok(row.is_some())
}

/// Tells whether the credential of `purpose` may be sent to `place`. One that was not bound when it was entered, because the
/// desk cannot do that, is bound now.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn may_go(db: &Db, purpose: &str, fingerprint: &str, place: &str) -> Result<Binding, DbError> {
    let mut conn = db.conn().await?;
    match read(&mut conn, purpose, fingerprint, place).await? {
        Some(binding) => Ok(binding),
        None => bind(&mut conn, purpose, fingerprint, place).await.map(|()| Binding::Bound),
    }
}

async fn read(conn: &mut DbConn, purpose: &str, fingerprint: &str, place: &str) -> Result<Option<Binding>, DbError> {
    let row = conn
        .row(
            WHAT,
            "SELECT fingerprint, host FROM `erpnext_github_credential` WHERE purpose = ?",
            (purpose,),
        )
        .await?;
    Ok(match row.map(<(String, String)>::from_row) {
        Some((known, bound)) if known == fingerprint && bound == place => Some(Binding::Bound),
        Some((known, bound)) if known == fingerprint => Some(Binding::ForOther(bound)),
        _ => None,
    })
}
