//! Stand-in until the frappe room brings its own: secrets in `__Auth`.

use secrecy::{ExposeSecret, SecretString};

use super::db::{DbConn, DbError};
use super::encryption_key::EncryptionKey;

/// Why a secret cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The key is no Fernet key, or not the one it was encrypted with.
    #[error("the encryption_key in site_config.json is no valid key, or not the one that the secret was encrypted with")]
    Key,
}

/// Encrypts and keeps a secret.
///
/// # Errors
/// When the key is none or the database refuses.
pub async fn store(
    conn: &mut DbConn,
    key: &EncryptionKey,
    doctype: &str,
    name: &str,
    fieldname: &str,
    secret: &SecretString,
) -> Result<(), SecretError> {
    let fernet = fernet::Fernet::new(key.0.expose_secret()).ok_or(SecretError::Key)?;
    let token = fernet.encrypt(secret.expose_secret().as_bytes());
    conn.exec(
        "storing a secret",
        "INSERT INTO `__Auth` (doctype, name, fieldname, password, encrypted) VALUES (?, ?, ?, ?, 1) \
         ON DUPLICATE KEY UPDATE password = VALUES(password), encrypted = 1",
        (doctype, name, fieldname, token),
    )
    .await?;
    Ok(())
}

/// Reads a secret back.
///
/// # Errors
/// When the key does not fit or the database refuses.
pub async fn read(
    conn: &mut DbConn,
    key: &EncryptionKey,
    doctype: &str,
    name: &str,
    fieldname: &str,
) -> Result<Option<SecretString>, SecretError> {
    let row = conn
        .row(
            "reading a secret",
            "SELECT password FROM `__Auth` WHERE doctype = ? AND name = ? AND fieldname = ?",
            (doctype, name, fieldname),
        )
        .await?;
    let Some(token) = row.and_then(|row| row.get::<String, _>(0)) else {
        return Ok(None);
    };
    let fernet = fernet::Fernet::new(key.0.expose_secret()).ok_or(SecretError::Key)?;
    let plain = fernet.decrypt(&token).map_err(|_| SecretError::Key)?;
    Ok(Some(String::from_utf8(plain).map_err(|_| SecretError::Key)?.into()))
}
