//! The private key of the site's GitHub App: taken in, sealed for the GitHub there is, and opened for it alone.

use secrecy::SecretString;

use crate::frappe::db::{DbError, Tx, retry_conflicts};
use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::frappe::site::Site;
use crate::frappe::vault::{Place, Vault};
use crate::frappe::{secrets, singles};
use crate::github::app::AppKey;
use crate::store::app_key::{self, StoredKey};
use crate::store::settings::{DOCTYPE, note_saved};
use crate::store::site_way::{BY_APP, variable};
use crate::store::{Stamp, credentials, first_credential};

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
        let key = self.sealed_app_key(site, pem)?;
        let stamp = Stamp::now(site, user).await?;
        let switched_on = retry_conflicts(|| write(site, &stamp, &key)).await?;
        settings::tell(site).await;
        Ok((key.stored.fingerprint, switched_on))
    }

    /// The key as it is to lie in the table, if it is one.
    ///
    /// # Errors
    /// When it is no key, or cannot be sealed.
    pub(super) fn sealed_app_key(&self, site: &Site, pem: &SecretString) -> Result<NewKey, SettingsError> {
        let fingerprint = AppKey::from_pem(pem)?.fingerprint().to_owned();
        let host = self.hosts(site.config())?.origins();
        let sealed = Vault::to_seal(site)?.seal(place(&host), pem)?;
        Ok(NewKey {
            of_site: encryption_key::ensure(site.config())?,
            stored: StoredKey {
                host,
                fingerprint,
                sealed,
            },
            // A variable that the site names is its way already.
            may_be_way: variable(site).is_none(),
        })
    }

    /// Forgets the key, for whichever GitHub it was entered; false where there was none. Tokens that this process has by it are ended on GitHub.
    ///
    /// # Errors
    /// When the database refuses; then nothing is changed.
    pub async fn remove_app_key(&self, site: &Site, user: &str) -> Result<bool, SettingsError> {
        let stamp = Stamp::now(site, user).await?;
        let was_there = retry_conflicts(|| remove(site, &stamp)).await?;
        self.end_tokens(site);
        settings::tell(site).await;
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

/// A key that is to be kept.
pub(super) struct NewKey {
    of_site: EncryptionKey,
    stored: StoredKey,
    may_be_way: bool,
}

/// One transaction: the key, and what a save leaves.
async fn write(site: &Site, stamp: &Stamp, key: &NewKey) -> Result<bool, DbError> {
    let mut tx = site.db().begin().await?;
    let switched_on = write_within(&mut tx, key).await?;
    note_saved(&mut tx, stamp).await?;
    tx.commit().await?;
    Ok(switched_on)
}

/// Writes the key, its place, what the form shows, and the switch; true where it switched the integration on. Where the site has no token, it works
/// with the App from now on if it may be its way.
pub(super) async fn write_within(tx: &mut Tx, key: &NewKey) -> Result<bool, DbError> {
    let NewKey {
        of_site,
        stored,
        may_be_way,
    } = key;
    let switches_on = first_credential::is_first(tx).await?;
    app_key::write(tx, stored).await?;
    let known_by = encryption_key::fingerprint(Some(of_site), &SecretString::from(stored.fingerprint.clone()));
    credentials::bind(tx, APP_KEY, &known_by, &stored.host).await?;
    singles::write_field(tx, DOCTYPE, FINGERPRINT, &stored.fingerprint).await?;
    if *may_be_way && !secrets::is_single_set(tx, DOCTYPE, TOKEN).await? {
        singles::write_field(tx, DOCTYPE, "auth_type", BY_APP).await?;
    }
    if switches_on {
        singles::write_field(tx, DOCTYPE, "enabled", "1").await?;
    }
    Ok(switches_on)
}

/// One transaction: the key and what the form shows of it are gone.
async fn remove(site: &Site, stamp: &Stamp) -> Result<bool, DbError> {
    let mut tx = site.db().begin().await?;
    let was_there = app_key::remove(&mut tx).await?;
    singles::write_field(&mut tx, DOCTYPE, FINGERPRINT, "").await?;
    note_saved(&mut tx, stamp).await?;
    tx.commit().await?;
    Ok(was_there)
}

fn place(host: &str) -> Place<'_> {
    Place {
        user: "",
        purpose: PURPOSE,
        row: host,
    }
}
