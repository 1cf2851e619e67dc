//! Deliveries are taken up: by one worker at a time, wherever it runs, for as long as its lease lasts.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, retry_conflicts};
use crate::frappe::naming::random_name;
use crate::store::cell::time_value;

const WHAT: &str = "claiming deliveries";
/// How long a claim lasts. Nothing that is done with a claimed delivery waits for GitHub.
const LEASE: Duration = Duration::from_secs(60);
/// What was taken up so often and has not ended is taken up alone: should it end whoever works on it, the others go on.
const ALONE: u32 = 3;
/// Nothing is put off for so long; what seems to be was put off by a clock that was wrong.
const FAR: TimeDelta = TimeDelta::hours(1);

/// What shows that deliveries are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim(pub(super) String);

/// A delivery that is ours to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// GitHub's id of the delivery.
    pub id: String,
    /// GitHub's name of the event.
    pub event: String,
    /// By whose hook it came.
    pub source: String,
    /// What happened.
    pub action: Option<String>,
    /// Id of the repository.
    pub repository_id: Option<u64>,
    /// How often it was taken up, this time included.
    pub attempts: u32,
}

/// Takes up to `most` deliveries that wait, the longest waiting first, in the name of `owner`; one alone of those that were taken up often.
/// Those whose worker died wait again.
///
/// # Errors
/// When the database cannot be written.
pub async fn claim(db: &Db, owner: &str, most: usize, now: DateTime<Utc>) -> Result<(Claim, Vec<Claimed>), DbError> {
    let claim = Claim(format!("{owner}/{}", random_name()));
    let mut tries = 0;
    let taken = retry_conflicts(|| {
        tries += 1;
        take(db, &claim, most, now)
    })
    .await?;
    // Of a try whose answer was lost some may be ours.
    if taken == 0 && tries == 1 {
        return Ok((claim, Vec::new()));
    }
    let sql = "SELECT name, IFNULL(event, ''), IFNULL(source, ''), action, IFNULL(repository_id, ''), attempts FROM `tabGitHub Event` \
               WHERE status = 'processing' AND _lease_owner = ? ORDER BY available_at";
    let rows = match db.rows(WHAT, sql, (&claim.0,)).await {
        Ok(rows) => rows,
        Err(error) => {
            // Where that fails as well, the lease ends by itself.
            let _away_too = give_back(db, &claim).await;
            return Err(error);
        }
    };
    let claimed = rows.into_iter().map(|row| {
        let (id, event, source, action, repository_id, attempts) =
            <(String, String, String, Option<String>, String, u32)>::from_row(row);
        Claimed {
            id,
            event,
            source,
            action: action.filter(|action| !action.is_empty()),
            repository_id: repository_id.parse().ok(),
            attempts,
        }
    });
    Ok((claim, claimed.collect()))
}

async fn take(db: &Db, claim: &Claim, most: usize, now: DateTime<Utc>) -> Result<u64, DbError> {
    let mut conn = db.conn().await?;
    conn.exec(
        WHAT,
        "UPDATE `tabGitHub Event` SET status = 'unprocessed' WHERE status = 'processing' AND _lease_until < UTC_TIMESTAMP(6)",
        (),
    )
    .await?;
    let time = |moment: DateTime<Utc>| time_value(moment.naive_utc());
    let mut taken = 0;
    for (fits, most) in [("attempts < ?", most as u64), ("attempts >= ?", 1)] {
        if taken == 0 {
            let sql = format!(
                "UPDATE `tabGitHub Event` SET status = 'processing', attempts = attempts + 1, _lease_owner = ?, \
                 _lease_fencing = _lease_fencing + 1, _lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND \
                 WHERE status = 'unprocessed' AND (available_at <= ? OR available_at > ?) AND {fits} ORDER BY available_at LIMIT ?"
            );
            let params = (&claim.0, LEASE.as_secs(), time(now), time(now + FAR), ALONE, most);
            taken = conn.exec(WHAT, &sql, params).await?;
        }
    }
    Ok(taken)
}

/// Gives back what was claimed and not ended, so that others need not wait for the lease's end.
///
/// # Errors
/// When the database cannot be written; the lease then ends by itself.
pub async fn give_back(db: &Db, claim: &Claim) -> Result<u64, DbError> {
    let sql = "UPDATE `tabGitHub Event` SET status = 'unprocessed', attempts = GREATEST(attempts - 1, 0) \
               WHERE status = 'processing' AND _lease_owner = ?";
    retry_conflicts(|| db.exec("giving deliveries back", sql, (&claim.0,))).await
}
