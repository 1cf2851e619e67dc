//! Writes to ERPNext that wait for its bench: what was asked, by whom, and what became of it. Times are UTC.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::text::{cut_bytes, cut_chars};
use crate::frappe::db::{Db, DbError, Refusal, Value};

use super::cell::{time_of, time_value};

/// Bytes of a reason that are kept.
const REASON: usize = 60_000;
/// A document's name.
const RESULT: usize = 140;
/// Rows that are looked at in one go.
const BATCH: u32 = 50;
/// How long what was settled is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A write that is to wait.
#[derive(Debug, Clone)]
pub struct ToWait<'a> {
    /// What it makes, in one short text: the same thing waits once.
    pub wanted: &'a str,
    /// Who asked for it.
    pub user: &'a str,
    /// He showed a key or token, no session.
    pub by_key: bool,
    /// What he asked for.
    pub request: &'a str,
    /// Why it was not done at once.
    pub reason: &'a str,
    /// When it may be tried next.
    pub due_at: DateTime<Utc>,
}

/// A write that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Number of the row.
    pub id: u64,
    /// What it makes.
    pub wanted: String,
    /// Who asked for it.
    pub user: String,
    /// He showed a key or token, no session.
    pub by_key: bool,
    /// What he asked for.
    pub request: String,
    /// Why it waits still.
    pub reason: String,
    /// How often it was tried since.
    pub attempts: u32,
    /// When it was asked for.
    pub made_at: DateTime<Utc>,
    /// When it may be tried next.
    pub due_at: DateTime<Utc>,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled<'a> {
    /// Done: the document of this name is there.
    Done(&'a str),
    /// Given up.
    Failed(&'a str),
}

const OPEN: &str = "SELECT id, IFNULL(wanted, ''), user, by_key, request, IFNULL(reason, ''), attempts, made_at, due_at \
                    FROM `erpnext_github_waiting_write`";

/// Lets a write wait. Where the same thing waits already, that row is left as it is, but never tried before `due_at`.
///
/// # Errors
/// When the database cannot be written.
pub async fn put(db: &Db, write: &ToWait<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        "letting a write wait",
        "INSERT INTO `erpnext_github_waiting_write` (wanted, user, by_key, request, status, reason, made_at, due_at) \
         VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?) ON DUPLICATE KEY UPDATE due_at = GREATEST(due_at, VALUES(due_at))",
        (
            write.wanted,
            write.user,
            write.by_key,
            write.request,
            cut_bytes(write.reason, REASON),
            time_value(now.naive_utc()),
            time_value(write.due_at.naive_utc()),
        ),
    )
    .await
    .map(drop)
}

/// The write that waits for this, if one does.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(db: &Db, wanted: &str) -> Result<Option<Waiting>, DbError> {
    let row = db
        .row("looking for a waiting write", &format!("{OPEN} WHERE wanted = ?"), (wanted,))
        .await?;
    Ok(row.map(waiting))
}

/// Writes that may be tried now, the oldest first, some at a time.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(db: &Db, now: DateTime<Utc>) -> Result<Vec<Waiting>, DbError> {
    let sql = format!("{OPEN} WHERE status = 'waiting' AND due_at <= ? ORDER BY id LIMIT {BATCH}");
    let rows = db.rows("listing waiting writes", &sql, (time_value(now.naive_utc()),)).await;
    match rows {
        // Not installed: nothing waits.
        Err(error) if error.refusal() == Some(Refusal::Missing) => Ok(Vec::new()),
        rows => Ok(rows?.into_iter().map(waiting).collect()),
    }
}

/// Puts a write off.
///
/// # Errors
/// When the database cannot be written.
pub async fn put_off(db: &Db, id: u64, reason: &str, due_at: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        "putting a write off",
        "UPDATE `erpnext_github_waiting_write` SET attempts = attempts + 1, reason = ?, due_at = ? WHERE id = ? AND status = 'waiting'",
        (cut_bytes(reason, REASON), time_value(due_at.naive_utc()), id),
    )
    .await
    .map(drop)
}

/// Ends a write; true when it was open.
///
/// # Errors
/// When the database cannot be written.
pub async fn settle(db: &Db, id: u64, settled: Settled<'_>, now: DateTime<Utc>) -> Result<bool, DbError> {
    let (status, result, reason) = match settled {
        Settled::Done(name) => ("done", cut_chars(name, RESULT), ""),
        Settled::Failed(reason) => ("failed", "", cut_bytes(reason, REASON)),
    };
    let changed = db
        .exec(
            "settling a write",
            "UPDATE `erpnext_github_waiting_write` SET status = ?, wanted = NULL, result = NULLIF(?, ''), \
             reason = IF(? = '', reason, ?), settled_at = ? WHERE id = ? AND status = 'waiting'",
            (status, result, reason, reason, time_value(now.naive_utc()), id),
        )
        .await?;
    Ok(changed > 0)
}

/// Removes what was settled long ago; gives the number of rows.
///
/// # Errors
/// When the database cannot be written.
pub async fn prune(db: &Db, now: DateTime<Utc>) -> Result<u64, DbError> {
    db.exec(
        "removing settled writes",
        "DELETE FROM `erpnext_github_waiting_write` WHERE settled_at < ?",
        (time_value((now - KEPT).naive_utc()),),
    )
    .await
}

/// Number, what, who, by key, request, reason, attempts, made, due.
type Fields = (u64, String, String, bool, String, String, u32, Value, Value);

fn waiting(row: crate::frappe::db::Row) -> Waiting {
    let (id, wanted, user, by_key, request, reason, attempts, made_at, due_at) = Fields::from_row(row);
    let utc = |value: &Value| time_of(value).unwrap_or_default().and_utc();
    Waiting {
        id,
        wanted,
        user,
        by_key,
        request,
        reason,
        attempts,
        made_at: utc(&made_at),
        due_at: utc(&due_at),
    }
}
