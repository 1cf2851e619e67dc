//! Secrets that Frappe shows as Password fields: a Fernet token in `__Auth`, asterisks in the document's own column.

use mysql_async::prelude::FromRow;
use secrecy::{ExposeSecret, SecretString};

use super::db::{DbConn, DbError, Params, Value};
use super::encryption_key::EncryptionKey;
use super::singles;

/// What stands in the field's own column. Frappe writes as many asterisks as the secret is long; any number means the same,
/// and a fixed one tells nothing.
const MASK: &str = "**********";

/// Why a secret cannot be had. The sentence never holds any of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database cannot be read or written.
    #[error("{0}")]
    Db(#[from] DbError),
    /// It was stored under another key: a restored backup, a copied site.
    #[error(
        "the stored {field} of {doctype} cannot be decrypted with this site's encryption_key, so that it was stored under another one: enter it again"
    )]
    WrongKey {
        /// The document's type.
        doctype: String,
        /// The field.
        field: String,
    },
    /// It is encrypted, and the site has no key.
    #[error(
        "the stored {field} of {doctype} is encrypted, but site_config.json has no encryption_key: put the key back, or enter it again"
    )]
    NoKey {
        /// The document's type.
        doctype: String,
        /// The field.
        field: String,
    },
}

/// A secret of a Single, and how it was found.
#[derive(Debug)]
pub struct FoundSecret {
    /// The secret.
    pub secret: SecretString,
    /// True when it stood readable in `tabSingles`: whoever may write there should store it properly.
    pub in_clear: bool,
}

/// What belongs into the field's own column in place of the secret.
#[must_use]
pub fn mask(secret: &SecretString) -> String {
    if secret.expose_secret().is_empty() {
        String::new()
    } else {
        MASK.to_owned()
    }
}

/// Stores a secret in `__Auth`, over an older one. The caller puts [`mask`] into the document's column.
///
/// # Errors
/// When the database cannot be written.
pub async fn store(
    conn: &mut DbConn,
    key: &EncryptionKey,
    doctype: &str,
    name: &str,
    fieldname: &str,
    secret: &SecretString,
) -> Result<(), DbError> {
    const WHAT: &str = "storing a secret";
    conn.exec(
        WHAT,
        "INSERT INTO `__Auth` (doctype, name, fieldname, password, encrypted) VALUES (?, ?, ?, ?, 1) \
         ON DUPLICATE KEY UPDATE password = VALUES(password), encrypted = 1",
        (doctype, name, fieldname, key.encrypt(secret)),
    )
    .await?;
    Ok(())
}

/// Stores one secret for several documents, in one statement, as [`store`] does.
///
/// # Errors
/// When the database cannot be written.
pub async fn store_for_all(
    conn: &mut DbConn,
    key: &EncryptionKey,
    (doctype, fieldname): (&str, &str),
    names: &[&str],
    secret: &SecretString,
) -> Result<(), DbError> {
    if names.is_empty() {
        return Ok(());
    }
    let rows = vec!["(?, ?, ?, ?, 1)"; names.len()].join(", ");
    let sql = format!(
        "INSERT INTO `__Auth` (doctype, name, fieldname, password, encrypted) VALUES {rows} \
         ON DUPLICATE KEY UPDATE password = VALUES(password), encrypted = 1"
    );
    let values = names
        .iter()
        .flat_map(|name| {
            [
                doctype.to_owned(),
                (*name).to_owned(),
                fieldname.to_owned(),
                key.encrypt(secret),
            ]
        })
        .map(Value::from);
    let values = Params::Positional(values.collect());
    conn.exec("storing secrets", &sql, values).await.map(drop)
}

/// Reads a secret from `__Auth`; none when there is none. `key` may be missing: then only an encrypted secret is an error.
///
/// # Errors
/// When the database cannot be read, or the key does not fit.
pub async fn read<'a>(
    conn: &mut DbConn,
    key: impl Into<Option<&'a EncryptionKey>>,
    doctype: &str,
    name: &str,
    fieldname: &str,
) -> Result<Option<SecretString>, SecretError> {
    const WHAT: &str = "reading a secret";
    let row = conn
        .row(
            WHAT,
            "SELECT password, encrypted FROM `__Auth` WHERE doctype = ? AND name = ? AND fieldname = ?",
            (doctype, name, fieldname),
        )
        .await?;
    let Some((stored, encrypted)) = row.map(<(Option<String>, bool)>::from_row) else {
        return Ok(None);
    };
    let Some(stored) = stored.filter(|stored| !stored.is_empty()) else {
        return Ok(None);
    };
    if !encrypted {
        return Ok(Some(SecretString::from(stored)));
    }
    let (doctype, field) = (doctype.to_owned(), fieldname.to_owned());
    match key.into().map(|key| key.decrypt(&stored)) {
        Some(Some(secret)) => Ok(Some(secret)),
        Some(None) => Err(SecretError::WrongKey { doctype, field }),
        None => Err(SecretError::NoKey { doctype, field }),
    }
}

/// Removes a secret; true when there was one.
///
/// # Errors
/// When the database cannot be written.
pub async fn remove(conn: &mut DbConn, doctype: &str, name: &str, fieldname: &str) -> Result<bool, DbError> {
    const WHAT: &str = "removing a secret";
    let removed = conn
        .exec(
            WHAT,
            "DELETE FROM `__Auth` WHERE doctype = ? AND name = ? AND fieldname = ?",
            (doctype, name, fieldname),
        )
        .await?;
    Ok(removed > 0)
}

/// True when a secret is stored, whether or not it can be decrypted.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_set(conn: &mut DbConn, doctype: &str, name: &str, fieldname: &str) -> Result<bool, DbError> {
    const WHAT: &str = "looking for a secret";
    let row = conn
        .row(
            WHAT,
            "SELECT 1 FROM `__Auth` WHERE doctype = ? AND name = ? AND fieldname = ? AND password <> ''",
            (doctype, name, fieldname),
        )
        .await?;
    Ok(row.is_some())
}

/// Stores a Single's secret: the token in `__Auth`, asterisks in `tabSingles`. Both in the transaction of `conn`.
///
/// # Errors
/// When the database cannot be written.
pub async fn store_single(
    conn: &mut DbConn,
    key: &EncryptionKey,
    doctype: &str,
    field: &str,
    secret: &SecretString,
) -> Result<(), DbError> {
    store(conn, key, doctype, doctype, field, secret).await?;
    singles::write_field(conn, doctype, field, &mask(secret)).await
}

/// Reads a Single's secret as Frappe's `get_password` does: a value in `tabSingles` that is more than asterisks is the secret
/// itself, anything else stands for the row of `__Auth`.
///
/// # Errors
/// When the database cannot be read, or the key does not fit.
pub async fn read_single<'a>(
    conn: &mut DbConn,
    key: impl Into<Option<&'a EncryptionKey>>,
    doctype: &str,
    field: &str,
) -> Result<Option<FoundSecret>, SecretError> {
    if let Some(secret) = clear_value(conn, doctype, field).await? {
        return Ok(Some(FoundSecret { secret, in_clear: true }));
    }
    let secret = read(conn, key, doctype, doctype, field).await?;
    Ok(secret.map(|secret| FoundSecret { secret, in_clear: false }))
}

/// Removes a Single's secret from both places; true when there was one.
///
/// # Errors
/// When the database cannot be written.
pub async fn remove_single(conn: &mut DbConn, doctype: &str, field: &str) -> Result<bool, DbError> {
    let was_clear = clear_value(conn, doctype, field).await?.is_some();
    singles::write_field(conn, doctype, field, "").await?;
    Ok(remove(conn, doctype, doctype, field).await? || was_clear)
}

/// True when a Single's secret is stored, in either way.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_single_set(conn: &mut DbConn, doctype: &str, field: &str) -> Result<bool, DbError> {
    Ok(clear_value(conn, doctype, field).await?.is_some() || is_set(conn, doctype, doctype, field).await?)
}

/// What stands in `tabSingles`, if that is the secret itself.
async fn clear_value(conn: &mut DbConn, doctype: &str, field: &str) -> Result<Option<SecretString>, DbError> {
    const WHAT: &str = "reading a setting";
    let row = conn
        .row(
            WHAT,
            "SELECT value FROM `tabSingles` WHERE doctype = ? AND field = ? LIMIT 1",
            (doctype, field),
        )
        .await?;
    let value = row.and_then(|row| <(Option<String>,)>::from_row(row).0);
    Ok(value.filter(|value| !is_mask(value)).map(SecretString::from))
}

/// True for nothing and for nothing but asterisks.
fn is_mask(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_tells_nothing() {
        assert_eq!(mask(&SecretString::from("x")), mask(&SecretString::from("a much longer one")));
        assert_eq!(mask(&SecretString::from("")), "");
        assert!(is_mask(&mask(&SecretString::from("x"))));
        for (value, masked) in [("", true), ("*", true), ("****", true), ("**a", false), ("ghp_1", false)] {
            assert_eq!(is_mask(value), masked, "{value}");
        }
    }
}
