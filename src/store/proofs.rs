//! When repositories were last proven to be in step with GitHub, what GitHub said of them then, and what was found to be missed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{self, Db, DbError, Value};

use super::cell::{time_of, time_value};
use super::cursors::{ITEMS, PULL_REQUESTS};
use super::upsert::Upsert;

/// Which repositories are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All that are followed and were synced.
    All,
    /// Those that were put off until now.
    PutOff(DateTime<Utc>),
}

/// A repository whose state can be compared with GitHub's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Numeric id on GitHub.
    pub id: u64,
    /// Name of the document.
    pub name: String,
    /// Node id.
    pub node_id: String,
    /// What GitHub said when it was proven to be in step; none if it never was.
    pub seen: Option<String>,
    /// How often a difference was left to deliveries that may be on their way.
    pub put_off: u32,
    /// Where the last sync was whole: everything that changed before this moment of GitHub's clock is here.
    pub whole_at: Option<DateTime<Utc>>,
}

/// Repositories that are followed, not gone, and were synced once, in the order of their ids.
///
/// # Errors
/// When the database cannot be read.
pub async fn candidates(db: &Db, which: Which) -> Result<Vec<Candidate>, DbError> {
    let (condition, before) = match which {
        Which::All => ("? IS NULL", Value::NULL),
        Which::PutOff(now) => ("p.due_at <= ?", time_value(now.naive_utc())),
    };
    let sql = format!(
        "SELECT CAST(r.github_id AS UNSIGNED) AS id, r.name, r.node_id, p.seen, IFNULL(p.put_off, 0), \
         IF(IFNULL(r.last_sync_error, '') = '', MAX(c.cursor_at), NULL) FROM `tabRepository` r \
         JOIN `erpnext_github_cursor` c ON c.repository_id = CAST(r.github_id AS UNSIGNED) \
         AND c.entity IN (?, ?) AND c.cursor_at IS NOT NULL \
         LEFT JOIN `erpnext_github_proof` p ON p.repository_id = CAST(r.github_id AS UNSIGNED) \
         WHERE r.enabled = 1 AND r.deleted_on_github = 0 AND IFNULL(r.github_id, '') <> '' AND IFNULL(r.node_id, '') <> '' AND {condition} \
         GROUP BY r.name, r.github_id, r.node_id, r.last_sync_error, p.seen, p.put_off ORDER BY id"
    );
    let params = (ITEMS, PULL_REQUESTS, before);
    let rows = db.rows("listing what is to be proven", &sql, params).await?;
    let of = |row| {
        let (id, name, node_id, seen, put_off, whole_at) = <(u64, String, String, Option<String>, u32, Value)>::from_row(row);
        Candidate {
            id,
            name,
            node_id,
            seen,
            put_off,
            whole_at: time_of(&whole_at).map(|naive| naive.and_utc()),
        }
    };
    Ok(rows.into_iter().map(of).collect())
}

/// Which repositories have deliveries, or what deliveries told of, that are still to be worked on.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting(db: &Db, now: DateTime<Utc>) -> Result<BTreeSet<u64>, DbError> {
    let sql = "SELECT DISTINCT CAST(repository_id AS UNSIGNED) FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing') \
               AND IFNULL(repository_id, '') <> '' UNION SELECT repository_id FROM `erpnext_github_refresh` WHERE due_at <= ?";
    let rows = db
        .rows("looking for deliveries that wait", sql, (time_value(now.naive_utc()),))
        .await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// True when one that was put off is to be looked at.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_due(db: &Db, now: DateTime<Utc>) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `erpnext_github_proof` WHERE due_at <= ? LIMIT 1";
    let row = db
        .row("looking for what was put off", sql, (time_value(now.naive_utc()),))
        .await?;
    Ok(row.is_some())
}

/// Notes that repositories, by id, are in step while GitHub says `seen` of them.
///
/// # Errors
/// When the database cannot be written.
pub async fn prove(db: &Db, proven: &[(u64, String)], now: DateTime<Utc>) -> Result<(), DbError> {
    let row = |(id, seen): &(u64, String)| {
        vec![
            Value::UInt(*id),
            Value::from(seen.as_str()),
            time_value(now.naive_utc()),
            Value::NULL,
            Value::Int(0),
        ]
    };
    let columns = ["repository_id", "seen", "proven_at", "due_at", "put_off"];
    let upsert = Upsert {
        what: "noting what is in step",
        table: "erpnext_github_proof",
        columns: &columns,
        updated: &columns[1..],
    };
    let mut tx = db.begin().await?;
    upsert.write(&mut tx, proven.iter().map(row).collect()).await?;
    tx.commit().await
}

/// Has a repository looked at again at `until`.
///
/// # Errors
/// When the database cannot be written.
pub async fn put_off(db: &Db, id: u64, until: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        "putting a comparison off",
        "INSERT INTO `erpnext_github_proof` (repository_id, due_at, put_off) VALUES (?, ?, 1) \
         ON DUPLICATE KEY UPDATE due_at = VALUES(due_at), put_off = put_off + 1",
        (id, time_value(until.naive_utc())),
    )
    .await
    .map(drop)
}

/// Has everything that was put off until `now` looked at again at `until`, unless something else is noted meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub async fn delay(db: &Db, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        "putting comparisons off",
        "UPDATE `erpnext_github_proof` SET due_at = ? WHERE due_at <= ?",
        (time_value(until.naive_utc()), time_value(now.naive_utc())),
    )
    .await
    .map(drop)
}

/// Leaves a repository to the next round.
///
/// # Errors
/// When the database cannot be written.
pub async fn leave(db: &Db, id: u64) -> Result<(), DbError> {
    db.exec(
        "ending a comparison",
        "UPDATE `erpnext_github_proof` SET due_at = NULL, put_off = 0 WHERE repository_id = ?",
        (id,),
    )
    .await
    .map(drop)
}

/// Ids of the repositories that were proven to be in step between two moments, and whose last sync was whole.
///
/// # Errors
/// When the database cannot be read.
pub async fn proven_since(db: &Db, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<BTreeSet<u64>, DbError> {
    let sql = "SELECT p.repository_id FROM `erpnext_github_proof` p JOIN `tabRepository` r ON CAST(r.github_id AS UNSIGNED) = p.repository_id \
               WHERE p.proven_at BETWEEN ? AND ? AND p.due_at IS NULL AND IFNULL(r.last_sync_error, '') = ''";
    let rows = db
        .rows(
            "listing what is in step",
            sql,
            (time_value(since.naive_utc()), time_value(now.naive_utc())),
        )
        .await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// When each repository, by id, was walked through completely last.
///
/// # Errors
/// When the database cannot be read.
pub async fn walked(db: &Db) -> Result<BTreeMap<u64, DateTime<Utc>>, DbError> {
    let sql = "SELECT repository_id, MAX(walked_at) FROM `erpnext_github_cursor` WHERE entity IN (?, ?) \
               AND walked_at IS NOT NULL GROUP BY repository_id";
    let rows = db.rows("listing complete walks", sql, (ITEMS, PULL_REQUESTS)).await?;
    let of = |row| {
        let mut values = db::values(row).into_iter();
        let id = mysql_async::from_value_opt(values.next()?).ok()?;
        Some((id, time_of(&values.next()?)?.and_utc()))
    };
    Ok(rows.into_iter().filter_map(of).collect())
}
