//! Deliveries are ended, in the transaction of what they changed.

use chrono::{DateTime, Utc};

use crate::domain::text::cut_bytes;
use crate::frappe::db::{Db, DbConn, DbError, Params, Value, retry_conflicts};
use crate::store::cell::time_value;
use crate::store::stamp::Stamp;
use crate::store::upsert::{marks, texts};

use super::{Claim, EventStatus, payload};

/// Bytes of `reason`.
const REASON: usize = 60_000;

/// What became of a delivery that was worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Applied.
    Processed,
    /// Left out, for a reason; what GitHub sent is not kept.
    Ignored(String),
    /// Nobody knows what to do with it, for a reason.
    Unhandled(String),
    /// Given up, for a reason.
    Errored(String),
    /// To be tried again from that moment on, for a reason.
    Later(DateTime<Utc>, String),
    /// To be taken up again from that moment on, for a reason that is none of its own: it was not tried.
    Waits(DateTime<Utc>, String),
}

impl Verdict {
    /// The status of a delivery that ends so.
    #[must_use]
    pub fn status(&self) -> EventStatus {
        match self {
            Self::Processed => EventStatus::Processed,
            Self::Ignored(_) => EventStatus::Ignored,
            Self::Unhandled(_) => EventStatus::Unhandled,
            Self::Errored(_) => EventStatus::Errored,
            Self::Later(..) | Self::Waits(..) => EventStatus::Unprocessed,
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Processed => "",
            Self::Ignored(reason)
            | Self::Unhandled(reason)
            | Self::Errored(reason)
            | Self::Later(_, reason)
            | Self::Waits(_, reason) => reason,
        }
    }
}

/// Some deliveries of one claim with one end.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// What shows that they are ours.
    pub claim: &'a Claim,
    /// Their ids.
    pub ids: &'a [&'a str],
    /// What became of them.
    pub verdict: &'a Verdict,
}

impl Ended<'_> {
    /// Writes it within a transaction.
    ///
    /// # Errors
    /// [`DbError::Fenced`] when somebody else has one of them; nothing of the transaction must stay then.
    pub(in crate::store) async fn write(&self, conn: &mut DbConn, stamp: &Stamp) -> Result<(), DbError> {
        const WHAT: &str = "ending deliveries";
        if self.ids.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE `tabGitHub Event` SET status = ?, reason = ?, available_at = IFNULL(?, available_at), \
             attempts = GREATEST(attempts - ?, 0), _lease_owner = NULL, \
             _lease_until = NULL, modified = ?, modified_by = ? WHERE status = 'processing' AND _lease_owner = ? AND name IN ({})",
            marks(self.ids.len())
        );
        let due = match self.verdict {
            Verdict::Later(due, _) | Verdict::Waits(due, _) => time_value(due.naive_utc()),
            _ => Value::NULL,
        };
        let mut params = texts([self.verdict.status().as_str(), cut_bytes(self.verdict.reason(), REASON)]);
        let untried = matches!(self.verdict, Verdict::Waits(..));
        params.extend([due, Value::Int(untried.into()), time_value(stamp.local_now())]);
        params.extend(texts([stamp.user.as_str(), self.claim.0.as_str()]));
        params.extend(texts(self.ids.iter().copied()));
        let ended = conn.exec(WHAT, &sql, Params::Positional(params)).await?;
        if ended != self.ids.len() as u64 {
            return Err(DbError::Fenced { what: WHAT });
        }
        if matches!(self.verdict, Verdict::Ignored(_)) {
            payload::remove(conn, self.ids).await?;
        }
        Ok(())
    }
}

/// Ends deliveries that changed nothing. What somebody else took over meanwhile is left to him.
///
/// # Errors
/// When the database cannot be written.
pub async fn end(db: &Db, stamp: &Stamp, ended: &Ended<'_>) -> Result<(), DbError> {
    let written = retry_conflicts(|| async { ended.write(&mut db.conn().await?, stamp).await }).await;
    match written {
        Err(DbError::Fenced { .. }) => Ok(()),
        written => written,
    }
}

/// Has a delivery tried again that was ended; false where it is not there, waits already, or has no payload any more.
///
/// # Errors
/// When the database cannot be written.
pub async fn retry(db: &Db, stamp: &Stamp, id: &str) -> Result<bool, DbError> {
    let retried = db
        .exec(
            "trying a delivery again",
            "UPDATE `tabGitHub Event` SET status = 'unprocessed', reason = NULL, attempts = 0, available_at = ?, \
             modified = ?, modified_by = ? WHERE name = ? AND status NOT IN ('unprocessed', 'processing') \
             AND EXISTS (SELECT 1 FROM `erpnext_github_payload` WHERE delivery_id = ?)",
            (
                time_value(stamp.now.naive_utc()),
                time_value(stamp.local_now()),
                stamp.user.as_str(),
                id,
                id,
            ),
        )
        .await?;
    Ok(retried > 0)
}
