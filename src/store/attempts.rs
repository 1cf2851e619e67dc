//! When repositories had their turn, or would have had it. A document that GitHub knows no repository for has no id; its name stands in.

use chrono::{DateTime, Utc};

use crate::frappe::db::{Db, DbError};

use super::cell::time_value;
use super::cursors::{self, ITEMS, LEFT};
use super::repositories::Tracked;

/// Notes that a run of a document was begun that GitHub knows no repository for, so that it is not begun again at every look.
///
/// # Errors
/// When the database cannot be written.
pub async fn begun_by_name(db: &Db, name: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    attempt_by_name(db, "name:", name, now).await
}

async fn attempt_by_name(db: &Db, prefix: &str, name: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        "noting an attempt",
        "INSERT INTO `erpnext_github_cursor` (repository_id, entity, attempted_at) VALUES (0, CONCAT(?, LEFT(SHA1(?), 32)), ?) \
         ON DUPLICATE KEY UPDATE attempted_at = VALUES(attempted_at)",
        (prefix, name, time_value(now.naive_utc())),
    )
    .await
    .map(drop)
}

/// Notes that the turn of a document had come, and that it was left: it has its next one before those that were not.
///
/// # Errors
/// When the database cannot be written.
pub async fn leave(db: &Db, tracked: &Tracked, now: DateTime<Utc>) -> Result<(), DbError> {
    match tracked.github_id {
        Some(id) => {
            cursors::attempt(db, id, ITEMS, now).await?;
            cursors::attempt(db, id, LEFT, now).await
        }
        None if tracked.is_stored => {
            attempt_by_name(db, "name:", &tracked.name, now).await?;
            attempt_by_name(db, "left:", &tracked.name, now).await
        }
        None => Ok(()),
    }
}
