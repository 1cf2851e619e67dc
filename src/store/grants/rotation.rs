//! New tokens for old ones: that it is under way, and how it ended. Every statement names the pair that it is about.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbConn, DbError, Params, Value, retry_conflicts};
use crate::store::Lease;
use crate::store::cell::time_value;
use crate::store::lent;

use super::{SealedPair, Standing};

/// Notes that GitHub is asked for what follows the pair `pair`, as long as the lease is ours. False where that is not the pair any more:
/// then nobody may ask.
///
/// # Errors
/// When the database cannot be written; [`DbError::Fenced`] where another process has the lease.
pub async fn begin_rotation(db: &Db, lease: &Lease, user: &str, pair: u64, now: DateTime<Utc>) -> Result<bool, DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        lease.hold(&mut tx).await?;
        let sql = "SELECT 1 FROM `erpnext_github_grant` WHERE user = ? AND pair = ? AND status = 'active' FOR UPDATE";
        let is_there = tx.row(WHAT, sql, (user, pair)).await?.is_some();
        if is_there {
            let sql = "UPDATE `erpnext_github_grant` SET rotating_since = ? WHERE user = ?";
            tx.exec(WHAT, sql, (time_value(now.naive_utc()), user)).await?;
        }
        tx.commit().await?;
        Ok(is_there)
    })
    .await
}

const WHAT: &str = "renewing a connection with GitHub";

/// Stores what followed the pair `pair`, in one statement. GitHub gave it for that pair alone, so that it counts whoever has the lease by now, and
/// also where somebody who did not hear of it called the connection lost. False where it was taken back or replaced meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub async fn renew(db: &Db, user: &str, pair: u64, new: &SealedPair) -> Result<bool, DbError> {
    let sql = "UPDATE `erpnext_github_grant` SET pair = ?, access_token = ?, access_ends_at = ?, refresh_token = ?, refresh_ends_at = ?, \
               rotating_since = NULL, status = 'active' \
               WHERE user = ? AND pair = ? AND status IN ('active', 'lost')";
    let mut values = vec![Value::UInt(new.number)];
    values.extend(new.values());
    values.extend([Value::from(user), Value::UInt(pair)]);
    let db = db.unfenced();
    let done = retry_conflicts(|| async {
        let changed = db.exec(WHAT, sql, Params::Positional(values.clone())).await?;
        if changed > 0 {
            return Ok(true);
        }
        // An answer of the server that got lost: it may have been done by the attempt before.
        let sql = "SELECT 1 FROM `erpnext_github_grant` WHERE user = ? AND pair = ?";
        Ok(db.row(WHAT, sql, (user, new.number)).await?.is_some())
    });
    done.await
}

/// Notes that nobody asks any more, and that the pair `pair` is what it was.
///
/// # Errors
/// When the database cannot be written.
pub async fn end_rotation(db: &Db, user: &str, pair: u64) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_grant` SET rotating_since = NULL WHERE user = ? AND pair = ?";
    db.exec(WHAT, sql, (user, pair)).await.map(drop)
}

/// Notes that the pair `pair` is spent and nothing came for it.
///
/// # Errors
/// When the database cannot be written.
pub async fn lose(db: &Db, user: &str, pair: u64, now: DateTime<Utc>) -> Result<(), DbError> {
    retry_conflicts(|| async {
        end_pair(&mut db.conn().await?, (user, pair), Standing::Lost, now)
            .await
            .map(drop)
    })
    .await
}

/// Notes that GitHub does not know the pair `pair`, which does not end by itself: it was taken back.
///
/// # Errors
/// When the database cannot be written.
pub async fn revoke_pair(db: &Db, user: &str, pair: u64, now: DateTime<Utc>) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        if end_pair(&mut tx, (user, pair), Standing::Revoked, now).await? {
            lent::take_back(&mut tx, user).await?;
        }
        tx.commit().await
    })
    .await
}

/// True where the pair was in use. Of one that got lost it stays noted when it was made: GitHub may tell later that it was taken back, and what was lent goes
/// with that.
async fn end_pair(conn: &mut DbConn, whose: (&str, u64), standing: Standing, now: DateTime<Utc>) -> Result<bool, DbError> {
    let is_lost = standing == Standing::Lost;
    let sql = "UPDATE `erpnext_github_grant` SET status = ?, since = IF(?, since, ?), access_token = NULL, access_ends_at = NULL, refresh_token = NULL, \
               refresh_ends_at = NULL, rotating_since = NULL WHERE user = ? AND pair = ? AND status = 'active'";
    let params = (standing.as_str(), is_lost, time_value(now.naive_utc()), whose.0, whose.1);
    Ok(conn.exec(WHAT, sql, params).await? > 0)
}
