//! A repository is its numeric id; its name is an attribute that may change.
//!
//! A rename moves the Repository, its issues, pull requests and children, and everything that refers to any of them, within
//! the transaction that learned of it. A very large one goes in steps before that transaction.

mod moves;
mod steps;

use mysql_async::prelude::FromRow;

use crate::domain::Repository;
use crate::frappe::db::{DbConn, DbError};
use crate::frappe::links;
use crate::frappe::naming::random_name;

use super::cell::time_value;
use super::repositories::Hold;
use super::rows::{DOCUMENTS, REPOSITORY};
use super::stamp::Stamp;
use super::{cursors, repositories};

pub(super) use steps::refuse_while_under_way;
pub use steps::{Carried, Steps, carry_large, carry_large_alone, is_large, under_way};

/// Makes the document of `repository` stand under its present name: a document with its id is renamed, and a document of
/// another repository that stands there is moved aside.
pub(super) async fn settle(conn: &mut DbConn, stamp: &Stamp, repository: &Repository) -> Result<(), DbError> {
    let to = repository.name.as_str();
    let from = repositories::hold(conn, repository.id, Hold::Alone).await?;
    refuse_while_under_way(conn, to).await?;
    if from.as_deref() == Some(to) {
        return Ok(());
    }
    if let Some(from) = &from {
        refuse_while_under_way(conn, from).await?;
    }
    clear_place(conn, stamp, from.as_deref(), repository.id, to).await?;
    match from {
        Some(from) => rename(conn, stamp, &from, to, repository.id).await,
        None => Ok(()),
    }
}

/// Makes the name `to` free for the repository with that id, whose document is called `from`.
async fn clear_place(conn: &mut DbConn, stamp: &Stamp, from: Option<&str>, id: u64, to: &str) -> Result<(), DbError> {
    let occupant = conn
        .row(
            "finding a repository",
            "SELECT name, IFNULL(github_id, '') FROM `tabRepository` WHERE name = ? FOR UPDATE",
            (to,),
        )
        .await?
        .map(<(String, String)>::from_row);
    let last = to.rsplit('/').next().unwrap_or(to);
    match occupant {
        // Made by hand and never synced: it means this repository.
        Some((name, its)) if its.is_empty() => match from {
            Some(from) => make_way(conn, stamp, from, &name, (id, last)).await,
            None if name != to => rename(conn, stamp, &name, to, id).await,
            None => Ok(()),
        },
        Some((name, its)) if its != id.to_string() => {
            // No login has a dot, so that no repository can ever be called this; its next sync finds its real name by its id.
            let aside = format!("gh.{its}/{last}");
            rename(conn, stamp, &name, &aside, its.parse().unwrap_or(0)).await
        }
        _ => Ok(()),
    }
}

/// A document that somebody made by hand under the new name of `from` gives way: what refers to it means the repository that takes
/// its place. Its project is kept. One that has issues (of another program's making) is moved aside with them.
async fn make_way(conn: &mut DbConn, stamp: &Stamp, from: &str, made: &str, (id, last): (u64, &str)) -> Result<(), DbError> {
    const WHAT: &str = "making way for a rename";
    let items = conn
        .row(
            WHAT,
            "SELECT 1 FROM `tabRepository Issue` WHERE repository = ? UNION SELECT 1 FROM `tabRepository Pull Request` WHERE repository = ? LIMIT 1",
            (made, made),
        )
        .await?;
    if items.is_some() {
        let aside = format!("gh.before-{id}/{last}");
        return rename(conn, stamp, made, &aside, 0).await;
    }
    conn.exec(
        WHAT,
        "UPDATE `tabRepository` kept JOIN `tabRepository` made ON made.name = ? SET kept.project = made.project \
         WHERE kept.name = ? AND IFNULL(kept.project, '') = ''",
        (made, from),
    )
    .await?;
    // A Project that is connected with both stays connected once.
    conn.exec(
        WHAT,
        "DELETE c FROM `tabGitHub Project Repository` c JOIN `tabGitHub Project Repository` kept \
         ON kept.project = c.project AND kept.repository = ? WHERE c.repository = ?",
        (from, made),
    )
    .await?;
    for table in links::child_tables(conn, REPOSITORY.doctype).await? {
        let sql = format!("DELETE FROM `{table}` WHERE parenttype = 'Repository' AND parent = ?");
        conn.exec(WHAT, &sql, (made,)).await?;
    }
    conn.exec(WHAT, "DELETE FROM `tabRepository` WHERE name = ?", (made,))
        .await
        .map(drop)
}

/// Renames one repository and all that hangs on it.
async fn rename(conn: &mut DbConn, stamp: &Stamp, from: &str, to: &str, id: u64) -> Result<(), DbError> {
    moves::note_all(conn, from, to, id).await?;
    moves::note_readers(conn).await?;
    moves::move_references(conn, &DOCUMENTS).await?;
    moves::move_items(conn, stamp, to).await?;
    moves::move_repository(conn, stamp, from, to).await?;
    moves::move_project_links(conn).await?;
    // Every address is another one: whoever stops before all is read again leaves it to the next run.
    cursors::forget_walks(conn, id).await?;
    comment(conn, stamp, from, to).await?;
    steps::forget_names(conn).await
}

/// The line that Frappe's own rename leaves in the timeline.
async fn comment(conn: &mut DbConn, stamp: &Stamp, from: &str, to: &str) -> Result<(), DbError> {
    let now = time_value(stamp.local_now());
    let user = stamp.user.as_str();
    conn.exec(
        "noting the rename",
        "INSERT INTO `tabComment` (name, creation, modified, modified_by, owner, docstatus, idx, comment_type, comment_email, \
         comment_by, reference_doctype, reference_name, content, published, seen) \
         VALUES (?, ?, ?, ?, ?, 0, 0, 'Edit', ?, ?, 'Repository', ?, ?, 0, 0)",
        (
            random_name(),
            now.clone(),
            now,
            user,
            user,
            user,
            user,
            to,
            format!("renamed from <strong>{from}</strong> to <strong>{to}</strong>"),
        ),
    )
    .await
    .map(drop)
}
