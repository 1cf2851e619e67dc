//! A row as it is read.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use mysql_async::prelude::{FromRow, FromValue};

use crate::domain::Person;
use crate::frappe::db::{self, Db, DbError, Params, Row, Value};
use crate::store::cell::{time_of, time_value};

/// A write whose process lives is answered long before: one call to GitHub takes a minute and ten seconds at most.
pub(super) const DEAD_AFTER: TimeDelta = TimeDelta::minutes(2);

/// What is known of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteStatus {
    /// Of a batch, to be sent.
    Waiting,
    /// On its way, as far as the row knows.
    Sending,
    /// GitHub has done it.
    Done,
    /// GitHub has not done it, and will not.
    Failed,
    /// The answer was lost.
    Unknown,
}

/// In whose name something is done on GitHub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActingAs {
    /// Of the user who asked for it, by his own connection.
    User,
    /// Of the GitHub App.
    App,
    /// Of whoever the stored token belongs to.
    Token,
}

impl ActingAs {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Token => "token",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::User, Self::App, Self::Token]
            .into_iter()
            .find(|acting| acting.as_str() == word)
    }
}

impl WriteStatus {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// What is no option counts as lost: it is looked for before anything is done.
    fn of(text: &str) -> Self {
        match text {
            "waiting" => Self::Waiting,
            "sending" => Self::Sending,
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

/// One row of `GitHub Write`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRow {
    /// Name of the document.
    pub name: String,
    /// Name of the Repository document when it was sent.
    pub repository: String,
    /// Which repository that was on GitHub; none in a row from before there was a column for it.
    pub repository_id: Option<u64>,
    /// Of the issue or pull request, once it is known.
    pub number: Option<u64>,
    /// Task that it was made from.
    pub task: Option<String>,
    /// Who asked for it.
    pub asked_by: String,
    /// Account on GitHub behind the token.
    pub acting: Option<Person>,
    /// In whose name it is done; none in a row from before that was noted.
    pub acting_as: Option<ActingAs>,
    /// What is known of it.
    pub status: WriteStatus,
    /// What GitHub answered is stored.
    pub mirrored: bool,
    /// Name of its batch.
    pub batch: Option<String>,
    /// Place within the batch, from 1.
    pub position: u64,
    /// What was asked for, as JSON.
    pub request: String,
    /// Its page on GitHub.
    pub url: Option<String>,
    /// Why it failed, or cannot be told.
    pub reason: Option<String>,
    /// When it was sent, by our clock; before that, when it was written down.
    pub sent_at: DateTime<Utc>,
}

impl WriteRow {
    /// True where nobody can tell whether it was done: its answer was lost, or whoever sent it is dead at `now`.
    #[must_use]
    pub fn is_lost(&self, now: DateTime<Utc>) -> bool {
        match self.status {
            WriteStatus::Unknown => true,
            WriteStatus::Sending => now - self.sent_at >= DEAD_AFTER,
            _ => false,
        }
    }
}

/// Columns in the order in which [`row`] reads them.
pub(super) const COLUMNS: &str = "name, repository, number, task, asked_by, acting_login, status, mirrored, batch, position, request, url, \
     reason, _sent_at, _repository_id, acting_as, _acting_id";

pub(super) fn row(row: Row) -> WriteRow {
    let mut values = db::values(row).into_iter();
    let mut next = || values.next().unwrap_or(Value::NULL);
    let text = |value: Value| Option::<String>::from_value(value).filter(|text| !text.is_empty());
    let number = |value: Value| Option::<u64>::from_value(value).unwrap_or_default();
    let positive = |value: Value| Some(number(value)).filter(|number| *number > 0);
    let mut row = WriteRow {
        name: text(next()).unwrap_or_default(),
        repository: text(next()).unwrap_or_default(),
        number: positive(next()),
        task: text(next()),
        asked_by: text(next()).unwrap_or_default(),
        acting: text(next()).map(|login| Person { id: None, login }),
        status: WriteStatus::of(&text(next()).unwrap_or_default()),
        mirrored: number(next()) > 0,
        batch: text(next()),
        position: number(next()),
        request: text(next()).unwrap_or_default(),
        url: text(next()),
        reason: text(next()),
        sent_at: time_of(&next()).unwrap_or_default().and_utc(),
        repository_id: positive(next()),
        acting_as: text(next()).and_then(|word| ActingAs::of(&word)),
    };
    let id = positive(next());
    if let Some(acting) = &mut row.acting {
        acting.id = id;
    }
    row
}

/// The row of that name, if it is there.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(db: &Db, name: &str) -> Result<Option<WriteRow>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM `tabGitHub Write` WHERE name = ?");
    Ok(db.row("reading a write", &sql, (name,)).await?.map(row))
}

/// Rows that are to be settled by themselves, at most a day old and not put off: lost ones of no batch, and done ones that are not stored yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn unsettled(db: &Db, now: DateTime<Utc>) -> Result<Vec<WriteRow>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM `tabGitHub Write` WHERE _sent_at > ? AND (_not_before IS NULL OR _not_before <= ?) AND ((batch IS NULL AND (status = 'unknown' \
         OR (status = 'sending' AND _sent_at <= ?))) OR (status = 'done' AND mirrored = 0)) ORDER BY _sent_at LIMIT 100"
    );
    let params = [now - TimeDelta::days(1), now, now - DEAD_AFTER].map(|moment| time_value(moment.naive_utc()));
    let params = Params::Positional(params.to_vec());
    Ok(db.rows("listing writes", &sql, params).await?.into_iter().map(row).collect())
}

/// Numbers of what done writes of the same kind made in the repository of `row`, at most an hour before it was sent or since: a lost one made none of
/// these.
///
/// # Errors
/// When the database cannot be read.
pub async fn taken_numbers(db: &Db, kind: &str, row: &WriteRow) -> Result<BTreeSet<u64>, DbError> {
    let since = time_value((row.sent_at - TimeDelta::hours(1)).naive_utc());
    let rows = db
        .rows(
            "listing what was made",
            "SELECT number FROM `tabGitHub Write` WHERE kind = ? AND (repository = ? OR _repository_id = ?) AND status = 'done' AND _sent_at >= ? \
             AND number > 0",
            (kind, row.repository.as_str(), row.repository_id, since),
        )
        .await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// True where a webhook was deleted on GitHub from here, or is being deleted.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_hook_deleted(db: &Db, hook: u64) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabGitHub Write` WHERE kind = 'delete_webhook' AND status IN ('sending', 'unknown', 'done') \
               AND JSON_VALUE(request, '$.id') = ? LIMIT 1";
    Ok(db
        .row("looking for a deleted webhook", sql, (hook.to_string(),))
        .await?
        .is_some())
}
