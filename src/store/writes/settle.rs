//! Writing down what became of a write.

use chrono::{DateTime, Utc};

use crate::frappe::db::{self, Db, DbError, Params, Value, retry_conflicts};
use crate::store::cell::time_value;
use crate::store::stamp::{Stamp, kept};
use crate::store::upsert::{marks, texts};

const WHAT: &str = "noting what became of a write";

/// What GitHub has now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Landed<'a> {
    /// Number of the issue or pull request.
    pub number: Option<u64>,
    /// Its page.
    pub url: Option<&'a str>,
}

/// GitHub has done it. That holds against whatever was concluded meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub async fn done(db: &Db, stamp: &Stamp, name: &str, landed: Landed<'_>) -> Result<(), DbError> {
    let now = time_value(stamp.local_now());
    let url: String = landed.url.unwrap_or_default().chars().take(500).collect();
    let params = || {
        let mut params = vec![now.clone(), now.clone(), Value::UInt(landed.number.unwrap_or_default())];
        params.extend(texts([url.as_str(), name]));
        Params::Positional(params)
    };
    let sql = "UPDATE `tabGitHub Write` SET status = 'done', _claim = NULL, reason = NULL, settled_at = ?, modified = ?, \
               number = GREATEST(number, ?), url = NULLIF(?, '') WHERE name = ?";
    retry_conflicts(|| db.exec(WHAT, sql, params())).await.map(drop)
}

/// GitHub has not done it.
///
/// # Errors
/// When the database cannot be written.
pub async fn failed(db: &Db, stamp: &Stamp, name: &str, reason: &str) -> Result<(), DbError> {
    end(db, stamp, name, "failed", reason).await
}

/// Nobody can tell. The claim stays.
///
/// # Errors
/// When the database cannot be written.
pub async fn unknown(db: &Db, stamp: &Stamp, name: &str, reason: &str) -> Result<(), DbError> {
    end(db, stamp, name, "unknown", reason).await
}

async fn end(db: &Db, stamp: &Stamp, name: &str, status: &'static str, reason: &str) -> Result<(), DbError> {
    let now = time_value(stamp.local_now());
    let params = || {
        let mut params = texts([status, status]);
        params.extend([now.clone(), now.clone()]);
        params.extend(texts([reason, name]));
        Params::Positional(params)
    };
    let sql = "UPDATE `tabGitHub Write` SET _claim = IF(? = 'unknown', _claim, NULL), status = ?, settled_at = ?, modified = ?, reason = ? \
               WHERE name = ? AND status IN ('waiting', 'sending', 'unknown')";
    retry_conflicts(|| db.exec(WHAT, sql, params())).await.map(drop)
}

/// What GitHub answered is stored.
///
/// # Errors
/// When the database cannot be written.
pub async fn mirrored(db: &Db, name: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub Write` SET mirrored = 1 WHERE name = ?";
    retry_conflicts(|| db.exec(WHAT, sql, (name,))).await.map(drop)
}

/// Looks at a row by itself not before `at` again.
///
/// # Errors
/// When the database cannot be written.
pub async fn look_later(db: &Db, name: &str, at: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub Write` SET _not_before = ? WHERE name = ?";
    retry_conflicts(|| db.exec(WHAT, sql, (time_value(at.naive_utc()), name)))
        .await
        .map(drop)
}

/// Removes settled rows older than `days` days; gives how many. What is not settled stays.
///
/// # Errors
/// When the database cannot be written.
pub async fn prune(db: &Db, stamp: &Stamp, days: u32) -> Result<u64, DbError> {
    const WHAT: &str = "removing old writes";
    let before = time_value((stamp.now - kept(days)).naive_utc());
    let old = "SELECT name FROM `tabGitHub Write` WHERE _sent_at < ? AND status IN ('done', 'failed') LIMIT 500";
    let mut removed = 0;
    loop {
        let rows = db.rows(WHAT, old, (before.clone(),)).await?;
        if rows.is_empty() {
            return Ok(removed);
        }
        let names: Vec<Value> = rows.into_iter().flat_map(db::values).collect();
        let sql = format!("DELETE FROM `tabGitHub Write` WHERE name IN ({})", marks(names.len()));
        removed += db.exec(WHAT, &sql, Params::Positional(names)).await?;
    }
}
