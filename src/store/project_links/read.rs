//! What both sides say now, against what they said when they were in step.

use chrono::NaiveDateTime;
use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError, Value};

use super::rows::{self, Odd};
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
    pub(super) side: &'static Side,
    pub(super) name: String,
    pub(super) wanted: String,
}

/// All that is not in step.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) projects: Vec<Changed>,
    pub(super) repositories: Vec<Changed>,
    empty: Vec<Empty>,
    odd: Vec<Odd>,
}

impl State {
    pub(super) async fn read(conn: &mut DbConn) -> Result<Self, DbError> {
        Ok(Self {
            projects: changed(conn, &PROJECT).await?,
            repositories: changed(conn, &REPOSITORY).await?,
            empty: empty(conn).await?,
            odd: rows::odd(conn).await?,
        })
    }

    /// True where nothing is to be written.
    pub(super) fn is_settled(&self) -> bool {
        self.projects.is_empty() && self.repositories.is_empty() && self.empty.is_empty() && self.odd.is_empty()
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

/// Documents that name nothing although one of the other side names them, or a row connects them; the oldest of those counts. A link that is
/// not remembered does not: nobody looked yet who made it.
pub(super) async fn empty(conn: &mut DbConn) -> Result<Vec<Empty>, DbError> {
    let named = |side: &Side, other: &Side| {
        format!(
            "SELECT '{to}' AS doctype, d.name, o.name AS wanted, o.creation FROM `{others}` o JOIN `{table}` d ON d.name = o.`{place}` \
             JOIN `erpnext_github_project_link` s ON s.doctype = '{from}' AND s.name = o.name AND s.target = o.`{place}` \
             WHERE o.`{place}` > '' AND IFNULL(d.`{own}`, '') = ''",
            to = side.doctype,
            others = other.table,
            table = side.table,
            place = other.column,
            from = other.doctype,
            own = side.column,
        )
    };
    let connected = |side: &Side, other: &Side| {
        let [own, others] = [side, other].map(rows::column_of);
        format!(
            "SELECT '{to}', d.name, o.name, c.creation FROM `tabGitHub Project Repository` c JOIN `{table}` d ON d.name = c.`{own}` \
             JOIN `{other}` o ON o.name = c.`{others}` WHERE IFNULL(d.`{place}`, '') = ''",
            to = side.doctype,
            table = side.table,
            other = other.table,
            place = side.column,
        )
    };
    let sql = [
        named(&PROJECT, &REPOSITORY),
        named(&REPOSITORY, &PROJECT),
        connected(&PROJECT, &REPOSITORY),
        connected(&REPOSITORY, &PROJECT),
    ];
    let sql = format!("{} ORDER BY doctype, name, creation, wanted", sql.join(" UNION ALL "));
    let rows = conn.rows(WHAT, &sql, ()).await?;
    let mut empty: Vec<Empty> = rows
        .into_iter()
        .map(<(String, String, String, Value)>::from_row)
        .map(|(doctype, name, wanted, _)| Empty {
            side: if doctype == PROJECT.doctype { &PROJECT } else { &REPOSITORY },
            name,
            wanted,
        })
        .collect();
    empty.dedup_by(|next, kept| next.side == kept.side && next.name == kept.name);
    Ok(empty)
}
