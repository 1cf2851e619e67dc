//! Connections that people lend to integrations, each by a call of his own: to one document, for the account that it is for.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbError, Tx, retry_conflicts};

use super::Stamp;
use super::cell::time_value;

const WHAT: &str = "lending a connection with GitHub";

/// For which account an integration `i` is, as a loan names it: by GitHub's number, by login where nobody knows that, empty for whatever its credential
/// reaches.
const ACCOUNT: &str = "CASE WHEN IFNULL(i.account_id, '') <> '' THEN CONCAT('id ', i.account_id) \
                       WHEN IFNULL(i.account_login, '') <> '' THEN CONCAT('login ', i.account_login) ELSE '' END";

/// True of a loan `l` to the integration `i` as it stands: the document is the one that it was lent to, names who lent it, and is for the same account.
pub(super) fn is_lent() -> String {
    format!("l.integration = i.name AND l.user = i.connected_user AND l.made_at = i.creation AND l.account = {ACCOUNT}")
}

/// True of a loan `l` that reaches the repository `r`. Whose repository that is may not be known yet but by its name.
pub(super) const REACHES: &str = "(l.account IN ('', CONCAT('id ', r.owner_id), CONCAT('login ', SUBSTRING_INDEX(r.full_name, '/', 1))) \
                                  OR (IFNULL(r.owner_id, '') = '' AND SUBSTRING_INDEX(r.full_name, '/', 1) = i.account_login))";

/// Writes down that `user` lends his connection to the integration.
pub(super) async fn note(tx: &mut Tx, integration: &str, user: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = format!(
        "INSERT INTO `erpnext_github_lent` (integration, user, lent_at, made_at, account) \
         SELECT i.name, ?, ?, i.creation, {ACCOUNT} FROM `tabGitHub Integration` i WHERE i.name = ? \
         ON DUPLICATE KEY UPDATE user = VALUES(user), lent_at = VALUES(lent_at), made_at = VALUES(made_at), account = VALUES(account)"
    );
    tx.exec(WHAT, &sql, (user, time_value(now.naive_utc()), integration))
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

/// What `user` lent to this integration is his alone again. False where he lent it nothing.
///
/// # Errors
/// When the database cannot be written.
pub async fn take_back_from(db: &Db, stamp: &Stamp, integration: &str) -> Result<bool, DbError> {
    let user = stamp.user.as_str();
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "DELETE FROM `erpnext_github_lent` WHERE integration = ? AND user = ?";
        let was_lent = tx.exec(WHAT, sql, (integration, user)).await? > 0;
        let sql = "UPDATE `tabGitHub Integration` SET connected_user = NULL, modified = ?, modified_by = ? WHERE name = ? AND connected_user = ?";
        tx.exec(WHAT, sql, (time_value(stamp.local_now()), user, integration, user)).await?;
        tx.commit().await?;
        Ok(was_lent)
    })
    .await
}

/// What `user` lent is his alone again.
pub(super) async fn take_back(tx: &mut Tx, user: &str) -> Result<(), DbError> {
    tx.exec(WHAT, "DELETE FROM `erpnext_github_lent` WHERE user = ?", (user,))
        .await
        .map(drop)
}
