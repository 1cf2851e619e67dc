//! Services that runs left out, because somebody had switched them off in the integration: what happened meanwhile is here once everything is read again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::{Service, Services};
use crate::frappe::db::{Db, DbError, Params, Value};

use super::cell::time_value;
use super::upsert::marks;

/// How long after a run that could read a part of it alone the rest is tried again.
pub const PATIENCE: TimeDelta = TimeDelta::hours(24);
/// Under which cursor it is noted.
const OF: [(Service, &str); 3] = [
    (Service::Repositories, "switched_off:repositories"),
    (Service::PullRequests, "switched_off:pull_requests"),
    (Service::Issues, "switched_off:issues"),
];

fn names(services: Services, on: bool) -> Vec<Value> {
    let some = OF.iter().filter(|(service, _)| services.is_on(*service) == on);
    some.map(|(_, name)| Value::from(*name)).collect()
}

fn service(name: &str) -> Option<Service> {
    OF.iter().find(|(_, known)| *known == name).map(|(service, _)| *service)
}

/// Notes that a run, which begins `now`, leaves those out that are off.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(db: &Db, id: u64, services: Services, now: DateTime<Utc>) -> Result<(), DbError> {
    let off = names(services, false);
    if off.is_empty() {
        return Ok(());
    }
    let rows = vec!["(?, ?, ?)"; off.len()].join(", ");
    let sql = format!(
        "INSERT INTO `erpnext_github_cursor` (repository_id, entity, attempted_at) VALUES {rows} \
         ON DUPLICATE KEY UPDATE attempted_at = VALUES(attempted_at), walked_at = NULL"
    );
    let now = time_value(now.naive_utc());
    let values = off
        .into_iter()
        .flat_map(|name| [Value::UInt(id), name, now.clone()])
        .collect();
    db.exec("noting what is left out", &sql, Params::Positional(values))
        .await
        .map(drop)
}

/// What was left out of a repository, by its id, and is to be read `now` if it is on.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &Db, id: u64, now: DateTime<Utc>) -> Result<Vec<Service>, DbError> {
    Ok(read(db, Some(id), now).await?.remove(&id).unwrap_or_default())
}

/// The same of all of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_all(db: &Db, now: DateTime<Utc>) -> Result<BTreeMap<u64, Vec<Service>>, DbError> {
    read(db, None, now).await
}

async fn read(db: &Db, id: Option<u64>, now: DateTime<Utc>) -> Result<BTreeMap<u64, Vec<Service>>, DbError> {
    let one = if id.is_some() { "repository_id = ? AND " } else { "" };
    let sql = format!(
        "SELECT repository_id, entity FROM `erpnext_github_cursor` WHERE {one}entity IN ({}) AND attempted_at IS NOT NULL \
         AND (walked_at IS NULL OR walked_at <= ?)",
        marks(OF.len())
    );
    let names = OF.iter().map(|(_, name)| Value::from(*name));
    let tried = time_value((now - PATIENCE).naive_utc());
    let values = id.map(Value::UInt).into_iter().chain(names).chain([tried]).collect();
    let rows = db.rows("reading what was left out", &sql, Params::Positional(values)).await?;
    let mut found: BTreeMap<u64, Vec<Service>> = BTreeMap::new();
    for row in rows {
        let (id, name) = <(u64, String)>::from_row(row);
        found.entry(id).or_default().extend(service(&name));
    }
    Ok(found)
}

/// Somebody saved integrations: repositories of which something was left out are compared with GitHub at the next look, which knows what is on.
///
/// # Errors
/// When the database cannot be written.
pub async fn look_again(db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
    let sql = format!(
        "INSERT INTO `erpnext_github_proof` (repository_id, due_at) SELECT DISTINCT repository_id, CAST(? AS DATETIME(6)) \
         FROM `erpnext_github_cursor` WHERE entity IN ({}) AND attempted_at IS NOT NULL ON DUPLICATE KEY UPDATE due_at = VALUES(due_at)",
        marks(OF.len())
    );
    let names = OF.iter().map(|(_, name)| Value::from(*name));
    let values = [time_value(now.naive_utc())].into_iter().chain(names).collect();
    db.exec("having what was left out looked at", &sql, Params::Positional(values))
        .await
        .map(drop)
}

/// What a run came to that read everything again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadAgain {
    /// Of these everything is here.
    pub whole: Vec<Service>,
    /// Of these something could not be read: it is tried again in [`PATIENCE`], and not each time that somebody looks.
    pub in_part: Vec<Service>,
}

/// Notes what was read again `now`.
///
/// # Errors
/// When the database cannot be written.
pub async fn read_again(db: &Db, id: u64, read: &ReadAgain, now: DateTime<Utc>) -> Result<(), DbError> {
    let keys = |some: &[Service]| -> Vec<Value> {
        let keys = OF.iter().filter(|(service, _)| some.contains(service));
        keys.map(|(_, key)| Value::from(*key)).collect()
    };
    let (whole, in_part) = (keys(&read.whole), keys(&read.in_part));
    if !whole.is_empty() {
        let sql = format!(
            "DELETE FROM `erpnext_github_cursor` WHERE repository_id = ? AND entity IN ({})",
            marks(whole.len())
        );
        let values = [Value::UInt(id)].into_iter().chain(whole).collect();
        db.exec("forgetting what was left out", &sql, Params::Positional(values))
            .await?;
    }
    if !in_part.is_empty() {
        let sql = format!(
            "UPDATE `erpnext_github_cursor` SET walked_at = ? WHERE repository_id = ? AND entity IN ({})",
            marks(in_part.len())
        );
        let values = [time_value(now.naive_utc()), Value::UInt(id)]
            .into_iter()
            .chain(in_part)
            .collect();
        db.exec("noting what was read again", &sql, Params::Positional(values))
            .await?;
    }
    Ok(())
}
