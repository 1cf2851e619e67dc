//! Which hooks should be there and are not, or the other way round: differences between documents and rows.

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, retry_conflicts};
use crate::store::cell::time_value;

use super::ROTATION;
use super::row::Home;

const WHAT: &str = "comparing webhooks with what is wanted";
/// Repositories that want a hook of their own.
const WANTED: &str =
    "r.manage_webhook = 1 AND r.enabled = 1 AND IFNULL(r.deleted_on_github, 0) = 0 AND r.github_id REGEXP '^[0-9]+$'";

/// Makes rows for what is wanted and has none, and lets go what is not wanted any more. Gives how many rows were touched.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn mark(db: &Db, now: DateTime<Utc>) -> Result<u64, DbError> {
    let at = time_value(now.naive_utc());
    let sweep = time_value((now + ROTATION).naive_utc());
    let come = format!(
        "INSERT INTO `erpnext_github_hook` (home, repository_id, name, due_at, sweep_due_at, swept_until) \
         SELECT CONCAT('repository:', r.github_id), CAST(r.github_id AS UNSIGNED), r.name, ?, ?, ? FROM `tabRepository` r \
         LEFT JOIN `erpnext_github_hook` h ON h.home = CONCAT('repository:', r.github_id) \
         WHERE {WANTED} AND (h.home IS NULL OR h.is_leaving = 1) \
         ON DUPLICATE KEY UPDATE suspect = 1, due_at = VALUES(due_at), is_leaving = 0, left_integration = NULL"
    );
    let come = retry_conflicts(|| db.exec(WHAT, &come, (at.clone(), sweep.clone(), at.clone()))).await?;
    let go = format!(
        "UPDATE `erpnext_github_hook` h SET h.is_leaving = 1, h.attempts = 0, h.suspect = 1, h.due_at = ? WHERE h.repository_id > 0 AND h.is_leaving = 0 \
         AND NOT EXISTS (SELECT 1 FROM `tabRepository` r WHERE {WANTED} AND h.home = CONCAT('repository:', r.github_id))"
    );
    let go = retry_conflicts(|| db.exec(WHAT, &go, (at.clone(),))).await?;
    Ok(come + go)
}

/// A hook that is there, and what its Repository says it should listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Key of its row.
    pub key: String,
    /// Where deliveries go.
    pub address: String,
    /// Somebody chose that.
    pub has_given_address: bool,
    /// What it listens to.
    pub events: String,
    /// What somebody chose, else what the Repository says, else nothing.
    pub wanted_events: String,
    /// Tells the secret that was set from others.
    pub secret_mark: String,
}

/// All that are there, stay, and are not looked at anyway.
///
/// # Errors
/// When the database cannot be read.
pub async fn candidates(db: &Db) -> Result<Vec<Candidate>, DbError> {
    let sql = "SELECT h.home, h.address, h.given_address IS NOT NULL, IFNULL(h.events, ''), \
               IFNULL(h.given_events, IFNULL(r.webhook_events, '')), h.secret_mark FROM `erpnext_github_hook` h \
               LEFT JOIN `tabRepository` r ON h.home = CONCAT('repository:', r.github_id) \
               WHERE h.hook_id > 0 AND h.is_leaving = 0 AND h.suspect = 0";
    let rows = db.rows(WHAT, sql, ()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (key, address, has_given_address, events, wanted_events, secret_mark) =
                <(String, String, bool, String, String, String)>::from_row(row);
            Candidate {
                key,
                address,
                has_given_address,
                events,
                wanted_events,
                secret_mark,
            }
        })
        .collect())
}

/// Has one looked at now whose settings changed.
///
/// # Errors
/// When the database cannot be written.
pub async fn settle_drift(db: &Db, key: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET suspect = 1, due_at = ? WHERE home = ?";
    let at = time_value(now.naive_utc());
    retry_conflicts(|| db.exec(WHAT, sql, (at.clone(), key))).await.map(drop)
}

/// Has the hook of a repository, and that of its organisation, looked at now, and what they delivered looked through: something did not come.
///
/// # Errors
/// When the database cannot be written.
pub async fn suspect(db: &Db, repository_id: u64, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET suspect = 1, urgent = 1, due_at = LEAST(due_at, ?), sweep_due_at = LEAST(sweep_due_at, ?) \
               WHERE home = ? OR home = (SELECT CONCAT('organization:', LOWER(r.repo_owner)) FROM `tabRepository` r WHERE r.github_id = ? LIMIT 1)";
    let at = time_value(now.naive_utc());
    let key = Home::Repository(repository_id).key();
    retry_conflicts(|| db.exec(WHAT, sql, (at.clone(), at.clone(), key.as_str(), repository_id.to_string())))
        .await
        .map(drop)
}

/// The same of the hook of one home alone, where there is one.
///
/// # Errors
/// When the database cannot be written.
pub async fn suspect_home(db: &Db, home: &Home, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET suspect = 1, urgent = 1, due_at = LEAST(due_at, ?), sweep_due_at = LEAST(sweep_due_at, ?) \
               WHERE home = ?";
    let (at, key) = (time_value(now.naive_utc()), home.key());
    retry_conflicts(|| db.exec(WHAT, sql, (at.clone(), at.clone(), key.as_str())))
        .await
        .map(drop)
}

/// The same of all hooks: nobody was there to take deliveries.
///
/// # Errors
/// When the database cannot be written.
pub async fn suspect_all(db: &Db, now: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET suspect = 1, urgent = 1, due_at = LEAST(due_at, ?), sweep_due_at = LEAST(sweep_due_at, ?)";
    let at = time_value(now.naive_utc());
    retry_conflicts(|| db.exec(WHAT, sql, (at.clone(), at.clone()))).await
}

/// Has the hooks of all repositories of an owner looked at now.
///
/// # Errors
/// When the database cannot be written.
pub async fn suspect_of_owner(db: &Db, owner: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_hook` SET suspect = 1, due_at = LEAST(due_at, ?) WHERE repository_id > 0 AND name LIKE ?";
    let at = time_value(now.naive_utc());
    // A login has no sign that LIKE takes for another one but `_`, which finds a few too many.
    let of_owner = format!("{owner}/%");
    retry_conflicts(|| db.exec(WHAT, sql, (at.clone(), of_owner.as_str())))
        .await
        .map(drop)
}
