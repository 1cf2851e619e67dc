//! What GitHub gives for an App is kept: all of it, or nothing.

use std::time::Duration;

use secrecy::SecretString;

use crate::domain::GithubApp;
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::site::Site;
use crate::github::app::NewApp;
use crate::store::Stamp;
use crate::store::settings::note_saved;

use super::App;
use super::app_key::{self, NewKey};
use super::settings::{self, Change, SettingsError};

/// The field that says what the App is called in addresses.
const SLUG: &str = "app_slug";
/// GitHub shows the key of a new App once, so that a database that is away for a moment is asked again, so much later each time.
const AGAIN: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// Stores all that GitHub gave for an App that was made for this site, in one transaction: an App that was set up before works on if it fails.
///
/// # Errors
/// As [`settings::set`]; what was stored before stays.
pub(super) async fn keep(app: &App, site: &Site, new: &NewApp, user: &str) -> Result<(), SettingsError> {
    let key = app.sealed_app_key(site, &new.key)?;
    let plain = |text: &str| SecretString::from(text.to_owned());
    let mut values = vec![
        ("app_client_secret", new.client_secret.clone()),
        ("app_client_id", plain(&new.client_id)),
        ("app_id", plain(&new.app.id.to_string())),
        ("app_slug", plain(new.app.slug.as_deref().unwrap_or_default())),
    ];
    values.extend(new.webhook_secret.clone().map(|secret| ("app_webhook_secret", secret)));
    let changes: Vec<Change<'_>> = values
        .iter()
        .map(|(key, value)| settings::change(app, site, key, value))
        .collect::<Result<_, _>>()?;
    let mut again = AGAIN.into_iter();
    loop {
        match retry_conflicts(|| write(site, user, &key, &changes)).await {
            Ok(()) => break,
            Err(error) if error.is_outage() => match again.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        }
    }
    settings::tell(site).await;
    Ok(())
}

async fn write(site: &Site, user: &str, key: &NewKey, changes: &[Change<'_>]) -> Result<(), DbError> {
    let stamp = Stamp::now(site, user).await?;
    let mut tx = site.db().begin().await?;
    app_key::write_within(&mut tx, key).await?;
    for change in changes {
        settings::write_within(&mut tx, change).await?;
    }
    note_saved(&mut tx, &stamp).await?;
    tx.commit().await
}

/// Stores a key that somebody entered, and what GitHub told of its App: its id where the settings do not say it yet, and its slug, which its owner may
/// have changed. Gives its fingerprint.
///
/// # Errors
/// As [`settings::set`].
pub(super) async fn keep_key(
    app: &App,
    site: &Site,
    (pem, told): (&SecretString, Option<&GithubApp>),
    user: &str,
) -> Result<String, SettingsError> {
    let (fingerprint, _) = app.store_app_key(site, pem, user).await?;
    let Some(told) = told else {
        return Ok(fingerprint);
    };
    if settings::get(site, "app_id").await?.trim().is_empty() {
        settings::set(app, site, "app_id", &SecretString::from(told.id.to_string()), user).await?;
    }
    keep_slug(app, site, told, user).await?;
    Ok(fingerprint)
}

/// Stores the slug that GitHub tells, by which people are sent to the App's pages; nothing where it is stored.
///
/// # Errors
/// As [`settings::set`].
pub(super) async fn keep_slug(app: &App, site: &Site, told: &GithubApp, user: &str) -> Result<(), SettingsError> {
    let Some(slug) = told.slug.as_deref().filter(|slug| !slug.is_empty()) else {
        return Ok(());
    };
    if settings::get(site, SLUG).await?.trim() != slug {
        settings::set(app, site, SLUG, &SecretString::from(slug.to_owned()), user).await?;
    }
    Ok(())
}
