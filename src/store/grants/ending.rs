//! The end of connections: by their user, by GitHub, and because their user left or is another account.

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, retry_conflicts};
use crate::store::cell::time_value;
use crate::store::lent;

use super::{GrantRow, SELECT, grant, names};

const WHAT: &str = "ending a connection with GitHub";

/// What was there, and is not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone(pub GrantRow);

/// Removes the connection of `user` with its tokens, and takes back what he lent; none where he had none. Where the number of a pair of tokens is said,
/// only the one with that: what he connected since stays.
///
/// # Errors
/// When the database cannot be written.
pub async fn disconnect(db: &Db, user: &str, pair: Option<u64>) -> Result<Option<Gone>, DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let row = tx
            .row(
                WHAT,
                &format!("{SELECT} WHERE g.user = ? AND (? IS NULL OR g.pair = ?) FOR UPDATE"),
                (user, pair, pair),
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let sql = "DELETE FROM `erpnext_github_grant` WHERE user = ?";
        tx.exec(WHAT, sql, (user,)).await?;
        lent::take_back(&mut tx, user).await?;
        tx.commit().await?;
        Ok(Some(Gone(grant(row))))
    })
    .await
}

/// Takes the tokens of the account with that number away, because it took back on GitHub what it had authorised, which we were told at
/// `told_at`; gives whose they were. A connection that was made since, or was taken back before, is left alone.
///
/// # Errors
/// When the database cannot be written.
pub async fn revoke(db: &Db, github_id: u64, told_at: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    retry_conflicts(|| async {
        let told_at = time_value(told_at.naive_utc());
        let mut tx = db.begin().await?;
        let sql = "SELECT user FROM `erpnext_github_grant` WHERE github_id = ? AND status <> 'revoked' AND since <= ? FOR UPDATE";
        let users = names(tx.rows(WHAT, sql, (github_id, &told_at)).await?);
        if !users.is_empty() {
            let sql = "UPDATE `erpnext_github_grant` SET status = 'revoked', since = ?, access_token = NULL, access_ends_at = NULL, \
                       refresh_token = NULL, refresh_ends_at = NULL, rotating_since = NULL WHERE github_id = ?";
            tx.exec(WHAT, sql, (&told_at, github_id)).await?;
        }
        // Who connected again before we heard of it has not lent it again, either.
        let sql = "DELETE l FROM `erpnext_github_lent` l JOIN `erpnext_github_grant` g ON g.user = l.user WHERE g.github_id = ? AND l.lent_at <= ?";
        tx.exec(WHAT, sql, (github_id, &told_at)).await?;
        // Who connects again, to press buttons, has not lent it again.
        for user in &users {
            lent::take_back(&mut tx, user).await?;
        }
        tx.commit().await?;
        Ok(users)
    })
    .await
}

/// Users whose connections are nobody's any more, each with the number of his pair of tokens: who cannot sign in, being disabled or not there, and whose User does not say any more that
/// he is that account. Where Frappe wrote an old copy of a User back, which is mended soon, his connection is left alone.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_people_who_left(db: &Db) -> Result<Vec<(String, u64)>, DbError> {
    let sql = "SELECT g.user, g.pair FROM `erpnext_github_grant` g LEFT JOIN `tabUser` u ON u.name = g.user AND u.enabled = 1 \
               WHERE u.name IS NULL OR (IFNULL(CAST(u.github_user_id AS UNSIGNED), 0) <> g.github_id \
               AND NOT EXISTS (SELECT 1 FROM `erpnext_github_watched_row` w WHERE w.doctype = 'User' AND w.name = g.user \
               AND CAST(u.modified AS CHAR) <= JSON_UNQUOTE(JSON_EXTRACT(w.written, '$.modified')))) ORDER BY g.user";
    Ok(db.rows(WHAT, sql, ()).await?.into_iter().map(FromRow::from_row).collect())
}
