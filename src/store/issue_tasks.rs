//! Tasks that were made of mirrored issues: finding one, and the link back to it.

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Value};

use super::cell::{time_of, time_value};
use super::stamp::Stamp;

/// A mirrored issue, as far as a Task is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueFacts {
    /// Name of the document.
    pub name: String,
    /// Repository document that it belongs to.
    pub repository: String,
    /// Number on GitHub.
    pub number: u64,
    /// Title, uncut.
    pub title: String,
    /// Text, as it was written on GitHub.
    pub body: String,
    /// It is closed.
    pub closed: bool,
    /// When it was closed, in the site's zone.
    pub closed_at: Option<NaiveDateTime>,
    /// The Task that the document links, if that is there.
    pub task: Option<String>,
}

/// Name, repository, number, title, body, state, when it was closed, linked Task.
type Fields = (String, String, u64, String, String, String, Value, Option<String>);

/// The mirrored issue of that document name; none where there is none.
///
/// # Errors
/// When the database cannot be read.
pub async fn issue(db: &Db, name: &str) -> Result<Option<IssueFacts>, DbError> {
    let row = db
        .row(
            "reading an issue",
            "SELECT i.name, IFNULL(i.repository, ''), CAST(i.issue_number AS UNSIGNED), IFNULL(i.title, ''), IFNULL(i.body, ''), \
             IFNULL(i.state, ''), i.closed_at, t.name FROM `tabRepository Issue` i LEFT JOIN `tabTask` t ON t.name = i.task \
             WHERE i.name = ?",
            (name,),
        )
        .await?;
    Ok(row
        .map(Fields::from_row)
        .map(|(name, repository, number, title, body, state, closed_at, task)| IssueFacts {
            name,
            repository,
            number,
            title,
            body,
            closed: state == "closed",
            closed_at: time_of(&closed_at),
            task,
        }))
}

/// The Task of an issue, found from either side of the link; the oldest where there are several.
///
/// # Errors
/// When the database cannot be read.
pub async fn task_of(db: &Db, issue: &IssueFacts) -> Result<Option<String>, DbError> {
    if issue.task.is_some() {
        return Ok(issue.task.clone());
    }
    let row = db
        .row(
            "looking for a task of an issue",
            "SELECT name, creation FROM `tabTask` WHERE github_repo = ? AND github_issue_number = ? \
             UNION SELECT name, creation FROM `tabTask` WHERE github_issue_doc = ? ORDER BY creation, name LIMIT 1",
            (&issue.repository, issue.number, &issue.name),
        )
        .await?;
    Ok(row.map(|row| <(String, Value)>::from_row(row).0))
}

/// Links the issue's document to its Task, unless it links one that is there; true when that changed it.
///
/// # Errors
/// When the database cannot be written.
pub async fn link(conn: &mut DbConn, issue: &str, task: &str, stamp: &Stamp) -> Result<bool, DbError> {
    let changed = conn
        .exec(
            "linking an issue to its task",
            "UPDATE `tabRepository Issue` i LEFT JOIN `tabTask` t ON t.name = i.task SET i.task = ?, i.modified = ?, i.modified_by = ? \
             WHERE i.name = ? AND t.name IS NULL",
            (task, time_value(stamp.local_now()), &stamp.user, issue),
        )
        .await?;
    Ok(changed > 0)
}
