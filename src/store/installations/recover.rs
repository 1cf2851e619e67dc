//! Installations of which GitHub's word may have got lost: those that people wait for, and what is known of the others.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Value};
use crate::store::Stamp;
use crate::store::cell::{time_of, time_value};

use super::moment;

const WHAT: &str = "looking for installations that GitHub did not tell of";
/// People who are looked for in one go.
const AT_ONCE: usize = 50;

/// Somebody who set out to install the App, and of whom GitHub has not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whose row it is.
    pub user: String,
    /// When he set out, as the site writes it.
    pub began_at: NaiveDateTime,
}

/// What is stored of an installation that GitHub may have said more of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Name of the row.
    pub name: String,
    /// GitHub's number.
    pub id: u64,
    /// It is stored as suspended.
    pub is_suspended: bool,
    /// Whoever installed it is nobody here: nothing is read for him.
    pub is_unmatched: bool,
    /// What the account is called.
    pub account_login: String,
    /// Repositories of it are followed because of it.
    pub reaches_some: bool,
    /// GitHub's `updated_at` of what is stored.
    pub version: Option<DateTime<Utc>>,
    /// GitHub's number of the App.
    pub app_id: Option<u64>,
    /// It could not be read, and is tried again by itself.
    pub is_failing: bool,
}

/// When `user` set out for what GitHub has not told of, as the site writes it; none where he waits for nothing.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting_since(db: &Db, user: &str) -> Result<Option<NaiveDateTime>, DbError> {
    let sql = "SELECT creation FROM `tabGitHub App Installation` WHERE owner = ? AND IFNULL(installation_id, '') = '' \
               AND IFNULL(processing, '') = '' AND deleted_on_github = 0 ORDER BY creation DESC LIMIT 1";
    let row = db.row(WHAT, sql, (user,)).await?;
    Ok(row.and_then(|row| time_of(&<(Value,)>::from_row(row).0)))
}

/// Whether the row of that name was begun since `since` (the site's time).
///
/// # Errors
/// When the database cannot be read.
pub async fn is_since(db: &Db, name: &str, since: NaiveDateTime) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabGitHub App Installation` WHERE name = ? AND creation >= ?";
    Ok(db.row(WHAT, sql, (name, time_value(since))).await?.is_some())
}

/// Those who set out since `since` (the site's time) and wait, some at a time, the latest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(db: &Db, since: NaiveDateTime) -> Result<Vec<Waiting>, DbError> {
    let sql = format!(
        "SELECT owner, MAX(creation) FROM `tabGitHub App Installation` WHERE installation_id IS NULL AND IFNULL(processing, '') = '' \
         AND deleted_on_github = 0 AND creation >= ? GROUP BY owner ORDER BY MAX(creation) DESC LIMIT {AT_ONCE}"
    );
    let rows = db.rows(WHAT, &sql, (time_value(since),)).await?;
    let rows = rows.into_iter().map(<(String, Value)>::from_row);
    let waits = |(user, began): (String, Value)| time_of(&began).map(|began_at| Waiting { user, began_at });
    Ok(rows.filter_map(waits).collect())
}

/// All installations that are there, as far as is known here.
///
/// # Errors
/// When the database cannot be read.
pub async fn stored(db: &Db) -> Result<Vec<Stored>, DbError> {
    type Columns = (String, String, i64, i64, String, i64, Value, String, i64);
    let sql = "SELECT name, installation_id, suspended, IFNULL(processing, '') = 'unmatched_user', IFNULL(account_login, ''), \
               EXISTS (SELECT 1 FROM `erpnext_github_installation_repository` r WHERE r.installation_id = CAST(n.installation_id AS UNSIGNED)), \
               _version, IFNULL(app_id, ''), (IFNULL(processing, '') = 'errored' OR (IFNULL(processing, '') = 'unmatched_user' AND reason > '')) IS TRUE FROM `tabGitHub App Installation` n WHERE installation_id > '' AND deleted_on_github = 0";
    let rows = db.rows(WHAT, sql, ()).await?.into_iter();
    let one = |(name, id, suspended, unmatched, account_login, reaches, version, app_id, failing): Columns| {
        Some(Stored {
            name,
            id: id.parse().ok()?,
            is_suspended: suspended != 0,
            is_unmatched: unmatched != 0,
            account_login,
            reaches_some: reaches != 0,
            version: time_of(&version).map(|at| at.and_utc()),
            app_id: app_id.parse().ok(),
            is_failing: failing != 0,
        })
    };
    Ok(rows.map(Columns::from_row).filter_map(one).collect())
}

/// Numbers of those that are stored as uninstalled, and of which everything that follows from that is done.
///
/// # Errors
/// When the database cannot be read.
pub async fn uninstalled(db: &Db) -> Result<BTreeSet<u64>, DbError> {
    let sql = "SELECT installation_id FROM `tabGitHub App Installation` WHERE installation_id > '' AND deleted_on_github = 1 \
               AND _not_before IS NULL";
    let rows = db.rows(WHAT, sql, ()).await?.into_iter();
    Ok(rows.filter_map(|row| <(String,)>::from_row(row).0.parse().ok()).collect())
}

/// Takes back that an installation was uninstalled, of which [`uninstalled`] tells: GitHub shows it. It is read anew.
///
/// # Errors
/// When the database cannot be written.
pub async fn revive(db: &Db, stamp: &Stamp, id: u64) -> Result<(), DbError> {
    // Whoever is nobody here has nothing read for him.
    let sql = "UPDATE `tabGitHub App Installation` SET deleted_on_github = 0, processing = IF(processing = 'unmatched_user', processing, 'processing'), \
               _told = _told + 1, _failures = 0, _not_before = IF(processing = 'unmatched_user', NULL, ?), modified = ?, modified_by = ? \
               WHERE installation_id = ? AND deleted_on_github = 1 AND _not_before IS NULL";
    let (now, user) = (moment(Some(stamp.now)), stamp.user.as_str());
    let values = (now, time_value(stamp.local_now()), user, id.to_string());
    db.exec("taking back that an installation is gone", sql, values)
        .await
        .map(drop)
}

/// Has an installation be read from GitHub now, in which more may be said of it than was told. One of nobody here is read for what it does not reach any more,
/// and for whose App it is.
///
/// # Errors
/// When the database cannot be written.
pub async fn suspect(db: &Db, stamp: &Stamp, name: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET _told = _told + 1, _failures = 0, _not_before = ? WHERE name = ? \
               AND installation_id > '' AND deleted_on_github = 0";
    db.exec(WHAT, sql, (moment(Some(stamp.now)), name)).await.map(drop)
}

/// Notes that an installation is wholly `owner`'s, whose row it is: he may install the App there.
///
/// # Errors
/// When the database cannot be written.
pub async fn confirm(db: &Db, name: &str, owner: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET _requested = 0 WHERE name = ? AND owner = ?";
    db.exec("noting whose an installation is", sql, (name, owner)).await.map(drop)
}
