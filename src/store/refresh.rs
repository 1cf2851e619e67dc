//! What is to be read from GitHub because something told of it without saying it: once for all that told of it meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::text::cut_bytes;
use crate::frappe::db::{Db, DbConn, DbError, Value, retry_conflicts};

use super::cell::time_value;

/// Bytes of a reason that are kept.
const REASON: usize = 60_000;
/// Rows that are looked at in one go.
const AT_ONCE: u32 = 200;
/// How long a count that nobody waits for may be collected.
const AT_LEISURE: TimeDelta = TimeDelta::hours(1);

/// Nothing is put off for so long.
const FAR: TimeDelta = TimeDelta::days(1);

/// What of a repository is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The repository itself.
    Repository,
    /// Issues and pull requests that changed since a moment.
    Items,
    /// The list of branches.
    Branches,
    /// The list of collaborators.
    Members,
    /// The list of labels.
    Labels,
    /// The list of milestones.
    Milestones,
    /// The list of releases.
    Releases,
    /// Comments that changed since a moment.
    Comments,
    /// Commits of the default branch; after the branches, which tell the newest one.
    Commits,
}

impl Part {
    const ALL: [Self; 9] = [
        Self::Repository,
        Self::Items,
        Self::Branches,
        Self::Members,
        Self::Labels,
        Self::Milestones,
        Self::Releases,
        Self::Comments,
        Self::Commits,
    ];
    /// Those that hold addresses, all of which are other ones when the repository has another name.
    const WITH_ADDRESSES: [Self; 5] = [Self::Items, Self::Milestones, Self::Releases, Self::Comments, Self::Commits];

    fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Items => "items",
            Self::Branches => "branches",
            Self::Members => "members",
            Self::Labels => "labels",
            Self::Milestones => "milestones",
            Self::Releases => "releases",
            Self::Comments => "comments",
            Self::Commits => "commits",
        }
    }
}

/// One part of one repository that is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    part: Part,
    /// GitHub's seconds of the epoch.
    since: i64,
    /// How long it may wait for others.
    patience: TimeDelta,
}

impl Mark {
    /// The whole part, as soon as somebody has time.
    #[must_use]
    pub fn now(part: Part) -> Self {
        Self {
            part,
            since: 0,
            patience: TimeDelta::zero(),
        }
    }

    /// What of the part changed since a moment of GitHub's clock: of commits whatever is new. The other lists are read whole anyway.
    #[must_use]
    pub fn since(part: Part, since: i64) -> Self {
        Self {
            since,
            ..Self::now(part)
        }
    }

    /// Issues and pull requests that changed since a moment of GitHub's clock.
    #[must_use]
    pub fn items_since(since: i64) -> Self {
        Self::since(Part::Items, since)
    }

    /// Commits that the default branch has now and had not before.
    #[must_use]
    pub fn new_commits() -> Self {
        Self::since(Part::Commits, 1)
    }

    /// The part, once an hour at most.
    #[must_use]
    pub fn at_leisure(part: Part) -> Self {
        Self {
            patience: AT_LEISURE,
            ..Self::now(part)
        }
    }

    /// Writes it within a transaction; what is marked already is marked once more.
    pub(super) async fn write(self, conn: &mut DbConn, repository_id: u64, now: DateTime<Utc>) -> Result<(), DbError> {
        conn.exec(
            "marking what is to be read",
            "INSERT INTO `erpnext_github_refresh` (repository_id, entity, since, marked_at, due_at) VALUES (?, ?, ?, ?, ?) \
             ON DUPLICATE KEY UPDATE marks = marks + 1, since = LEAST(since, VALUES(since)), due_at = LEAST(due_at, VALUES(due_at))",
            (
                repository_id,
                self.part.as_str(),
                self.since,
                time_value(now.naive_utc()),
                time_value((now + self.patience).naive_utc()),
            ),
        )
        .await
        .map(drop)
    }
}

/// A mark as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Numeric id of the repository.
    pub repository_id: u64,
    /// What is to be read.
    pub part: Part,
    /// Since when, in GitHub's seconds of the epoch; 0 for the whole part.
    pub since: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// How often it was marked: what is marked meanwhile is read again.
    marks: u64,
}

/// Marks everything that has an address in a repository, which is about to get another name.
///
/// # Errors
/// When the database cannot be written.
pub async fn mark_addresses(db: &Db, repository_id: u64, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    for part in Part::WITH_ADDRESSES {
        Mark::now(part).write(&mut tx, repository_id, now).await?;
    }
    tx.commit().await
}

/// Marks that part of all repositories of an account that are followed, by the account's number; gives how many rows were written.
///
/// # Errors
/// When the database cannot be written.
pub async fn mark_of_owner(db: &Db, owner: u64, part: Part, now: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "INSERT INTO `erpnext_github_refresh` (repository_id, entity, since, marked_at, due_at) \
               SELECT CAST(github_id AS UNSIGNED), ?, 0, ?, ? FROM `tabRepository` \
               WHERE owner_id = ? AND enabled = 1 AND IFNULL(deleted_on_github, 0) = 0 AND github_id REGEXP '^[0-9]+$' \
               ON DUPLICATE KEY UPDATE marks = marks + 1, since = 0, due_at = LEAST(due_at, VALUES(due_at))";
    let now = time_value(now.naive_utc());
    retry_conflicts(|| {
        db.exec(
            "marking what is to be read",
            sql,
            (part.as_str(), now.clone(), now.clone(), owner.to_string()),
        )
    })
    .await
}

/// What is due, and what lies so far ahead that a clock that was wrong put it off.
fn due_before_or_after(now: DateTime<Utc>) -> (Value, Value) {
    (time_value(now.naive_utc()), time_value((now + FAR).naive_utc()))
}

/// What is due, the longest waiting repository first; the parts of one follow each other.
///
/// # Errors
/// When the database cannot be read.
pub async fn due(db: &Db, now: DateTime<Utc>) -> Result<Vec<Due>, DbError> {
    let sql = format!(
        "SELECT repository_id, entity, since, attempts, marks FROM `erpnext_github_refresh` WHERE due_at <= ? OR due_at > ? ORDER BY due_at LIMIT {AT_ONCE}"
    );
    let rows = db.rows("listing what is to be read", &sql, due_before_or_after(now)).await?;
    let all = rows.into_iter().filter_map(|row| {
        let (repository_id, entity, since, attempts, marks) = <(u64, String, i64, u32, u64)>::from_row(row);
        Some(Due {
            repository_id,
            // A part that a later version knows waits for it.
            part: Part::ALL.into_iter().find(|part| part.as_str() == entity)?,
            since,
            attempts,
            marks,
        })
    });
    let mut due: Vec<Due> = Vec::new();
    for one in all {
        let place = due.iter().rposition(|before| before.repository_id == one.repository_id);
        due.insert(place.map_or(due.len(), |at| at + 1), one);
    }
    Ok(due)
}

/// True when something is due.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_due(db: &Db, now: DateTime<Utc>) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `erpnext_github_refresh` WHERE due_at <= ? OR due_at > ? LIMIT 1";
    let row = db
        .row("looking for what is to be read", sql, due_before_or_after(now))
        .await?;
    Ok(row.is_some())
}

/// Removes a mark whose part was read, unless it was marked again since `read` was.
///
/// # Errors
/// When the database cannot be written.
pub async fn done(db: &Db, read: &Due) -> Result<(), DbError> {
    db.exec(
        "noting what was read",
        "DELETE FROM `erpnext_github_refresh` WHERE repository_id = ? AND entity = ? AND marks = ?",
        (read.repository_id, read.part.as_str(), read.marks),
    )
    .await
    .map(drop)
}

/// Has a mark wait for somebody who is at the repository.
///
/// # Errors
/// When the database cannot be written.
pub async fn wait(db: &Db, one: &Due, until: DateTime<Utc>) -> Result<(), DbError> {
    db.exec(
        "waiting to read",
        "UPDATE `erpnext_github_refresh` SET due_at = ? WHERE repository_id = ? AND entity = ?",
        (time_value(until.naive_utc()), one.repository_id, one.part.as_str()),
    )
    .await
    .map(drop)
}

/// Puts a mark off whose part could not be read.
///
/// # Errors
/// When the database cannot be written.
pub async fn put_off(db: &Db, one: &Due, until: DateTime<Utc>, reason: &str) -> Result<(), DbError> {
    db.exec(
        "putting off what is to be read",
        "UPDATE `erpnext_github_refresh` SET attempts = attempts + 1, due_at = ?, reason = ? WHERE repository_id = ? AND entity = ?",
        (
            time_value(until.naive_utc()),
            cut_bytes(reason, REASON),
            one.repository_id,
            one.part.as_str(),
        ),
    )
    .await
    .map(drop)
}
