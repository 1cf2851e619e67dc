//! What became of a write whose answer was lost.

use chrono::TimeDelta;
use serde_json::Value;

use crate::frappe::db::DbError;
use crate::frappe::site::Site;
use crate::github::{Trace, Write};
use crate::store::Stamp;
use crate::store::writes::{self, WriteRow, WriteStatus};
use crate::sync::SyncContext;

use super::super::ActionError;
use super::{Outcome, Writing, actor, batch, identity};

/// GitHub breaks off requests of its own after ten seconds, and its lists are a moment behind: what is not there after this was not done.
const GRACE: TimeDelta = TimeDelta::seconds(20);

/// How long a row is left alone that could not be brought to an end.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// What reading found out.
#[derive(Debug)]
pub(in crate::actions) enum Settled {
    /// It was done.
    Done(Box<Outcome>),
    /// It was not, and will not be; the sentence says so.
    NotDone(String),
    /// It is not there, and may still come.
    TooEarly,
}

impl Writing {
    /// Finds out by reading what became of `write`. What was done is noted and mirrored; what follows from the rest is the caller's to decide.
    pub(in crate::actions) async fn settle(&self, row: &WriteRow, write: &Write) -> Result<Settled, ActionError> {
        let db = self.site.db();
        self.confirm().await?;
        let trace = Trace {
            by: row.acting.clone(),
            sent_at: row.sent_at,
            taken: writes::taken_numbers(db, write.kind(), row).await?,
        };
        if let Some(answer) = self.client.look_for(&self.repository, write, &trace).await? {
            let outcome = self.landed(&row.name, write, row.task.as_deref(), answer).await;
            return Ok(Settled::Done(Box::new(outcome)));
        }
        if self.site.clock().now() - row.sent_at < GRACE {
            return Ok(Settled::TooEarly);
        }
        let lost = row.reason.as_deref().unwrap_or("the program was stopped before it knew");
        Ok(Settled::NotDone(format!(
            "GitHub has not got it, nothing was done ({lost}); press again"
        )))
    }

    /// Notes that GitHub did not do it. Where that cannot be noted, it will be found out by reading.
    pub(in crate::actions) async fn note_failed(&self, name: &str, reason: &str) {
        let noted = async {
            let stamp = Stamp::now(&self.site, self.user.as_str()).await?;
            writes::failed(self.site.db(), &stamp, name, reason).await
        };
        self.complain(noted.await);
    }

    /// Notes that nobody can tell.
    pub(in crate::actions) async fn note_unknown(&self, name: &str, reason: &str) {
        let noted = async {
            let stamp = Stamp::now(&self.site, self.user.as_str()).await?;
            writes::unknown(self.site.db(), &stamp, name, reason).await
        };
        self.complain(noted.await);
    }

    /// What could not be noted is looked for later, so that it is a warning and no failure.
    pub(super) fn complain(&self, noted: Result<(), DbError>) {
        if let Err(error) = noted {
            tracing::warn!(site = self.site.name(), error = %error, "what became of a write could not be noted; it will be looked for");
        }
    }
}

/// True where something was left on a site that [`settle_site`] would work on.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_unsettled(site: &Site) -> Result<bool, DbError> {
    let now = site.clock().now();
    Ok(!writes::unsettled(site.db(), now).await?.is_empty() || !writes::open_batches(site.db(), now).await?.is_empty())
}

/// Settles what was left on a site: writes whose answer was lost, or whose process died, done ones that are not stored yet, and batches that
/// are not whole. Gives how many were brought to an end.
///
/// # Errors
/// When the database cannot be used. GitHub's failures leave a row for the next time.
pub async fn settle_site(context: &SyncContext) -> Result<usize, ActionError> {
    let mut settled = 0;
    for row in writes::unsettled(context.site.db(), context.site.clock().now()).await? {
        if context.stop.is_cancelled() {
            return Ok(settled);
        }
        let (writing, write) = match Writing::of_row(context, &row).await {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(error @ ActionError::Db(_)) => return Err(error),
            Err(error) => {
                tracing::debug!(site = context.site.name(), error = %error, "a write waits for who asked for it");
                let later = context.site.clock().now() + AGAIN;
                writes::look_later(context.site.db(), &row.name, later).await?;
                continue;
            }
        };
        let ended = match row.status {
            WriteStatus::Done => writing.mirror_late(&row, &write).await,
            _ => writing.end(&row, &write).await,
        };
        let is_over = match ended {
            Ok(is_over) => is_over,
            Err(error @ ActionError::Db(_)) => return Err(error),
            Err(error) => {
                tracing::debug!(site = context.site.name(), error = %error, "a write could not be settled just now");
                false
            }
        };
        settled += usize::from(is_over);
        if !is_over {
            // What cannot be brought to an end is not asked for all the time.
            let later = context.site.clock().now() + AGAIN;
            writes::look_later(context.site.db(), &row.name, later).await?;
        }
    }
    Ok(settled + batch::resume(context).await?)
}

impl Writing {
    /// What a row stands for, and in whose name; none where it cannot be read, or its repository lost its name to another one.
    pub(super) async fn of_row(context: &SyncContext, row: &WriteRow) -> Result<Option<(Self, Write)>, ActionError> {
        let Ok(write) = serde_json::from_str::<Write>(&row.request) else {
            return Ok(None);
        };
        let Some(repository) = identity::present_name(context.site.db(), row).await? else {
            return Ok(None);
        };
        let client = actor::of_row(context, row, &repository).await?;
        let writing = Self {
            site: context.site.clone(),
            acting_as: row.acting_as.unwrap_or_else(|| actor::stored(&client)),
            client,
            user: row.asked_by.clone(),
            repository,
            repository_id: row.repository_id,
            acting: row.acting.clone(),
        };
        Ok(Some((writing, write)))
    }

    /// Brings a lost write to an end; false while nobody can tell.
    async fn end(&self, row: &WriteRow, write: &Write) -> Result<bool, ActionError> {
        match self.settle(row, write).await? {
            Settled::Done(_) => Ok(true),
            Settled::TooEarly => Ok(false),
            Settled::NotDone(reason) => {
                self.note_failed(&row.name, &reason).await;
                Ok(true)
            }
        }
    }

    /// Stores what a done write made, which could not be stored at once; true when it is stored now.
    async fn mirror_late(&self, row: &WriteRow, write: &Write) -> Result<bool, ActionError> {
        self.confirm().await?;
        let answer = match (write, row.number) {
            (Write::CreatePullRequest(_), Some(number)) => self.client.pull_request_as_is(&self.repository, number).await?,
            (_, Some(number)) => self.client.issue_as_is(&self.repository, number).await?,
            (_, None) => Value::Null,
        };
        let outcome = self.stored(&row.name, write, row.task.as_deref(), answer).await;
        Ok(outcome.warning.is_none())
    }
}
