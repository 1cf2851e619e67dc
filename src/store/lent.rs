//! Connections that people lend to integrations, each by a call of his own: to one document, for the account that it is for.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbConn, DbError, Params, Tx, retry_conflicts};

use super::Stamp;
use super::cell::time_value;
use super::upsert::{marks, texts};

const WHAT: &str = "lending a connection with GitHub";

/// For which account an integration `i` is, as a loan names it: GitHub's number and the login, each empty where it is not said. Whoever changes one of
/// them has an integration for which nothing was lent.
const ACCOUNT: &str = "CONCAT(IFNULL(i.account_id, ''), '/', LEFT(IFNULL(i.account_login, ''), 100))";

/// True of a loan `l` to the integration `i` as it stands: the document is the one that it was lent to, names who lent it, and is for the same account.
pub(super) fn is_lent() -> String {
    format!("l.integration = i.name AND l.user = i.connected_user AND l.made_at = i.creation AND l.account = {ACCOUNT}")
}

/// True of a loan `l` that reaches the repository `r`: by GitHub's number of its owner where both are known, else by the login; where the loan names neither,
/// whatever its lender reaches.
pub(super) const REACHES: &str = "(l.account = '/' OR IF(IFNULL(r.owner_id, '') <> '' AND SUBSTRING_INDEX(l.account, '/', 1) <> '', \
                                  r.owner_id = SUBSTRING_INDEX(l.account, '/', 1), \
                                  SUBSTRING_INDEX(r.full_name, '/', 1) = SUBSTRING_INDEX(l.account, '/', -1)))";

/// The account was renamed: what is lent to these integrations is lent for it under its new login, where it was lent as they stood.
pub(super) async fn follow(conn: &mut DbConn, integrations: &[String], (from, to): (&str, &str)) -> Result<(), DbError> {
    let sql = format!(
        "UPDATE `erpnext_github_lent` SET account = CONCAT(SUBSTRING_INDEX(account, '/', 1), '/', LEFT(?, 100)) \
         WHERE SUBSTRING_INDEX(account, '/', -1) = LEFT(?, 100) AND integration IN ({})",
        marks(integrations.len())
    );
    let values = [to, from].into_iter().chain(integrations.iter().map(String::as_str));
    conn.exec(WHAT, &sql, Params::Positional(texts(values))).await.map(drop)
}

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
        let mut was_lent = tx.exec(WHAT, sql, (integration, user)).await? > 0;
        let sql = "UPDATE `tabGitHub Integration` SET connected_user = NULL, modified = ?, modified_by = ? WHERE name = ? AND connected_user = ?";
        // Where it ended before, because GitHub told of a revocation, the document still names him.
        was_lent |= tx.exec(WHAT, sql, (time_value(stamp.local_now()), user, integration, user)).await? > 0;
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
