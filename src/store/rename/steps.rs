//! A rename of more rows than one transaction should hold: in steps, each a transaction of its own under the lease of whoever reads the
//! repository, and gone on with by the next one where it stops.
//!
//! A row of the table of renames says that it is under way. Until the last step the Repository stands under its old name, so that links and
//! forms find it, and nothing else is applied to it: what comes meanwhile waits.

use std::collections::BTreeSet;

use mysql_async::prelude::FromRow;

use crate::domain::Repository;
use crate::frappe::db::{Db, DbConn, DbError, Params, Tx, Value, retry_conflicts};
use crate::store::lease::{self, Holder, Taken};
use crate::store::repositories::{self, Hold};
use crate::store::rows::{DocTable, ISSUE, PARTS, PULL_REQUEST};
use crate::store::upsert::marks;
use crate::store::writer::Writer;

use super::{clear_place, moves, rename};

const WHAT: &str = "renaming a large repository";
/// What the row that says so stands under; no DocType is called this.
const UNDER_WAY: &str = "Repository (under way)";

/// How a large rename goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Rows of a repository above which it is large.
    pub above: u64,
    /// Rows in one transaction.
    pub rows: u64,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            above: 50_000,
            rows: 5_000,
        }
    }
}

/// Which of these repositories, by id, are being renamed in steps.
///
/// # Errors
/// When the database cannot be read.
pub async fn under_way(db: &Db, ids: &BTreeSet<u64>) -> Result<BTreeSet<u64>, DbError> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT r.github_id FROM `erpnext_github_rename` m JOIN `tabRepository` r ON r.name = m.old_name \
         WHERE m.doctype = ? AND r.github_id IN ({})",
        marks(ids.len())
    );
    let mut params = vec![Value::from(UNDER_WAY)];
    params.extend(ids.iter().map(|id| Value::from(id.to_string())));
    let rows = db.rows(WHAT, &sql, Params::Positional(params)).await?;
    let ids = rows.into_iter().map(|row| <(String,)>::from_row(row).0);
    Ok(ids.filter_map(|id| id.parse().ok()).collect())
}

/// Refuses to touch what a rename that is under way moves from or to.
pub(in crate::store) async fn refuse_while_under_way(conn: &mut DbConn, name: &str) -> Result<(), DbError> {
    let sql = "SELECT 1 FROM `erpnext_github_rename` WHERE doctype = ? AND (old_name = ? OR new_name = ?) LIMIT 1";
    match conn.row(WHAT, sql, (UNDER_WAY, name, name)).await? {
        None => Ok(()),
        Some(_) => Err(DbError::Shape {
            what: WHAT,
            reason: format!("{name} is moved step by step just now; what comes meanwhile waits until its next sync has done it"),
        }),
    }
}

/// Forgets the pairs of names of this transaction.
pub(super) async fn forget_names(conn: &mut DbConn) -> Result<(), DbError> {
    let sql = "DELETE FROM `erpnext_github_rename` WHERE doctype <> ?";
    conn.exec("forgetting old names", sql, (UNDER_WAY,)).await.map(drop)
}

/// Renames `repository` in steps where it has another name here and more rows than one transaction should hold, and ends such a rename that
/// somebody began. What is left to do afterwards is what `apply` does. False when `go_on` said no: the next call goes on. `writer` must
/// hold the lease of whoever reads the repository.
///
/// # Errors
/// When the database cannot be used, or the lease was lost.
pub async fn carry_large(
    writer: &Writer<'_>,
    repository: &Repository,
    steps: Steps,
    go_on: &(dyn Fn() -> bool + Send + Sync),
) -> Result<bool, DbError> {
    // One that was begun may lead to a name that is another one by now.
    while let Some(route) = route(writer.site.db(), repository, steps).await? {
        let carry = Carry {
            writer,
            id: repository.id,
            from: &route.from,
            to: &route.to,
        };
        if !route.is_begun {
            carry.begin().await?;
        }
        if !carry.all(steps.rows, go_on).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What came of a rename in steps that nobody held the lease for.
#[derive(Debug)]
pub enum Carried {
    /// Nothing of it is left to do, or there was nothing to do in steps.
    All,
    /// It was stopped: the next one goes on.
    InPart,
    /// Somebody else is at the repository.
    Busy(Holder),
}

/// As [`carry_large`], for `owner`, who does not read the repository: the lease of whoever does is taken where there is something to carry.
///
/// # Errors
/// As [`carry_large`].
pub async fn carry_large_alone(
    writer: &Writer<'_>,
    owner: &str,
    repository: &Repository,
    steps: Steps,
    go_on: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Carried, DbError> {
    let db = writer.site.db();
    if !is_large(db, repository, steps).await? {
        return Ok(Carried::All);
    }
    let lease = match lease::take(db, &lease::of_repository(repository.id), owner).await? {
        Taken::Ours(lease) => lease,
        Taken::Theirs(holder) => return Ok(Carried::Busy(holder)),
    };
    let beating = lease.keep_alive(db);
    let held = Writer {
        lease: Some(&lease),
        is_first: false,
        ..*writer
    };
    let carried = carry_large(&held, repository, steps, go_on).await;
    drop(beating);
    lease.release(db).await?;
    Ok(if carried? { Carried::All } else { Carried::InPart })
}

/// True where `repository` has another name here, and more rows than one transaction should rename.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_large(db: &Db, repository: &Repository, steps: Steps) -> Result<bool, DbError> {
    Ok(route(db, repository, steps).await?.is_some())
}

/// Where a rename in steps leads.
struct Route {
    from: String,
    to: String,
    is_begun: bool,
}

/// The rename in steps that is under way, or that must begin; none where there is nothing to do in steps.
async fn route(db: &Db, repository: &Repository, steps: Steps) -> Result<Option<Route>, DbError> {
    let Some(from) = repositories::named(db, repository.id).await? else {
        return Ok(None);
    };
    let begun = target(db, &from).await?;
    let is_begun = begun.is_some();
    let to = begun.unwrap_or_else(|| repository.name.to_string());
    let is_needed = from != to && (is_begun || rows(db, &from).await? > steps.above);
    Ok(is_needed.then_some(Route { from, to, is_begun }))
}

/// Where a rename of that document leads that is under way.
async fn target(db: &Db, from: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT new_name FROM `erpnext_github_rename` WHERE doctype = ? AND old_name = ?";
    let row = db.row(WHAT, sql, (UNDER_WAY, from)).await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// How many rows hang on a repository.
async fn rows(db: &Db, name: &str) -> Result<u64, DbError> {
    let mut all = 0;
    for table in [&ISSUE, &PULL_REQUEST].into_iter().chain(PARTS) {
        let sql = format!("SELECT COUNT(*) FROM `{}` WHERE repository = ?", table.table);
        let row = db.row(WHAT, &sql, (name,)).await?;
        all += row.map_or(0, |row| <(u64,)>::from_row(row).0);
    }
    Ok(all)
}

/// A rename under way.
struct Carry<'a> {
    writer: &'a Writer<'a>,
    id: u64,
    from: &'a str,
    to: &'a str,
}

impl Carry<'_> {
    /// A transaction of whoever holds the lease; nobody applies anything to the repository meanwhile.
    async fn transaction(&self) -> Result<Tx, DbError> {
        let mut tx = self.writer.site.db().begin().await?;
        if let Some(lease) = self.writer.lease {
            lease.hold(&mut tx).await?;
        }
        repositories::hold(&mut tx, self.id, Hold::Alone).await?;
        Ok(tx)
    }

    async fn begin(&self) -> Result<(), DbError> {
        retry_conflicts(|| async {
            let mut tx = self.transaction().await?;
            clear_place(&mut tx, self.writer.stamp, Some(self.from), self.id, self.to).await?;
            let sql = "INSERT INTO `erpnext_github_rename` (doctype, old_name, new_name) VALUES (?, ?, ?)";
            tx.exec(WHAT, sql, (UNDER_WAY, self.from, self.to)).await?;
            tx.commit().await
        })
        .await
    }

    async fn all(&self, rows: u64, go_on: &(dyn Fn() -> bool + Send + Sync)) -> Result<bool, DbError> {
        for table in [&ISSUE, &PULL_REQUEST] {
            while go_on() && self.items(table, rows).await? {}
        }
        for table in PARTS {
            while go_on() && self.parts(table, rows).await? {}
        }
        if !go_on() {
            return Ok(false);
        }
        self.end().await?;
        Ok(true)
    }

    /// Moves some issues or pull requests with all that refers to them; false when there were none.
    async fn items(&self, table: &'static DocTable, rows: u64) -> Result<bool, DbError> {
        retry_conflicts(|| async {
            let mut tx = self.transaction().await?;
            if moves::note_items(&mut tx, table, (self.from, self.to, self.id), Some(rows)).await? == 0 {
                return Ok(false);
            }
            moves::note_readers(&mut tx).await?;
            moves::move_references(&mut tx, &[table]).await?;
            moves::move_items(&mut tx, self.writer.stamp, self.to).await?;
            super::steps::forget_names(&mut tx).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Moves some parts, which are named by a hash and have nothing but a Link; false when there were none.
    async fn parts(&self, table: &DocTable, rows: u64) -> Result<bool, DbError> {
        retry_conflicts(|| async {
            let mut tx = self.transaction().await?;
            let sql = format!(
                "UPDATE `{}` SET repository = ? WHERE repository = ? AND BINARY repository <> ? LIMIT {rows}",
                table.table
            );
            let moved = tx.exec(WHAT, &sql, (self.to, self.from, self.to)).await?;
            tx.commit().await?;
            Ok(moved > 0)
        })
        .await
    }

    /// Moves the Repository itself, and what refers to it, last.
    async fn end(&self) -> Result<(), DbError> {
        retry_conflicts(|| async {
            let mut tx = self.transaction().await?;
            clear_place(&mut tx, self.writer.stamp, Some(self.from), self.id, self.to).await?;
            rename(&mut tx, self.writer.stamp, self.from, self.to, self.id).await?;
            let sql = "DELETE FROM `erpnext_github_rename` WHERE doctype = ? AND old_name = ?";
            tx.exec(WHAT, sql, (UNDER_WAY, self.from)).await?;
            tx.commit().await
        })
        .await
    }
}
