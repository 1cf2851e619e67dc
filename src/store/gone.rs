//! What GitHub no longer has: removed here too, or marked where somebody's document refers to it.

use std::collections::{BTreeSet, HashMap};

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Params, Value};
use crate::frappe::links;

use super::applied::Touched;
use super::cell::time_value;
use super::rows::{CHILDREN, DocTable, Home, ISSUE, PARTS, PULL_REQUEST};
use super::stamp::Stamp;
use super::upsert::{NAMES, Upsert, list, marks, texts};

/// Tables whose rows only tell a document's own history, and go with it.
const HISTORY: [(&str, &str, &str); 3] = [
    ("Version", "ref_doctype", "docname"),
    ("DocShare", "share_doctype", "share_name"),
    ("View Log", "reference_doctype", "reference_name"),
];

/// Documents of one DocType that are gone from GitHub.
pub(super) struct Gone<'a> {
    /// Their table.
    pub table: &'a DocTable,
    /// Repository that they belonged to.
    pub repository_id: u64,
    /// Number (for a part its id) and document name of each.
    pub names: Vec<(u64, String)>,
}

/// What tombstones of issues and pull requests are known by, as a list in SQL.
fn items() -> String {
    format!("('{}', '{}')", ISSUE.tombstone, PULL_REQUEST.tombstone)
}

/// Numbers that a tombstone stands for, and the moment (epoch seconds) from which on it holds.
pub(super) async fn tombstones(conn: &mut DbConn, repository_id: u64, table: &DocTable) -> Result<Vec<(u64, i64)>, DbError> {
    let rows = conn
        .rows(
            "reading tombstones",
            "SELECT number, version FROM `erpnext_github_tombstone` WHERE repository_id = ? AND entity = ?",
            (repository_id, table.tombstone),
        )
        .await?;
    Ok(rows.into_iter().map(<(u64, i64)>::from_row).collect())
}

/// Those of `numbers` that a tombstone stands for, and the moment from which on it holds.
pub(super) async fn dead_among(
    conn: &mut DbConn,
    repository_id: u64,
    tombstones: &[&str],
    numbers: &[u64],
) -> Result<HashMap<u64, i64>, DbError> {
    let mut dead = HashMap::new();
    for chunk in numbers.chunks(NAMES) {
        let (marks_of_numbers, numbers) = list(chunk.iter().copied().map(Value::UInt).collect());
        let sql = format!(
            "SELECT number, version FROM `erpnext_github_tombstone` \
             WHERE repository_id = ? AND entity IN ({}) AND number IN ({marks_of_numbers})",
            marks(tombstones.len()),
        );
        let mut params = vec![Value::UInt(repository_id)];
        params.extend(texts(tombstones.iter().copied()));
        params.extend(numbers);
        let rows = conn.rows("reading tombstones", &sql, Params::Positional(params)).await?;
        dead.extend(rows.into_iter().map(<(u64, i64)>::from_row));
    }
    Ok(dead)
}

/// The highest number that a document of `table` has, or a tombstone of it stands for, in a repository; 0 where there is none.
pub(super) async fn highest(conn: &mut DbConn, home: &Home<'_>, table: &DocTable) -> Result<u64, DbError> {
    let (name, number) = (table.table, table.tombstone);
    let sql = format!(
        "SELECT CAST(GREATEST(IFNULL((SELECT MAX(`{number}`) FROM `{name}` WHERE repository = ?), 0), \
         IFNULL((SELECT MAX(number) FROM `erpnext_github_tombstone` WHERE repository_id = ? AND entity = ?), 0)) AS UNSIGNED)"
    );
    let params = (home.repository, home.repository_id, number);
    let row = conn.row("reading the highest number", &sql, params).await?;
    Ok(row.map_or(0, |row| <(u64,)>::from_row(row).0))
}

/// Numbers of issues and pull requests that any tombstone stands for.
pub(super) async fn buried(db: &Db, repository_id: u64) -> Result<BTreeSet<u64>, DbError> {
    let sql = format!(
        "SELECT DISTINCT number FROM `erpnext_github_tombstone` WHERE repository_id = ? AND entity IN {}",
        items()
    );
    let rows = db.rows("reading tombstones", &sql, (repository_id,)).await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// Takes the tombstones of issues and pull requests that are there again.
pub(super) async fn lift(conn: &mut DbConn, repository_id: u64, numbers: &[u64]) -> Result<(), DbError> {
    lift_of(conn, repository_id, &items(), numbers).await
}

/// Takes the tombstones of parts that are there again.
pub(super) async fn lift_parts(conn: &mut DbConn, repository_id: u64, table: &DocTable, ids: &[u64]) -> Result<(), DbError> {
    lift_of(conn, repository_id, &format!("('{}')", table.tombstone), ids).await
}

async fn lift_of(conn: &mut DbConn, repository_id: u64, tombstones: &str, numbers: &[u64]) -> Result<(), DbError> {
    for chunk in numbers.chunks(NAMES) {
        let sql = format!(
            "DELETE FROM `erpnext_github_tombstone` WHERE repository_id = ? AND entity IN {tombstones} AND number IN ({})",
            marks(chunk.len())
        );
        let params = std::iter::once(repository_id).chain(chunk.iter().copied()).map(Value::UInt);
        conn.exec("lifting tombstones", &sql, Params::Positional(params.collect()))
            .await?;
    }
    Ok(())
}

impl Gone<'_> {
    /// Removes or marks them, and puts up their tombstones; gives how many were there, and those that were marked.
    pub(super) async fn remove(&self, conn: &mut DbConn, stamp: &Stamp) -> Result<(u64, Vec<Touched>), DbError> {
        let there = self.present(conn).await?;
        self.bury(conn, stamp).await?;
        self.take(conn, stamp, &there).await
    }

    /// Removes or marks the documents of these names, which are there; leaves no tombstone.
    pub(super) async fn take(&self, conn: &mut DbConn, stamp: &Stamp, there: &[String]) -> Result<(u64, Vec<Touched>), DbError> {
        let held = self.referred_to(conn, there).await?;
        let (marked, removed): (Vec<&str>, Vec<&str>) = there.iter().map(String::as_str).partition(|name| held.contains(*name));
        self.mark(conn, stamp, &marked).await?;
        self.delete(conn, &removed).await?;
        let touched = marked
            .into_iter()
            .map(|name| Touched {
                doctype: self.table.doctype,
                name: name.to_owned(),
                modified: stamp.local_now(),
            })
            .collect();
        Ok((there.len() as u64, touched))
    }

    /// Removes those of the documents of these names to which nothing refers that is not ours; gives how many.
    pub(super) async fn take_unreferred(&self, conn: &mut DbConn, there: &[String]) -> Result<u64, DbError> {
        let held = self.referred_to(conn, there).await?;
        let free: Vec<&str> = there
            .iter()
            .map(String::as_str)
            .filter(|name| !held.contains(*name))
            .collect();
        self.delete(conn, &free).await?;
        Ok(free.len() as u64)
    }

    async fn present(&self, conn: &mut DbConn) -> Result<Vec<String>, DbError> {
        let mut there = Vec::new();
        for chunk in self.names.chunks(NAMES) {
            let sql = format!(
                "SELECT name FROM `{}` WHERE deleted_on_github = 0 AND name IN ({}) FOR UPDATE",
                self.table.table,
                marks(chunk.len())
            );
            let rows = conn
                .rows(
                    "reading mirrored documents",
                    &sql,
                    Params::Positional(texts(chunk.iter().map(|(_, name)| name.as_str()))),
                )
                .await?;
            there.extend(rows.into_iter().map(|row| <(String,)>::from_row(row).0));
        }
        Ok(there)
    }

    async fn bury(&self, conn: &mut DbConn, stamp: &Stamp) -> Result<(), DbError> {
        if self.table.tombstone.is_empty() {
            return Ok(());
        }
        let rows = self
            .names
            .iter()
            .map(|(number, _)| {
                vec![
                    Value::UInt(self.repository_id),
                    Value::Bytes(self.table.tombstone.as_bytes().to_vec()),
                    Value::UInt(*number),
                    Value::Int(stamp.now.timestamp()),
                ]
            })
            .collect();
        let columns = ["repository_id", "entity", "number", "version"];
        Upsert {
            what: "putting up tombstones",
            table: "erpnext_github_tombstone",
            columns: &columns,
            updated: &columns[3..],
        }
        .write(conn, rows)
        .await
    }

    /// Those that something refers to which is not ours: a Task, a `ToDo`, a file, a comment of a person, a custom Link.
    async fn referred_to(&self, conn: &mut DbConn, names: &[String]) -> Result<BTreeSet<String>, DbError> {
        const WHAT: &str = "looking for references";
        let mut held = BTreeSet::new();
        if names.is_empty() {
            return Ok(held);
        }
        let parts = PARTS.iter().map(|part| part.doctype);
        let own: BTreeSet<&str> = CHILDREN.iter().map(|child| child.doctype).chain(parts).collect();
        let mut references = links::links_to(conn, self.table.doctype).await?;
        references.retain(|reference| !own.contains(reference.doctype.as_str()));
        references.extend(links::dynamic_links(conn).await?);
        let history: BTreeSet<&str> = HISTORY.iter().map(|(doctype, _, _)| *doctype).collect();
        references.retain(|reference| !history.contains(reference.doctype.as_str()));
        for chunk in names.chunks(NAMES) {
            let list = marks(chunk.len());
            let mut params = texts(chunk.iter().map(String::as_str));
            if !self.table.number.is_empty() {
                let own_link = format!(
                    "SELECT name FROM `{}` WHERE IFNULL(task, '') <> '' AND name IN ({list})",
                    self.table.table
                );
                for row in conn.rows(WHAT, &own_link, Params::Positional(params.clone())).await? {
                    held.insert(<(String,)>::from_row(row).0);
                }
            }
            params.extend(texts([self.table.doctype]));
            for reference in &references {
                let mut sql = format!(
                    "SELECT DISTINCT `{}` FROM `{}` WHERE `{0}` IN ({list})",
                    reference.column,
                    reference.table()
                );
                let mut params = params.clone();
                if reference.type_column.is_empty() {
                    params.pop();
                } else {
                    sql = format!("{sql} AND `{}` = ?", reference.type_column);
                }
                if reference.doctype == "Comment" {
                    sql.push_str(" AND comment_type = 'Comment'");
                }
                for row in conn.rows(WHAT, &sql, Params::Positional(params)).await? {
                    held.insert(<(String,)>::from_row(row).0);
                }
            }
        }
        Ok(held)
    }

    async fn mark(&self, conn: &mut DbConn, stamp: &Stamp, names: &[&str]) -> Result<(), DbError> {
        for chunk in names.chunks(NAMES) {
            let sql = format!(
                "UPDATE `{}` SET deleted_on_github = 1, modified = ?, modified_by = ? WHERE name IN ({})",
                self.table.table,
                marks(chunk.len())
            );
            let mut params = vec![time_value(stamp.local_now())];
            params.extend(texts([stamp.user.as_str()].into_iter().chain(chunk.iter().copied())));
            conn.exec("marking what is gone", &sql, Params::Positional(params)).await?;
        }
        Ok(())
    }

    async fn delete(&self, conn: &mut DbConn, names: &[&str]) -> Result<(), DbError> {
        const WHAT: &str = "removing what is gone";
        if names.is_empty() {
            return Ok(());
        }
        // Those that an administrator gave to our DocTypes are among them.
        let children = links::child_tables(conn, self.table.doctype).await?;
        for chunk in names.chunks(NAMES) {
            let list = marks(chunk.len());
            let params = || texts(chunk.iter().copied());
            for table in &children {
                let mut values = params();
                values.extend(texts([self.table.doctype]));
                let sql = format!("DELETE FROM `{table}` WHERE parent IN ({list}) AND parenttype = ?");
                conn.exec(WHAT, &sql, Params::Positional(values)).await?;
            }
            for (doctype, type_column, name_column) in
                HISTORY
                    .into_iter()
                    .chain([("Comment", "reference_doctype", "reference_name")])
            {
                let mut values = params();
                values.extend(texts([self.table.doctype]));
                let sql = format!("DELETE FROM `tab{doctype}` WHERE `{name_column}` IN ({list}) AND `{type_column}` = ?");
                match conn.exec(WHAT, &sql, Params::Positional(values)).await {
                    // A site without that log has nothing to remove.
                    Err(error) if error.refusal() == Some(crate::frappe::db::Refusal::Missing) => {}
                    other => drop(other?),
                }
            }
            let sql = format!("DELETE FROM `{}` WHERE name IN ({list})", self.table.table);
            conn.exec(WHAT, &sql, Params::Positional(params())).await?;
        }
        Ok(())
    }
}
