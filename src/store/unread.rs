//! What came and could not be read or stored: noted by number as cursors of their own, so that the next run asks for it again while the
//! cursor of issues and pull requests goes on.

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::Numbers;
use crate::frappe::db::{Db, DbError, Params, Value};

use super::cell::time_value;
use super::upsert::{NAMES, marks};

/// What of an issue or a pull request is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It itself, or what only GitHub's answer about it alone tells.
    Item,
    /// Reviews of a pull request, which is stored.
    Reviews,
}

impl Unread {
    /// What the cursors' `entity` begins with; the number follows.
    fn prefix(self) -> &'static str {
        match self {
            Self::Item => "unread:",
            Self::Reviews => "reviews:",
        }
    }

    fn key(self, number: u64) -> Value {
        Value::Bytes(format!("{}{number}", self.prefix()).into_bytes())
    }
}

/// Notes these of a repository, by number; those that are noted already had their turn `now`.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(db: &Db, repository_id: u64, what: Unread, numbers: &[u64], now: DateTime<Utc>) -> Result<(), DbError> {
    let now = time_value(now.naive_utc());
    for chunk in numbers.chunks(NAMES) {
        let rows = vec!["(?, ?, ?)"; chunk.len()].join(", ");
        let sql = format!(
            "INSERT INTO `erpnext_github_cursor` (repository_id, entity, attempted_at) VALUES {rows} \
             ON DUPLICATE KEY UPDATE attempted_at = VALUES(attempted_at)"
        );
        let values = chunk
            .iter()
            .flat_map(|number| [Value::UInt(repository_id), what.key(*number), now.clone()]);
        db.exec("noting what could not be read", &sql, Params::Positional(values.collect()))
            .await?;
    }
    Ok(())
}

/// Numbers that are noted, those first that had no turn for the longest time; `most` at most.
///
/// # Errors
/// When the database cannot be read.
pub async fn noted(db: &Db, repository_id: u64, what: Unread, most: usize) -> Result<Vec<u64>, DbError> {
    let prefix = what.prefix();
    let sql = format!(
        "SELECT CAST(SUBSTRING(entity, {}) AS UNSIGNED) FROM `erpnext_github_cursor` \
         WHERE repository_id = ? AND entity LIKE '{prefix}%' ORDER BY attempted_at, entity LIMIT {most}",
        prefix.len() + 1
    );
    let rows = db.rows("listing what could not be read", &sql, (repository_id,)).await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// Numbers of all issues and pull requests that are noted.
///
/// # Errors
/// When the database cannot be read.
pub async fn items(db: &Db, repository_id: u64) -> Result<Numbers, DbError> {
    let mut numbers = Numbers::default();
    numbers.extend(noted(db, repository_id, Unread::Item, usize::MAX >> 1).await?);
    Ok(numbers)
}

/// Number and node id of some pull requests whose reviews are noted, `most` at most. Those that are not mirrored any more are forgotten.
///
/// # Errors
/// When the database cannot be used.
pub async fn reviews(db: &Db, repository_id: u64, repository: &str, most: usize) -> Result<Vec<(u64, String)>, DbError> {
    let numbers = noted(db, repository_id, Unread::Reviews, most).await?;
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT pr_number, node_id FROM `tabRepository Pull Request` \
         WHERE repository = ? AND pr_number IN ({}) AND deleted_on_github = 0 AND IFNULL(node_id, '') <> ''",
        marks(numbers.len())
    );
    let mut params = vec![Value::Bytes(repository.as_bytes().to_vec())];
    params.extend(numbers.iter().copied().map(Value::UInt));
    let rows = db.rows("reading noted reviews", &sql, Params::Positional(params)).await?;
    let here: Vec<(u64, String)> = rows.into_iter().map(<(u64, String)>::from_row).collect();
    let is_here = |number: &u64| here.iter().any(|(one, _)| one == number);
    let gone: Vec<u64> = numbers.into_iter().filter(|number| !is_here(number)).collect();
    forget(db, repository_id, Unread::Reviews, &gone).await?;
    Ok(here)
}

/// Forgets those of a repository that were read, by number.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget(db: &Db, repository_id: u64, what: Unread, numbers: &[u64]) -> Result<(), DbError> {
    for chunk in numbers.chunks(NAMES) {
        let sql = format!(
            "DELETE FROM `erpnext_github_cursor` WHERE repository_id = ? AND entity IN ({})",
            marks(chunk.len())
        );
        let mut params = vec![Value::UInt(repository_id)];
        params.extend(chunk.iter().map(|number| what.key(*number)));
        db.exec("forgetting what was read", &sql, Params::Positional(params)).await?;
    }
    Ok(())
}
