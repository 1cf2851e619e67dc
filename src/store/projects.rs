//! Projects that are connected with repositories: their names, their links, and who belongs to them.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Row};

use super::cell::time_value;
use super::stamp::Stamp;

/// Name of the Project document with this title; Frappe allows it once, whatever the case.
///
/// # Errors
/// When the database cannot be read.
pub async fn titled(db: &Db, title: &str) -> Result<Option<String>, DbError> {
    let row = db
        .row(
            "looking for a project",
            "SELECT name FROM `tabProject` WHERE project_name = ? LIMIT 1",
            (title,),
        )
        .await?;
    Ok(row.map(first))
}

/// Whether there is a Project document of this name; gives the name as it is stored.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &Db, name: &str) -> Result<Option<String>, DbError> {
    let row = db
        .row(
            "looking for a project",
            "SELECT name FROM `tabProject` WHERE name = ?",
            (name,),
        )
        .await?;
    Ok(row.map(first))
}

/// Open Projects with their titles, those that were saved last before the others, `most` at most: those that `leader` owns or manages, where that is
/// said, else all.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(db: &Db, leader: Option<&str>, most: u32) -> Result<Vec<(String, String)>, DbError> {
    let sql = format!(
        "SELECT name, IFNULL(project_name, name) FROM `tabProject` WHERE IFNULL(status, 'Open') = 'Open' \
         AND (? IS NULL OR owner = ? OR project_manager = ?) ORDER BY modified DESC, name LIMIT {most}"
    );
    let rows = db.rows("listing projects", &sql, (leader, leader, leader)).await?;
    Ok(rows.into_iter().map(FromRow::from_row).collect())
}

/// Makes `project` the Project of the repository's document, unless that has one which is there; true when that changed it.
///
/// # Errors
/// When the database cannot be written.
pub async fn link(conn: &mut DbConn, repository: &str, project: &str, stamp: &Stamp) -> Result<bool, DbError> {
    let changed = conn
        .exec(
            "linking a repository to its project",
            "UPDATE `tabRepository` r LEFT JOIN `tabProject` p ON p.name = r.project SET r.project = ?, r.modified = ?, \
             r.modified_by = ? WHERE r.name = ? AND p.name IS NULL",
            (project, time_value(stamp.local_now()), &stamp.user, repository),
        )
        .await?;
    Ok(changed > 0)
}

/// Who belongs to a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Enabled users, in the order of the members.
    pub users: Vec<String>,
    /// Logins of those who are no user here.
    pub unmatched: Vec<String>,
}

/// The members of a repository, matched with users by the last sync.
///
/// # Errors
/// When the database cannot be read.
pub async fn members_of(db: &Db, repository: &str) -> Result<Members, DbError> {
    let rows = db
        .rows(
            "reading members",
            "SELECT IFNULL(m.github_username, ''), u.name FROM `tabRepository Member` m \
             LEFT JOIN `tabUser` u ON u.name = m.user AND u.enabled = 1 \
             WHERE m.parent = ? AND m.parenttype = 'Repository' ORDER BY m.idx, m.name",
            (repository,),
        )
        .await?;
    let mut members = Members::default();
    for (login, user) in rows.into_iter().map(<(String, Option<String>)>::from_row) {
        match user {
            Some(user) if members.users.contains(&user) => {}
            Some(user) => members.users.push(user),
            None => members.unmatched.push(login),
        }
    }
    Ok(members)
}

fn first(row: Row) -> String {
    <(String,)>::from_row(row).0
}
