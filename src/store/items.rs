//! What is mirrored of a repository's issues and pull requests, for runs that look for what is gone.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::Entity;
use crate::frappe::db::{Db, DbError, Value};
use crate::frappe::zone::SiteZone;

use super::cell::time_of;

/// Numbers of the mirrored issues or pull requests of a repository that are not marked as gone.
///
/// # Errors
/// When the database cannot be read.
pub async fn numbers(db: &Db, repository: &str, entity: Entity) -> Result<BTreeSet<u64>, DbError> {
    let sql = match entity {
        Entity::PullRequest => {
            "SELECT pr_number FROM `tabRepository Pull Request` WHERE repository = ? AND deleted_on_github = 0"
        }
        _ => "SELECT issue_number FROM `tabRepository Issue` WHERE repository = ? AND deleted_on_github = 0",
    };
    let rows = db.rows("listing mirrored numbers", sql, (repository,)).await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// Commit dates of the heads that are held, by commit: a commit never changes its date, so that only new ones are asked for.
///
/// # Errors
/// When the database cannot be read.
pub async fn known_commit_dates(db: &Db, repository: &str, zone: SiteZone) -> Result<HashMap<String, DateTime<Utc>>, DbError> {
    let rows = db
        .rows(
            "reading commit dates",
            "SELECT commit_sha, last_updated FROM `tabRepository Branch` WHERE parent = ? AND parenttype = 'Repository' \
             AND commit_sha IS NOT NULL AND last_updated IS NOT NULL",
            (repository,),
        )
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let (sha, date) = <(String, Value)>::from_row(row);
            Some((sha, zone.to_utc(time_of(&date)?)))
        })
        .collect())
}
