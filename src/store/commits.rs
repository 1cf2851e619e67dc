//! When the commits were made that branches point to. A commit never changes its date, so that each is asked for once; most branches
//! of a large repository are not held by its form, which therefore cannot remember theirs.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value};

use super::cell::{time_of, time_value};
use super::upsert::{NAMES, Upsert, marks, texts};

/// Dates of a repository's commits, by hash.
///
/// # Errors
/// When the database cannot be read.
pub async fn known(db: &Db, repository_id: u64) -> Result<HashMap<String, DateTime<Utc>>, DbError> {
    let rows = db
        .rows(
            "reading commit dates",
            "SELECT sha, committed_at FROM `erpnext_github_commit` WHERE repository_id = ?",
            (repository_id,),
        )
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let (sha, date) = <(String, Value)>::from_row(row);
            Some((sha, time_of(&date)?.and_utc()))
        })
        .collect())
}

/// Remembers dates of commits, by hash.
///
/// # Errors
/// When the database cannot be written.
pub async fn remember<'a>(
    db: &Db,
    repository_id: u64,
    dates: impl IntoIterator<Item = (&'a String, &'a DateTime<Utc>)> + Send,
) -> Result<(), DbError> {
    let rows = dates
        .into_iter()
        .map(|(sha, date)| {
            vec![
                Value::UInt(repository_id),
                Value::from(sha.as_str()),
                time_value(date.naive_utc()),
            ]
        })
        .collect();
    let columns = ["repository_id", "sha", "committed_at"];
    let upsert = Upsert {
        what: "remembering commit dates",
        table: "erpnext_github_commit",
        columns: &columns,
        updated: &columns[2..],
    };
    let mut tx = db.begin().await?;
    upsert.write(&mut tx, rows).await?;
    tx.commit().await
}

/// Forgets the dates of commits that no branch points to any more.
///
/// # Errors
/// When the database cannot be written.
pub async fn forget(db: &Db, repository_id: u64, shas: &BTreeSet<&str>) -> Result<(), DbError> {
    let shas: Vec<&str> = shas.iter().copied().collect();
    for chunk in shas.chunks(NAMES) {
        let sql = format!(
            "DELETE FROM `erpnext_github_commit` WHERE repository_id = ? AND sha IN ({})",
            marks(chunk.len())
        );
        let mut params = vec![Value::UInt(repository_id)];
        params.extend(texts(chunk.iter().copied()));
        db.exec("forgetting commit dates", &sql, Params::Positional(params)).await?;
    }
    Ok(())
}
