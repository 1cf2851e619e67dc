//! What the form of a Repository shows of it and of its last run.

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError, Value};
use crate::store::cell::time_of;

/// A Repository document. Times are texts in the site's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Name of the document.
    pub repository: String,
    /// Its page.
    pub url: Option<String>,
    /// Name of its default branch.
    pub default_branch: Option<String>,
    /// GitHub's word.
    pub visibility: Option<String>,
    /// Read-only on GitHub.
    pub archived: bool,
    /// GitHub did not show it when it was asked last.
    pub deleted_on_github: bool,
    /// Last push.
    pub pushed_at: Option<String>,
    /// End of the last complete sync.
    pub last_synced: Option<String>,
    /// When a comparison last found it in step with GitHub, in UTC.
    #[serde(skip)]
    pub last_compared: Option<DateTime<Utc>>,
    /// A sync went through completely.
    pub is_synced: bool,
    /// The Project that its own field names.
    pub project: Option<String>,
}

/// The columns of [`Entry`], as the database gives them.
type EntryFields = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    bool,
    bool,
    Option<String>,
    Option<String>,
    Value,
    bool,
    Option<String>,
);

/// The Repository document of that name, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn entry(db: &Db, repository: &str) -> Result<Option<Entry>, DbError> {
    let row = db
        .row(
            "reading a repository",
            "SELECT name, url, default_branch, visibility, archived, deleted_on_github, CAST(pushed_at AS CHAR), \
             CAST(last_synced AS CHAR), (SELECT p.proven_at FROM `erpnext_github_proof` p \
             WHERE p.repository_id = CAST(github_id AS UNSIGNED)), is_synced, NULLIF(project, '') FROM `tabRepository` WHERE name = ?",
            (repository,),
        )
        .await?;
    Ok(row.map(EntryFields::from_row).map(|fields| {
        let (
            repository,
            url,
            default_branch,
            visibility,
            archived,
            deleted_on_github,
            pushed_at,
            last_synced,
            last_compared,
            is_synced,
            project,
        ) = fields;
        Entry {
            repository,
            url,
            default_branch,
            visibility,
            archived,
            deleted_on_github,
            pushed_at,
            last_synced,
            last_compared: time_of(&last_compared).map(|at| at.and_utc()),
            is_synced,
            project,
        }
    }))
}

/// A run of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Name of its row.
    pub name: String,
    /// How it ended, or that it has not.
    pub status: Option<String>,
    /// When it began, in the site's zone.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// What ended it early.
    pub error: Option<String>,
}

/// The columns of [`Run`], as the database gives them.
type RunFields = (String, Option<String>, Option<String>, Option<String>, Option<String>);

/// The run of a repository that ended last; with `running` the one that goes on.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_run(db: &Db, repository: &str, running: bool) -> Result<Option<Run>, DbError> {
    let is = if running { "=" } else { "<>" };
    let sql = format!(
        "SELECT name, status, CAST(started_at AS CHAR), CAST(finished_at AS CHAR), NULLIF(error, '') FROM `tabGitHub Sync Run` \
         WHERE repository = ? AND status {is} 'Running' ORDER BY started_at DESC LIMIT 1"
    );
    let row = db.row("reading the last run", &sql, (repository,)).await?;
    Ok(row.map(RunFields::from_row).map(|fields| {
        let (name, status, started_at, finished_at, error) = fields;
        Run {
            name,
            status,
            started_at,
            finished_at,
            error,
        }
    }))
}

/// What of a run could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedStep {
    /// Of which kind of things.
    pub entity: Option<String>,
    /// Why, a line each.
    pub reason: Option<String>,
}

/// The lines of a run that tell of failures.
///
/// # Errors
/// When the database cannot be read.
pub async fn failed_steps(db: &Db, run: &str) -> Result<Vec<FailedStep>, DbError> {
    let rows = db
        .rows(
            "reading what a run could not do",
            "SELECT entity, NULLIF(reason, '') FROM `tabGitHub Sync Run Entity` WHERE parent = ? AND parenttype = 'GitHub Sync Run' \
             AND failed > 0 ORDER BY idx",
            (run,),
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (entity, reason) = <(Option<String>, Option<String>)>::from_row(row);
            FailedStep { entity, reason }
        })
        .collect())
}
