//! Secrets that setup makes: for GitHub's webhooks, for the bench's webhooks to us, and the integration user's key.

use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};

use super::SETTINGS;
use super::blueprint::Blueprint;
use super::error::SetupError;
use super::facts::Facts;
use super::ledger::{self, Entry, Kind};
use super::metadata::{integration_user, webhook_name};
use crate::frappe::db::{DbConn, DbError, Params, Value};
use crate::frappe::encryption_key::{self, EncryptionKey};
use crate::frappe::secrets;
use crate::frappe::site::Site;

/// Field of both kinds of webhook secret.
const WEBHOOK_SECRET: &str = "webhook_secret";
/// Field of a user's secret.
const API_SECRET: &str = "api_secret";
/// Frappe's own API keys are that many hex digits.
const API_KEY_DIGITS: usize = 15;
/// Ours are longer than Frappe's 15: nobody has to type them.
const SECRET_DIGITS: usize = 40;

/// Which secrets are to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// The one that GitHub signs with.
    pub(crate) github: bool,
    /// Webhook rows that get one and the same secret; all of them when one has none.
    pub(crate) webhooks: Vec<String>,
    /// The integration user that gets a key.
    pub(crate) user: Option<String>,
}

impl Missing {
    /// Finds out. `has_webhooks` is false on a site without Webhook rows.
    pub(crate) fn find(blueprint: &Blueprint, facts: &Facts, site: &str, has_webhooks: bool) -> Self {
        let set = facts.settings.get(WEBHOOK_SECRET).is_some_and(|value| !value.is_empty());
        let webhooks: Vec<String> = blueprint
            .doc_events
            .iter()
            .map(|event| webhook_name(&event.doctype))
            .collect();
        let complete = webhooks.iter().all(|name| facts.has_secret("Webhook", name, WEBHOOK_SECRET));
        let user = integration_user(site);
        Self {
            github: !set && !facts.has_secret(SETTINGS, SETTINGS, WEBHOOK_SECRET),
            webhooks: if complete || !has_webhooks { Vec::new() } else { webhooks },
            user: (!facts.has_secret("User", &user, API_SECRET)).then_some(user),
        }
    }

    /// Number of secrets.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.github) + self.webhooks.len() + usize::from(self.user.is_some())
    }

    /// Makes and stores them, in the caller's transaction.
    pub(crate) async fn make(&self, conn: &mut DbConn, key: &EncryptionKey) -> Result<(), DbError> {
        let mut entries = Vec::new();
        if self.github {
            secrets::store_single(conn, key, SETTINGS, WEBHOOK_SECRET, &random(SECRET_DIGITS)).await?;
            entries.push(Entry::new(Kind::Single, SETTINGS, WEBHOOK_SECRET));
            entries.push(entry(SETTINGS, SETTINGS, WEBHOOK_SECRET));
        }
        let shared = random(SECRET_DIGITS);
        let webhooks: Vec<&str> = self.webhooks.iter().map(String::as_str).collect();
        if !webhooks.is_empty() {
            secrets::store_for_all(conn, key, ("Webhook", WEBHOOK_SECRET), &webhooks, &shared).await?;
            let sql = format!(
                "UPDATE `tabWebhook` SET webhook_secret = ? WHERE name IN ({})",
                vec!["?"; webhooks.len()].join(", ")
            );
            let mask = secrets::mask(&shared);
            let values = std::iter::once(mask.as_str())
                .chain(webhooks.iter().copied())
                .map(Value::from);
            conn.exec("masking secrets", &sql, Params::Positional(values.collect()))
                .await?;
            entries.extend(webhooks.iter().map(|name| entry("Webhook", name, WEBHOOK_SECRET)));
        }
        if let Some(user) = &self.user {
            let secret = random(SECRET_DIGITS);
            secrets::store(conn, key, "User", user, API_SECRET, &secret).await?;
            let sql = "UPDATE `tabUser` SET api_key = ?, api_secret = ? WHERE name = ?";
            let params = (digits(API_KEY_DIGITS), secrets::mask(&secret), user);
            conn.exec("giving the integration user a key", sql, params).await?;
            entries.push(entry("User", user, API_SECRET));
        }
        ledger::record(conn, &entries).await
    }
}

/// With what the site's Webhook rows sign what they post to us; none where they have no secret. They share one, unless somebody gave a
/// row another.
///
/// # Errors
/// When the shipped files or the database cannot be read, or a secret cannot be decrypted with the site's key.
pub async fn doc_event_secrets(site: &Site) -> Result<Vec<SecretString>, SetupError> {
    let key = encryption_key::existing(site.config())?;
    let mut conn = site.db().conn().await?;
    let mut found: Vec<SecretString> = Vec::new();
    for event in &Blueprint::embedded()?.doc_events {
        let name = webhook_name(&event.doctype);
        let secret = secrets::read(&mut conn, key.as_ref(), "Webhook", &name, WEBHOOK_SECRET).await?;
        let is_known = |secret: &SecretString| found.iter().any(|one| one.expose_secret() == secret.expose_secret());
        found.extend(secret.filter(|secret| !is_known(secret)));
    }
    Ok(found)
}

/// Entry of a row of `__Auth`; it has no name of its own, so that its key is written as `extra` too.
fn entry(doctype: &str, name: &str, field: &str) -> Entry {
    Entry {
        extra: serde_json::to_string(&[doctype, name, field]).ok(),
        ..Entry::new(Kind::Row, "__Auth", &format!("{doctype}/{name}/{field}"))
    }
}

fn random(count: usize) -> SecretString {
    SecretString::from(digits(count))
}

fn digits(count: usize) -> String {
    let mut bytes = vec![0; count.div_ceil(2)];
    rand::rng().fill_bytes(&mut bytes);
    let mut text = hex::encode(bytes);
    text.truncate(count);
    text
}
