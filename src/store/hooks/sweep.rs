//! Which hooks' deliveries are looked through next.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbError, Value, retry_conflicts};
use crate::store::cell::time_value;

use super::row::{Home, HookRow, IS_MANAGED, matching, share_left};

/// Hooks that are not looked through by rotation, in one go.
const AT_ONCE: u64 = 50;

/// What looking through came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Everything delivered before this moment of GitHub's clock was looked through; none where it was not.
    pub until: Option<DateTime<Utc>>,
    /// How the latest delivery was answered.
    pub last_status: Option<u16>,
    /// When to look again.
    pub next: DateTime<Utc>,
    /// That is before its turn in the rotation.
    pub urgent: bool,
}

/// Hooks whose deliveries are to be looked through now: what is urgent, and of the quiet ones this hour's share.
///
/// # Errors
/// When the database cannot be read.
pub async fn sweeps_due(db: &Db, now: DateTime<Utc>) -> Result<Vec<HookRow>, DbError> {
    let is_due = format!("sweep_due_at <= ? AND (hook_id > 0 OR home LIKE 'application:%') AND is_leaving = 0 AND {IS_MANAGED}");
    let urgent = format!("WHERE {is_due} AND urgent = 1 ORDER BY sweep_due_at, home LIMIT {AT_ONCE}");
    let mut rows = matching(db, &urgent, now).await?;
    let left = share_left(db, "swept_at", now).await?;
    if left > 0 {
        let quiet = format!("WHERE {is_due} AND urgent = 0 ORDER BY sweep_due_at, home LIMIT {left}");
        rows.extend(matching(db, &quiet, now).await?);
    }
    Ok(rows)
}

/// Notes that a hook's deliveries were looked through.
///
/// # Errors
/// When the database cannot be written.
pub async fn swept(db: &Db, home: &Home, swept: &Swept, now: DateTime<Utc>) -> Result<(), DbError> {
    let time = |moment: DateTime<Utc>| time_value(moment.naive_utc());
    let sql = "UPDATE `erpnext_github_hook` SET swept_at = ?, swept_until = GREATEST(IFNULL(swept_until, '1970-01-01'), IFNULL(?, IFNULL(swept_until, '1970-01-01'))), \
               last_status = IFNULL(?, last_status), sweep_due_at = ?, urgent = ? WHERE home = ?";
    retry_conflicts(|| {
        let params = (
            time(now),
            swept.until.map_or(Value::NULL, time),
            swept.last_status.map_or(Value::NULL, Value::from),
            time(swept.next),
            swept.urgent,
            home.key(),
        );
        db.exec("noting what was delivered", sql, params)
    })
    .await
    .map(drop)
}
