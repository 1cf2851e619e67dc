//! What follows from a save of GitHub Settings in the desk, where the program itself does it when `settings set` stores a value.

use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::frappe::secrets::{self, FoundSecret};
use crate::frappe::site::Site;
use crate::frappe::{pending, singles};
use crate::setup::{self, DocType};
use crate::store::settings::{DOCTYPE, Settings, note_saved};
use crate::store::{Stamp, credentials, first_credential};

use super::settings::{CREDENTIALS, SettingsError};
use super::{App, ConnectError};

/// What is to be written.
struct Work {
    /// Secrets that stand readable in the Single.
    in_clear: Vec<(String, FoundSecret)>,
    /// Credentials that were not there before, or others: their fields and fingerprints.
    fresh: Vec<(&'static str, String)>,
    /// No credential was ever known before.
    switches_on: bool,
}

/// A secret that stands readable (written past Frappe) is encrypted, a credential that is new belongs to where GitHub is now, and the
/// first one switches the integration on. Where nothing of that is to be done, nothing is written.
///
/// # Errors
/// When the site's key, an address of GitHub or the database cannot be used; then nothing is changed.
pub(super) async fn settle(app: &App, site: &Site) -> Result<(), ConnectError> {
    let key = encryption_key::existing(site.config())?;
    let place = app.hosts(site.config())?.origins();
    // Whether the App is another one now is seen where it is looked for; that it cannot be used is told where it is needed.
    let _app = app.github_app(site).await;
    let work = survey(site, key.as_ref(), &place).await?;
    if work.is_nothing() {
        return Ok(());
    }
    let (key, work) = if let Some(key) = key {
        (key, work)
    } else {
        // Fingerprints are made with the key.
        let key = encryption_key::ensure(site.config())?;
        let work = survey(site, Some(&key), &place).await?;
        (key, work)
    };
    let stamp = Stamp::now(site, "Administrator").await?;
    retry_conflicts(|| write(site, &stamp, &key, &work, &place)).await?;
    if let Err(error) = pending::flush_drops(site).await {
        tracing::warn!(site = site.name(), error = %error, "cached settings are dropped later");
    }
    Ok(())
}

impl Work {
    fn is_nothing(&self) -> bool {
        self.in_clear.is_empty() && self.fresh.is_empty()
    }
}

async fn survey(site: &Site, key: Option<&EncryptionKey>, place: &str) -> Result<Work, ConnectError> {
    let mut conn = site.db().conn().await?;
    let mut work = Work {
        in_clear: Vec::new(),
        fresh: Vec::new(),
        switches_on: !credentials::is_any_of_site(&mut conn).await? && !first_credential::has_integration(&mut conn).await?,
    };
    for field in passwords()? {
        let Some(found) = secrets::read_single(&mut conn, key, DOCTYPE, field).await? else {
            continue;
        };
        if let Some(credential) = CREDENTIALS.into_iter().find(|credential| *credential == field) {
            let fingerprint = encryption_key::fingerprint(key, &found.secret);
            if credentials::binding_on(&mut conn, credential, &fingerprint, place)
                .await?
                .is_none()
            {
                work.fresh.push((credential, fingerprint));
            }
        }
        if found.in_clear {
            work.in_clear.push((field.to_owned(), found));
        }
    }
    work.switches_on = work.switches_on && !work.fresh.is_empty() && !Settings::read(site.db()).await?.enabled;
    Ok(work)
}

/// The Password fields of GitHub Settings.
fn passwords() -> Result<Vec<&'static str>, SettingsError> {
    let settings = setup::doctypes()?.iter().filter(|doctype| doctype.name == DOCTYPE);
    let fields = settings.flat_map(DocType::stored_fields);
    Ok(fields
        .filter(|field| field.fieldtype == "Password")
        .map(|field| field.fieldname.as_str())
        .collect())
}

/// One transaction. `modified` moves only with what the form shows.
async fn write(site: &Site, stamp: &Stamp, key: &EncryptionKey, work: &Work, place: &str) -> Result<(), DbError> {
    let mut tx = site.db().begin().await?;
    for (field, found) in &work.in_clear {
        secrets::store_single(&mut tx, key, DOCTYPE, field, &found.secret).await?;
    }
    for (credential, fingerprint) in &work.fresh {
        credentials::bind(&mut tx, credential, fingerprint, place).await?;
    }
    if work.switches_on {
        singles::write_field(&mut tx, DOCTYPE, "enabled", "1").await?;
    }
    if work.switches_on || !work.in_clear.is_empty() {
        note_saved(&mut tx, stamp).await?;
    } else {
        pending::note_drop(&mut tx, DOCTYPE, DOCTYPE).await?;
    }
    tx.commit().await
}
