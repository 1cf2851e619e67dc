//! What is mirrored of a repository, for runs that look for what is gone or new.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;

use crate::domain::Entity;
use crate::frappe::db::{Db, DbError};

use super::gone;

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

/// Name of the document of an issue or pull request; none where it is not mirrored.
///
/// # Errors
/// When the database cannot be read.
pub async fn document_of(db: &Db, repository: &str, entity: Entity, number: u64) -> Result<Option<String>, DbError> {
    let sql = match entity {
        Entity::PullRequest => "SELECT name FROM `tabRepository Pull Request` WHERE repository = ? AND pr_number = ?",
        _ => "SELECT name FROM `tabRepository Issue` WHERE repository = ? AND issue_number = ?",
    };
    let row = db.row("finding a document", sql, (repository, number)).await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// The highest number of a mirrored issue or pull request of a repository; 0 where there is none.
///
/// # Errors
/// When the database cannot be read.
pub async fn highest_number(db: &Db, repository: &str) -> Result<u64, DbError> {
    let row = db
        .row(
            "reading the highest number",
            "SELECT CAST(GREATEST((SELECT IFNULL(MAX(issue_number), 0) FROM `tabRepository Issue` WHERE repository = ?), \
             (SELECT IFNULL(MAX(pr_number), 0) FROM `tabRepository Pull Request` WHERE repository = ?)) AS UNSIGNED)",
            (repository, repository),
        )
        .await?;
    Ok(row.map_or(0, |row| <(u64,)>::from_row(row).0))
}

/// Names of the branches that a Repository holds.
///
/// # Errors
/// When the database cannot be read.
pub async fn branch_names(db: &Db, repository: &str) -> Result<BTreeSet<String>, DbError> {
    let sql = "SELECT branch_name FROM `tabRepository Branch` WHERE parent = ? AND parenttype = 'Repository'";
    keys(db, sql, repository).await
}

/// Logins of the members of a Repository.
///
/// # Errors
/// When the database cannot be read.
pub async fn member_logins(db: &Db, repository: &str) -> Result<BTreeSet<String>, DbError> {
    let sql = "SELECT github_username FROM `tabRepository Member` WHERE parent = ? AND parenttype = 'Repository'";
    keys(db, sql, repository).await
}

async fn keys(db: &Db, sql: &str, repository: &str) -> Result<BTreeSet<String>, DbError> {
    let rows = db.rows("listing what is mirrored", sql, (repository,)).await?;
    Ok(rows
        .into_iter()
        .map(|row| <(Option<String>,)>::from_row(row).0.unwrap_or_default())
        .collect())
}

/// Numbers of issues and pull requests of a repository that were said to be gone.
///
/// # Errors
/// When the database cannot be read.
pub async fn buried(db: &Db, repository_id: u64) -> Result<BTreeSet<u64>, DbError> {
    gone::buried(db, repository_id).await
}
