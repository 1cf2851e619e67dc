//! What credentials may still ask of GitHub, one row each, shared by all processes of a site.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use crate::domain::budget::{Budget, Cost, Purpose};
use crate::frappe::db::{Db, DbError, Tx};

const WHAT: &str = "looking up what may be asked of GitHub";

/// The database's clock, in milliseconds since 1970.
const NOW: &str = "CAST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 AS SIGNED)";

/// How often a turn is begun at most.
const ATTEMPTS: usize = 5;

/// Has `turn` read and change the budget of `credential` while no other process does; it also gets the database's clock, in milliseconds since
/// 1970. Done again where the transaction is lost to a conflict. A row that cannot be read counts as none: what GitHub tells next mends it.
///
/// # Errors
/// When the database cannot be written.
pub async fn turn(db: &Db, credential: &str, turn: &mut (dyn FnMut(&mut Budget, i64) + Send)) -> Result<(), DbError> {
    for _ in 1..ATTEMPTS {
        match once(db, credential, turn).await {
            Err(error) if error.is_transient() => {}
            done => return done,
        }
    }
    once(db, credential, turn).await
}

/// The budget of `credential` as it is now; an empty one where nothing is known.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, credential: &str) -> Result<Budget, DbError> {
    let sql = "SELECT state FROM `erpnext_github_budget` WHERE credential = ?";
    let row = db.row(WHAT, sql, (credential,)).await?;
    let state = row.map(|row| <(String,)>::from_row(row).0).unwrap_or_default();
    Ok(serde_json::from_str(&state).unwrap_or_default())
}

/// What was spent in the last 24 hours, by kind of work, with all credentials of the site.
///
/// # Errors
/// When the database cannot be read.
pub async fn spent(db: &Db) -> Result<BTreeMap<Purpose, Cost>, DbError> {
    let sql = format!("SELECT state, {NOW} FROM `erpnext_github_budget`");
    let rows = db.rows(WHAT, &sql, ()).await?;
    let mut sum = BTreeMap::new();
    for (state, now) in rows.into_iter().map(<(String, i64)>::from_row) {
        let budget: Budget = serde_json::from_str(&state).unwrap_or_default();
        for (purpose, cost) in budget.spent(now) {
            *sum.entry(purpose).or_insert_with(Cost::default) += cost;
        }
    }
    Ok(sum)
}

async fn once(db: &Db, credential: &str, turn: &mut (dyn FnMut(&mut Budget, i64) + Send)) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    let (mut budget, now) = if let Some(found) = locked(&mut tx, credential).await? {
        found
    } else {
        tx.rollback().await?;
        let sql = "INSERT IGNORE INTO `erpnext_github_budget` (credential, state) VALUES (?, '{}')";
        db.exec(WHAT, sql, (credential,)).await?;
        tx = db.begin().await?;
        locked(&mut tx, credential).await?.unwrap_or_default()
    };
    turn(&mut budget, now);
    let state = serde_json::to_string(&budget).unwrap_or_default();
    let sql = "UPDATE `erpnext_github_budget` SET state = ?, modified = UTC_TIMESTAMP(6) WHERE credential = ?";
    tx.exec(WHAT, sql, (state, credential)).await?;
    tx.commit().await
}

async fn locked(tx: &mut Tx, credential: &str) -> Result<Option<(Budget, i64)>, DbError> {
    let sql = format!("SELECT state, {NOW} FROM `erpnext_github_budget` WHERE credential = ? FOR UPDATE");
    let row = tx.row(WHAT, &sql, (credential,)).await?.map(<(String, i64)>::from_row);
    Ok(row.map(|(state, now)| (serde_json::from_str(&state).unwrap_or_default(), now)))
}
