//! The private key of the site's GitHub App, sealed: one for each GitHub that one was entered for.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Value};

const WHAT: &str = "keeping the key of the GitHub App";

/// A key as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// The GitHub that it was entered for.
    pub host: String,
    /// Of its public half.
    pub fingerprint: String,
    /// The key, sealed.
    pub sealed: Vec<u8>,
}

/// The key for `host`, else one for another GitHub; none where none was ever entered.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, host: &str) -> Result<Option<StoredKey>, DbError> {
    let row = db
        .row(
            WHAT,
            "SELECT host, fingerprint, sealed FROM `erpnext_github_app_key` ORDER BY host = ? DESC, entered_at DESC LIMIT 1",
            (host,),
        )
        .await?;
    Ok(row.map(|row| {
        let (host, fingerprint, sealed) = <(String, String, Vec<u8>)>::from_row(row);
        StoredKey {
            host,
            fingerprint,
            sealed,
        }
    }))
}

/// True when a key was ever entered, for whichever GitHub.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_any(conn: &mut DbConn) -> Result<bool, DbError> {
    let row = conn.row(WHAT, "SELECT 1 FROM `erpnext_github_app_key` LIMIT 1", ()).await?;
    Ok(row.is_some())
}

/// Keeps `key` in place of the one for the same GitHub.
///
/// # Errors
/// When the database cannot be written.
pub async fn write(conn: &mut DbConn, key: &StoredKey) -> Result<(), DbError> {
    let sealed = Value::Bytes(key.sealed.clone());
    conn.exec(
        WHAT,
        "INSERT INTO `erpnext_github_app_key` (host, fingerprint, sealed, entered_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6)) \
         ON DUPLICATE KEY UPDATE fingerprint = VALUES(fingerprint), sealed = VALUES(sealed), entered_at = VALUES(entered_at)",
        (key.host.as_str(), key.fingerprint.as_str(), sealed),
    )
    .await
    .map(drop)
}

/// Forgets all of them; true where there was one.
///
/// # Errors
/// When the database cannot be written.
pub async fn remove(conn: &mut DbConn) -> Result<bool, DbError> {
    let removed = conn.exec(WHAT, "DELETE FROM `erpnext_github_app_key`", ()).await?;
    Ok(removed > 0)
}
