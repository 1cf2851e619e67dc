//! What is read of installations: which are to be read, what was found, and how it ended.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;
use serde_json::json;

use crate::domain::text::{cut_bytes, cut_chars};
use crate::domain::{Installation, Owner, Processing};
use crate::frappe::db::{Db, DbConn, DbError, Value, retry_conflicts};
use crate::store::cell::{DATA, time_value};
use crate::store::{Stamp, integration_accounts};

use super::matching::deleted;
use super::{InstallationRow, SELECT, moment, params, row};

const WHAT: &str = "noting what an installation is like";
/// Rows that are read in one go.
const BATCH: usize = 20;
/// What was read is read again so much later, in case a delivery got lost.
const AGAIN: TimeDelta = TimeDelta::hours(24);
/// What could not be read is tried again so much later, twice as much each time.
const RETRY: TimeDelta = TimeDelta::seconds(30);
/// The longest pause between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// Bytes of a reason that are kept.
const REASON: usize = 60_000;

/// True where something is to be read.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_due(db: &Db, now: DateTime<Utc>) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabGitHub App Installation` WHERE _not_before <= ? LIMIT 1";
    Ok(db
        .row("looking for installations", sql, (moment(Some(now)),))
        .await?
        .is_some())
}

/// What is to be read now, the longest waiting first, some at a time.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(db: &Db, now: DateTime<Utc>) -> Result<Vec<InstallationRow>, DbError> {
    let sql = format!("{SELECT} WHERE _not_before <= ? ORDER BY _not_before, name LIMIT {BATCH}");
    let rows = db.rows("looking for installations", &sql, (moment(Some(now)),)).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// Those that were read, are for a Project, and lack something: the reason says what.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_reason(db: &Db) -> Result<Vec<InstallationRow>, DbError> {
    let sql = format!(
        "{SELECT} WHERE reason > '' AND originating_project > '' AND processing = 'processed' AND suspended = 0 AND deleted_on_github = 0 ORDER BY name"
    );
    let rows = db.rows("looking which installations lack something", &sql, ()).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// Has those installations of `user` be read soon that lack something: he is connected by now, which may have been it.
///
/// # Errors
/// When the database cannot be written.
pub async fn read_those_of(db: &Db, user: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET _not_before = ? WHERE owner = ? AND reason > '' AND processing IN ('processed', 'errored') \
               AND deleted_on_github = 0 AND _not_before > ?";
    db.exec(WHAT, sql, (moment(Some(now)), user, moment(Some(now))))
        .await
        .map(drop)
}

/// Has an installation be read at once, and not when its turn comes.
///
/// # Errors
/// When the database cannot be written.
pub async fn read_again(db: &Db, name: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET _not_before = ? WHERE name = ? AND _not_before > ?";
    db.exec(WHAT, sql, (moment(Some(now)), name, moment(Some(now))))
        .await
        .map(drop)
}

/// Writes what GitHub answered, and whether it waits for an owner to accept permissions.
///
/// # Errors
/// When the database cannot be written.
pub async fn details(db: &Db, stamp: &Stamp, installation: &Installation, is_pending: bool) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        write_details(&mut tx, stamp, installation).await?;
        let sql =
            "UPDATE `tabGitHub App Installation` SET permissions_pending = ? WHERE installation_id = ? AND deleted_on_github = 0";
        tx.exec(WHAT, sql, (is_pending, installation.id.to_string())).await?;
        tx.commit().await
    })
    .await
}

/// What GitHub says of it, into the row of its number.
pub(super) async fn write_details(tx: &mut DbConn, stamp: &Stamp, installation: &Installation) -> Result<(), DbError> {
    let account = installation.account.as_ref();
    if let Some(account) = account {
        rename(tx, stamp, installation.id, account).await?;
    }
    let short = |text: &str| Value::from(cut_chars(text, DATA));
    let long = |text: &str| Value::from(cut_bytes(text, REASON));
    let or_null = |value: Option<Value>| value.unwrap_or(Value::NULL);
    let sql = "UPDATE `tabGitHub App Installation` SET app_id = ?, account_login = ?, account_id = ?, account_type = ?, account_avatar_url = ?, \
               html_url = ?, repository_selection = ?, permissions = ?, events = ?, suspended = ?, _version = ?, modified = ?, modified_by = ? \
               WHERE installation_id = ? AND deleted_on_github = 0";
    let values = vec![
        Value::from(installation.app_id.to_string()),
        or_null(account.map(|account| short(&account.login))),
        or_null(account.map(|account| Value::from(account.id.to_string()))),
        or_null(account.map(|account| Value::from(account.kind.as_str()))),
        or_null(account.map(|account| long(&account.avatar_url))),
        long(&installation.html_url),
        Value::from(installation.selection.as_str()),
        long(&json!(installation.permissions).to_string()),
        long(&installation.events.join(", ")),
        Value::from(installation.suspended_at.is_some()),
        moment(Some(installation.updated_at)),
        time_value(stamp.local_now()),
        Value::from(stamp.user.as_str()),
        Value::from(installation.id.to_string()),
    ];
    tx.exec(WHAT, sql, params(values)).await?;
    // What was noted before the App was.
    let sql = "UPDATE `erpnext_github_installation_repository` SET app_id = ? WHERE installation_id = ? AND app_id IS NULL";
    tx.exec(WHAT, sql, (installation.app_id, installation.id)).await.map(drop)
}

/// Where the account is called otherwise than the row says, its integrations are, too.
async fn rename(tx: &mut DbConn, stamp: &Stamp, installation: u64, account: &Owner) -> Result<(), DbError> {
    let sql = "SELECT account_login FROM `tabGitHub App Installation` WHERE installation_id = ? AND account_id = ? AND account_login > '' \
               AND deleted_on_github = 0 FOR UPDATE";
    let id = account.id.to_string();
    let row = tx.row(WHAT, sql, (installation.to_string(), id.as_str())).await?;
    let known = row.map(|row| <(String,)>::from_row(row).0);
    match known.filter(|known| *known != account.login) {
        Some(known) => integration_accounts::follow(tx, stamp, &id, (&known, cut_chars(&account.login, DATA))).await,
        None => Ok(()),
    }
}

/// Ends the reading of `read`, unless GitHub told of it meanwhile: then it is read again. `reason` says what is missing, if something is.
///
/// # Errors
/// When the database cannot be written.
pub async fn end_reading(db: &Db, stamp: &Stamp, read: &InstallationRow, reason: &str) -> Result<(), DbError> {
    let done = (Processing::Processed, stamp.now + AGAIN);
    end(db, stamp, read, done, (reason, 0)).await
}

/// Notes that it could not be read, and why; it is tried again.
///
/// # Errors
/// When the database cannot be written.
pub async fn fail_reading(db: &Db, stamp: &Stamp, read: &InstallationRow, reason: &str) -> Result<(), DbError> {
    let doubled = 2_i32.saturating_pow(read.failures.min(10));
    let pause = (RETRY * doubled).min(LONGEST);
    let failed = (Processing::Errored, stamp.now + pause);
    // Of an uninstalled one nothing is read, and what it connected waits to be taken apart; as does what one of nobody here does not reach any more.
    let sql = "UPDATE `tabGitHub App Installation` SET _failures = _failures + 1, _not_before = ?, reason = IF(deleted_on_github = 1, reason, ?) \
               WHERE name = ? AND (deleted_on_github = 1 OR processing = 'unmatched_user')";
    let values = (moment(Some(stamp.now + pause)), cut_bytes(reason, REASON), read.name.as_str());
    db.exec(WHAT, sql, values).await?;
    end(db, stamp, read, failed, (reason, read.failures.saturating_add(1))).await
}

async fn end(
    db: &Db,
    stamp: &Stamp,
    read: &InstallationRow,
    (processing, next): (Processing, DateTime<Utc>),
    (reason, failures): (&str, u32),
) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET processing = ?, reason = NULLIF(?, ''), _failures = ?, _not_before = ?, modified = ?, \
               modified_by = ? WHERE name = ? AND _told = ? AND deleted_on_github = 0 AND processing <> 'unmatched_user'";
    let values = (
        processing.as_str(),
        cut_bytes(reason, REASON),
        failures,
        moment(Some(next)),
        time_value(stamp.local_now()),
        stamp.user.as_str(),
        read.name.as_str(),
        read.told,
    );
    db.exec(WHAT, sql, values).await.map(drop)
}

/// Notes that nothing is to be read any more of an installation that was uninstalled, or of one that is nobody's, unless GitHub told of that meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub async fn rest(db: &Db, read: &InstallationRow) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET _not_before = NULL, _failures = 0, reason = NULL WHERE name = ? \
               AND (deleted_on_github = 1 OR (processing = 'unmatched_user' AND _told = ?))";
    db.exec(WHAT, sql, (read.name.as_str(), read.told)).await.map(drop)
}

/// Marks an installation as uninstalled, because GitHub knows none of that number.
///
/// # Errors
/// When the database cannot be written.
pub async fn mark_deleted(db: &Db, stamp: &Stamp, id: u64) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        deleted(&mut tx, stamp, id).await?;
        tx.commit().await
    })
    .await
}
