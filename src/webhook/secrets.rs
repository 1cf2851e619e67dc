//! With what a site's deliveries are signed.

use secrecy::{ExposeSecret, SecretString};

use crate::frappe::db::DbError;
use crate::frappe::encryption_key::{self, EncryptionKeyError};
use crate::frappe::secrets::{self, FoundSecret, SecretError};
use crate::frappe::singles;
use crate::frappe::site::Site;
use crate::frappe::zone::parse_frappe_text;
use crate::store::settings::DOCTYPE;

/// Why the secrets cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The database cannot be read.
    #[error("{0}")]
    Db(#[from] DbError),
    /// The site's key cannot be read.
    #[error("{0}")]
    Key(#[from] EncryptionKeyError),
    /// A stored secret cannot be read.
    #[error("{0}")]
    Secret(#[from] SecretError),
}

/// Names of the secrets, as the log tells which one fitted; in the order in which [`read`] gives them.
pub(super) const NAMES: [&str; 3] = ["present", "previous", "app"];

/// What the App's webhook delivers is noted under one of these sources, and nothing else is.
pub(super) const BY_APP: &str = "application";
pub(super) const BY_AUTHORIZATION: &str = "application oauth";

/// Whether the secret at `place` is the App's: also where the same one is entered for the webhooks of repositories.
pub(super) fn is_of_app(secrets: &[SecretString], place: usize) -> bool {
    let [signed, of_app] = [place, NAMES.len() - 1].map(|at| secrets.get(at).map(ExposeSecret::expose_secret));
    signed.is_some() && signed == of_app
}

/// Whether a delivery that is noted under `source` is the App's word.
pub(super) fn is_word_of_app(source: &str) -> bool {
    [BY_APP, BY_AUTHORIZATION].contains(&source)
}

/// The present secret, the previous one until its end, and the GitHub App's; an empty one where there is none. Without an end the previous one does not
/// count: a secret that was replaced must not live on by an oversight. Where the Settings have none, `github_webhook_secret` of
/// `site_config.json` is the present one, as in the Python app.
///
/// # Errors
/// When they cannot be read.
pub(super) async fn read(site: &Site) -> Result<[SecretString; 3], SecretsError> {
    let key = encryption_key::existing(site.config())?;
    // Asked before a connection is held: many who hold one each and wait for another would wait for each other.
    let is_previous_valid = is_previous_valid(site).await?;
    let mut conn = site.db().conn().await?;
    let found = secrets::read_single(&mut conn, key.as_ref(), DOCTYPE, "webhook_secret").await?;
    let present = found
        .map(|found| found.secret)
        .filter(|secret| !secret.expose_secret().is_empty())
        .or_else(|| site.config().text("github_webhook_secret").map(SecretString::from))
        .unwrap_or_default();
    let previous = if is_previous_valid {
        secrets::read_single(&mut conn, key.as_ref(), DOCTYPE, "previous_webhook_secret").await?
    } else {
        None
    };
    let app = secrets::read_single(&mut conn, key.as_ref(), DOCTYPE, "app_webhook_secret").await?;
    Ok([present, of(previous), of(app)])
}

fn of(found: Option<FoundSecret>) -> SecretString {
    found.map(|found| found.secret).unwrap_or_default()
}

async fn is_previous_valid(site: &Site) -> Result<bool, DbError> {
    let until = singles::read_field(site.db(), DOCTYPE, "previous_secret_until").await?;
    let Some(until) = until.as_deref().and_then(parse_frappe_text) else {
        return Ok(false);
    };
    Ok(site.clock().now() < site.zone().await?.to_utc(until))
}
