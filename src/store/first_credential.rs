//! The first credential that is stored switches a site on: who enters one wants it used. Afterwards the switch is his who runs the site.

use crate::frappe::db::{DbConn, DbError};
use crate::frappe::{secrets, singles};

use super::integrations::{DOCTYPE, TOKEN};
use super::{Stamp, app_key, credentials, settings};

/// Fields of GitHub Settings that hold one.
pub const OF_SETTINGS: [&str; 3] = ["personal_access_token", "oauth_client_secret", "app_client_secret"];

/// True when the site has had no credential yet: nothing is stored in GitHub Settings, no key of an App, no token of an integration, and none was
/// ever used that stands in its environment.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_first(conn: &mut DbConn) -> Result<bool, DbError> {
    for field in OF_SETTINGS {
        if secrets::is_single_set(conn, settings::DOCTYPE, field).await? {
            return Ok(false);
        }
    }
    Ok(!app_key::is_any(conn).await? && !has_integration(conn).await? && !credentials::is_any_of_site(conn).await?)
}

/// True when an integration has a token of its own.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_integration(conn: &mut DbConn) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `__Auth` WHERE doctype = ? AND fieldname = ? AND password <> '' LIMIT 1";
    let row = conn.row("looking for tokens of integrations", sql, (DOCTYPE, TOKEN)).await?;
    Ok(row.is_some())
}

/// Switches the site on, within the transaction that stores the credential.
///
/// # Errors
/// When the database cannot be written.
pub async fn switch_on(conn: &mut DbConn, stamp: &Stamp) -> Result<(), DbError> {
    singles::write_field(conn, settings::DOCTYPE, "enabled", "1").await?;
    settings::note_saved(conn, stamp).await
}
