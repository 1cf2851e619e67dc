//! What both sides say now, against what they said when they were in step.

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError, Value};

use super::{PROJECT, REPOSITORY, Side, WHAT};
use crate::store::cell::time_of;

/// A document whose link is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) name: String,
    /// What it named; empty for nothing.
    pub(super) before: String,
    /// What it names; empty for nothing, and for a document that is gone.
    pub(super) now: String,
    /// It is older than what we wrote.
    pub(super) is_old_copy: bool,
    /// Who saved it last; empty for a document that is gone.
    pub(super) saved_by: String,
    /// When that was, in the site's zone.
    pub(super) saved_at: Option<NaiveDateTime>,
}

/// An empty place, and what belongs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Empty {
    pub(super) name: String,
    pub(super) wanted: String,
}

/// All that is not in step.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) projects: Vec<Changed>,
    pub(super) repositories: Vec<Changed>,
    empty_projects: Vec<Empty>,
    empty_repositories: Vec<Empty>,
}

impl State {
    pub(super) async fn read(conn: &mut DbConn) -> Result<Self, DbError> {
        Ok(Self {
            projects: changed(conn, &PROJECT).await?,
            repositories: changed(conn, &REPOSITORY).await?,
            empty_projects: empty(conn, &PROJECT, &REPOSITORY).await?,
            empty_repositories: empty(conn, &REPOSITORY, &PROJECT).await?,
        })
    }

    /// True where nothing is to be written.
    pub(super) fn is_settled(&self) -> bool {
        self.projects.is_empty()
            && self.repositories.is_empty()
            && self.empty_projects.is_empty()
            && self.empty_repositories.is_empty()
    }
}

/// Documents of `side` whose link is not the one that is remembered.
async fn changed(conn: &mut DbConn, side: &Side) -> Result<Vec<Changed>, DbError> {
    let Side { doctype, table, column } = side;
    let sql = format!(
        "SELECT n.name, IFNULL(s.target, ''), IFNULL(d.`{column}`, ''), IFNULL(d.modified < s.written, FALSE), \
         IFNULL(d.modified_by, ''), d.modified FROM ( \
         SELECT name FROM `{table}` WHERE `{column}` > '' \
         UNION SELECT name FROM `erpnext_github_project_link` WHERE doctype = ?) n \
         LEFT JOIN `{table}` d ON d.name = n.name \
         LEFT JOIN `erpnext_github_project_link` s ON s.doctype = ? AND s.name = n.name \
         WHERE IFNULL(s.target, '') <> IFNULL(d.`{column}`, '') ORDER BY n.name"
    );
    let rows = conn.rows(WHAT, &sql, (*doctype, *doctype)).await?;
    let changed = |row| {
        let (name, before, now, is_old_copy, saved_by, saved_at) = <(String, String, String, bool, String, Value)>::from_row(row);
        Changed {
            name,
            before,
            now,
            is_old_copy,
            saved_by,
            saved_at: time_of(&saved_at),
        }
    };
    Ok(rows.into_iter().map(changed).collect())
}

/// Documents of `side` that name nothing although a document of `other` names them; the oldest of those counts. A link that is not
/// remembered does not: nobody looked yet who made it.
pub(super) async fn empty(conn: &mut DbConn, side: &Side, other: &Side) -> Result<Vec<Empty>, DbError> {
    let sql = format!(
        "SELECT d.name, o.name FROM `{}` o JOIN `{}` d ON d.name = o.`{}` \
         JOIN `erpnext_github_project_link` s ON s.doctype = '{}' AND s.name = o.name AND s.target = o.`{}` \
         WHERE o.`{}` > '' AND IFNULL(d.`{}`, '') = '' ORDER BY d.name, o.creation, o.name",
        other.table, side.table, other.column, other.doctype, other.column, other.column, side.column
    );
    let rows = conn.rows(WHAT, &sql, ()).await?;
    let mut empty: Vec<Empty> = rows
        .into_iter()
        .map(|row| {
            let (name, wanted) = <(String, String)>::from_row(row);
            Empty { name, wanted }
        })
        .collect();
    empty.dedup_by(|next, kept| next.name == kept.name);
    Ok(empty)
}
