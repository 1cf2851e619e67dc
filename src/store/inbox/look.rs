//! The deliveries as people look at them.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError, Params, Value};

use crate::store::upsert::{marks, texts};

use super::EventStatus;

/// A delivery as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// GitHub's id of it.
    pub delivery: String,
    /// GitHub's name of the event.
    pub event: String,
    /// What happened.
    pub action: String,
    /// Full name of the repository.
    pub repository: String,
    /// When it came in, in the site's zone.
    pub received_at: String,
    /// What became of it.
    pub status: String,
    /// How often it was taken up.
    pub attempts: u32,
    /// Why it was left out, put off or given up.
    pub reason: String,
}

const COLUMNS: &str = "name, IFNULL(event, ''), IFNULL(action, ''), IFNULL(repository, ''), IFNULL(CAST(received_at AS CHAR), ''), \
     IFNULL(status, ''), IFNULL(attempts, 0), IFNULL(reason, '')";

fn shown(row: crate::frappe::db::Row) -> Shown {
    let (delivery, event, action, repository, received_at, status, attempts, reason) =
        <(String, String, String, String, String, String, u32, String)>::from_row(row);
    Shown {
        delivery,
        event,
        action,
        repository,
        received_at,
        status,
        attempts,
        reason,
    }
}

/// The latest deliveries, of one status or of all.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Db, status: Option<EventStatus>, most: u32) -> Result<Vec<Shown>, DbError> {
    let condition = status.map_or("", |_| "WHERE status = ? ");
    let sql = format!("SELECT {COLUMNS} FROM `tabGitHub Event` {condition}ORDER BY received_at DESC, name LIMIT {most}");
    let params = status.map_or(Params::Empty, |status| Params::Positional(vec![Value::from(status.as_str())]));
    let rows = db.rows("listing deliveries", &sql, params).await?;
    Ok(rows.into_iter().map(shown).collect())
}

/// One delivery.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(db: &Db, id: &str) -> Result<Option<Shown>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM `tabGitHub Event` WHERE name = ?");
    Ok(db.row("reading a delivery", &sql, (id,)).await?.map(shown))
}

/// Repositories of which GitHub said that a hook was deleted and has told nothing since, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn unheard(db: &Db) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT r.name FROM `tabGitHub Event` e JOIN `tabRepository` r ON r.github_id = e.repository_id \
               WHERE e.event = 'meta' AND e.action = 'deleted' AND e.status <> 'ignored' AND r.enabled = 1 AND r.deleted_on_github = 0 AND NOT EXISTS \
               (SELECT 1 FROM `tabGitHub Event` l WHERE l.repository = e.repository AND l.received_at > e.received_at AND l.event <> 'meta') \
               ORDER BY r.name";
    let rows = db.rows("looking for hooks that are gone", sql, ()).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

/// Which of these deliveries are here, and were not given up.
///
/// # Errors
/// When the database cannot be read.
pub async fn taken(db: &Db, ids: &[&str]) -> Result<BTreeSet<String>, DbError> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT name FROM `tabGitHub Event` WHERE status <> 'errored' AND name IN ({})",
        marks(ids.len())
    );
    let params = Params::Positional(texts(ids.iter().copied()));
    let rows = db.rows("looking which deliveries are here", &sql, params).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}
