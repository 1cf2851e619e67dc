//! Which DocTypes were saved in the desk since somebody looked last.
//!
//! A cursor for each DocType: a moment of `modified`, and a signature of all rows from then on (how many, a sum over name and
//! `modified` of each, the newest). Any save changes the signature: ties of `modified` do, and so does what comes in late or with a time
//! that repeats, because the moment lies two hours behind the newest row. Only the index is read. Where `modified` has no index
//! (version 16 makes one only for DocTypes that are sorted by it), the rows that have a link of ours are looked at, which has one.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Value};
use crate::frappe::zone::SiteZone;

use super::cell::{time_of, time_value};
use super::upsert::marks;

/// How far behind the newest row the cursor stays: an hour that autumn repeats, and transactions that are committed late.
const BEHIND: TimeDelta = TimeDelta::hours(2);
/// After this time everything is looked at as if it had changed: rows that were written past `modified`, deletions, a changed zone.
const EVERYTHING: TimeDelta = TimeDelta::minutes(10);

const WHAT: &str = "looking what was saved in the desk";

/// A DocType that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watched {
    /// `GitHub Settings`.
    Settings,
    /// `Repository`.
    Repository,
    /// `Project`.
    Project,
    /// `Task`.
    Task,
    /// `User`.
    User,
    /// `User Permission`: who deletes the last one of a user lets him read everything.
    UserPermission,
    /// `GitHub Project Repository`: who deletes one disconnects.
    ProjectRepository,
    /// `GitHub Release Rule`.
    ReleaseRule,
    /// `GitHub Integration`.
    Integration,
    /// `Repository Release`: which Project it belongs to is noted, so that a rename is followed.
    Release,
}

impl Watched {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Settings,
        Self::Repository,
        Self::Project,
        Self::Task,
        Self::User,
        Self::UserPermission,
        Self::ProjectRepository,
        Self::ReleaseRule,
        Self::Integration,
        Self::Release,
    ];

    /// Name of the DocType.
    #[must_use]
    pub fn doctype(self) -> &'static str {
        match self {
            Self::Settings => super::settings::DOCTYPE,
            Self::Repository => "Repository",
            Self::Project => "Project",
            Self::Task => "Task",
            Self::User => "User",
            Self::UserPermission => "User Permission",
            Self::ProjectRepository => "GitHub Project Repository",
            Self::ReleaseRule => "GitHub Release Rule",
            Self::Integration => "GitHub Integration",
            Self::Release => "Repository Release",
        }
    }

    /// The moment from which on rows are looked at; `recent` is a while ago. What goes counts as much as what comes of User Permissions,
    /// connections and rules, however old it is.
    fn begin(self, recent: NaiveDateTime) -> NaiveDateTime {
        match self {
            Self::UserPermission | Self::ProjectRepository | Self::ReleaseRule => NaiveDateTime::default(),
            _ => recent,
        }
    }

    fn named(doctype: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.doctype() == doctype)
    }

    /// A column of ours that is indexed, and filled in the rows that concern us.
    fn link(self) -> &'static str {
        match self {
            Self::Settings
            | Self::Repository
            | Self::UserPermission
            | Self::ProjectRepository
            | Self::ReleaseRule
            | Self::Integration => "name",
            Self::Release => "project",
            Self::Project => "repository",
            Self::Task => "github_repo",
            Self::User => "github_username",
        }
    }
}

/// Where a look begins, and what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    doctype: Watched,
    /// None where all rows with a link of ours are looked at.
    since: Option<NaiveDateTime>,
    signature: String,
}

/// A DocType of which something was saved, until [`note`] is told that it was acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Which.
    pub doctype: Watched,
    /// `modified` of whatever was saved is this or later, in the site's own time; none where that is not known.
    pub since: Option<NaiveDateTime>,
    /// What the next look begins with.
    next: Cursor,
}

/// What was saved since the last look; two statements where that is nothing. What was read before anybody acts is what is noted after
/// it, so that a save meanwhile is seen by the next look.
///
/// # Errors
/// When the database cannot be read.
pub async fn look(db: &Db, zone: SiteZone, now: DateTime<Utc>) -> Result<Vec<Saved>, DbError> {
    let known = known(db, now).await?;
    let present = signatures(db, known.iter().map(|cursor| (cursor.doctype, cursor.since)).collect()).await?;
    let same = |one: Watched| known.iter().any(|cursor| cursor.doctype == one && present.contains(cursor));
    let changed: Vec<Watched> = Watched::ALL.into_iter().filter(|one| !same(*one)).collect();
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let indexed = indexed(db).await?;
    let local = zone.to_local(now);
    let mut begins = Vec::new();
    for doctype in &changed {
        let newest = if indexed.contains(doctype) {
            newest(db, *doctype).await?
        } else {
            None
        };
        // A row that is dated into the future must not take the cursor along.
        let recent = newest.unwrap_or(local).min(local) - BEHIND;
        let since = indexed.contains(doctype).then(|| doctype.begin(recent));
        begins.push((*doctype, since));
    }
    let next = signatures(db, begins).await?;
    let before = |doctype| known.iter().find(|cursor| cursor.doctype == doctype);
    Ok(next
        .into_iter()
        .map(|next| Saved {
            doctype: next.doctype,
            since: before(next.doctype).and_then(|cursor| cursor.since),
            next,
        })
        .collect())
}

/// Notes that what was saved was acted on.
///
/// # Errors
/// When the database cannot be written.
pub async fn note(db: &Db, saved: &Saved, now: DateTime<Utc>) -> Result<(), DbError> {
    let Cursor {
        doctype,
        since,
        signature,
    } = &saved.next;
    let sql = "INSERT INTO `erpnext_github_watch` (doctype, since, signature, settled_at) VALUES (?, ?, ?, ?) \
               ON DUPLICATE KEY UPDATE since = VALUES(since), signature = VALUES(signature), settled_at = VALUES(settled_at)";
    let since = since.map(time_value);
    let params = (doctype.doctype(), since, signature, time_value(now.naive_utc()));
    db.exec(WHAT, sql, params).await.map(drop)
}

/// Cursors that still hold: those of DocTypes that were acted on not long ago.
async fn known(db: &Db, now: DateTime<Utc>) -> Result<Vec<Cursor>, DbError> {
    let sql = "SELECT doctype, since, signature FROM `erpnext_github_watch` WHERE settled_at > ?";
    let rows = db.rows(WHAT, sql, (time_value((now - EVERYTHING).naive_utc()),)).await?;
    let cursor = |row| {
        let (doctype, since, signature) = <(String, Value, String)>::from_row(row);
        Some(Cursor {
            doctype: Watched::named(&doctype)?,
            since: time_of(&since),
            signature,
        })
    };
    Ok(rows.into_iter().filter_map(cursor).collect())
}

/// Present signatures from these moments on, in one statement.
async fn signatures(db: &Db, begins: Vec<(Watched, Option<NaiveDateTime>)>) -> Result<Vec<Cursor>, DbError> {
    if begins.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    let mut params = Vec::new();
    for (doctype, since) in &begins {
        let name = doctype.doctype();
        if *doctype == Watched::Settings {
            parts.push(format!(
                "SELECT '{name}', IFNULL(MAX(value), '') FROM `tabSingles` WHERE doctype = '{name}' AND field = 'modified'"
            ));
            continue;
        }
        let condition = match since {
            Some(since) => {
                params.push(time_value(*since));
                "modified >= ?".to_owned()
            }
            None => format!("`{}` > ''", doctype.link()),
        };
        parts.push(format!(
            "SELECT '{name}', CONCAT_WS('|', COUNT(*), IFNULL(SUM(CRC32(CONCAT_WS('|', name, modified))), 0), \
             IFNULL(MAX(modified), '')) FROM `tab{name}` WHERE {condition}"
        ));
    }
    let rows = db.rows(WHAT, &parts.join(" UNION ALL "), Params::Positional(params)).await?;
    let mut found: Vec<(String, String)> = rows.into_iter().map(FromRow::from_row).collect();
    let mut take = |name: &str| Some(found.swap_remove(found.iter().position(|(doctype, _)| doctype == name)?).1);
    let cursor = |(doctype, since): (Watched, _)| {
        Some(Cursor {
            doctype,
            since,
            signature: take(doctype.doctype())?,
        })
    };
    Ok(begins.into_iter().filter_map(cursor).collect())
}

/// The DocTypes whose tables have an index that begins with `modified`.
async fn indexed(db: &Db) -> Result<Vec<Watched>, DbError> {
    let tables: Vec<Value> = Watched::ALL
        .iter()
        .map(|one| Value::from(format!("tab{}", one.doctype())))
        .collect();
    let sql = format!(
        "SELECT DISTINCT table_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name IN ({}) \
         AND column_name = 'modified' AND seq_in_index = 1",
        marks(tables.len())
    );
    let rows = db.rows(WHAT, &sql, Params::Positional(tables)).await?;
    let names = rows.into_iter().map(|row| <(String,)>::from_row(row).0);
    Ok(names
        .filter_map(|name| name.strip_prefix("tab").and_then(Watched::named))
        .collect())
}

/// The newest `modified`, from the end of its index.
async fn newest(db: &Db, doctype: Watched) -> Result<Option<NaiveDateTime>, DbError> {
    let sql = format!("SELECT MAX(modified) FROM `tab{}`", doctype.doctype());
    let row = db.row(WHAT, &sql, ()).await?;
    Ok(row.and_then(|row| time_of(&<(Value,)>::from_row(row).0)))
}
