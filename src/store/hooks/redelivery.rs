//! `erpnext_github_redelivery`: how often GitHub was asked for something again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value, retry_conflicts};
use crate::store::cell::{time_of, time_value};
use crate::store::inbox;
use crate::store::upsert::{NAMES, marks, texts};

use super::row::Home;

const WHAT: &str = "noting a redelivery";
/// GitHub is asked so often for one delivery.
pub const MOST_ATTEMPTS: u32 = 5;
/// A delivery is asked for once in this time.
const APART: TimeDelta = TimeDelta::hours(1);
/// The job that asks comes by the minute: what is due within this is due.
const SLACK: TimeDelta = TimeDelta::minutes(2);
/// Longer than GitHub keeps deliveries that failed.
const KEPT: TimeDelta = TimeDelta::days(8);

/// What of `failed` is to be asked for now, and whether anything is to be asked for later. What is in the inbox came all the same, what was
/// asked for five times is given up, and what was asked for a moment ago is on its way.
///
/// # Errors
/// When the database cannot be read.
pub async fn to_ask(db: &Db, failed: &[&str], now: DateTime<Utc>) -> Result<(BTreeSet<String>, bool), DbError> {
    let (mut ask, mut later) = (BTreeSet::new(), false);
    for part in failed.chunks(NAMES) {
        let here = inbox::taken(db, part).await?;
        let asked = asked(db, part).await?;
        for guid in part.iter().filter(|guid| !here.contains(**guid)) {
            match asked.get(*guid) {
                Some((attempts, _)) if *attempts >= MOST_ATTEMPTS => {}
                Some((_, at)) if now - *at < APART - SLACK => later = true,
                _ => {
                    ask.insert((*guid).to_owned());
                }
            }
        }
    }
    Ok((ask, later))
}

async fn asked(db: &Db, guids: &[&str]) -> Result<BTreeMap<String, (u32, DateTime<Utc>)>, DbError> {
    if guids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT guid, attempts, asked_at FROM `erpnext_github_redelivery` WHERE guid IN ({})",
        marks(guids.len())
    );
    let rows = db.rows(WHAT, &sql, Params::Positional(texts(guids.iter().copied()))).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (guid, attempts, at) = <(String, u32, Value)>::from_row(row);
            (guid, (attempts, time_of(&at).unwrap_or_default().and_utc()))
        })
        .collect())
}

/// Writes down that a delivery, which GitHub first tried at that time, is asked for now; false where another process did so within the hour, or it was
/// asked for five times.
///
/// # Errors
/// When the database cannot be written; GitHub must not be asked then.
pub async fn begin_attempt(
    db: &Db,
    (guid, delivered_at): (&str, DateTime<Utc>),
    home: &Home,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let (at, first) = (time_value(now.naive_utc()), time_value(delivered_at.naive_utc()));
    let made =
        "INSERT IGNORE INTO `erpnext_github_redelivery` (guid, home, attempts, asked_at, delivered_at) VALUES (?, ?, 1, ?, ?)";
    if retry_conflicts(|| db.exec(WHAT, made, (guid, home.key(), at.clone(), first.clone()))).await? == 1 {
        return Ok(true);
    }
    let again = "UPDATE `erpnext_github_redelivery` SET attempts = attempts + 1, asked_at = ? WHERE guid = ? AND attempts < ? AND asked_at <= ?";
    let before = time_value((now - (APART - SLACK)).naive_utc());
    let changed = retry_conflicts(|| db.exec(WHAT, again, (at.clone(), guid, MOST_ATTEMPTS, before.clone()))).await?;
    Ok(changed == 1)
}

/// When GitHub first tried to deliver what was asked for again, by its clock; none where it was not asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn first_tried(db: &Db, guid: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    let sql = "SELECT delivered_at FROM `erpnext_github_redelivery` WHERE guid = ?";
    let row = db.row(WHAT, sql, (guid,)).await?;
    Ok(row
        .and_then(|row| time_of(&<(Value,)>::from_row(row).0))
        .map(|at| at.and_utc()))
}

/// Removes what nobody asks for any more; gives how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn prune(db: &Db, now: DateTime<Utc>) -> Result<u64, DbError> {
    let before = time_value((now - KEPT).naive_utc());
    db.exec(
        WHAT,
        "DELETE FROM `erpnext_github_redelivery` WHERE asked_at < ? LIMIT 5000",
        (before,),
    )
    .await
}
