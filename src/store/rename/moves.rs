//! What a rename moves: documents, their children, and whatever refers to them. The pairs of old and new names stand in a table of ours
//! meanwhile, so that each referring column takes one statement however many rows there are.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{DbConn, DbError};
use crate::frappe::links::{self, Reference};
use crate::frappe::pending;
use crate::store::cell::time_value;
use crate::store::rows::{CHILDREN, DOCUMENTS, DocTable, ISSUE, PULL_REQUEST, REPOSITORY};
use crate::store::stamp::Stamp;

/// DocTypes whose cached documents Frappe writes back whole, so that a copy from before the rename would undo it.
const CACHED: [&str; 3] = ["Project", "Task", "User"];

/// Writes down the pair of a repository, and of at most so many of its issues and pull requests that still have the old name.
pub(super) async fn note_all(conn: &mut DbConn, from: &str, to: &str, id: u64) -> Result<(), DbError> {
    conn.exec(
        "noting new names",
        "INSERT INTO `erpnext_github_rename` (doctype, old_name, new_name) VALUES ('Repository', ?, ?)",
        (from, to),
    )
    .await?;
    for table in [&ISSUE, &PULL_REQUEST] {
        note_items(conn, table, (from, to, id), None).await?;
    }
    Ok(())
}

/// Writes down the pairs of issues or pull requests that still belong to `from`, or of some of them; gives how many. Those that were moved
/// are passed over byte by byte: MariaDB takes a name for the same whose letters are of the other case.
pub(super) async fn note_items(
    conn: &mut DbConn,
    table: &DocTable,
    (from, to, id): (&str, &str, u64),
    at_most: Option<u64>,
) -> Result<u64, DbError> {
    let limit = at_most.map_or_else(String::new, |count| format!(" ORDER BY name LIMIT {count}"));
    let sql = format!(
        "INSERT INTO `erpnext_github_rename` (doctype, old_name, new_name) SELECT ?, name, \
         IF(CHAR_LENGTH(CONCAT(?, '-#', {number})) <= 140, CONCAT(?, '-#', {number}), CONCAT('gh-', ?, '-#', {number})) \
         FROM `{table}` WHERE repository = ? AND BINARY repository <> ?{limit}",
        number = table.number,
        table = table.table,
    );
    conn.exec("noting new names", &sql, (table.doctype, to, to, id, from, to))
        .await
}

/// Moves everything that refers to documents of these tables whose names are noted.
pub(super) async fn move_references(conn: &mut DbConn, tables: &[&DocTable]) -> Result<(), DbError> {
    let mut references = links::dynamic_links(conn).await?;
    for table in tables {
        for link in links::links_to(conn, table.doctype).await? {
            move_links(conn, table.doctype, &link).await?;
        }
    }
    references.retain(|reference| reference.doctype != "DocType Link");
    for reference in &references {
        move_dynamic_links(conn, reference).await?;
    }
    Ok(())
}

/// What is remembered of Projects and Repositories that name each other follows, so that a rename connects and parts nobody.
pub(super) async fn move_project_links(conn: &mut DbConn) -> Result<(), DbError> {
    const WHAT: &str = "renaming remembered links";
    let targets = "UPDATE `erpnext_github_project_link` l JOIN `erpnext_github_rename` m ON m.doctype = 'Repository' \
                   AND m.old_name = l.target SET l.target = m.new_name WHERE l.doctype IN ('Project', 'Project row')";
    conn.exec(WHAT, targets, ()).await?;
    // They are remembered again at the next look: what a Repository names needs nobody's leave.
    let names = "DELETE l FROM `erpnext_github_project_link` l JOIN `erpnext_github_rename` m ON m.doctype = 'Repository' \
                 AND l.name IN (m.old_name, m.new_name) WHERE l.doctype IN ('Repository', 'Repository row')";
    conn.exec(WHAT, names, ()).await.map(drop)
}

/// Frappe caches which documents a user is confined to: with the old names he would lose sight of all of them.
pub(super) async fn note_readers(conn: &mut DbConn) -> Result<(), DbError> {
    let sql = "SELECT DISTINCT p.user FROM `tabUser Permission` p \
               JOIN `erpnext_github_rename` m ON m.doctype = p.allow AND m.old_name = p.for_value WHERE p.user > ''";
    let rows = conn.rows("finding who reads a renamed repository", sql, ()).await?;
    let users: Vec<String> = rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect();
    pending::note_drops(conn, "User", &users).await
}

/// Moves the children of documents whose names are noted, and issues and pull requests themselves.
pub(super) async fn move_items(conn: &mut DbConn, stamp: &Stamp, to: &str) -> Result<(), DbError> {
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
    Ok(())
}

/// Moves the Repository itself.
pub(super) async fn move_repository(conn: &mut DbConn, stamp: &Stamp, from: &str, to: &str) -> Result<(), DbError> {
    let now = time_value(stamp.local_now());
    let sql = format!(
        "UPDATE `{}` SET name = ?, full_name = ?, modified = ?, modified_by = ? WHERE name = ?",
        REPOSITORY.table
    );
    conn.exec("renaming documents", &sql, (to, to, now, stamp.user.as_str(), from))
        .await?;
    move_secrets(conn, from, to).await
}

/// Frappe keeps a document's passwords by its name. What lies under the new one belongs to nobody any more.
async fn move_secrets(conn: &mut DbConn, from: &str, to: &str) -> Result<(), DbError> {
    const WHAT: &str = "renaming stored secrets";
    let old = "DELETE FROM `__Auth` WHERE doctype = 'Repository' AND name = ? AND name <> ?";
    conn.exec(WHAT, old, (to, from)).await?;
    let moved = "UPDATE `__Auth` SET name = ? WHERE doctype = 'Repository' AND name = ?";
    conn.exec(WHAT, moved, (to, from)).await.map(drop)
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
