//! A repository is its numeric id; its name is an attribute that may change.
//!
//! A rename moves the Repository, its issues, pull requests and children, and everything that refers to any of them, within
//! the transaction that learned of it. The pairs of old and new names stand in a table of ours meanwhile, so that each
//! referring column takes one statement however many rows there are.

use mysql_async::prelude::FromRow;

use crate::domain::Repository;
use crate::frappe::db::{DbConn, DbError};
use crate::frappe::links::{self, Reference};
use crate::frappe::naming::random_name;
use crate::frappe::pending;

use super::cell::time_value;
use super::rows::{CHILDREN, DOCUMENTS, ISSUE, PULL_REQUEST, REPOSITORY};
use super::stamp::Stamp;
use super::{cursors, repositories};

/// DocTypes whose cached documents Frappe writes back whole, so that a copy from before the rename would undo it.
const CACHED: [&str; 3] = ["Project", "Task", "User"];

/// Makes the document of `repository` stand under its present name: a document with its id is renamed, and a document of
/// another repository that stands there is moved aside.
pub(super) async fn settle(conn: &mut DbConn, stamp: &Stamp, repository: &Repository) -> Result<(), DbError> {
    let to = repository.name.as_str();
    let from = repositories::name_of(conn, repository.id).await?;
    if from.as_deref() == Some(to) {
        return Ok(());
    }
    let occupant = conn
        .row(
            "finding a repository",
            "SELECT name, IFNULL(github_id, '') FROM `tabRepository` WHERE name = ? FOR UPDATE",
            (to,),
        )
        .await?
        .map(<(String, String)>::from_row);
    let own = repository.id.to_string();
    match occupant {
        // Made by hand and never synced: it means this repository.
        Some((name, id)) if id.is_empty() => match &from {
            Some(from) => make_way(conn, stamp, from, &name, repository).await?,
            None if name != to => return rename(conn, stamp, &name, to, repository.id).await,
            None => {}
        },
        Some((name, id)) if id != own => {
            // No login has a dot, so that no repository can ever be called this; its next sync finds its real name by its id.
            let aside = format!("gh.{id}/{}", repository.name.name());
            rename(conn, stamp, &name, &aside, id.parse().unwrap_or(0)).await?;
        }
        _ => {}
    }
    match from {
        Some(from) => rename(conn, stamp, &from, to, repository.id).await,
        None => Ok(()),
    }
}

/// A document that somebody made by hand under the new name of `from` gives way: what refers to it means the repository that takes
/// its place. Its project is kept. One that has issues (of another program's making) is moved aside with them.
async fn make_way(conn: &mut DbConn, stamp: &Stamp, from: &str, made: &str, repository: &Repository) -> Result<(), DbError> {
    const WHAT: &str = "making way for a rename";
    let items = conn
        .row(
            WHAT,
            "SELECT 1 FROM `tabRepository Issue` WHERE repository = ? UNION SELECT 1 FROM `tabRepository Pull Request` WHERE repository = ? LIMIT 1",
            (made, made),
        )
        .await?;
    if items.is_some() {
        let aside = format!("gh.before-{}/{}", repository.id, repository.name.name());
        return rename(conn, stamp, made, &aside, 0).await;
    }
    conn.exec(
        WHAT,
        "UPDATE `tabRepository` kept JOIN `tabRepository` made ON made.name = ? SET kept.project = made.project \
         WHERE kept.name = ? AND IFNULL(kept.project, '') = ''",
        (made, from),
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
    note_names(conn, from, to, id).await?;
    note_readers(conn).await?;
    let mut references = links::dynamic_links(conn).await?;
    for table in DOCUMENTS {
        for link in links::links_to(conn, table.doctype).await? {
            move_links(conn, table.doctype, &link).await?;
        }
    }
    references.retain(|reference| reference.doctype != "DocType Link");
    for reference in &references {
        move_dynamic_links(conn, reference).await?;
    }
    move_documents(conn, stamp, from, to).await?;
    move_project_links(conn).await?;
    // Every address is another one: whoever stops before all is read again leaves it to the next run.
    cursors::forget_walks(conn, id).await?;
    comment(conn, stamp, from, to).await?;
    conn.exec("forgetting old names", "DELETE FROM `erpnext_github_rename`", ())
        .await
        .map(drop)
}

/// What is remembered of Projects and Repositories that name each other follows, so that a rename connects and parts nobody.
async fn move_project_links(conn: &mut DbConn) -> Result<(), DbError> {
    const WHAT: &str = "renaming remembered links";
    let targets = "UPDATE `erpnext_github_project_link` l JOIN `erpnext_github_rename` m ON m.doctype = 'Repository' \
                   AND m.old_name = l.target SET l.target = m.new_name WHERE l.doctype = 'Project'";
    conn.exec(WHAT, targets, ()).await?;
    // They are remembered again at the next look: what a Repository names needs nobody's leave.
    let names = "DELETE l FROM `erpnext_github_project_link` l JOIN `erpnext_github_rename` m ON m.doctype = 'Repository' \
                 AND l.name IN (m.old_name, m.new_name) WHERE l.doctype = 'Repository'";
    conn.exec(WHAT, names, ()).await.map(drop)
}

/// Writes down every old name with its new one.
async fn note_names(conn: &mut DbConn, from: &str, to: &str, id: u64) -> Result<(), DbError> {
    const WHAT: &str = "noting new names";
    conn.exec(
        WHAT,
        "INSERT INTO `erpnext_github_rename` (doctype, old_name, new_name) VALUES ('Repository', ?, ?)",
        (from, to),
    )
    .await?;
    for table in [&ISSUE, &PULL_REQUEST] {
        let sql = format!(
            "INSERT INTO `erpnext_github_rename` (doctype, old_name, new_name) SELECT ?, name, \
             IF(CHAR_LENGTH(CONCAT(?, '-#', {number})) <= 140, CONCAT(?, '-#', {number}), CONCAT('gh-', ?, '-#', {number})) \
             FROM `{table}` WHERE repository = ?",
            number = table.number,
            table = table.table,
        );
        conn.exec(WHAT, &sql, (table.doctype, to, to, id, from)).await?;
    }
    Ok(())
}

/// Frappe caches which documents a user is confined to: with the old names he would lose sight of all of them.
async fn note_readers(conn: &mut DbConn) -> Result<(), DbError> {
    let sql = "SELECT DISTINCT p.user FROM `tabUser Permission` p \
               JOIN `erpnext_github_rename` m ON m.doctype = p.allow AND m.old_name = p.for_value WHERE p.user > ''";
    let rows = conn.rows("finding who reads a renamed repository", sql, ()).await?;
    let users: Vec<String> = rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect();
    pending::note_drops(conn, "User", &users).await
}

/// Moves the documents themselves and their children.
async fn move_documents(conn: &mut DbConn, stamp: &Stamp, from: &str, to: &str) -> Result<(), DbError> {
    const WHAT: &str = "renaming documents";
    for child in CHILDREN {
        let parent_column = child
            .parent_column
            .map(|column| format!(", c.`{column}` = m.new_name"))
            .unwrap_or_default();
        let sql = format!(
            "UPDATE `{}` c JOIN `erpnext_github_rename` m ON m.doctype = c.parenttype AND m.old_name = c.parent \
             SET c.parent = m.new_name{parent_column} WHERE c.parenttype = ?",
            child.table
        );
        conn.exec(WHAT, &sql, (child.parenttype,)).await?;
    }
    for parent in DOCUMENTS {
        // Child tables that an administrator gave to our DocTypes.
        let mut others = links::child_tables(conn, parent.doctype).await?;
        others.retain(|table| !CHILDREN.iter().any(|child| child.table == table));
        for table in others {
            let sql = format!(
                "UPDATE `{table}` c JOIN `erpnext_github_rename` m ON m.doctype = c.parenttype AND m.old_name = c.parent \
                 SET c.parent = m.new_name WHERE c.parenttype = ?"
            );
            conn.exec(WHAT, &sql, (parent.doctype,)).await?;
        }
    }
    let now = time_value(stamp.local_now());
    for table in [&ISSUE, &PULL_REQUEST] {
        let sql = format!(
            "UPDATE `{}` d JOIN `erpnext_github_rename` m ON m.doctype = ? AND m.old_name = d.name \
             SET d.name = m.new_name, d.repository = ?, d.modified = ?, d.modified_by = ?",
            table.table
        );
        conn.exec(WHAT, &sql, (table.doctype, to, now.clone(), stamp.user.as_str()))
            .await?;
    }
    let sql = format!(
        "UPDATE `{}` SET name = ?, full_name = ?, modified = ?, modified_by = ? WHERE name = ?",
        REPOSITORY.table
    );
    conn.exec(WHAT, &sql, (to, to, now, stamp.user.as_str(), from))
        .await
        .map(drop)
}

/// One Link column of somebody else's table; our own `repository` columns and children are moved with their documents.
async fn move_links(conn: &mut DbConn, doctype: &str, link: &Reference) -> Result<(), DbError> {
    let ours = DOCUMENTS
        .iter()
        .any(|table| table.doctype == link.doctype && table.doctype != REPOSITORY.doctype && link.column == "repository");
    let child = CHILDREN.iter().any(|table| table.doctype == link.doctype);
    if ours || child {
        return Ok(());
    }
    let sql = format!(
        "UPDATE `{table}` x JOIN `erpnext_github_rename` m ON m.doctype = ? AND m.old_name = x.`{column}` SET x.`{column}` = m.new_name",
        table = link.table(),
        column = link.column,
    );
    conn.exec("moving links", &sql, (doctype,)).await?;
    note_drops(conn, link, doctype).await
}

/// One Dynamic Link column: the DocType stands beside the name.
async fn move_dynamic_links(conn: &mut DbConn, link: &Reference) -> Result<(), DbError> {
    let sql = format!(
        "UPDATE `{table}` x JOIN `erpnext_github_rename` m ON m.doctype = x.`{kind}` AND m.old_name = x.`{column}` SET x.`{column}` = m.new_name",
        table = link.table(),
        column = link.column,
        kind = link.type_column,
    );
    conn.exec("moving links", &sql, ()).await.map(drop)
}

/// Notes cached documents whose row was changed.
async fn note_drops(conn: &mut DbConn, link: &Reference, doctype: &str) -> Result<(), DbError> {
    if !CACHED.contains(&link.doctype.as_str()) {
        return Ok(());
    }
    let sql = format!(
        "SELECT x.name FROM `{}` x JOIN `erpnext_github_rename` m ON m.doctype = ? AND m.new_name = x.`{}`",
        link.table(),
        link.column
    );
    let rows = conn.rows("finding cached documents", &sql, (doctype,)).await?;
    let names: Vec<String> = rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect();
    pending::note_drops(conn, &link.doctype, &names).await
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
