//! Pull requests whose reviews could not be read: noted as cursors of their own, so that the next run asks for them again while the
//! cursor of issues and pull requests goes on.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value};

use super::upsert::{NAMES, marks};

/// What the cursors' `entity` begins with; the number of the pull request follows.
const PREFIX: &str = "reviews:";
/// How many are asked for again in one run: what one query holds.
const AT_ONCE: u32 = 100;

/// Notes these pull requests of a repository, by number.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(db: &Db, repository_id: u64, numbers: &[u64]) -> Result<(), DbError> {
    for chunk in numbers.chunks(NAMES) {
        let rows = vec!["(?, ?)"; chunk.len()].join(", ");
        let sql = format!("INSERT IGNORE INTO `erpnext_github_cursor` (repository_id, entity) VALUES {rows}");
        let pairs = chunk.iter().flat_map(|number| [Value::UInt(repository_id), key(*number)]);
        db.exec("noting reviews", &sql, Params::Positional(pairs.collect())).await?;
    }
    Ok(())
}

/// Number and node id of some that are noted. Those that are not mirrored any more are forgotten.
///
/// # Errors
/// When the database cannot be used.
pub async fn noted(db: &Db, repository_id: u64, repository: &str) -> Result<Vec<(u64, String)>, DbError> {
    const WHAT: &str = "reading noted reviews";
    let sql = format!(
        "SELECT CAST(SUBSTRING(entity, {}) AS UNSIGNED) FROM `erpnext_github_cursor` \
         WHERE repository_id = ? AND entity LIKE '{PREFIX}%' LIMIT {AT_ONCE}",
        PREFIX.len() + 1
    );
    let rows = db.rows(WHAT, &sql, (repository_id,)).await?;
    let numbers: Vec<u64> = rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect();
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
    let rows = db.rows(WHAT, &sql, Params::Positional(params)).await?;
    let here: Vec<(u64, String)> = rows.into_iter().map(<(u64, String)>::from_row).collect();
    let is_here = |number: &u64| here.iter().any(|(one, _)| one == number);
    let gone: Vec<u64> = numbers.into_iter().filter(|number| !is_here(number)).collect();
    forget(db, repository_id, &gone).await?;
    Ok(here)
}

/// Forgets pull requests of a repository whose reviews were read, by number.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget(db: &Db, repository_id: u64, numbers: &[u64]) -> Result<(), DbError> {
    for chunk in numbers.chunks(NAMES) {
        let sql = format!(
            "DELETE FROM `erpnext_github_cursor` WHERE repository_id = ? AND entity IN ({})",
            marks(chunk.len())
        );
        let mut params = vec![Value::UInt(repository_id)];
        params.extend(chunk.iter().copied().map(key));
        db.exec("forgetting noted reviews", &sql, Params::Positional(params)).await?;
    }
    Ok(())
}

fn key(number: u64) -> Value {
    Value::Bytes(format!("{PREFIX}{number}").into_bytes())
}
