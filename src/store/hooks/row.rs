//! The rows, read.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::{FromRow, FromValue};

use crate::frappe::db::{self, Db, DbError, Row, Value};
use crate::store::cell::{time_of, time_value};

use super::hourly_share;

const WHAT: &str = "reading webhooks";
/// Rows that are not looked at by rotation, in one go.
const AT_ONCE: u64 = 50;
/// With this the key of an App's row begins.
pub(super) const OF_APP: &str = "application:";

/// What a hook belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// A repository, by GitHub's number.
    Repository(u64),
    /// An organisation, by its login, in lower case.
    Organization(String),
    /// The site's GitHub App, by the id that it proves itself with. Its webhook is made on GitHub, and is not kept right from here.
    App(String),
}

impl Home {
    /// An organisation, whichever way its login is written.
    #[must_use]
    pub fn organization(login: &str) -> Self {
        Self::Organization(login.to_ascii_lowercase())
    }

    /// The key of its row.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Repository(id) => format!("repository:{id}"),
            Self::Organization(login) => format!("organization:{login}"),
            Self::App(id) => format!("{OF_APP}{id}"),
        }
    }

    /// GitHub's number of the repository; 0 for what is none.
    #[must_use]
    pub fn repository_id(&self) -> u64 {
        match self {
            Self::Repository(id) => *id,
            Self::Organization(_) | Self::App(_) => 0,
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRow {
    /// What the hook belongs to.
    pub home: Home,
    /// Full name of the repository when it was written last, the login as it is written, or what people call the App.
    pub name: String,
    /// GitHub's number of the hook; none before it is there.
    pub hook_id: Option<u64>,
    /// It is to be removed.
    pub is_leaving: bool,
    /// The integration that let its repository go: by its credential it was made, and is removed.
    pub left_integration: Option<String>,
    /// Where deliveries go because somebody said so.
    pub given_address: Option<String>,
    /// Events that somebody chose, separated by commas.
    pub given_events: Option<String>,
    /// Where deliveries go.
    pub address: String,
    /// What it listens to, separated by commas.
    pub events: String,
    /// Tells the secret that was set from others.
    pub secret_mark: String,
    /// How the last delivery was answered, as far as is known.
    pub last_status: Option<u16>,
    /// Why it could not be made or mended.
    pub problem: Option<String>,
    /// How often that failed in a row.
    pub attempts: u32,
    /// When it was looked at last.
    pub checked_at: Option<DateTime<Utc>>,
    /// Everything delivered before this moment of GitHub's clock was looked through.
    pub swept_until: Option<DateTime<Utc>>,
}

impl HookRow {
    /// Of a hook of which nothing is known.
    #[must_use]
    pub fn new(home: Home) -> Self {
        Self {
            home,
            name: String::new(),
            hook_id: None,
            is_leaving: false,
            left_integration: None,
            given_address: None,
            given_events: None,
            address: String::new(),
            events: String::new(),
            secret_mark: String::new(),
            last_status: None,
            problem: None,
            attempts: 0,
            checked_at: None,
            swept_until: None,
        }
    }
}

const COLUMNS: &str = "home, name, hook_id, is_leaving, given_address, given_events, address, events, secret_mark, last_status, problem, \
     attempts, checked_at, swept_until, left_integration, repository_id";

fn row(row: Row) -> HookRow {
    let mut values = db::values(row).into_iter();
    let mut next = || values.next().unwrap_or(Value::NULL);
    let text = |value: Value| Option::<String>::from_value(value).filter(|text| !text.is_empty());
    let number = |value: Value| Option::<u64>::from_value(value);
    let time = |value: &Value| time_of(value).map(|naive| naive.and_utc());
    let key = text(next()).unwrap_or_default();
    let home = match key.strip_prefix(OF_APP) {
        Some(id) => Home::App(id.to_owned()),
        None => Home::Organization(key.trim_start_matches("organization:").to_owned()),
    };
    let mut read = HookRow {
        home,
        name: text(next()).unwrap_or_default(),
        hook_id: number(next()).filter(|id| *id > 0),
        is_leaving: number(next()).is_some_and(|flag| flag > 0),
        given_address: text(next()),
        given_events: text(next()),
        address: text(next()).unwrap_or_default(),
        events: text(next()).unwrap_or_default(),
        secret_mark: text(next()).unwrap_or_default(),
        last_status: number(next()).and_then(|status| u16::try_from(status).ok()),
        problem: text(next()),
        attempts: number(next())
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or_default(),
        checked_at: time(&next()),
        swept_until: time(&next()),
        left_integration: text(next()),
    };
    if let Some(id) = number(next()).filter(|id| *id > 0) {
        read.home = Home::Repository(id);
    }
    read
}

async fn read(db: &Db, condition: &str, params: impl Into<db::Params> + Send) -> Result<Vec<HookRow>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM `erpnext_github_hook` {condition}");
    Ok(db.rows(WHAT, &sql, params).await?.into_iter().map(row).collect())
}

/// The row of that home, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(db: &Db, home: &Home) -> Result<Option<HookRow>, DbError> {
    Ok(read(db, "WHERE home = ?", (home.key(),)).await?.pop())
}

/// All rows, by home.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Db) -> Result<Vec<HookRow>, DbError> {
    read(db, "ORDER BY home", ()).await
}

/// How many there are.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(db: &Db) -> Result<u64, DbError> {
    let row = db.row(WHAT, "SELECT COUNT(*) FROM `erpnext_github_hook`", ()).await?;
    Ok(row.map(|row| <(u64,)>::from_row(row).0).unwrap_or_default())
}

/// The hook that tells of all repositories of an owner, where it is there and stays.
///
/// # Errors
/// When the database cannot be read.
pub async fn organization_of(db: &Db, owner: &str) -> Result<Option<HookRow>, DbError> {
    let found = find(db, &Home::organization(owner)).await?;
    Ok(found.filter(|row| row.hook_id.is_some() && !row.is_leaving))
}

/// Some repository of an owner that is mirrored: its name and GitHub's number of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn repository_of_owner(db: &Db, owner: &str) -> Result<Option<(String, u64)>, DbError> {
    let sql = "SELECT name, CAST(github_id AS UNSIGNED) FROM `tabRepository` WHERE repo_owner = ? AND github_id REGEXP '^[0-9]+$' \
               AND IFNULL(deleted_on_github, 0) = 0 ORDER BY enabled DESC, name LIMIT 1";
    Ok(db.row(WHAT, sql, (owner,)).await?.map(FromRow::from_row))
}

/// Those to be looked at now: what is suspect, and of the quiet ones so many that all have their turn in a day, and no more in an hour.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(db: &Db, now: DateTime<Utc>) -> Result<Vec<HookRow>, DbError> {
    let at = time_value(now.naive_utc());
    let suspect =
        format!("WHERE due_at <= ? AND suspect = 1 AND {IS_KEPT_RIGHT} AND {IS_MANAGED} ORDER BY due_at, home LIMIT {AT_ONCE}");
    let mut rows = read(db, &suspect, (at.clone(),)).await?;
    let left = share_left(db, "checked_at", now).await?;
    if left > 0 {
        let quiet =
            format!("WHERE due_at <= ? AND suspect = 0 AND {IS_KEPT_RIGHT} AND {IS_MANAGED} ORDER BY due_at, home LIMIT {left}");
        rows.extend(read(db, &quiet, (at,)).await?);
    }
    Ok(rows)
}

/// Hooks that are made and mended from here.
const IS_KEPT_RIGHT: &str = "home NOT LIKE 'application:%'";

/// Hooks that nobody switched off: their repository's integration is on, or the one that let it go, and so is its service Webhooks; of an organization, one of
/// its integrations, where it has any.
pub(super) const IS_MANAGED: &str = "NOT EXISTS (SELECT 1 FROM `tabRepository` r JOIN `tabGitHub Integration` i ON i.name = IF(IFNULL(r.integration, '') = '', \
     `erpnext_github_hook`.left_integration, r.integration) \
     WHERE r.github_id = CAST(`erpnext_github_hook`.repository_id AS CHAR) AND (i.enabled = 0 OR i.service_webhooks = 0)) \
     AND NOT (home LIKE 'organization:%' AND EXISTS (SELECT 1 FROM `tabGitHub Integration` a \
     WHERE CONCAT('organization:', LOWER(a.account_login)) = home) AND NOT EXISTS (SELECT 1 FROM `tabGitHub Integration` b \
     WHERE CONCAT('organization:', LOWER(b.account_login)) = home AND b.enabled = 1 AND b.service_webhooks = 1))";

/// Whether nobody switched off what a hook belongs to: asked before each thing that is done with it, as a batch of them takes a while.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_managed(db: &Db, home: &Home) -> Result<bool, DbError> {
    let sql = format!("SELECT 1 FROM `erpnext_github_hook` WHERE home = ? AND {IS_MANAGED}");
    Ok(db.row(WHAT, &sql, (home.key(),)).await?.is_some())
}

/// Those of the table that match, for the sweep.
pub(super) async fn matching(db: &Db, condition: &str, now: DateTime<Utc>) -> Result<Vec<HookRow>, DbError> {
    read(db, condition, (time_value(now.naive_utc()),)).await
}

/// How many of the quiet ones have their turn still in this hour; `column` says when they had it last.
pub(super) async fn share_left(db: &Db, column: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = format!("SELECT COUNT(*), IFNULL(SUM({column} > ?), 0) FROM `erpnext_github_hook`");
    let hour_ago = time_value((now - TimeDelta::hours(1)).naive_utc());
    let row = db.row(WHAT, &sql, (hour_ago,)).await?;
    let (all, lately) = row.map(<(u64, u64)>::from_row).unwrap_or_default();
    Ok(hourly_share(all).saturating_sub(lately))
}
