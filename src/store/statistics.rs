//! How many of what is mirrored.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError};

/// Rows over all repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SiteStatistics {
    /// Repositories.
    pub repositories: u64,
    /// Issues, pull requests not counted.
    pub issues: u64,
    /// Pull requests.
    pub pull_requests: u64,
    /// Members over all repositories: somebody who is in two counts twice.
    pub members: u64,
    /// Branches in full, not only those that the forms hold.
    pub branches: u64,
}

/// Counts over all repositories.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_site(db: &Db) -> Result<SiteStatistics, DbError> {
    let row = db
        .row(
            "counting what is mirrored",
            "SELECT (SELECT COUNT(*) FROM `tabRepository`), (SELECT COUNT(*) FROM `tabRepository Issue`), \
             (SELECT COUNT(*) FROM `tabRepository Pull Request`), \
             (SELECT COUNT(*) FROM `tabRepository Member` WHERE parenttype = 'Repository'), \
             (SELECT CAST(IFNULL(SUM(branches_total), 0) AS UNSIGNED) FROM `tabRepository`)",
            (),
        )
        .await?;
    let (repositories, issues, pull_requests, members, branches) =
        row.map(<(u64, u64, u64, u64, u64)>::from_row).unwrap_or_default();
    Ok(SiteStatistics {
        repositories,
        issues,
        pull_requests,
        members,
        branches,
    })
}

/// Issues of a repository by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IssueStates {
    /// All.
    pub total: u64,
    /// State `open`.
    pub open: u64,
    /// State `closed`.
    pub closed: u64,
}

/// Pull requests of a repository by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PullRequestStates {
    /// All.
    pub total: u64,
    /// State `open`.
    pub open: u64,
    /// State `closed`, not merged.
    pub closed: u64,
    /// State `merged`.
    pub merged: u64,
}

/// Rows of one repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RepositoryStatistics {
    /// Issues.
    pub issues: IssueStates,
    /// Pull requests.
    pub pull_requests: PullRequestStates,
    /// Branches in full.
    pub branches: u64,
    /// Members.
    pub members: u64,
}

/// Counts of one repository.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_repository(db: &Db, repository: &str) -> Result<RepositoryStatistics, DbError> {
    const WHAT: &str = "counting what is mirrored of a repository";
    let states = async |table: &str| -> Result<[u64; 4], DbError> {
        let sql = format!(
            "SELECT COUNT(*), CAST(IFNULL(SUM(state = 'open'), 0) AS UNSIGNED), CAST(IFNULL(SUM(state = 'closed'), 0) AS UNSIGNED), \
             CAST(IFNULL(SUM(state = 'merged'), 0) AS UNSIGNED) FROM `{table}` WHERE repository = ?"
        );
        let row = db.row(WHAT, &sql, (repository,)).await?;
        let (total, open, closed, merged) = row.map(<(u64, u64, u64, u64)>::from_row).unwrap_or_default();
        Ok([total, open, closed, merged])
    };
    let issues = states("tabRepository Issue").await?;
    let pulls = states("tabRepository Pull Request").await?;
    let row = db
        .row(
            WHAT,
            "SELECT CAST(IFNULL(branches_total, 0) AS UNSIGNED), \
             (SELECT COUNT(*) FROM `tabRepository Member` WHERE parent = r.name AND parenttype = 'Repository') \
             FROM `tabRepository` r WHERE r.name = ?",
            (repository,),
        )
        .await?;
    let (branches, members) = row.map(<(u64, u64)>::from_row).unwrap_or_default();
    Ok(RepositoryStatistics {
        issues: IssueStates {
            total: issues[0],
            open: issues[1],
            closed: issues[2],
        },
        pull_requests: PullRequestStates {
            total: pulls[0],
            open: pulls[1],
            closed: pulls[2],
            merged: pulls[3],
        },
        branches,
        members,
    })
}
