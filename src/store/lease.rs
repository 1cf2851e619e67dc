//! Work that only one process may do at a time is held by a row: owner, end, and a fencing number.
//!
//! A process that stood still past the end of its lease finds a higher number in the row, in the transaction of its own
//! write, and writes nothing. No lock is held meanwhile, and nothing depends on a connection that lives on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Fence, Value};

use super::cell::time_of;

/// How long a lease lasts without a heartbeat. What a process leaves behind that was killed is taken over within 30 seconds: after this
/// time, and by whoever looks next (five seconds, `hooks/schedule.toml`). One that ran out is still ours as long as nobody took it, so that a
/// database that is away for longer ends nothing.
pub const LEASE_TIME: Duration = Duration::from_secs(20);

/// How often a lease that is kept alive is renewed.
const BEAT: Duration = Duration::from_secs(5);

/// Renews a lease until it is dropped.
#[derive(Debug)]
pub struct KeptAlive(tokio::task::JoinHandle<()>);

impl Drop for KeptAlive {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A lease that is ours until proven otherwise.
#[derive(Debug, Clone)]
pub struct Lease(Fence);

/// Who holds a lease that we wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its owner's name.
    pub owner: String,
    /// Seconds since its last sign of life.
    pub idle_seconds: i64,
    /// When the lease is free by itself if no further sign comes, by the database's clock.
    pub free_at: DateTime<Utc>,
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum Taken {
    /// It is ours.
    Ours(Lease),
    /// Somebody has it.
    Theirs(Holder),
}

/// Who is given a lease that has not run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Nobody.
    FromAll,
    /// Whoever has its owner's name: the same process, which begins anew.
    FromOthers,
}

/// Name of the lease that whoever reads the repository with that id holds.
#[must_use]
pub fn of_repository(id: u64) -> String {
    format!("sync:{id}")
}

/// Asks for the lease `name` in the name of `owner`, for [`LEASE_TIME`].
///
/// # Errors
/// When the database cannot be written.
pub async fn take(db: &Db, name: &str, owner: &str) -> Result<Taken, DbError> {
    ask(db, name, owner, Kept::FromAll).await
}

/// As [`take`], and takes a lease that this owner has already away from himself: what stands on the old one writes no more.
///
/// # Errors
/// When the database cannot be written.
pub async fn take_anew(db: &Db, name: &str, owner: &str) -> Result<Taken, DbError> {
    ask(db, name, owner, Kept::FromOthers).await
}

async fn ask(db: &Db, name: &str, owner: &str, kept: Kept) -> Result<Taken, DbError> {
    const WHAT: &str = "taking a lease";
    let mut conn = db.conn().await?;
    conn.exec(
        WHAT,
        "INSERT IGNORE INTO `erpnext_github_lease` (name, owner, fencing, lease_until, heartbeat) \
         VALUES (?, '', 0, '1970-01-01', '1970-01-01')",
        (name,),
    )
    .await?;
    let taken = conn
        .exec(
            WHAT,
            "UPDATE `erpnext_github_lease` SET owner = ?, fencing = fencing + 1, heartbeat = UTC_TIMESTAMP(6), \
             lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE name = ? AND (lease_until < UTC_TIMESTAMP(6) OR owner = ?)",
            (
                owner,
                LEASE_TIME.as_secs(),
                name,
                if kept == Kept::FromOthers { owner } else { "" },
            ),
        )
        .await?;
    let row = conn
        .row(
            WHAT,
            "SELECT owner, fencing, TIMESTAMPDIFF(SECOND, heartbeat, UTC_TIMESTAMP(6)), GREATEST(lease_until, UTC_TIMESTAMP(6)) \
             FROM `erpnext_github_lease` WHERE name = ?",
            (name,),
        )
        .await?;
    let (holder, fencing, idle_seconds, free_at) = row
        .map(<(String, u64, i64, Value)>::from_row)
        .ok_or(DbError::Fenced { what: WHAT })?;
    Ok(if taken == 1 && holder == owner {
        Taken::Ours(Lease(Fence::new(name, &holder, fencing)))
    } else {
        Taken::Theirs(Holder {
            owner: holder,
            idle_seconds,
            free_at: time_of(&free_at).unwrap_or_default().and_utc(),
        })
    })
}

impl Lease {
    /// Holds the lease within the transaction of a write: the row is locked until its end, and must still be ours.
    ///
    /// # Errors
    /// [`DbError::Fenced`] when another process has it.
    pub async fn hold(&self, conn: &mut DbConn) -> Result<(), DbError> {
        self.0.hold(conn).await
    }

    /// What every write of work that stands on it is held against.
    #[must_use]
    pub fn fence(&self) -> Fence {
        self.0.clone()
    }

    /// True as long as no other process has it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_ours(&self, db: &Db) -> Result<bool, DbError> {
        let (name, owner, fencing) = self.0.parts();
        let sql = "SELECT 1 FROM `erpnext_github_lease` WHERE name = ? AND owner = ? AND fencing = ?";
        let row = db.row("looking at a lease", sql, (name, owner, fencing)).await?;
        Ok(row.is_some())
    }

    /// Puts the end off by another [`LEASE_TIME`].
    ///
    /// # Errors
    /// [`DbError::Fenced`] when another process has it.
    async fn beat(&self, db: &Db) -> Result<(), DbError> {
        const WHAT: &str = "renewing a lease";
        let (name, owner, fencing) = self.0.parts();
        let renewed = db
            .exec(
                WHAT,
                "UPDATE `erpnext_github_lease` SET heartbeat = UTC_TIMESTAMP(6), lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND \
                 WHERE name = ? AND owner = ? AND fencing = ?",
                (LEASE_TIME.as_secs(), name, owner, fencing),
            )
            .await?;
        if renewed == 1 {
            Ok(())
        } else {
            Err(DbError::Fenced { what: WHAT })
        }
    }

    /// Beats by itself for as long as the answer lives: GitHub may keep a request, and its repetitions, longer than a lease lasts.
    #[must_use]
    pub fn keep_alive(&self, db: &Db) -> KeptAlive {
        let (lease, db) = (self.clone(), db.clone());
        KeptAlive(tokio::spawn(async move {
            loop {
                tokio::time::sleep(BEAT).await;
                match lease.beat(&db).await {
                    Ok(()) => {}
                    // Somebody else has it: the next write learns of it, and writes nothing.
                    Err(DbError::Fenced { .. }) => return,
                    Err(error) => tracing::debug!(error = %error, "a lease could not be renewed just now"),
                }
            }
        }))
    }

    /// Gives the lease back, so that the next one need not wait for its end.
    ///
    /// # Errors
    /// When the database cannot be written; the lease then ends by itself.
    pub async fn release(self, db: &Db) -> Result<(), DbError> {
        let (name, owner, fencing) = self.0.parts();
        db.exec(
            "releasing a lease",
            "UPDATE `erpnext_github_lease` SET lease_until = '1970-01-01' WHERE name = ? AND owner = ? AND fencing = ?",
            (name, owner, fencing),
        )
        .await
        .map(drop)
    }
}
