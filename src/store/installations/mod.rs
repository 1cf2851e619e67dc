//! Installations of the App: rows of GitHub App Installation, from the moment somebody sets out, and the repositories that they reach.
//!
//! Whose a row is, its `owner` says: Frappe fills it, and nobody can write another name there. Deliveries of GitHub say that there is
//! something to be read ([`told()`]), and write what they know where nothing newer is stored; what is read ([`details`], [`end_reading`]) settles it. So
//! their order does not matter. `_told` counts what was told, so that somebody who read before the last word leaves the row to be read again.

mod begin;
mod made;
mod matching;
mod orphans;
mod reach;
mod reading;
mod recover;
mod usable;

use chrono::{DateTime, Utc};
use mysql_async::prelude::FromRow;

use crate::domain::{Course, Origin, Processing, RepositorySelection};
use crate::frappe::db::{Db, DbError, Params, Row, Value};

use super::cell::{number, text, time_of, time_value};

pub use begin::{begin, choose};
pub use made::{hand_over, made};
pub use matching::{Told, Word, adopt, told};
pub use orphans::{Orphan, is_replaced, note_apps, orphans, put_back};
pub use reach::{chosen, follow, has_joined, join_anew, joined, leave, reached, unconnected, unjoined};
pub use reading::{details, due, end_reading, fail_reading, is_due, mark_deleted, read_again, read_those_of, rest, with_reason};
pub use recover::{Stored, Waiting, confirm, is_since, revive, stored, suspect, uninstalled, waiting, waiting_since};
pub(super) use usable::IS_INSTALLED;
pub use usable::{Known, called, in_account};

/// Name of the DocType.
pub const DOCTYPE: &str = "GitHub App Installation";

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationRow {
    /// Name of the document.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// GitHub's number, once GitHub told of it.
    pub id: Option<u64>,
    /// The Project that it belongs to; empty for none.
    pub project: String,
    /// Login of the account.
    pub account_login: String,
    /// `User` or `Organization`.
    pub account_type: String,
    /// Where an owner of the account manages it.
    pub html_url: String,
    /// All repositories of the account, or some; none as long as nobody knows.
    pub selection: Option<RepositorySelection>,
    /// Why it cannot be processed, or what is missing; empty for nothing.
    pub reason: String,
    /// Login of who installed it.
    pub sender_login: String,
    /// Whose it is only asked an owner for it, or is known to have done something with it and not to have installed it: he sees of its repositories what
    /// GitHub shows to him.
    pub is_requested: bool,
    /// The App asks for more than was granted.
    pub permissions_pending: bool,
    /// How far it is.
    pub course: Course,
    /// How often GitHub told of it.
    pub told: u64,
    /// How often it could not be read since it was the last time.
    pub failures: u32,
    /// When it was written last, as the site writes it.
    pub modified: String,
    /// GitHub's number of the App, once GitHub told of it.
    pub app_id: Option<u64>,
}

impl InstallationRow {
    /// Somebody deleted its row, and GitHub has the installation still: it is nobody's until GitHub tells who does something with it, or somebody proves
    /// that it is his.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.course.processing == Processing::UnmatchedUser && self.sender_login.is_empty() && !self.course.is_deleted
    }

    /// It is of another App than that of number `app`, which can say nothing of it: that GitHub shows it not to that one is no sign that it is gone.
    #[must_use]
    pub fn is_of_another_app(&self, app: u64) -> bool {
        self.app_id.is_some_and(|own| own != app)
    }
}

/// The same as a condition.
const GIVEN_UP: &str = "(IFNULL(processing, '') = 'unmatched_user' AND IFNULL(sender_login, '') = '' AND deleted_on_github = 0)";

/// True of an installation of which repositories are followed, or connected, because of it.
const REACHES_SOME: &str = "EXISTS (SELECT 1 FROM `erpnext_github_installation_repository` r \
                            WHERE r.installation_id = CAST(`tabGitHub App Installation`.installation_id AS UNSIGNED))";

const SELECT: &str = "SELECT name, IFNULL(owner, ''), IFNULL(installation_id, ''), IFNULL(originating_project, ''), IFNULL(account_login, ''), \
                      IFNULL(account_type, ''), IFNULL(html_url, ''), IFNULL(repository_selection, ''), IFNULL(reason, ''), \
                      IFNULL(sender_login, ''), permissions_pending, IFNULL(origin, ''), IFNULL(processing, ''), suspended, deleted_on_github, \
                      _told, _failures, CAST(modified AS CHAR), _requested, IFNULL(app_id, '') FROM `tabGitHub App Installation`";

fn row(mut row: Row) -> InstallationRow {
    let mut next = 0;
    let mut value = || {
        next += 1;
        row.take::<Value, _>(next - 1).unwrap_or(Value::NULL)
    };
    let (name, owner, id, project) = (text(value()), text(value()), text(value()), text(value()));
    let (account_login, account_type, html_url) = (text(value()), text(value()), text(value()));
    let (selection, reason, sender_login) = (text(value()), text(value()), text(value()));
    let permissions_pending = number(&value()) != 0;
    let (origin, processing) = (Origin::of(&text(value())), Processing::of(&text(value())));
    let (is_suspended, is_deleted) = (number(&value()) != 0, number(&value()) != 0);
    InstallationRow {
        course: Course {
            origin,
            processing,
            has_project: !project.is_empty(),
            is_suspended,
            is_deleted,
        },
        name,
        owner,
        id: id.parse().ok(),
        project,
        account_login,
        account_type,
        html_url,
        selection: match selection.as_str() {
            "all" => Some(RepositorySelection::All),
            "selected" => Some(RepositorySelection::Selected),
            _ => None,
        },
        reason,
        sender_login,
        permissions_pending,
        told: number(&value()),
        failures: u32::try_from(number(&value())).unwrap_or(u32::MAX),
        modified: text(value()),
        is_requested: number(&value()) != 0,
        app_id: text(value()).parse().ok(),
    }
}

async fn one(db: &Db, condition: &str, value: &str) -> Result<Option<InstallationRow>, DbError> {
    let sql = format!("{SELECT} WHERE {condition}");
    Ok(db.row("reading an installation", &sql, (value,)).await?.map(row))
}

/// The row of that name.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &Db, name: &str) -> Result<Option<InstallationRow>, DbError> {
    one(db, "name = ?", name).await
}

/// The row of the installation that GitHub knows by that number.
///
/// # Errors
/// When the database cannot be read.
pub async fn with_id(db: &Db, id: u64) -> Result<Option<InstallationRow>, DbError> {
    one(db, "installation_id = ?", &id.to_string()).await
}

/// The rows of `user`, the latest first, a hundred at most.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_user(db: &Db, user: &str) -> Result<Vec<InstallationRow>, DbError> {
    let sql = format!("{SELECT} WHERE owner = ? ORDER BY creation DESC, name LIMIT 100");
    let rows = db.rows("listing somebody's installations", &sql, (user,)).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// The row of `user` that he began last; none where he began none.
///
/// # Errors
/// When the database cannot be read.
pub async fn latest_of(db: &Db, user: &str) -> Result<Option<InstallationRow>, DbError> {
    one(db, "owner = ? ORDER BY creation DESC, name LIMIT 1", user).await
}

/// The users who say that they are the account with that number, enabled ones, by name: one, where nobody wrote it by hand twice.
async fn users_of(conn: &mut crate::frappe::db::DbConn, account: u64) -> Result<Option<String>, DbError> {
    let sql = "SELECT name FROM `tabUser` WHERE github_user_id = ? AND enabled = 1 AND name <> 'Guest' ORDER BY name LIMIT 1";
    let found = conn.row("looking who is an account", sql, (account.to_string(),)).await?;
    Ok(found.map(|row| <(String,)>::from_row(row).0))
}

fn moment(at: Option<DateTime<Utc>>) -> Value {
    at.map_or(Value::NULL, |at| time_value(at.naive_utc()))
}

/// True where what GitHub says of `updated_at` is older than what is stored.
fn is_older(updated_at: DateTime<Utc>, stored: &Value) -> bool {
    time_of(stored).is_some_and(|stored| updated_at.naive_utc() < stored)
}

/// Positional values of a statement.
fn params(values: Vec<Value>) -> Params {
    Params::Positional(values)
}
