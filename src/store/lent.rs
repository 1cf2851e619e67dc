//! Connections that people lend to integrations, each by a call of his own.
//!
//! What is lent is lent to one document, which is known by its creation: Frappe fills that, and changes it never. One that is made under the name of a
//! deleted one has another.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbError, Tx, retry_conflicts};

use super::Stamp;
use super::cell::time_value;

const WHAT: &str = "lending a connection with GitHub";

/// True of a row `l` of what is lent, where its user lends his connection to the integration `i`, which names him.
pub(super) const IS_LENT: &str = "l.integration = i.name AND l.user = i.connected_user AND l.integration_creation = i.creation";

/// Writes down that `user` lends his connection to the integration, which is there.
pub(super) async fn note(tx: &mut Tx, integration: &str, user: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "INSERT INTO `erpnext_github_lent` (integration, user, lent_at, integration_creation) \
               SELECT name, ?, ?, creation FROM `tabGitHub Integration` WHERE name = ? \
               ON DUPLICATE KEY UPDATE user = VALUES(user), lent_at = VALUES(lent_at), integration_creation = VALUES(integration_creation)";
    tx.exec(WHAT, sql, (user, time_value(now.naive_utc()), integration))
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
