//! What is mirrored of a repository, for runs that look for what is gone or new.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;

use crate::domain::{Entity, Numbers};
use crate::frappe::db::{Db, DbError};

use super::gone;

/// Numbers that are read at a time.
const AT_ONCE: usize = 10_000;

/// Numbers of the mirrored issues or pull requests of a repository that are not marked as gone.
///
/// # Errors
/// When the database cannot be read.
pub async fn numbers(db: &Db, repository: &str, entity: Entity) -> Result<Numbers, DbError> {
    let (table, column) = match entity {
        Entity::PullRequest => ("tabRepository Pull Request", "pr_number"),
        _ => ("tabRepository Issue", "issue_number"),
    };
    // In the order of the index on repository and number, so that no step looks at what the one before has read.
    let sql = format!(
        "SELECT `{column}` FROM `{table}` WHERE repository = ? AND `{column}` > ? AND deleted_on_github = 0 \
         ORDER BY `{column}` LIMIT {AT_ONCE}"
    );
    let mut numbers = Numbers::default();
    let mut last = 0;
    loop {
        let rows = db.rows("listing mirrored numbers", &sql, (repository, last)).await?;
        let count = rows.len();
        let some: Vec<u64> = rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect();
        last = some.last().copied().unwrap_or(last);
        numbers.extend(some);
        if count < AT_ONCE {
            return Ok(numbers);
        }
    }
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

/// Numbers of issues and pull requests of a repository that were said to be gone.
///
/// # Errors
/// When the database cannot be read.
pub async fn buried(db: &Db, repository_id: u64) -> Result<BTreeSet<u64>, DbError> {
    gone::buried(db, repository_id).await
}
