//! How far complete walks have come that were cut off, so that the next run goes on where they were.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::{Numbers, id_set};
use crate::frappe::db::{Db, DbError, Value};

use super::cell::{time_of, time_value};

/// A walk that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// GitHub's clock when it began: what changed since then is still to be asked for.
    pub began_at: DateTime<Utc>,
    /// Address of the page that comes next, as GitHub linked it.
    pub next_page: String,
    /// Numbers up to this one were settled by an earlier walk.
    pub settled: u64,
    /// All that came until then could be read and stored.
    pub is_whole: bool,
    /// What was seen until then.
    pub seen: Seen,
}

/// What a walk has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Issues and pull requests.
    Items {
        /// Numbers of issues.
        issues: Numbers,
        /// Numbers of pull requests.
        pull_requests: Numbers,
    },
    /// Ids of what has no numbers.
    Ids(BTreeSet<u64>),
}

/// What stands in the place of pull requests where ids are kept: no set of numbers is written like that.
const IDS: &[u8] = b"ids";

impl Seen {
    fn to_bytes(&self) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::Items { issues, pull_requests } => (issues.to_bytes(), pull_requests.to_bytes()),
            Self::Ids(ids) => (id_set::pack(ids), IDS.to_vec()),
        }
    }

    fn from_bytes(first: &[u8], second: &[u8]) -> Option<Self> {
        if second == IDS {
            return id_set::unpack(first).map(Self::Ids);
        }
        Some(Self::Items {
            issues: Numbers::from_bytes(first)?,
            pull_requests: Numbers::from_bytes(second)?,
        })
    }
}

/// How far the walk through `feed` has come, if one was cut off.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, repository_id: u64, feed: &str) -> Result<Option<CutOff>, DbError> {
    let sql = "SELECT began_at, next_page, settled, is_whole, issues, pull_requests FROM `erpnext_github_walk` WHERE repository_id = ? AND feed = ?";
    let row = db.row("reading how far a walk has come", sql, (repository_id, feed)).await?;
    Ok(row.and_then(|row| {
        let (began_at, next_page, settled, is_whole, issues, pull_requests) =
            <(Value, String, u64, bool, Vec<u8>, Vec<u8>)>::from_row(row);
        Some(CutOff {
            began_at: time_of(&began_at)?.and_utc(),
            next_page,
            settled,
            is_whole,
            seen: Seen::from_bytes(&issues, &pull_requests)?,
        })
    }))
}

/// Notes how far the walk through `feed` has come.
///
/// # Errors
/// When the database cannot be written.
pub async fn keep(db: &Db, repository_id: u64, feed: &str, walk: &CutOff) -> Result<(), DbError> {
    let sql = "INSERT INTO `erpnext_github_walk` (repository_id, feed, began_at, next_page, settled, is_whole, issues, pull_requests) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
               ON DUPLICATE KEY UPDATE began_at = VALUES(began_at), next_page = VALUES(next_page), settled = VALUES(settled), is_whole = VALUES(is_whole), issues = VALUES(issues), \
               pull_requests = VALUES(pull_requests)";
    let (began_at, next_page) = (time_value(walk.began_at.naive_utc()), walk.next_page.as_str());
    let (issues, pulls) = walk.seen.to_bytes();
    db.exec(
        "noting how far a walk has come",
        sql,
        (
            repository_id,
            feed,
            began_at,
            next_page,
            walk.settled,
            walk.is_whole,
            issues,
            pulls,
        ),
    )
    .await
    .map(drop)
}

/// The walk through `feed` has ended, or is begun anew.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget(db: &Db, repository_id: u64, feed: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM `erpnext_github_walk` WHERE repository_id = ? AND feed = ?";
    db.exec("forgetting a walk", sql, (repository_id, feed)).await.map(drop)
}
