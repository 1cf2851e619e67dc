//! Reading and writing fields of GitHub Settings outside the desk, by the rules of the DocType's JSON.

use std::ops::RangeInclusive;

use secrecy::{ExposeSecret, SecretString};

use crate::config::HostError;
use crate::frappe::db::{DbError, Tx, retry_conflicts};
use crate::frappe::encryption_key::{self, EncryptionKey, EncryptionKeyError};
use crate::frappe::site::Site;
use crate::frappe::vault::VaultError;
use crate::frappe::zone::frappe_text;
use crate::frappe::{pending, secrets, singles};
use crate::github::app::InvalidAppKey;
use crate::setup::{self, BlueprintError, DocField, DocType};
use crate::store::settings::{DOCTYPE, note_saved};
use crate::store::{Stamp, app_key, credentials, first_credential};

use super::App;
use super::app_key::APP_KEY;

/// The field that holds the site's token.
pub(super) const TOKEN: &str = "personal_access_token";
pub(super) use first_credential::OF_SETTINGS as CREDENTIALS;

/// Why a field cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No such field.
    #[error("GitHub Settings has no field `{0}`; its fields are {1}")]
    Unknown(String, String),
    /// The system sets it.
    #[error("`{0}` is set by the system and cannot be set by hand")]
    ReadOnly(String),
    /// The value does not fit.
    #[error("`{key}` wants {wanted}")]
    Value {
        /// The field.
        key: String,
        /// What it takes.
        wanted: String,
    },
    /// The shipped JSON is wrong, which tests rule out.
    #[error("{0}")]
    Blueprint(#[from] BlueprintError),
    /// The site's key cannot be used or made.
    #[error("{0}")]
    Key(#[from] EncryptionKeyError),
    /// It is no private key of an App.
    #[error("{0}")]
    AppKey(#[from] InvalidAppKey),
    /// It cannot be sealed.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// An address of GitHub cannot be used.
    #[error("{0}")]
    Host(#[from] HostError),
    /// The database refuses.
    #[error("{0}")]
    Db(#[from] DbError),
}

/// A value that its field takes, and the place that it is bound to.
pub(super) struct Change<'a> {
    key: &'a str,
    value: Value,
    place: Option<String>,
}

/// A value as it is stored.
enum Value {
    /// Readable, in the Single.
    Plain(String),
    /// Encrypted, in `__Auth`.
    Secret(SecretString, EncryptionKey),
}

/// True when `key` is a field that Frappe shows as Password, or the private key of the App, which no form shows.
///
/// # Errors
/// When there is no such field.
pub fn is_secret(key: &str) -> Result<bool, SettingsError> {
    Ok(key == APP_KEY || field(key)?.fieldtype == "Password")
}

/// A field's value; of a secret, `set` or `not set`.
///
/// # Errors
/// When there is no such field or the database cannot be read.
pub async fn get(site: &Site, key: &str) -> Result<String, SettingsError> {
    if is_secret(key)? {
        let mut conn = site.db().conn().await?;
        let set = match key {
            APP_KEY => app_key::is_any(&mut conn).await?,
            _ => secrets::is_single_set(&mut conn, DOCTYPE, key).await?,
        };
        return Ok(if set { "set" } else { "not set" }.to_owned());
    }
    Ok(singles::read_field(site.db(), DOCTYPE, key).await?.unwrap_or_default())
}

/// Sets a field as a save in the desk would, and says what was done. A credential is bound to where GitHub is for this process.
///
/// # Errors
/// When there is no such field, the value does not fit, or the database or the site's key refuses; then nothing is changed.
pub async fn set(app: &App, site: &Site, key: &str, value: &SecretString, user: &str) -> Result<String, SettingsError> {
    if key == APP_KEY {
        let place = app.hosts(site.config())?.origins();
        let (fingerprint, switched_on) = app.store_app_key(site, value, user).await?;
        return Ok(done(&format!("{key} ({fingerprint})"), Some(place), switched_on));
    }
    let change = change(app, site, key, value)?;
    let stamp = Stamp::now(site, user).await?;
    let switched_on = retry_conflicts(|| write(site, &stamp, &change)).await?;
    tell(site).await;
    Ok(done(key, change.place, switched_on))
}

/// What is to be written for `value`, if the field takes it.
///
/// # Errors
/// As [`set`].
pub(super) fn change<'a>(app: &App, site: &Site, key: &'a str, value: &SecretString) -> Result<Change<'a>, SettingsError> {
    let field = field(key)?;
    if field.is_read_only() {
        return Err(SettingsError::ReadOnly(key.to_owned()));
    }
    let place = if CREDENTIALS.contains(&key) {
        Some(app.hosts(site.config())?.origins())
    } else {
        None
    };
    let value = match field.fieldtype.as_str() {
        "Password" => Value::Secret(
            checked_secret(key, value.expose_secret())?,
            encryption_key::ensure(site.config())?,
        ),
        _ => Value::Plain(checked(field, value.expose_secret())?),
    };
    Ok(Change { key, value, place })
}

/// Has Frappe forget its copy of what was written.
pub(super) async fn tell(site: &Site) {
    if let Err(error) = pending::flush_drops(site).await {
        tracing::warn!(site = site.name(), error = %error, "the desk shows the old value until Redis answers");
    }
}

/// What is told of a field that was set.
fn done(what: &str, place: Option<String>, switched_on: bool) -> String {
    let place = place.map(|place| format!(" for {place}")).unwrap_or_default();
    let and = if switched_on {
        ", and the integration is switched on"
    } else {
        ""
    };
    format!("{what} is set{place}{and}")
}

/// One transaction: the value, and what a save leaves.
async fn write(site: &Site, stamp: &Stamp, change: &Change<'_>) -> Result<bool, DbError> {
    let mut tx = site.db().begin().await?;
    let switched_on = write_within(&mut tx, change).await?;
    note_saved(&mut tx, stamp).await?;
    tx.commit().await?;
    Ok(switched_on)
}

/// Writes the value, the place that it is bound to, and the switch; true where it switched the integration on.
pub(super) async fn write_within(tx: &mut Tx, change: &Change<'_>) -> Result<bool, DbError> {
    let Change { key, value, place } = change;
    let switches_on = CREDENTIALS.contains(key) && first_credential::is_first(tx).await?;
    match value {
        Value::Plain(text) => singles::write_field(tx, DOCTYPE, key, text).await?,
        Value::Secret(secret, secret_key) => {
            secrets::store_single(tx, secret_key, DOCTYPE, key, secret).await?;
            if let Some(place) = place {
                let fingerprint = encryption_key::fingerprint(Some(secret_key), secret);
                credentials::bind(tx, key, &fingerprint, place).await?;
            }
        }
    }
    if switches_on {
        singles::write_field(tx, DOCTYPE, "enabled", "1").await?;
    }
    Ok(switches_on)
}

fn field(key: &str) -> Result<&'static DocField, SettingsError> {
    let doctypes = setup::doctypes()?;
    let fields = || {
        let settings = doctypes.iter().filter(|doctype| doctype.name == DOCTYPE);
        settings.flat_map(DocType::stored_fields)
    };
    fields().find(|field| field.fieldname == key).ok_or_else(|| {
        let known: Vec<&str> = fields().map(|field| field.fieldname.as_str()).chain([APP_KEY]).collect();
        SettingsError::Unknown(key.to_owned(), known.join(", "))
    })
}

/// The secret as it is stored, if it can be one: what was copied with its surroundings would be refused by GitHub only.
fn checked_secret(key: &str, value: &str) -> Result<SecretString, SettingsError> {
    let refuse = |wanted: &str| SettingsError::Value {
        key: key.to_owned(),
        wanted: format!("{wanted}; what was given is not stored: copy it again, and nothing else"),
    };
    if CREDENTIALS.contains(&key) {
        let value = value.trim();
        let is_one_word = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        return if is_one_word {
            Ok(SecretString::from(value))
        } else {
            Err(refuse("one word of plain letters, digits and signs"))
        };
    }
    if value.chars().any(char::is_control) {
        return Err(refuse("one line without control characters"));
    }
    Ok(SecretString::from(value))
}

/// The value as it is stored, if the field takes it.
fn checked(field: &DocField, value: &str) -> Result<String, SettingsError> {
    let value = value.trim();
    let refuse = |wanted: String| SettingsError::Value {
        key: field.fieldname.clone(),
        wanted,
    };
    match field.fieldtype.as_str() {
        "Int" => {
            let bounds = bounds(&field.fieldname);
            match value.parse::<u32>() {
                Ok(number) if bounds.contains(&number) => Ok(number.to_string()),
                _ => Err(refuse(format!("a whole number from {} to {}", bounds.start(), bounds.end()))),
            }
        }
        "Check" => match value {
            "0" | "1" => Ok(value.to_owned()),
            _ => Err(refuse("0 or 1".to_owned())),
        },
        "Select" => {
            let options: Vec<&str> = field.text("options").lines().collect();
            if options.contains(&value) {
                Ok(value.to_owned())
            } else {
                Err(refuse(format!("one of: {}", options.join(", "))))
            }
        }
        "Datetime" => match chrono::NaiveDateTime::parse_from_str(value, "%Y-%m-%d %H:%M:%S") {
            Ok(time) => Ok(frappe_text(time)),
            Err(_) if value.is_empty() => Ok(String::new()),
            Err(_) => Err(refuse("a time of the site's zone, written as 2026-01-31 18:00:00".to_owned())),
        },
        "Data" if value.chars().any(char::is_control) => Err(refuse("one line without control characters".to_owned())),
        "Data" if value.chars().count() > 140 => Err(refuse("at most 140 characters".to_owned())),
        _ => Ok(value.to_owned()),
    }
}

/// What a number may be. Where 0 would be read as the default, it is refused; the most is more than anybody needs and less than
/// what times can be reckoned with: a hundred years, or one year of minutes.
fn bounds(key: &str) -> RangeInclusive<u32> {
    match key {
        "event_retention_days" => 8..=36_500,
        "run_retention_days" | "commit_history_days" => 1..=36_500,
        "sync_interval_minutes" | "reconciliation_period_minutes" => 1..=525_600,
        "reconciliation_budget_percent" => 0..=100,
        _ => 0..=1_000_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str, value: &str) -> Result<String, String> {
        checked(field(key).expect("a field"), value).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_has_bounds_that_are_told() {
        for (key, good, bad, part) in [
            ("run_retention_days", "36500", "4294967295", "from 1 to 36500"),
            ("run_retention_days", "1", "0", "from 1 to 36500"),
            ("event_retention_days", "8", "7", "from 8 to 36500"),
            ("commit_history_days", "90", "36501", "from 1 to 36500"),
            ("sync_interval_minutes", "525600", "0", "from 1 to 525600"),
            ("reconciliation_period_minutes", "10", "525601", "from 1 to 525600"),
            ("rate_limit_threshold", "0", "-1", "from 0 to 1000000"),
            ("reconciliation_budget_percent", "100", "101", "from 0 to 100"),
        ] {
            assert_eq!(told(key, good), Ok(good.to_owned()));
            let refused = told(key, bad).expect_err(bad);
            assert!(refused.contains(key) && refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn a_line_is_one_line() {
        let refused = told("public_url", "https://a\nhttps://b").expect_err("two lines");
        assert!(refused.contains("one line"), "{refused}");
        assert_eq!(told("public_url", " https://a\n"), Ok("https://a".to_owned()));
        assert!(told("webhook_events", "push,\nissues").is_ok(), "a text may have several");
    }
}
