//! Which parts of a repository are stored: what a complete read of a list is held against. And the end of old commits.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::Entity;
use crate::frappe::db::{Db, DbError, Params, Value};

use super::cell::time_value;
use super::gone::{self, Gone};
use super::parts::table_of;
use super::rows::{COMMIT, REVIEW, part_name};
use super::stamp::{KEPT_AT_MOST_DAYS, Stamp, kept};
use super::upsert::{NAMES, marks, texts};

const WHAT: &str = "listing what is mirrored";

/// Ids of the stored parts of `repository` that are not marked as gone: of releases those that GitHub made at or after `from`, of
/// others all.
///
/// # Errors
/// When the database cannot be read.
pub async fn ids(
    db: &Db,
    stamp: &Stamp,
    (repository, entity): (&str, Entity),
    from: Option<DateTime<Utc>>,
) -> Result<BTreeSet<u64>, DbError> {
    let Some(table) = table_of(entity) else {
        return Ok(BTreeSet::new());
    };
    let mut sql = format!(
        "SELECT CAST(github_id AS UNSIGNED) FROM `{}` WHERE repository = ? AND deleted_on_github = 0",
        table.table
    );
    let mut params = texts([repository]);
    if let (Some(from), Entity::Release) = (from, entity) {
        sql.push_str(" AND created_at >= ?");
        params.push(time_value(stamp.zone.to_local(from)));
    }
    let rows = db.rows(WHAT, &sql, Params::Positional(params)).await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// Ids of the stored reviews of these pull requests of `repository` that are not marked as gone.
///
/// # Errors
/// When the database cannot be read.
pub async fn reviews_of(db: &Db, repository: &str, numbers: &[u64]) -> Result<BTreeSet<u64>, DbError> {
    let mut ids = BTreeSet::new();
    for chunk in numbers.chunks(NAMES) {
        let sql = format!(
            "SELECT CAST(github_id AS UNSIGNED) FROM `{}` WHERE repository = ? AND pr_number IN ({}) AND deleted_on_github = 0",
            REVIEW.table,
            marks(chunk.len())
        );
        let mut params = texts([repository]);
        params.extend(chunk.iter().copied().map(Value::UInt));
        let rows = db.rows(WHAT, &sql, Params::Positional(params)).await?;
        ids.extend(rows.into_iter().map(|row| <(u64,)>::from_row(row).0));
    }
    Ok(ids)
}

/// Id and node id of these parts, as far as they are stored.
///
/// # Errors
/// When the database cannot be read.
pub async fn node_ids(db: &Db, repository_id: u64, entity: Entity, ids: &[u64]) -> Result<Vec<(u64, String)>, DbError> {
    let Some(table) = table_of(entity) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for chunk in ids.chunks(NAMES) {
        let sql = format!(
            "SELECT CAST(github_id AS UNSIGNED), IFNULL(node_id, '') FROM `{}` WHERE name IN ({})",
            table.table,
            marks(chunk.len())
        );
        let names: Vec<String> = chunk
            .iter()
            .map(|id| part_name(table, repository_id, &id.to_string()))
            .collect();
        let params = Params::Positional(texts(names.iter().map(String::as_str)));
        let rows = db.rows(WHAT, &sql, params).await?;
        found.extend(rows.into_iter().map(<(u64, String)>::from_row));
    }
    Ok(found)
}

/// Ids of an entity's parts that a tombstone stands for.
///
/// # Errors
/// When the database cannot be read.
pub async fn buried(db: &Db, repository_id: u64, entity: Entity) -> Result<BTreeSet<u64>, DbError> {
    match table_of(entity) {
        None => Ok(BTreeSet::new()),
        Some(table) => {
            let dead = gone::tombstones(&mut db.conn().await?, repository_id, table).await?;
            Ok(dead.into_iter().map(|(id, _)| id).collect())
        }
    }
}

/// Those of `hashes` that are stored as commits of `branch`, as a list told them: what a push told is not all of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn commits_among(db: &Db, repository_id: u64, branch: &str, hashes: &[String]) -> Result<BTreeSet<String>, DbError> {
    let mut found = BTreeSet::new();
    for chunk in hashes.chunks(NAMES) {
        let sql = format!(
            "SELECT sha FROM `{}` WHERE branch = ? AND authored_at IS NOT NULL AND deleted_on_github = 0 AND name IN ({})",
            COMMIT.table,
            marks(chunk.len())
        );
        let names: Vec<String> = chunk.iter().map(|sha| part_name(&COMMIT, repository_id, sha)).collect();
        let params = Params::Positional(texts(std::iter::once(branch).chain(names.iter().map(String::as_str))));
        let rows = db.rows(WHAT, &sql, params).await?;
        found.extend(rows.into_iter().map(|row| <(String,)>::from_row(row).0));
    }
    Ok(found)
}

/// Hashes of the stored commits of a repository that were committed at or after `since`, and whose rows were made before the run of
/// `stamp` began: those that came by another way meanwhile it cannot know. `told` are those alone that nothing but a push told of.
///
/// # Errors
/// When the database cannot be read.
pub async fn commits_since(
    db: &Db,
    stamp: &Stamp,
    (repository, told): (&str, bool),
    since: DateTime<Utc>,
) -> Result<BTreeSet<String>, DbError> {
    let told = if told { " AND authored_at IS NULL" } else { "" };
    let sql = format!(
        "SELECT sha FROM `{}` WHERE repository = ? AND committed_at >= ? AND creation <= ? AND deleted_on_github = 0{told}",
        COMMIT.table
    );
    let local = |moment| time_value(stamp.zone.to_local(moment));
    let params = (repository, local(since), time_value(stamp.local_now()));
    let rows = db.rows(WHAT, &sql, params).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

/// When the commits begin that are kept for `days` days.
#[must_use]
pub fn horizon(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    now - kept(days)
}

/// Removes commits that are older than `days` days, some hundred at a time; those that a person's document refers to stay. Gives how
/// many.
///
/// # Errors
/// When the database cannot be written.
pub async fn prune_commits(db: &Db, stamp: &Stamp, days: u32) -> Result<u64, DbError> {
    let before = time_value(stamp.zone.to_local(horizon(stamp.now, days)));
    let gone = Gone {
        table: &COMMIT,
        repository_id: 0,
        names: Vec::new(),
    };
    let sql = format!(
        "SELECT name, committed_at FROM `{}` WHERE committed_at < ? AND (committed_at > ? OR (committed_at = ? AND name > ?)) \
         ORDER BY committed_at, name LIMIT 500 FOR UPDATE",
        COMMIT.table
    );
    // Those that stay are passed over by the next step, in the order of the index.
    let oldest = NaiveDateTime::default() - kept(KEPT_AT_MOST_DAYS);
    let (mut removed, mut last) = (0, (time_value(oldest), String::new()));
    loop {
        let mut tx = db.begin().await?;
        let from = (before.clone(), last.0.clone(), last.0.clone(), last.1.as_str());
        let rows = tx.rows("removing old commits", &sql, from).await?;
        let found: Vec<(String, Value)> = rows.into_iter().map(<(String, Value)>::from_row).collect();
        let Some((name, at)) = found.last() else { return Ok(removed) };
        last = (at.clone(), name.clone());
        let names: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
        removed += gone.take_unreferred(&mut tx, &names).await?;
        tx.commit().await?;
    }
}
