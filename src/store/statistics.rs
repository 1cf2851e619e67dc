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
    let states = |table: &str| format!("SELECT IFNULL(state, ''), COUNT(*) FROM `{table}` WHERE repository = ? GROUP BY state");
    // One statement: people wait for each.
    let sql = format!(
        "SELECT 'issue', states.* FROM ({}) states UNION ALL SELECT 'pull', states.* FROM ({}) states \
         UNION ALL SELECT 'branches', '', CAST(IFNULL(branches_total, 0) AS UNSIGNED) FROM `tabRepository` WHERE name = ? \
         UNION ALL SELECT 'members', '', COUNT(*) FROM `tabRepository Member` WHERE parent = ? AND parenttype = 'Repository'",
        states("tabRepository Issue"),
        states("tabRepository Pull Request")
    );
    let params = (repository, repository, repository, repository);
    let rows = db.rows("counting what is mirrored of a repository", &sql, params).await?;
    let rows: Vec<(String, String, u64)> = rows.into_iter().map(FromRow::from_row).collect();
    let sum = |of: &str, state: Option<&str>| -> u64 {
        let meant = rows
            .iter()
            .filter(|(kind, known, _)| kind == of && state.is_none_or(|state| known == state));
        meant.map(|(_, _, count)| count).sum()
    };
    Ok(RepositoryStatistics {
        issues: IssueStates {
            total: sum("issue", None),
            open: sum("issue", Some("open")),
            closed: sum("issue", Some("closed")),
        },
        pull_requests: PullRequestStates {
            total: sum("pull", None),
            open: sum("pull", Some("open")),
            closed: sum("pull", Some("closed")),
            merged: sum("pull", Some("merged")),
        },
        branches: sum("branches", None),
        members: sum("members", None),
    })
}
