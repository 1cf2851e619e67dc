//! Rows of GitHub Integration: made by the wizard, and how each is.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;
use secrecy::SecretString;

use crate::domain::text::cut_bytes;
use crate::domain::{AuthType, ConnectableAccount, Grants, Health, IntegrationWay, Level, Loan, OfIntegration, Services};
use crate::frappe::db::{Db, DbError, Params, Row, Value, retry_conflicts};
use crate::frappe::encryption_key::EncryptionKey;
use crate::frappe::secrets;

use super::Stamp;
use super::cell::time_value;
use super::integrations::{DOCTYPE, TOKEN};
use super::lent;

const WHAT: &str = "reading integrations";
/// Bytes of a reason that are kept.
const REASON: usize = 60_000;
/// Bytes of a link that its column holds.
const LINK: usize = 500;
/// Integrations that are checked in one go.
const BATCH: usize = 10;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationRow {
    /// Name of the document.
    pub name: String,
    /// How it proves itself.
    pub auth_type: AuthType,
    /// Switched on.
    pub is_enabled: bool,
    /// Document of the App's installation; empty for none.
    pub installation: String,
    /// Whose connection it uses; empty for nobody's.
    pub connected_user: String,
    /// He lent it himself.
    pub is_lent: bool,
    /// Login of the account; empty for whatever the credential reaches.
    pub account_login: String,
    /// `User` or `Organization`; empty where nobody knows.
    pub account_type: String,
    /// What it does.
    pub services: Services,
    /// `ok`, `attention`, `failing`, or empty as long as nobody looked.
    pub health: String,
    /// Why.
    pub health_reason: String,
    /// What mends it.
    pub health_link: String,
    /// When somebody looked last, as the site writes it.
    pub last_checked: String,
}

impl IntegrationRow {
    /// The same, as credentials are chosen by it.
    #[must_use]
    pub fn of_integration(&self) -> OfIntegration {
        OfIntegration {
            name: self.name.clone(),
            enabled: Some(self.is_enabled),
            way: match self.auth_type {
                AuthType::App => IntegrationWay::App(self.account_login.clone()),
                AuthType::OAuth => IntegrationWay::Person {
                    user: self.connected_user.clone(),
                    loan: if self.is_lent { Loan::Lent } else { Loan::Nothing },
                },
                AuthType::Token => IntegrationWay::Token,
            },
            services: self.services,
        }
    }
}

fn select() -> String {
    format!(
        "SELECT i.name, IFNULL(i.auth_type, ''), i.enabled, IFNULL(i.installation, ''), IFNULL(i.connected_user, ''), \
     IFNULL(i.account_login, ''), CONCAT_WS(' ', i.service_repositories, i.service_pull_requests, i.service_issues, i.service_webhooks, \
     EXISTS (SELECT 1 FROM `erpnext_github_lent` l WHERE {})), \
     IFNULL(i.account_type, ''), IFNULL(i.health, ''), IFNULL(i.health_reason, ''), IFNULL(i.health_link, ''), \
     IFNULL(CAST(i.last_checked AS CHAR), '') FROM `tabGitHub Integration` i",
        lent::is_lent()
    )
}

fn row(row: Row) -> IntegrationRow {
    type Columns = (
        String,
        String,
        bool,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
    );
    let (
        name,
        auth_type,
        is_enabled,
        installation,
        connected_user,
        account_login,
        services,
        account_type,
        health,
        health_reason,
        health_link,
        last_checked,
    ) = Columns::from_row(row);
    let on: Vec<bool> = services.split(' ').map(|one| one != "0").collect();
    let is_on = |at: usize| on.get(at).copied().unwrap_or(true);
    IntegrationRow {
        name,
        auth_type: AuthType::of(&auth_type).unwrap_or(AuthType::Token),
        is_enabled,
        installation,
        connected_user,
        is_lent: is_on(4),
        account_login,
        account_type,
        services: Services {
            repositories: is_on(0),
            pull_requests: is_on(1),
            issues: is_on(2),
            webhooks: is_on(3),
        },
        health,
        health_reason,
        health_link,
        last_checked,
    }
}

/// The integration of that name.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &Db, name: &str) -> Result<Option<IntegrationRow>, DbError> {
    Ok(db
        .row(WHAT, &format!("{} WHERE i.name = ?", select()), (name,))
        .await?
        .map(row))
}

/// All of them, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn all(db: &Db) -> Result<Vec<IntegrationRow>, DbError> {
    let rows = db.rows(WHAT, &format!("{} ORDER BY i.name", select()), ()).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// Those that are switched on and were not looked at since `before` (in the site's time), or since they, or their installation, were changed.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(db: &Db, before: NaiveDateTime) -> Result<Vec<IntegrationRow>, DbError> {
    let sql = format!(
        "{} LEFT JOIN `tabGitHub App Installation` n ON i.auth_type = 'GitHub App' AND n.account_login = i.account_login WHERE i.enabled = 1 AND (i.last_checked IS NULL \
         OR i.last_checked < ? OR i.last_checked < i.modified OR i.last_checked <= n.modified) ORDER BY i.last_checked, i.name LIMIT {BATCH}",
        select()
    );
    let rows = db.rows(WHAT, &sql, (time_value(before),)).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// What the wizard makes.
pub struct NewIntegration<'a> {
    /// Name of the document.
    pub name: &'a str,
    /// How it proves itself.
    pub auth_type: AuthType,
    /// For which account.
    pub account: &'a ConnectableAccount,
    /// Document of the App's installation, where it is known.
    pub installation: Option<&'a str>,
    /// What it does.
    pub services: Services,
    /// Its token, and what encrypts it.
    pub token: Option<(&'a EncryptionKey, &'a SecretString)>,
}

/// Makes an integration, in the name of `stamp.user`, whose connection it uses where it uses one. False where there is one of that name, or through the App one
/// for that account.
///
/// # Errors
/// When the database cannot be written.
pub async fn insert(db: &Db, stamp: &Stamp, new: &NewIntegration<'_>) -> Result<bool, DbError> {
    const WHAT: &str = "making an integration";
    let user = stamp.user.as_str();
    let now = time_value(stamp.local_now());
    let id = new.account.id.to_string();
    let or_null = |is: bool, value: &str| if is { Value::from(value) } else { Value::NULL };
    let is_app = new.auth_type == AuthType::App;
    let mask = new.token.map(|(_, token)| secrets::mask(token));
    let values = vec![
        Value::from(new.name),
        Value::from(user),
        Value::from(user),
        now.clone(),
        now,
        Value::from(new.name),
        Value::from(new.auth_type.as_str()),
        new.installation.map_or(Value::NULL, Value::from),
        or_null(new.auth_type == AuthType::OAuth, user),
        mask.map_or(Value::NULL, Value::from),
        Value::from(new.account.login.as_str()),
        Value::from(id.as_str()),
        Value::from(new.account.kind.as_str()),
        Value::from(new.account.avatar_url.as_str()),
        or_null(is_app, &id),
        Value::from(new.services.repositories),
        Value::from(new.services.pull_requests),
        Value::from(new.services.issues),
        Value::from(new.services.webhooks),
    ];
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "SELECT 1 FROM `tabGitHub Integration` WHERE name = ? OR (? AND app_account_id = ?) LIMIT 1 FOR UPDATE";
        if tx.row(WHAT, sql, (new.name, is_app, id.as_str())).await?.is_some() {
            return Ok(false);
        }
        let sql = "INSERT INTO `tabGitHub Integration` (name, owner, modified_by, creation, modified, docstatus, idx, enabled, integration_name, \
                   auth_type, installation, connected_user, personal_access_token, account_login, account_id, account_type, account_avatar_url, \
                   app_account_id, service_repositories, service_pull_requests, service_issues, service_webhooks) \
                   VALUES (?, ?, ?, ?, ?, 0, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        tx.exec(WHAT, sql, Params::Positional(values.clone())).await?;
        if let Some((key, token)) = new.token {
            secrets::store(&mut tx, key, DOCTYPE, new.name, TOKEN, token).await?;
        }
        if new.auth_type == AuthType::OAuth {
            lent::note(&mut tx, new.name, user, stamp.now).await?;
        }
        tx.commit().await?;
        Ok(true)
    })
    .await
}

/// Notes how an integration is; its `modified` stays, so that an open form can be saved. `None` leaves what is known and notes that somebody looked.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_health(db: &Db, stamp: &Stamp, name: &str, health: Option<&Health>) -> Result<(), DbError> {
    const WHAT: &str = "noting how an integration is";
    let at = time_value(stamp.local_now());
    let Some(health) = health else {
        let sql = "UPDATE `tabGitHub Integration` SET last_checked = GREATEST(?, modified) WHERE name = ?";
        return db.exec(WHAT, sql, (at, name)).await.map(drop);
    };
    let sql = "UPDATE `tabGitHub Integration` SET health = ?, health_reason = NULLIF(?, ''), health_link = NULLIF(?, ''), \
               last_checked = GREATEST(?, modified) WHERE name = ?";
    let values = (
        health.state.as_str(),
        cut_bytes(&health.reason, REASON),
        if health.link.len() > LINK { "" } else { health.link.as_str() },
        at,
        name,
    );
    db.exec(WHAT, sql, values).await.map(drop)
}

/// Names the installation of an integration through the App.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_installation(db: &Db, name: &str, installation: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub Integration` SET installation = ? WHERE name = ? AND IFNULL(installation, '') <> ?";
    db.exec("naming an installation", sql, (installation, name, installation))
        .await
        .map(drop)
}

/// What was granted to an installation, by its document, and where an owner of the account changes that; none where nobody read it yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn granted(db: &Db, installation: &str) -> Result<Option<(Grants, String)>, DbError> {
    let sql = "SELECT IFNULL(permissions, ''), IFNULL(html_url, '') FROM `tabGitHub App Installation` WHERE name = ?";
    let row = db.row("reading what was granted", sql, (installation,)).await?;
    let Some((permissions, url)) = row.map(<(String, String)>::from_row) else {
        return Ok(None);
    };
    let Ok(words) = serde_json::from_str::<BTreeMap<String, String>>(&permissions) else {
        return Ok(None);
    };
    let levels = words.iter().filter_map(|(name, level)| Some((name, Level::parse(level)?)));
    let grants = levels.fold(Grants::none(), |all, (name, level)| all.with(name, level));
    Ok(Some((grants, url)))
}
