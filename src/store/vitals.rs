//! How fresh a site's mirror is, for `/metrics`: a few small statements that read indexes.

use chrono::{DateTime, NaiveDateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Value};

use super::cell::time_of;
use super::cursors::{ITEMS, PULL_REQUESTS};
use super::inbox::EventStatus;
use super::stamp::Stamp;

/// What is told of a site.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vitals {
    /// When a delivery came in last.
    pub last_event: Option<DateTime<Utc>>,
    /// When the delivery came in that waits longest.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Deliveries that were given up, and repositories whose last sync was not whole.
    pub failures: u64,
    /// Since when the repository that was proven longest ago is proven to be in step, as far as a comparison from afar sees; none where
    /// nothing is followed.
    pub proven: Option<DateTime<Utc>>,
    /// The same for what only a sync sees: members and labels.
    pub read: Option<DateTime<Utc>>,
}

/// Looks.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, stamp: &Stamp) -> Result<Vitals, DbError> {
    const WHAT: &str = "looking how fresh things are";
    let local = |value: &Value| time_of(value).map(|naive: NaiveDateTime| stamp.zone.to_utc(naive));
    let utc = |value: &Value| time_of(value).map(|naive| naive.and_utc());
    let events = "SELECT (SELECT MAX(received_at) FROM `tabGitHub Event`), \
                  (SELECT MIN(received_at) FROM `tabGitHub Event` WHERE status IN ('unprocessed', 'processing')), \
                  (SELECT COUNT(*) FROM `tabGitHub Event` WHERE status = ?) \
                  + (SELECT COUNT(*) FROM `tabRepository` WHERE enabled = 1 AND IFNULL(last_sync_error, '') <> '')";
    let mut vitals = Vitals::default();
    if let Some(row) = db.row(WHAT, events, (EventStatus::Errored.as_str(),)).await? {
        let (last, oldest, failures) = <(Value, Value, u64)>::from_row(row);
        vitals.last_event = local(&last);
        vitals.oldest_waiting = local(&oldest);
        vitals.failures = failures;
    }
    let repositories = "SELECT MIN(GREATEST(c.cursor_at, IFNULL(p.proven_at, c.cursor_at))), MIN(c.cursor_at) FROM `tabRepository` r \
                        JOIN (SELECT repository_id, MAX(cursor_at) AS cursor_at FROM `erpnext_github_cursor` \
                        WHERE entity IN (?, ?) AND cursor_at IS NOT NULL GROUP BY repository_id) c \
                        ON c.repository_id = CAST(r.github_id AS UNSIGNED) \
                        LEFT JOIN `erpnext_github_proof` p ON p.repository_id = c.repository_id \
                        WHERE r.enabled = 1 AND r.deleted_on_github = 0";
    if let Some(row) = db.row(WHAT, repositories, (ITEMS, PULL_REQUESTS)).await? {
        let (proven, read) = <(Value, Value)>::from_row(row);
        vitals.proven = utc(&proven);
        vitals.read = utc(&read);
    }
    Ok(vitals)
}
