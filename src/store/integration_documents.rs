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

use super::cell::{number, text, time_value};
use super::integration_accounts::HOLDER;
use super::integrations::{DOCTYPE, TOKEN};
use super::{Stamp, first_credential, lent};

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
    /// GitHub's number of the account that is this integration's alone, through the App.
    pub app_account_id: Option<u64>,
    /// Through the App: the other integration that has its account; empty for none.
    pub holder: String,
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
    /// When it was saved last, as the site writes it.
    pub modified: String,
}

impl IntegrationRow {
    /// The same, as credentials are chosen by it.
    #[must_use]
    pub fn of_integration(&self) -> OfIntegration {
        OfIntegration {
            name: self.name.clone(),
            enabled: Some(self.is_enabled),
            way: match self.auth_type {
                AuthType::App => IntegrationWay::App {
                    account: self.account_login.clone(),
                    holder: self.holder.clone(),
                },
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
        "SELECT i.name, IFNULL(i.auth_type, ''), i.enabled, i.installation, i.connected_user, EXISTS (SELECT 1 FROM `erpnext_github_lent` l \
         WHERE {}), i.account_login, i.account_type, i.app_account_id, IF(i.auth_type = 'GitHub App', {HOLDER}, NULL), \
         IFNULL(i.service_repositories, 1), IFNULL(i.service_pull_requests, 1), IFNULL(i.service_issues, 1), IFNULL(i.service_webhooks, 1), \
         i.health, i.health_reason, i.health_link, CAST(i.last_checked AS CHAR), CAST(i.modified AS CHAR) FROM `tabGitHub Integration` i",
        lent::is_lent()
    )
}

fn row(mut row: Row) -> IntegrationRow {
    let mut next = 0;
    let mut value = || {
        next += 1;
        row.take::<Value, _>(next - 1).unwrap_or(Value::NULL)
    };
    IntegrationRow {
        name: text(value()),
        auth_type: AuthType::of(&text(value())).unwrap_or(AuthType::Token),
        is_enabled: number(&value()) != 0,
        installation: text(value()),
        connected_user: text(value()),
        is_lent: number(&value()) != 0,
        account_login: text(value()),
        account_type: text(value()),
        app_account_id: text(value()).parse().ok(),
        holder: text(value()),
        services: Services {
            repositories: number(&value()) != 0,
            pull_requests: number(&value()) != 0,
            issues: number(&value()) != 0,
            webhooks: number(&value()) != 0,
        },
        health: text(value()),
        health_reason: text(value()),
        health_link: text(value()),
        last_checked: text(value()),
        modified: text(value()),
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

/// Those that are switched on and were not looked at since `before` (in the site's time), or since their installation was changed; and those that were changed
/// since, whether they are on or not.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(db: &Db, before: NaiveDateTime) -> Result<Vec<IntegrationRow>, DbError> {
    let sql = format!(
        "{} LEFT JOIN `tabGitHub App Installation` n ON i.auth_type = 'GitHub App' AND n.account_login = i.account_login WHERE (i.enabled = 1 AND (i.last_checked IS NULL \
         OR i.last_checked < ? OR i.last_checked <= n.modified)) OR i.last_checked < i.modified ORDER BY i.last_checked, i.name LIMIT {BATCH}",
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
        // One that has another way by now holds nothing.
        let sql = "UPDATE `tabGitHub Integration` SET app_account_id = NULL WHERE app_account_id = ? AND auth_type <> 'GitHub App'";
        tx.exec(WHAT, sql, (id.as_str(),)).await?;
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
            if first_credential::is_first(&mut tx).await? {
                first_credential::switch_on(&mut tx, stamp).await?;
            }
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

/// Notes how the integration `row` is; its `modified` stays, so that an open form can be saved. `None` leaves what is known and notes that somebody looked.
/// One that was saved since `row` was read is looked at again.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_health(db: &Db, stamp: &Stamp, row: &IntegrationRow, health: Option<&Health>) -> Result<(), DbError> {
    const WHAT: &str = "noting how an integration is";
    const LOOKED: &str = "last_checked = IF(modified = ?, GREATEST(?, modified), last_checked) WHERE name = ?";
    let (at, seen, name) = (time_value(stamp.local_now()), row.modified.as_str(), row.name.as_str());
    let Some(health) = health else {
        let sql = format!("UPDATE `tabGitHub Integration` SET {LOOKED}");
        return db.exec(WHAT, &sql, (seen, at, name)).await.map(drop);
    };
    let sql = format!(
        "UPDATE `tabGitHub Integration` SET health = ?, health_reason = NULLIF(?, ''), health_link = NULLIF(?, ''), {LOOKED}"
    );
    let values = (
        health.state.as_str(),
        cut_bytes(&health.reason, REASON),
        if health.link.len() > LINK { "" } else { health.link.as_str() },
        seen,
        at,
        name,
    );
    db.exec(WHAT, &sql, values).await.map(drop)
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
