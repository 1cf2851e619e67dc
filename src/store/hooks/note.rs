//! What was found out about a hook, written down.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::text::{cut_bytes, cut_chars};
use crate::frappe::db::{Db, DbConn, DbError, Value, retry_conflicts};
use crate::store::Stamp;
use crate::store::cell::time_value;

use super::ROTATION;
use super::row::Home;

const WHAT: &str = "noting a webhook";
/// Bytes of a reason that are kept.
const PROBLEM: usize = 4_000;
/// The first pause after a failure, in minutes; it doubles up to a day.
const FIRST_PAUSE: i64 = 10;

/// What somebody chose for one hook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Where deliveries go.
    pub address: Option<String>,
    /// What it listens to, separated by commas.
    pub events: Option<String>,
}

/// What was set on GitHub.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set<'a> {
    /// GitHub's number of the hook; 0 for none of its own.
    pub hook_id: u64,
    /// Where deliveries go.
    pub address: &'a str,
    /// What it listens to, separated by commas.
    pub events: &'a str,
    /// Tells the secret from others.
    pub secret_mark: &'a str,
}

/// Makes the row of a hook that is to be there, due at once; what somebody chose before is replaced by `given`. A row that was to go stays.
///
/// # Errors
/// When the database cannot be written.
pub async fn begin(db: &Db, home: &Home, name: &str, given: &Given, now: DateTime<Utc>) -> Result<(), DbError> {
    let at = time_value(now.naive_utc());
    // What an organisation's hook delivers concerns many: it is looked through every hour.
    let (first, urgent) = match home {
        Home::Organization(_) | Home::App(_) => (TimeDelta::hours(1), true),
        Home::Repository(_) => (ROTATION, false),
    };
    let sweep = time_value((now + first).naive_utc());
    let or_null = |text: &Option<String>| text.as_deref().map_or(Value::NULL, Value::from);
    let sql = "INSERT INTO `erpnext_github_hook` (home, repository_id, name, given_address, given_events, due_at, sweep_due_at, swept_until, urgent) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), given_address = VALUES(given_address), \
               given_events = VALUES(given_events), is_leaving = 0, left_integration = NULL";
    retry_conflicts(|| {
        let params = (
            home.key(),
            home.repository_id(),
            cut_chars(name, 255),
            or_null(&given.address),
            or_null(&given.events),
            at.clone(),
            sweep.clone(),
            at.clone(),
            urgent,
        );
        db.exec(WHAT, sql, params)
    })
    .await
    .map(drop)
}

/// GitHub has it as it should be.
///
/// # Errors
/// When the database cannot be written.
pub async fn set(db: &Db, home: &Home, set: &Set<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let (at, next) = (time_value(now.naive_utc()), time_value((now + ROTATION).naive_utc()));
    let sql = "UPDATE `erpnext_github_hook` SET hook_id = ?, address = ?, events = ?, secret_mark = ?, problem = NULL, attempts = 0, \
               suspect = 0, checked_at = ?, due_at = ? WHERE home = ?";
    retry_conflicts(|| {
        let params = (
            set.hook_id,
            cut_chars(set.address, 500),
            set.events,
            set.secret_mark,
            at.clone(),
            next.clone(),
            home.key(),
        );
        db.exec(WHAT, sql, params)
    })
    .await
    .map(drop)
}

/// It is right. Where its last delivery was not taken, what was delivered is looked through soon.
///
/// # Errors
/// When the database cannot be written.
pub async fn checked(db: &Db, home: &Home, last_status: Option<u16>, now: DateTime<Utc>) -> Result<(), DbError> {
    let (at, next) = (time_value(now.naive_utc()), time_value((now + ROTATION).naive_utc()));
    let fails = last_status.is_some_and(|status| !(200..300).contains(&status));
    let sql = "UPDATE `erpnext_github_hook` SET last_status = IFNULL(?, last_status), problem = NULL, attempts = 0, suspect = 0, checked_at = ?, \
               due_at = ?, sweep_due_at = IF(?, LEAST(sweep_due_at, ?), sweep_due_at), urgent = IF(?, 1, urgent) WHERE home = ?";
    retry_conflicts(|| {
        let status = last_status.map_or(Value::NULL, Value::from);
        db.exec(
            WHAT,
            sql,
            (status, at.clone(), next.clone(), fails, at.clone(), fails, home.key()),
        )
    })
    .await
    .map(drop)
}

/// It could not be made, mended or removed: tried again later, the later the more often that happened.
///
/// # Errors
/// When the database cannot be written.
pub async fn failed(db: &Db, home: &Home, attempts: u32, problem: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let minutes = FIRST_PAUSE.saturating_mul(1 << attempts.min(8));
    let pause = TimeDelta::minutes(minutes).min(ROTATION);
    let (at, next) = (time_value(now.naive_utc()), time_value((now + pause).naive_utc()));
    let sql =
        "UPDATE `erpnext_github_hook` SET problem = ?, attempts = ?, suspect = 1, checked_at = ?, due_at = ? WHERE home = ?";
    retry_conflicts(|| {
        let params = (
            cut_bytes(problem, PROBLEM),
            attempts + 1,
            at.clone(),
            next.clone(),
            home.key(),
        );
        db.exec(WHAT, sql, params)
    })
    .await
    .map(drop)
}

/// It is gone, and is not wanted.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget(db: &Db, home: &Home) -> Result<(), DbError> {
    let sql = "DELETE FROM `erpnext_github_hook` WHERE home = ?";
    retry_conflicts(|| db.exec(WHAT, sql, (home.key(),))).await.map(drop)
}

/// It is to go, at once.
///
/// # Errors
/// When the database cannot be written.
pub async fn leave(db: &Db, home: &Home, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET attempts = IF(is_leaving = 1, attempts, 0), is_leaving = 1, suspect = 1, due_at = ? WHERE home = ?";
    let at = time_value(now.naive_utc());
    retry_conflicts(|| db.exec(WHAT, sql, (at.clone(), home.key())))
        .await
        .map(drop)
}

/// An integration lets the repository of that number go: what its webhook needs to be removed with is that integration's credential.
pub(in crate::store) async fn let_go(tx: &mut DbConn, repository: &str, integration: &str) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET left_integration = ? WHERE home = CONCAT('repository:', ?)";
    tx.exec(WHAT, sql, (integration, repository)).await.map(drop)
}

/// An integration has the repository of that number from now on: its webhook is that one's.
pub(in crate::store) async fn taken(tx: &mut DbConn, repository: &str) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET left_integration = NULL WHERE home = CONCAT('repository:', ?)";
    tx.exec(WHAT, sql, (repository,)).await.map(drop)
}

/// Switches `manage_webhook` of a Repository; gives whether it was the other way.
///
/// # Errors
/// When the database cannot be written.
pub async fn switch(db: &Db, stamp: &Stamp, repository: &str, on: bool) -> Result<bool, DbError> {
    let sql =
        "UPDATE `tabRepository` SET manage_webhook = ?, modified = ?, modified_by = ? WHERE name = ? AND manage_webhook <> ?";
    let modified = time_value(stamp.local_now());
    let changed = retry_conflicts(|| {
        let params = (on, modified.clone(), stamp.user.as_str(), repository, on);
        db.exec("switching a repository's webhook", sql, params)
    });
    Ok(changed.await? > 0)
}
