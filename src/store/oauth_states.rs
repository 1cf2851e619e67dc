//! Ways to GitHub and back that are under way: each good for one use, by one user in one session, until it ends.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Value, retry_conflicts};

use super::cell::{time_of, time_value};

/// How long one that ended is kept: who comes back by it is told that he was away for too long.
const KEPT: TimeDelta = TimeDelta::days(1);
/// Ways of one user that may be under way: an open tab each. Those that end first give way.
const AT_A_TIME: usize = 20;

const WHAT: &str = "noting that somebody goes to GitHub";

/// A way that begins.
#[derive(Debug)]
pub struct NewState<'a> {
    /// Hash of the state, which tells it from others.
    pub state_hash: &'a str,
    /// Whose it is.
    pub user: &'a str,
    /// Hash of his session.
    pub session_hash: &'a str,
    /// What it is for.
    pub purpose: &'a str,
    /// The place in the desk that he is sent to in the end.
    pub back_to: &'a str,
    /// Where GitHub sends him.
    pub redirect_uri: &'a str,
    /// The verifier, sealed.
    pub verifier: &'a [u8],
    /// How long he may be away.
    pub lasts: TimeDelta,
}

/// A way that was begun, and is used up now.
#[derive(Debug)]
pub struct UsedState {
    /// Whose it is.
    pub user: String,
    /// Hash of his session.
    pub session_hash: String,
    /// What it is for.
    pub purpose: String,
    /// The place in the desk that he is sent to in the end.
    pub back_to: String,
    /// Where GitHub sent him.
    pub redirect_uri: String,
    /// The verifier, sealed.
    pub verifier: Vec<u8>,
    /// When it ends, or ended.
    pub ends_at: DateTime<Utc>,
}

/// Notes a way that begins now, and forgets those that ended a day ago.
///
/// # Errors
/// When the database cannot be written.
pub async fn begin(db: &Db, new: &NewState<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        WHAT,
        "DELETE FROM `erpnext_github_oauth_state` WHERE ends_at < ?",
        (time_value((now - KEPT).naive_utc()),),
    )
    .await?;
    let by_end = "SELECT state_hash FROM `erpnext_github_oauth_state` WHERE user = ? ORDER BY ends_at DESC";
    let rows = db.rows(WHAT, by_end, (new.user,)).await?;
    for row in rows.into_iter().skip(AT_A_TIME - 1) {
        let sql = "DELETE FROM `erpnext_github_oauth_state` WHERE state_hash = ?";
        db.exec(WHAT, sql, (<(String,)>::from_row(row).0,)).await?;
    }
    db.exec(
        WHAT,
        "INSERT INTO `erpnext_github_oauth_state` (state_hash, user, session_hash, purpose, back_to, redirect_uri, verifier, ends_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.state_hash,
            new.user,
            new.session_hash,
            new.purpose,
            new.back_to,
            new.redirect_uri,
            new.verifier,
            time_value((now + new.lasts).naive_utc()),
        ),
    )
    .await
    .map(drop)
}

/// Uses a way up; none where it was used before, has been forgotten, or never was. Whoever is told of it is the only one: the DELETE
/// decides, also between servers of a cluster, where one of two is undone at its commit. Whether he may use it is the caller's to judge.
///
/// # Errors
/// When the database cannot be written.
pub async fn take(db: &Db, state_hash: &str) -> Result<Option<UsedState>, DbError> {
    retry_conflicts(|| once(db, state_hash)).await
}

async fn once(db: &Db, state_hash: &str) -> Result<Option<UsedState>, DbError> {
    const WHAT: &str = "looking who comes back from GitHub";
    let mut tx = db.begin().await?;
    let sql = "SELECT user, session_hash, purpose, back_to, redirect_uri, verifier, ends_at FROM `erpnext_github_oauth_state` \
               WHERE state_hash = ?";
    let found = tx.row(WHAT, sql, (state_hash,)).await?;
    let sql = "DELETE FROM `erpnext_github_oauth_state` WHERE state_hash = ?";
    let deleted = tx.exec(WHAT, sql, (state_hash,)).await?;
    tx.commit().await?;
    Ok(found.filter(|_| deleted == 1).map(|row| {
        let (user, session_hash, purpose, back_to, redirect_uri, verifier, ends_at) = Fields::from_row(row);
        UsedState {
            user,
            session_hash,
            purpose,
            back_to,
            redirect_uri,
            verifier,
            ends_at: time_of(&ends_at).unwrap_or_default().and_utc(),
        }
    }))
}

/// User, session, purpose, place, address, verifier, end.
type Fields = (String, String, String, String, String, Vec<u8>, Value);
