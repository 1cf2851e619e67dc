//! Connections that people lend to integrations, each by a call of his own.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbError, Tx, retry_conflicts};

use super::Stamp;
use super::cell::time_value;

const WHAT: &str = "lending a connection with GitHub";

/// Writes down that `user` lends his connection to the integration.
pub(super) async fn note(tx: &mut Tx, integration: &str, user: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "INSERT INTO `erpnext_github_lent` (integration, user, lent_at) VALUES (?, ?, ?) \
               ON DUPLICATE KEY UPDATE user = VALUES(user), lent_at = VALUES(lent_at)";
    tx.exec(WHAT, sql, (integration, user, time_value(now.naive_utc())))
        .await
        .map(drop)
}

/// The integration uses the connection of `stamp.user` from now on, who says so himself. False where there is no such integration.
///
/// # Errors
/// When the database cannot be written.
pub async fn lend(db: &Db, stamp: &Stamp, integration: &str) -> Result<bool, DbError> {
    let user = stamp.user.as_str();
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "SELECT 1 FROM `tabGitHub Integration` WHERE name = ? FOR UPDATE";
        if tx.row(WHAT, sql, (integration,)).await?.is_none() {
            return Ok(false);
        }
        let sql = "UPDATE `tabGitHub Integration` SET connected_user = ?, modified = ?, modified_by = ? WHERE name = ?";
        tx.exec(WHAT, sql, (user, time_value(stamp.local_now()), user, integration))
            .await?;
        note(&mut tx, integration, user, stamp.now).await?;
        tx.commit().await?;
        Ok(true)
    })
    .await
}

/// What `user` lent is his alone again.
pub(super) async fn take_back(tx: &mut Tx, user: &str) -> Result<(), DbError> {
    tx.exec(WHAT, "DELETE FROM `erpnext_github_lent` WHERE user = ?", (user,))
        .await
        .map(drop)
}
