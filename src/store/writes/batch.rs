//! Writes that were asked for as one: all are written down before the first is sent, so that they can be gone on with after any end.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::Person;
use crate::frappe::db::{Db, DbConn, DbError, Params, Value, retry_conflicts};
use crate::frappe::naming::{random_name, stable_child_name};
use crate::store::cell::time_value;
use crate::store::lease::Lease;
use crate::store::stamp::Stamp;
use crate::store::upsert::{Upsert, texts};

use super::begin::{INSERTED, NewWrite, values};
use super::row::{ActingAs, COLUMNS, DEAD_AFTER, WriteRow, WriteStatus, row};

const WHAT: &str = "noting a batch of writes";
/// How long a batch is gone on with by itself, and by a second press.
const OPEN_FOR: TimeDelta = TimeDelta::days(1);

/// One write of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchItem {
    /// What is asked for, as JSON.
    pub request: String,
}

/// A batch that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct NewBatch<'a> {
    /// GitHub's side of its writes, by name.
    pub kind: &'a str,
    /// Name of the Repository document.
    pub repository: &'a str,
    /// Which repository that is on GitHub, whatever it will be called.
    pub repository_id: u64,
    /// Account on GitHub behind the token.
    pub acting: Option<&'a Person>,
    /// In whose name.
    pub acting_as: ActingAs,
    /// What it holds; equal batches of a repository have the same key.
    pub key: &'a str,
    /// Its writes, in order.
    pub items: &'a [BatchItem],
}

/// The batch of that key which is not whole yet and younger than a day, if there is one, else a new one with all its rows; gives its name.
/// What failed of an earlier press is to be sent again.
///
/// # Errors
/// When the database cannot be written.
pub async fn begin_batch(db: &Db, stamp: &Stamp, new: &NewBatch<'_>) -> Result<String, DbError> {
    // Outside, so that a transaction that is repeated after its commit finds its own rows.
    let fresh = format!("{}-{}", new.key, &random_name()[..4]);
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        // One at a time: two presses at once are one batch.
        tx.exec(
            WHAT,
            "INSERT IGNORE INTO `erpnext_github_lease` (name, owner, fencing, lease_until, heartbeat) \
             VALUES (?, '', 0, '1970-01-01', '1970-01-01')",
            (lease_name(new.key),),
        )
        .await?;
        let locked = "SELECT 1 FROM `erpnext_github_lease` WHERE name = ? FOR UPDATE";
        tx.row(WHAT, locked, (lease_name(new.key),)).await?;
        let since = time_value((stamp.now - OPEN_FOR).naive_utc());
        let open = tx
            .row(
                WHAT,
                "SELECT batch FROM `tabGitHub Write` WHERE batch LIKE CONCAT(?, '-%') AND _sent_at > ? AND status <> 'done' LIMIT 1",
                (new.key, since),
            )
            .await?;
        let batch = if let Some(open) = open {
            let (batch,) = <(String,)>::from_row(open);
            tx.exec(
                WHAT,
                "UPDATE `tabGitHub Write` SET status = 'waiting', reason = NULL WHERE batch = ? AND status = 'failed'",
                (batch.as_str(),),
            )
            .await?;
            batch
        } else {
            insert(&mut tx, stamp, new, &fresh).await?;
            fresh.clone()
        };
        tx.commit().await?;
        Ok(batch)
    })
    .await
}

async fn insert(conn: &mut DbConn, stamp: &Stamp, new: &NewBatch<'_>, batch: &str) -> Result<(), DbError> {
    let columns: Vec<&str> = INSERTED.into_iter().chain(["batch", "position"]).collect();
    let rows = (1_u64..).zip(new.items).map(|(position, item)| {
        let one = NewWrite {
            kind: new.kind,
            repository: new.repository,
            repository_id: new.repository_id,
            number: None,
            task: None,
            acting: new.acting,
            acting_as: new.acting_as,
            request: &item.request,
            claim: "",
        };
        // The name follows from the place, so that a transaction that is repeated after its commit makes no second one.
        let name = stable_child_name(&["GitHub Write", batch, &position.to_string()]);
        let mut row = values(&name, stamp, &one, WriteStatus::Waiting);
        row.extend(texts([batch]));
        row.push(Value::UInt(position));
        row
    });
    let upsert = Upsert {
        what: WHAT,
        table: "tabGitHub Write",
        columns: &columns,
        updated: &["modified"],
    };
    upsert.write(conn, rows.collect()).await
}

/// Name of the lease that is held while a batch with that key, or of that name, is worked on.
#[must_use]
pub fn lease_name(batch: &str) -> String {
    let key = batch.split('-').next().unwrap_or_default();
    format!("writes:{key}")
}

/// All rows of a batch, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn batch_of(db: &Db, batch: &str) -> Result<Vec<WriteRow>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM `tabGitHub Write` WHERE batch = ? ORDER BY position");
    Ok(db
        .rows("reading a batch", &sql, (batch,))
        .await?
        .into_iter()
        .map(row)
        .collect())
}

/// Marks the first waiting row of a batch as being sent, and gives it; none when none waits. It is ours alone: the lease is held meanwhile.
///
/// # Errors
/// [`DbError::Fenced`] when another process works on the batch; others when the database cannot be written.
pub async fn take_next(db: &Db, stamp: &Stamp, lease: &Lease, batch: &str) -> Result<Option<WriteRow>, DbError> {
    // Repeated after a commit that was answered to a broken connection, it takes the next row; the first is looked for like any lost one.
    retry_conflicts(|| take_once(db, stamp, lease, batch)).await
}

async fn take_once(db: &Db, stamp: &Stamp, lease: &Lease, batch: &str) -> Result<Option<WriteRow>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM `tabGitHub Write` WHERE batch = ? AND status = 'waiting' ORDER BY position LIMIT 1");
    let mut tx = db.begin().await?;
    lease.hold(&mut tx).await?;
    let Some(mut next) = tx.row(WHAT, &sql, (batch,)).await?.map(row) else {
        tx.commit().await?;
        return Ok(None);
    };
    let mut params = vec![time_value(stamp.local_now()), time_value(stamp.now.naive_utc())];
    params.extend(texts([next.name.as_str()]));
    tx.exec(
        WHAT,
        "UPDATE `tabGitHub Write` SET status = 'sending', sent_at = ?, _sent_at = ?, _not_before = NULL, reason = NULL WHERE name = ?",
        Params::Positional(params),
    )
    .await?;
    tx.commit().await?;
    (next.status, next.sent_at) = (WriteStatus::Sending, stamp.now);
    Ok(Some(next))
}

/// Puts a row that was not done back among the waiting ones.
///
/// # Errors
/// When the database cannot be written.
pub async fn wait_again(db: &Db, name: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub Write` SET status = 'waiting' WHERE name = ? AND status IN ('sending', 'unknown')";
    retry_conflicts(|| db.exec(WHAT, sql, (name,))).await.map(drop)
}

/// Gives up the rest of a batch: all that waits failed for this reason.
///
/// # Errors
/// When the database cannot be written.
pub async fn give_up(db: &Db, stamp: &Stamp, batch: &str, reason: &str) -> Result<(), DbError> {
    let now = time_value(stamp.local_now());
    let sql = "UPDATE `tabGitHub Write` SET status = 'failed', reason = ?, settled_at = ?, modified = ? WHERE batch = ? AND status = 'waiting'";
    retry_conflicts(|| db.exec(WHAT, sql, (reason, now.clone(), now.clone(), batch)))
        .await
        .map(drop)
}

/// Lets the rest of a batch wait until a moment, which GitHub named.
///
/// # Errors
/// When the database cannot be written.
pub async fn put_off(db: &Db, batch: &str, until: DateTime<Utc>) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub Write` SET _not_before = ? WHERE batch = ? AND status = 'waiting'";
    retry_conflicts(|| db.exec(WHAT, sql, (time_value(until.naive_utc()), batch)))
        .await
        .map(drop)
}

/// Batches that are to be gone on with at `now`: something waits and is not put off, or was lost.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_batches(db: &Db, now: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    let at = |moment: DateTime<Utc>| time_value(moment.naive_utc());
    let rows = db
        .rows(
            "listing batches",
            "SELECT DISTINCT batch FROM `tabGitHub Write` WHERE batch IS NOT NULL AND _sent_at > ? \
             AND ((status = 'waiting' AND (_not_before IS NULL OR _not_before <= ?)) OR status = 'unknown' \
             OR (status = 'sending' AND _sent_at <= ?)) ORDER BY batch",
            (at(now - OPEN_FOR), at(now), at(now - DEAD_AFTER)),
        )
        .await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}
