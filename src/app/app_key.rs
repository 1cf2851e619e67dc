//! The private key of the site's GitHub App: taken in, sealed for the GitHub there is, and opened for it alone.

use secrecy::SecretString;

use crate::frappe::db::{DbConn, DbError, retry_conflicts};
use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::frappe::site::Site;
use crate::frappe::vault::{Place, Vault};
use crate::frappe::zone::frappe_text;
use crate::frappe::{pending, secrets, singles};
use crate::github::app::AppKey;
use crate::store::app_key::{self, StoredKey};
use crate::store::settings::DOCTYPE;
use crate::store::site_way::{BY_APP, variable};
use crate::store::{Stamp, credentials};

use super::settings::{self, SettingsError, TOKEN};
use super::{App, ConnectError};

/// How `settings` names it. It is no field: not even a System Manager reads it.
pub(super) const APP_KEY: &str = "app_private_key";
/// The field that shows which key is stored.
const FINGERPRINT: &str = "app_key_fingerprint";
/// What is sealed.
const PURPOSE: &str = "private key of the GitHub App";

impl App {
    /// Checks `pem`, and keeps it sealed for where GitHub is for this process. Gives its fingerprint, and whether it switched the
    /// integration on.
    ///
    /// # Errors
    /// When it is no key, or cannot be kept: in one sentence, which holds nothing of it; then nothing is changed.
    pub async fn store_app_key(&self, site: &Site, pem: &SecretString, user: &str) -> Result<(String, bool), SettingsError> {
        let fingerprint = AppKey::from_pem(pem)?.fingerprint().to_owned();
        let host = self.hosts(site.config())?.origins();
        let sealed = Vault::to_seal(site)?.seal(place(&host), pem)?;
        let key = encryption_key::ensure(site.config())?;
        let stamp = Stamp::now(site, user).await?;
        let stored = StoredKey {
            host,
            fingerprint: fingerprint.clone(),
            sealed,
        };
        // A variable that the site names is its way already.
        let may_be_way = variable(site).is_none();
        let switched_on = retry_conflicts(|| write(site, &stamp, (&key, &stored), may_be_way)).await?;
        if let Err(error) = pending::flush_drops(site).await {
            tracing::warn!(site = site.name(), error = %error, "the desk shows the old value until Redis answers");
        }
        Ok((fingerprint, switched_on))
    }

    /// Forgets the key, for whichever GitHub it was entered; false where there was none. Tokens that this process has by it are ended on GitHub.
    ///
    /// # Errors
    /// When the database refuses; then nothing is changed.
    pub async fn remove_app_key(&self, site: &Site, user: &str) -> Result<bool, SettingsError> {
        let stamp = Stamp::now(site, user).await?;
        let was_there = retry_conflicts(|| remove(site, &stamp)).await?;
        self.end_tokens(site);
        if let Err(error) = pending::flush_drops(site).await {
            tracing::warn!(site = site.name(), error = %error, "the desk shows the old value until Redis answers");
        }
        Ok(was_there)
    }

    /// The key for the GitHub at `host`, if there is one, as it lies in the table.
    pub(super) async fn stored_app_key(&self, site: &Site, host: &str) -> Result<Option<StoredKey>, ConnectError> {
        match app_key::read(site.db(), host).await? {
            Some(key) if key.host != host => Err(ConnectError::OtherHost {
                site: site.name().to_owned(),
                key: APP_KEY,
                bound: key.host,
                asked: host.to_owned(),
            }),
            key => Ok(key),
        }
    }
}

/// The key itself.
pub(super) fn opened(site: &Site, stored: &StoredKey) -> Result<AppKey, ConnectError> {
    let pem = Vault::to_open(site, PURPOSE)?.open(place(&stored.host), &stored.sealed)?;
    Ok(AppKey::from_pem(&pem)?)
}

/// One transaction: the key, its place, what the form shows, and the switch. Where the site has no token, it works with the App from now on
/// if it may be its way.
async fn write(
    site: &Site,
    stamp: &Stamp,
    (key, stored): (&EncryptionKey, &StoredKey),
    may_be_way: bool,
) -> Result<bool, DbError> {
    let mut tx = site.db().begin().await?;
    let switches_on = settings::is_first_credential(&mut tx).await?;
    app_key::write(&mut tx, stored).await?;
    let known_by = encryption_key::fingerprint(Some(key), &SecretString::from(stored.fingerprint.clone()));
    credentials::bind(&mut tx, APP_KEY, &known_by, &stored.host).await?;
    singles::write_field(&mut tx, DOCTYPE, FINGERPRINT, &stored.fingerprint).await?;
    if may_be_way && !secrets::is_single_set(&mut tx, DOCTYPE, TOKEN).await? {
        singles::write_field(&mut tx, DOCTYPE, "auth_type", BY_APP).await?;
    }
    if switches_on {
        singles::write_field(&mut tx, DOCTYPE, "enabled", "1").await?;
    }
    saved(&mut tx, stamp).await?;
    tx.commit().await?;
    Ok(switches_on)
}

/// One transaction: the key and what the form shows of it are gone.
async fn remove(site: &Site, stamp: &Stamp) -> Result<bool, DbError> {
    let mut tx = site.db().begin().await?;
    let was_there = app_key::remove(&mut tx).await?;
    singles::write_field(&mut tx, DOCTYPE, FINGERPRINT, "").await?;
    saved(&mut tx, stamp).await?;
    tx.commit().await?;
    Ok(was_there)
}

/// What a save of the settings leaves.
async fn saved(conn: &mut DbConn, stamp: &Stamp) -> Result<(), DbError> {
    singles::write_field(conn, DOCTYPE, "modified", &frappe_text(stamp.local_now())).await?;
    singles::write_field(conn, DOCTYPE, "modified_by", &stamp.user).await?;
    pending::note_drop(conn, DOCTYPE, DOCTYPE).await
}

fn place(host: &str) -> Place<'_> {
    Place {
        user: "",
        purpose: PURPOSE,
        row: host,
    }
}
