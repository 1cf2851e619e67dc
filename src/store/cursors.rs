//! How far each repository has been followed, in GitHub's own time.

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Params, Value};

use super::cell::{time_of, time_value};

/// What is known of one feed of one repository. All times are UTC; a row is one (repository, entity).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Everything that changed before this moment of GitHub's clock is here.
    pub cursor_at: Option<DateTime<Utc>>,
    /// When the last complete walk ended well; only such a walk may find that something is gone.
    pub walked_at: Option<DateTime<Utc>>,
    /// When a run was begun last, well or not.
    pub attempted_at: Option<DateTime<Utc>>,
    /// Where the last good read can be known again: the tag of the first page, or the hash of the newest commit.
    pub etag: Option<String>,
}

/// Name under which the feed of issues and pull requests is kept, and every attempt of the repository.
pub const ITEMS: &str = "items";

/// Name under which is kept when the turn of a repository had come and it was left.
pub const LEFT: &str = "left";

/// Name under which the list of pull requests is kept, where issues are switched off. The cursor of [`ITEMS`] stays where it was,
/// so that nothing is passed over when they are switched on again.
pub const PULL_REQUESTS: &str = "pull_requests";

/// Name under which is kept from which moment on the feed of issues and pull requests was asked for last, and the tag of that answer. The
/// address of a question that costs nothing must be the one of before, so that this moment stays while the cursor of [`ITEMS`] goes on. With a
/// tag and without a moment, all of it was asked for.
pub const ASKED_SINCE: &str = "items:since";

/// Name under which the tag of the pull requests that changed last is kept, where issues are switched off.
pub const NEWEST_PULLS: &str = "pull_requests:newest";

/// Reads a cursor; an empty one where there is none.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, repository_id: u64, entity: &str) -> Result<Cursor, DbError> {
    let row = db
        .row(
            "reading a cursor",
            "SELECT cursor_at, walked_at, attempted_at, etag FROM `erpnext_github_cursor` WHERE repository_id = ? AND entity = ?",
            (repository_id, entity),
        )
        .await?;
    let Some(row) = row else { return Ok(Cursor::default()) };
    let (cursor_at, walked_at, attempted_at, etag) = <(Value, Value, Value, Option<String>)>::from_row(row);
    let utc = |value: &Value| time_of(value).map(|naive| naive.and_utc());
    Ok(Cursor {
        cursor_at: utc(&cursor_at),
        walked_at: utc(&walked_at),
        attempted_at: utc(&attempted_at),
        etag,
    })
}

/// Notes that a run has been begun, so that the schedule does not begin it again at once.
///
/// # Errors
/// When the database cannot be written.
pub async fn attempt(db: &Db, repository_id: u64, entity: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let now = time_value(now.naive_utc());
    db.exec(
        "noting an attempt",
        "INSERT INTO `erpnext_github_cursor` (repository_id, entity, attempted_at) VALUES (?, ?, ?) \
         ON DUPLICATE KEY UPDATE attempted_at = VALUES(attempted_at)",
        (repository_id, entity, now),
    )
    .await
    .map(drop)
}

/// Notes the same of many repositories, a few hundred a statement.
///
/// # Errors
/// When the database cannot be written.
pub async fn attempt_all(db: &Db, repository_ids: &[u64], entity: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let now = time_value(now.naive_utc());
    for some in repository_ids.chunks(500) {
        let rows = vec!["(?, ?, ?)"; some.len()].join(", ");
        let values = some
            .iter()
            .flat_map(|id| [Value::UInt(*id), entity.into(), now.clone()])
            .collect();
        let sql = format!(
            "INSERT INTO `erpnext_github_cursor` (repository_id, entity, attempted_at) VALUES {rows} \
             ON DUPLICATE KEY UPDATE attempted_at = VALUES(attempted_at)"
        );
        db.exec("noting attempts", &sql, Params::Positional(values)).await?;
    }
    Ok(())
}

/// Has the schedule begin a repository again at once, whose run was asked to end before its end.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget_attempt(db: &Db, repository_id: u64, entity: &str) -> Result<(), DbError> {
    db.exec(
        "forgetting an attempt",
        "UPDATE `erpnext_github_cursor` SET attempted_at = NULL WHERE repository_id = ? AND entity = ?",
        (repository_id, entity),
    )
    .await
    .map(drop)
}

/// Has the schedule begin all repositories again at once whose run seems to go on: for whoever takes the schedule over from a process that
/// died. Where somebody is at one after all, its lease keeps the schedule away. Runs that began before `since` (the site's time) are old.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget_cut_attempts(db: &Db, since: chrono::NaiveDateTime) -> Result<(), DbError> {
    db.exec(
        "forgetting attempts that were cut off",
        "UPDATE `erpnext_github_cursor` c JOIN `tabRepository` r ON c.repository_id = CAST(r.github_id AS UNSIGNED) \
         JOIN `tabGitHub Sync Run` s ON s.repository = r.name AND s.started_at >= ? AND s.status = 'Running' \
         SET c.attempted_at = NULL WHERE c.entity = ?",
        (time_value(since), ITEMS),
    )
    .await
    .map(drop)
}

/// Promotes a cursor after a run that saw everything; `walked` when the run was a complete walk.
///
/// # Errors
/// When the database cannot be written.
pub async fn promote(
    conn: &mut DbConn,
    (repository_id, entity): (u64, &str),
    to: DateTime<Utc>,
    walked: bool,
) -> Result<(), DbError> {
    let at = time_value(to.naive_utc());
    let walked_at = if walked { at.clone() } else { Value::NULL };
    conn.exec(
        "promoting a cursor",
        "INSERT INTO `erpnext_github_cursor` (repository_id, entity, cursor_at, walked_at) VALUES (?, ?, ?, ?) \
         ON DUPLICATE KEY UPDATE cursor_at = VALUES(cursor_at), walked_at = IFNULL(VALUES(walked_at), walked_at)",
        (repository_id, entity, at, walked_at),
    )
    .await
    .map(drop)
}

/// Characters of a tag that fit.
const LONGEST_TAG: usize = 255;

/// Promotes the cursor of a list with what it can be known again by; with no tag it is read as new the next time. A tag that does
/// not fit is none.
///
/// # Errors
/// When the database cannot be written.
pub async fn keep(
    conn: &mut DbConn,
    (repository_id, entity): (u64, &str),
    to: Option<DateTime<Utc>>,
    etag: Option<&str>,
) -> Result<(), DbError> {
    let at = to.map_or(Value::NULL, |to| time_value(to.naive_utc()));
    let etag = etag.filter(|etag| etag.len() <= LONGEST_TAG);
    conn.exec(
        "promoting a cursor",
        "INSERT INTO `erpnext_github_cursor` (repository_id, entity, cursor_at, etag) VALUES (?, ?, ?, ?) \
         ON DUPLICATE KEY UPDATE cursor_at = IFNULL(VALUES(cursor_at), cursor_at), etag = VALUES(etag)",
        (repository_id, entity, at, etag),
    )
    .await
    .map(drop)
}

/// Keeps a question (what changed since a moment, or all) and the tag of its answer, in the place of the one before.
///
/// # Errors
/// When the database cannot be written.
pub async fn keep_question(
    conn: &mut DbConn,
    key: (u64, &str),
    since: Option<DateTime<Utc>>,
    etag: Option<&str>,
) -> Result<(), DbError> {
    conn.exec(
        "forgetting a question",
        "DELETE FROM `erpnext_github_cursor` WHERE repository_id = ? AND entity = ?",
        key,
    )
    .await?;
    keep(conn, key, since, etag).await
}

/// Forgets the cursors of a repository whose name begins like that of `kept`, up to its colon, but for `kept`.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget_others(db: &Db, repository_id: u64, kept: &str) -> Result<(), DbError> {
    let (kind, _) = kept.split_once(':').unwrap_or((kept, ""));
    db.exec(
        "forgetting cursors",
        "DELETE FROM `erpnext_github_cursor` WHERE repository_id = ? AND entity LIKE CONCAT(?, ':%') AND entity <> ?",
        (repository_id, kind, kept),
    )
    .await
    .map(drop)
}

/// Makes the next run of the repository a complete walk.
pub(super) async fn forget_walks(conn: &mut DbConn, repository_id: u64) -> Result<(), DbError> {
    conn.exec(
        "forgetting a walk",
        "UPDATE `erpnext_github_cursor` SET walked_at = NULL WHERE repository_id = ?",
        (repository_id,),
    )
    .await
    .map(drop)
}
