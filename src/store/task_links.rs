//! The link between a Task and what was made from it on GitHub: our own columns of `tabTask`, and `task` of the mirrored document.
//!
//! It is written in the transaction that stores what GitHub answered, so that neither side stands alone. The Task's cache entry is
//! recorded to be dropped in it, too: Frappe writes whole Tasks back from its cache.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Params, Value};
use crate::frappe::pending;
use crate::frappe::zone::frappe_text;

use super::applied::Touched;
use super::cell::{time_of, time_value};
use super::documents::SameVersion;
use super::repositories;
use super::rows::{DocTable, Home, ISSUE, PULL_REQUEST};
use super::writer::Writer;

const WHAT: &str = "linking a Task";

/// What of GitHub's a Task is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// An issue.
    Issue,
    /// A pull request.
    PullRequest,
}

impl Linked {
    fn table(self) -> &'static DocTable {
        match self {
            Self::Issue => &ISSUE,
            Self::PullRequest => &PULL_REQUEST,
        }
    }
}

/// A Task, and the issue or pull request that belongs to it from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskLink<'a> {
    /// Name of the Task.
    pub task: &'a str,
    /// What it is linked with.
    pub linked: Linked,
    /// Its number.
    pub number: u64,
}

/// A Task as far as it is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedTask {
    /// Name, as it is stored.
    pub name: String,
    /// Its Repository; none where it is empty.
    pub repository: Option<String>,
    /// Number of its issue; none where it has none.
    pub issue: Option<u64>,
    /// Number of its pull request; none where it has none.
    pub pull_request: Option<u64>,
    /// `modified` as Frappe writes it.
    pub modified: String,
}

/// Whether there is a Task of that name.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_there(db: &Db, task: &str) -> Result<bool, DbError> {
    let row = db
        .row("looking for a task", "SELECT 1 FROM `tabTask` WHERE name = ?", (task,))
        .await?;
    Ok(row.is_some())
}

/// The Task of that name, if it is there.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(db: &Db, task: &str) -> Result<Option<LinkedTask>, DbError> {
    let row = db
        .row(
            "reading a Task",
            "SELECT name, IFNULL(github_repo, ''), IFNULL(github_issue_number, 0), IFNULL(github_pr_number, 0), \
             modified FROM `tabTask` WHERE name = ?",
            (task,),
        )
        .await?;
    Ok(row.map(|row| {
        let (name, repository, issue, pull_request, modified) = <(String, String, i64, i64, Value)>::from_row(row);
        let number = |number: i64| u64::try_from(number).ok().filter(|number| *number > 0);
        LinkedTask {
            name,
            repository: Some(repository).filter(|repository| !repository.is_empty()),
            issue: number(issue),
            pull_request: number(pull_request),
            modified: time_of(&modified).map(frappe_text).unwrap_or_default(),
        }
    }))
}

impl TaskLink<'_> {
    /// Links both sides. A Task that is gone, or belongs to something else meanwhile, is left alone; so is a document of another Task.
    pub(super) async fn write(
        &self,
        conn: &mut DbConn,
        writer: &Writer<'_>,
        repository_id: u64,
    ) -> Result<Option<Touched>, DbError> {
        let Some(repository) = repositories::name_of(conn, repository_id).await? else {
            return Ok(None);
        };
        let home = Home {
            repository_id,
            repository: &repository,
            people: writer.people,
            zone: writer.stamp.zone,
            same: SameVersion::Newest,
        };
        let document = home.document(self.number);
        let (local, user) = (writer.stamp.local_now(), writer.stamp.user.as_str());
        let now = time_value(local);
        let (set, column) = match self.linked {
            Linked::Issue => ("github_issue_doc = ?, ", "github_issue_number"),
            Linked::PullRequest => ("", "github_pr_number"),
        };
        let sql = format!(
            "UPDATE `tabTask` SET {set}{column} = ?, github_repo = ?, modified = ?, modified_by = ? WHERE name = ? \
             AND IFNULL(github_repo, '') IN ('', ?) AND IFNULL({column}, 0) IN (0, ?)"
        );
        let mut params = Vec::with_capacity(8);
        if self.linked == Linked::Issue {
            params.push(Value::from(document.as_str()));
        }
        params.extend([
            Value::UInt(self.number),
            Value::from(repository.as_str()),
            now.clone(),
            Value::from(user),
            Value::from(self.task),
            Value::from(repository.as_str()),
            Value::UInt(self.number),
        ]);
        if conn.exec(WHAT, &sql, Params::Positional(params)).await? == 0 {
            return Ok(None);
        }
        let sql = format!(
            "UPDATE `{}` SET task = ?, modified = ?, modified_by = ? WHERE name = ? AND IFNULL(task, '') = ''",
            self.linked.table().table
        );
        conn.exec(WHAT, &sql, (self.task, now, user, document)).await?;
        pending::note_drop(conn, "Task", self.task).await?;
        Ok(Some(Touched {
            doctype: "Task",
            name: self.task.to_owned(),
            modified: local,
        }))
    }
}
