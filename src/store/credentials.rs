//! A credential belongs to the host it was entered for: a changed address never gets the old token.

use hmac::{Hmac, KeyInit, Mac};
use mysql_async::prelude::FromRow;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::frappe::db::{Db, DbError};

/// What came of binding a credential to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// It may be sent there.
    Bound,
    /// It was entered for this other host.
    ForOther(String),
}

/// Binds the credential of `purpose` to `host` when it is new, and tells whether it may be sent there.
///
/// What is stored is a keyed fingerprint, from which nobody can tell the credential.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn bind(db: &Db, purpose: &str, secret: &SecretString, key: &[u8], host: &str) -> Result<Binding, DbError> {
    const WHAT: &str = "binding a credential to its host";
    let fingerprint = fingerprint(secret, key);
    let row = db
        .row(
            WHAT,
            "SELECT fingerprint, host FROM `erpnext_github_credential` WHERE purpose = ?",
            (purpose,),
        )
        .await?;
    if let Some((known, bound)) = row.map(<(String, String)>::from_row)
        && known == fingerprint
    {
        return Ok(if bound == host {
            Binding::Bound
        } else {
            Binding::ForOther(bound)
        });
    }
    db.exec(
        WHAT,
        "INSERT INTO `erpnext_github_credential` (purpose, fingerprint, host, bound_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6)) \
         ON DUPLICATE KEY UPDATE fingerprint = VALUES(fingerprint), host = VALUES(host), bound_at = VALUES(bound_at)",
        (purpose, fingerprint, host),
    )
    .await?;
    Ok(Binding::Bound)
}

fn fingerprint(secret: &SecretString, key: &[u8]) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(secret.expose_secret().as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
