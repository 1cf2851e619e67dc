//! Old deliveries go: what GitHub sent of processed ones after some days, the rows later.

use chrono::{DateTime, TimeDelta, Utc};

use crate::frappe::db::{self, Db, DbError, Params, Value};
use crate::store::cell::time_value;
use crate::store::previews;
use crate::store::stamp::{Stamp, kept};
use crate::store::upsert::marks;

use super::payload;

/// How long what GitHub sent is kept once it was processed.
const PAYLOADS: TimeDelta = TimeDelta::days(3);
/// Rows stay at least this long: GitHub's signature has no date, so that only the known id tells a delivery that is sent once more by
/// somebody who heard it. GitHub itself delivers again for three days.
const AT_LEAST: TimeDelta = TimeDelta::days(8);
/// Rows removed in one transaction.
const TOGETHER: usize = 500;

/// Days that rows are kept, as the Settings say.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// Those that ended well.
    pub events: u32,
    /// Those that were given up.
    pub errors: u32,
}

/// Removes what is older than the Settings want it, and what deliveries told of old deployments; gives the number of rows that were removed.
///
/// # Errors
/// When the database cannot be written.
pub async fn prune(db: &Db, stamp: &Stamp, keep: Keep) -> Result<u64, DbError> {
    previews::prune(db, stamp).await?;
    let local = |moment: DateTime<Utc>| time_value(stamp.zone.to_local(moment));
    let payloads = local(stamp.now - PAYLOADS);
    let sql = format!(
        "SELECT name FROM `tabGitHub Event` WHERE status IN ('processed', 'ignored', 'unhandled') AND received_at < ? \
         AND name IN (SELECT delivery_id FROM `erpnext_github_payload`) LIMIT {TOGETHER}"
    );
    while let Some(names) = names(db, &sql, payloads.clone()).await? {
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut tx = db.begin().await?;
        payload::remove(&mut tx, &ids).await?;
        tx.commit().await?;
    }
    remove_orphans(db).await?;
    let before = |days: u32| local(stamp.now - kept(days).max(AT_LEAST));
    let mut removed = remove(db, "status IN ('processed', 'ignored', 'unhandled')", before(keep.events)).await?;
    removed += remove(db, "status = 'errored'", before(keep.errors)).await?;
    Ok(removed)
}

/// Removes what GitHub sent of deliveries that somebody deleted in the desk. One that comes again meanwhile has a row, and keeps it.
async fn remove_orphans(db: &Db) -> Result<(), DbError> {
    const NOBODYS: &str =
        "FROM `erpnext_github_payload` p LEFT JOIN `tabGitHub Event` e ON e.name = p.delivery_id WHERE e.name IS NULL";
    let sql = format!("SELECT DISTINCT p.delivery_id {NOBODYS} AND p.delivery_id > ? LIMIT {TOGETHER}");
    let mut after = String::new();
    while let Some(names) = names(db, &sql, Value::from(after.as_str())).await? {
        let sql = format!("DELETE p {NOBODYS} AND p.delivery_id IN ({})", marks(names.len()));
        let params = Params::Positional(names.iter().map(|id| Value::from(id.as_str())).collect());
        db.exec("removing payloads", &sql, params).await?;
        after = names.into_iter().max().unwrap_or_default();
    }
    Ok(())
}

/// Removes deliveries of some statuses that came in before a moment, with what GitHub sent.
async fn remove(db: &Db, statuses: &str, before: Value) -> Result<u64, DbError> {
    let sql = format!("SELECT name FROM `tabGitHub Event` WHERE received_at < ? AND {statuses} LIMIT {TOGETHER}");
    let mut removed = 0;
    while let Some(names) = names(db, &sql, before.clone()).await? {
        let ids: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut tx = db.begin().await?;
        payload::remove(&mut tx, &ids).await?;
        let sql = format!(
            "DELETE FROM `tabGitHub Event Project` WHERE parenttype = 'GitHub Event' AND parent IN ({})",
            marks(ids.len())
        );
        let params = Params::Positional(ids.iter().map(|id| Value::from(*id)).collect());
        tx.exec("removing old deliveries", &sql, params).await?;
        let sql = format!("DELETE FROM `tabGitHub Event` WHERE name IN ({})", marks(ids.len()));
        let params = Params::Positional(ids.iter().map(|id| Value::from(*id)).collect());
        removed += tx.exec("removing old deliveries", &sql, params).await?;
        tx.commit().await?;
    }
    Ok(removed)
}

/// Some names; none where there are none.
async fn names(db: &Db, sql: &str, before: Value) -> Result<Option<Vec<String>>, DbError> {
    let rows = db.rows("listing old deliveries", sql, (before,)).await?;
    let names: Vec<String> = rows
        .into_iter()
        .flat_map(db::values)
        .filter_map(|value| mysql_async::from_value_opt(value).ok())
        .collect();
    Ok((!names.is_empty()).then_some(names))
}
