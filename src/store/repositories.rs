//! Repository documents: who they are, which are due, and their bookkeeping.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::clock::is_over;
use crate::domain::{RepoName, Repository};
use crate::frappe::db::{Db, DbConn, DbError, Params, Row, Value};

use super::cell::{time_of, time_value};
use super::cursors::ITEMS;
use super::stamp::Stamp;

const DAY_MINUTES: u32 = 24 * 60;

/// A Repository document as the sync needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// Name of the document.
    pub name: String,
    /// Numeric id on GitHub, once it was synced.
    pub github_id: Option<u64>,
    /// Node id, once it was synced.
    pub node_id: Option<String>,
    /// The document is there; a repository that was only named has none yet.
    pub is_stored: bool,
    /// Followed.
    pub enabled: bool,
    /// GitHub did not show it when it was asked last.
    pub gone: bool,
    /// Own interval in minutes; 0 as in the Settings.
    pub interval_minutes: u32,
    /// When something was pushed last, as its document says.
    pub pushed_at: Option<NaiveDateTime>,
    /// When a run was begun last, or would have been.
    pub attempted_at: Option<DateTime<Utc>>,
    /// When its turn had come and it was left for want of points, or because GitHub could not be reached.
    pub left_at: Option<DateTime<Utc>>,
    /// Asked for by its name: whoever has the name on GitHub is meant, even if that is not the one that the document was made for.
    pub by_name: bool,
}

impl Tracked {
    /// A repository that is not mirrored yet.
    #[must_use]
    pub fn named(name: &RepoName) -> Self {
        Self {
            name: name.to_string(),
            github_id: None,
            node_id: None,
            is_stored: false,
            enabled: true,
            gone: false,
            interval_minutes: 0,
            pushed_at: None,
            attempted_at: None,
            left_at: None,
            by_name: true,
        }
    }

    /// The name as GitHub's, if it is one (a document that lost its name to another repository has none).
    #[must_use]
    pub fn repo_name(&self) -> Option<RepoName> {
        self.name.parse().ok()
    }

    /// Condition for the document that is meant, and its value: by id, because the name may have been given to another meanwhile.
    fn document(&self) -> (&'static str, String) {
        match self.github_id {
            Some(id) => ("github_id = ?", id.to_string()),
            // Never synced; a document that has an id by now is another repository's, or has a run of its own.
            None => ("IFNULL(github_id, '') = '' AND name = ?", self.name.clone()),
        }
    }

    /// True when it is due, for an interval of `default_minutes` where it has none of its own; never begun: now. One that is
    /// gone may come back, so that it is looked at once a day.
    #[must_use]
    pub fn is_due(&self, default_minutes: u32, now: DateTime<Utc>) -> bool {
        let minutes = if self.interval_minutes == 0 {
            default_minutes
        } else {
            self.interval_minutes
        };
        let minutes = if self.gone { minutes.max(DAY_MINUTES) } else { minutes };
        is_over(self.attempted_at, chrono::TimeDelta::minutes(i64::from(minutes.max(1))), now)
    }
}

/// A document that was never synced has no id to keep its attempts under; its name stands in (see [`super::attempts`]).
const TRACKED: &str = "SELECT r.name, r.github_id, r.node_id, r.enabled, r.deleted_on_github, r.sync_interval_minutes, r.pushed_at, \
     IFNULL(c.attempted_at, n.attempted_at) AS attempted_at, IFNULL(c_left.attempted_at, n_left.attempted_at) FROM `tabRepository` r \
     LEFT JOIN `erpnext_github_cursor` c ON c.repository_id = CAST(r.github_id AS UNSIGNED) AND c.entity = ? \
     LEFT JOIN `erpnext_github_cursor` n ON IFNULL(r.github_id, '') = '' AND n.repository_id = 0 \
     AND n.entity = CONCAT('name:', LEFT(SHA1(r.name), 32)) \
     LEFT JOIN `erpnext_github_cursor` c_left ON c_left.repository_id = CAST(r.github_id AS UNSIGNED) AND c_left.entity = 'left' \
     LEFT JOIN `erpnext_github_cursor` n_left ON IFNULL(r.github_id, '') = '' AND n_left.repository_id = 0 \
     AND n_left.entity = CONCAT('left:', LEFT(SHA1(r.name), 32))";

fn tracked(row: Row) -> Tracked {
    let (name, github_id, node_id, enabled, gone, interval, pushed_at, attempted_at, left_at) =
        <(String, Option<String>, Option<String>, i64, i64, i64, Value, Value, Value)>::from_row(row);
    let utc = |value: &Value| time_of(value).map(|naive| naive.and_utc());
    Tracked {
        name,
        github_id: github_id.and_then(|id| id.parse().ok()),
        node_id: node_id.filter(|id| !id.is_empty()),
        is_stored: true,
        enabled: enabled != 0,
        gone: gone != 0,
        interval_minutes: u32::try_from(interval).unwrap_or(0),
        pushed_at: time_of(&pushed_at),
        attempted_at: utc(&attempted_at),
        left_at: utc(&left_at),
        by_name: false,
    }
}

/// All Repository documents, the longest untouched first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &Db) -> Result<Vec<Tracked>, DbError> {
    let rows = db
        .rows(
            "listing repositories",
            &format!("{TRACKED} ORDER BY attempted_at, r.name"),
            (ITEMS,),
        )
        .await?;
    Ok(rows.into_iter().map(tracked).collect())
}

/// The document of that name, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(db: &Db, name: &str) -> Result<Option<Tracked>, DbError> {
    Ok(db
        .row("finding a repository", &format!("{TRACKED} WHERE r.name = ?"), (ITEMS, name))
        .await?
        .map(tracked))
}

/// The document of that repository, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_id(db: &Db, id: u64) -> Result<Option<Tracked>, DbError> {
    let sql = format!("{TRACKED} WHERE r.github_id = ?");
    Ok(db
        .row("finding a repository", &sql, (ITEMS, id.to_string()))
        .await?
        .map(tracked))
}

/// Notes how many stars a repository has, without touching `modified`.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_stars(db: &Db, id: u64, stars: u64) -> Result<(), DbError> {
    db.exec(
        "counting stars",
        "UPDATE `tabRepository` SET stargazers_count = ? WHERE github_id = ?",
        (stars, id.to_string()),
    )
    .await
    .map(drop)
}

/// Present name of the document that `tracked` was read from; none where there is none any more.
///
/// # Errors
/// When the database cannot be read.
pub async fn present_name(db: &Db, tracked: &Tracked) -> Result<Option<String>, DbError> {
    let (condition, value) = tracked.document();
    let sql = format!("SELECT name FROM `tabRepository` WHERE {condition} LIMIT 1");
    let row = db.row("finding a repository", &sql, (value,)).await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// Name under which `repository` has a document, or will have one; none while another repository's document stands there.
///
/// # Errors
/// When the database cannot be read.
pub async fn name_for(db: &Db, repository: &Repository) -> Result<Option<String>, DbError> {
    let row = db
        .row(
            "finding a repository",
            "SELECT name, IFNULL(github_id, '') FROM `tabRepository` WHERE github_id = ? OR name = ? ORDER BY github_id = ? DESC LIMIT 1",
            (repository.id.to_string(), repository.name.as_str(), repository.id.to_string()),
        )
        .await?;
    Ok(match row.map(<(String, String)>::from_row) {
        Some((name, id)) if id.is_empty() || id == repository.id.to_string() => Some(name),
        Some(_stranger) => None,
        None => Some(repository.name.to_string()),
    })
}

/// Name of the document of the repository with that number, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &Db, id: u64) -> Result<Option<String>, DbError> {
    name_of(&mut db.conn().await?, id).await
}

/// Whether the repository of that number is known to be gone from GitHub.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_gone(db: &Db, id: u64) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabRepository` WHERE github_id = ? AND deleted_on_github = 1 LIMIT 1";
    Ok(db
        .row("looking whether a repository is gone", sql, (id.to_string(),))
        .await?
        .is_some())
}

/// Name of the document with that id.
pub(super) async fn name_of(conn: &mut DbConn, id: u64) -> Result<Option<String>, DbError> {
    let row = conn
        .row(
            "finding a repository",
            "SELECT name FROM `tabRepository` WHERE github_id = ? LIMIT 1",
            (id.to_string(),),
        )
        .await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// Who else may apply something to a repository meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nobody.
    Alone,
    /// Whoever stands on the same lease, and holds it like this.
    WithOwn,
}

/// The same, and nobody else applies anything to it but as `hold` says, or renames it, until the transaction ends.
pub(super) async fn hold(conn: &mut DbConn, id: u64, hold: Hold) -> Result<Option<String>, DbError> {
    let sql = match hold {
        Hold::Alone => "SELECT name FROM `tabRepository` WHERE github_id = ? LIMIT 1 FOR UPDATE",
        Hold::WithOwn => "SELECT name FROM `tabRepository` WHERE github_id = ? LIMIT 1 LOCK IN SHARE MODE",
    };
    let row = conn.row("holding a repository", sql, (id.to_string(),)).await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// Which of these repositories, by id, are followed here: they have a document that is switched on.
///
/// # Errors
/// When the database cannot be read.
pub async fn followed(db: &Db, ids: &BTreeSet<u64>) -> Result<BTreeSet<u64>, DbError> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let marks = vec!["?"; ids.len()].join(", ");
    let sql = format!("SELECT github_id FROM `tabRepository` WHERE enabled = 1 AND github_id IN ({marks})");
    let params = ids.iter().map(|id| Value::from(id.to_string())).collect();
    let rows = db
        .rows("looking which repositories are followed", &sql, Params::Positional(params))
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| <(String,)>::from_row(row).0.parse().ok())
        .collect())
}

/// Name of a repository's default branch, or nothing.
pub(super) async fn default_branch(conn: &mut DbConn, name: &str) -> Result<String, DbError> {
    let row = conn
        .row(
            "reading a default branch",
            "SELECT default_branch FROM `tabRepository` WHERE name = ?",
            (name,),
        )
        .await?;
    Ok(row.and_then(|row| <(Option<String>,)>::from_row(row).0).unwrap_or_default())
}

/// The events that a Repository's own hooks listen to, as they are typed; none where it has no document.
///
/// # Errors
/// When the database cannot be read.
pub async fn webhook_events(db: &Db, name: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT webhook_events FROM `tabRepository` WHERE name = ?";
    let row = db.row("reading a repository's events", sql, (name,)).await?;
    Ok(row.and_then(|row| <(Option<String>,)>::from_row(row).0))
}

/// What a run leaves on the document without touching `modified`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bookkeeping {
    /// Stars, when they were read.
    pub stargazers_count: Option<u64>,
    /// The run saw everything: `is_synced` and `last_synced` are set.
    pub complete: bool,
    /// What went wrong, for people; empty when nothing did.
    pub error: String,
}

/// Writes bookkeeping, once a run.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_run(conn: &mut DbConn, id: u64, stamp: &Stamp, note: &Bookkeeping) -> Result<(), DbError> {
    let mut set = vec!["last_sync_error = ?"];
    let mut params = vec![Value::Bytes(note.error.as_bytes().to_vec())];
    if note.complete {
        set.push("is_synced = 1, last_synced = ?");
        params.push(time_value(stamp.local_now()));
    }
    if let Some(stars) = note.stargazers_count {
        set.push("stargazers_count = ?");
        params.push(Value::UInt(stars));
    }
    params.push(Value::Bytes(id.to_string().into_bytes()));
    let sql = format!("UPDATE `tabRepository` SET {} WHERE github_id = ?", set.join(", "));
    conn.exec("noting a run", &sql, Params::Positional(params)).await.map(drop)
}

/// Writes on the document of `tracked` why it could not be synced at all.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_refusal(db: &Db, tracked: &Tracked, error: &str) -> Result<(), DbError> {
    let (condition, value) = tracked.document();
    let sql = format!("UPDATE `tabRepository` SET last_sync_error = ? WHERE {condition}");
    db.exec("noting a run", &sql, (error, value)).await.map(drop)
}

/// Marks the document of a repository that GitHub no longer has (or no longer shows us); its rows stay. True when it was not
/// marked before.
///
/// # Errors
/// When the database cannot be written.
pub async fn mark_gone(db: &Db, tracked: &Tracked, stamp: &Stamp) -> Result<bool, DbError> {
    let (condition, value) = tracked.document();
    let sql = format!(
        "UPDATE `tabRepository` SET deleted_on_github = 1, modified = ?, modified_by = ? WHERE {condition} AND deleted_on_github = 0"
    );
    let params = (time_value(stamp.local_now()), stamp.user.as_str(), value);
    Ok(db.exec("marking a repository", &sql, params).await? > 0)
}
