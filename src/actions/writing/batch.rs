//! Works through a batch of writes, one after the other, and goes on with one that was left.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::github::{ErrorKind, GithubError, Write, WriteFailure};
use crate::store::lease::{self, Taken};
use crate::store::writes::{self, WriteRow, WriteStatus};
use crate::store::{Lease, Stamp};
use crate::sync::SyncContext;

use super::super::ActionError;
use super::Writing;
use super::actor;
use super::settle::Settled;

/// The longest wait that GitHub may order before a batch is put off.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of working on a batch.
#[derive(Debug, Default)]
pub(in crate::actions) struct Worked {
    /// GitHub's answers, by place; of what was done before there is none.
    pub(in crate::actions) answers: BTreeMap<u64, Value>,
    /// Another process works on it.
    pub(in crate::actions) busy: bool,
}

/// What became of one.
enum Sent {
    /// It has its end, or will have it later.
    Next,
    /// GitHub wants us to wait this long.
    After(Duration, chrono::DateTime<chrono::Utc>),
    /// There is no point in going on; all that waits fails for this reason.
    GiveUp(String),
    /// Somebody wants us to stop; the rest waits.
    Stop,
}

/// Works on `batch` until nothing waits any more, GitHub wants a long pause, or somebody asks to stop.
pub(in crate::actions) async fn work(context: &SyncContext, batch: &str) -> Result<Worked, ActionError> {
    let db = context.site.db();
    let mut worked = Worked::default();
    let lease = match lease::take(db, &writes::lease_name(batch), &context.owner).await? {
        Taken::Ours(lease) => lease,
        Taken::Theirs(_) => {
            worked.busy = true;
            return Ok(worked);
        }
    };
    let beating = lease.keep_alive(db);
    let result = work_with(context, batch, &lease, &mut worked).await;
    drop(beating);
    lease.release(db).await?;
    result.map(|()| worked)
}

async fn work_with(context: &SyncContext, batch: &str, lease: &Lease, worked: &mut Worked) -> Result<(), ActionError> {
    let db = context.site.db();
    let rows = writes::batch_of(db, batch).await?;
    let what = rows
        .first()
        .map_or_else(String::new, |row| format!("{}: issues", row.repository));
    context.reporter.started(Some(rows.len() as u64), &what);
    if !begins(context, batch, rows.first()).await? {
        return Ok(());
    }
    for row in &rows {
        match row.status {
            WriteStatus::Done => context.reporter.advanced(1),
            // Whoever was at it has not got the lease any more.
            WriteStatus::Sending | WriteStatus::Unknown => look_after(context, row, worked).await?,
            WriteStatus::Waiting | WriteStatus::Failed => {}
        }
    }
    while context.checkpoint().await.is_ok() {
        let stamp = Stamp::now(&context.site, &*context.user).await?;
        let Some(row) = writes::take_next(db, &stamp, lease, batch).await? else {
            break;
        };
        match one(context, &row, worked).await? {
            Sent::Next => {}
            Sent::After(wait, _) if wait <= PATIENCE => {
                if pause(context, wait).await.is_none() {
                    break;
                }
            }
            Sent::After(_, until) => {
                writes::put_off(db, batch, until).await?;
                break;
            }
            Sent::GiveUp(reason) => {
                writes::give_up(db, &stamp, batch, &reason).await?;
                break;
            }
            Sent::Stop => break,
        }
    }
    Ok(())
}

/// Whether the batch may be worked on: its repository has its name still, and GitHub says so. Where another one has the name, what waits failed;
/// where GitHub does not answer, it waits on.
async fn begins(context: &SyncContext, batch: &str, first: Option<&WriteRow>) -> Result<bool, ActionError> {
    let Some(first) = first else { return Ok(false) };
    let db = context.site.db();
    let confirmed = match Writing::of_row(context, first).await {
        Ok(Some((writing, _write))) => match writing.confirm().await {
            Ok(()) => actor::still_the_same(&writing.client, first).await,
            error => error,
        },
        Ok(None) => return Ok(true),
        Err(error) => Err(error),
    };
    let sent = match confirmed {
        Ok(()) => return Ok(true),
        // In whose name it was begun, nobody can act any more.
        Err(ActionError::Github(error)) if matches!(error.kind(), ErrorKind::NoGrant { .. }) => Sent::GiveUp(error.to_string()),
        // What is down now will be up again.
        Err(ActionError::Github(error)) if error.is_outage() => Sent::Next,
        Err(ActionError::Github(error)) => after(context, &error),
        Err(ActionError::Invalid(reason)) => Sent::GiveUp(reason),
        Err(other) => return Err(other),
    };
    match sent {
        Sent::GiveUp(reason) => {
            let stamp = Stamp::now(&context.site, &*context.user).await?;
            writes::give_up(db, &stamp, batch, &reason).await?;
        }
        Sent::After(_, until) => writes::put_off(db, batch, until).await?,
        Sent::Next | Sent::Stop => {}
    }
    Ok(false)
}

/// None when somebody asks to stop.
async fn pause(context: &SyncContext, wait: Duration) -> Option<()> {
    let wait = context.place.lend(tokio::time::sleep(wait));
    context.stop.run_until_cancelled(wait).await
}

/// What a row stands for, to be sent in the name that it says. Looked at for each row: its repository may have another credential in the middle of a batch.
async fn in_its_name(context: &SyncContext, row: &WriteRow) -> Result<Option<(Writing, Write)>, ActionError> {
    let found = Writing::of_row(context, row).await?;
    if let Some((writing, _write)) = &found {
        actor::still_the_same(&writing.client, row).await?;
    }
    Ok(found)
}

/// Sends one row's write.
async fn one(context: &SyncContext, row: &WriteRow, worked: &mut Worked) -> Result<Sent, ActionError> {
    let db = context.site.db();
    let found = match in_its_name(context, row).await {
        Ok(found) => found,
        Err(ActionError::Github(error)) => {
            writes::wait_again(db, &row.name).await?;
            return Ok(match after(context, &error) {
                // Nothing was sent, and the next one would meet the same: the schedule goes on with them.
                Sent::Next => Sent::Stop,
                Sent::GiveUp(_) if error.may_pass() => Sent::Stop,
                other => other,
            });
        }
        Err(other) => return Err(other),
    };
    let Some((writing, write)) = found else {
        let stamp = Stamp::now(&context.site, row.asked_by.as_str()).await?;
        writes::failed(
            db,
            &stamp,
            &row.name,
            "what was asked for cannot be read any more, or its repository lost its name to another one",
        )
        .await?;
        return Ok(Sent::Next);
    };
    context.reporter.advanced(1);
    let client = writing.client.for_write(&write, writing.repository_id);
    match client.carry_out(&writing.repository, &write).await {
        Ok(answer) => {
            let outcome = Box::pin(writing.landed(&row.name, &write, None, answer)).await;
            worked.answers.insert(row.position, outcome.answer);
            Ok(Sent::Next)
        }
        Err(WriteFailure::NotDone(error)) => {
            if error.is_not_ready() {
                // The schedule goes on with it.
                writes::wait_again(db, &row.name).await?;
                return Ok(Sent::Stop);
            }
            if error.until().is_some() || error.is_stopped() {
                writes::wait_again(db, &row.name).await?;
            } else {
                writing.note_failed(&row.name, &error.to_string()).await;
            }
            Ok(after(context, &error))
        }
        Err(WriteFailure::Unknown(error)) => {
            writing.note_unknown(&row.name, &error.to_string()).await;
            let Some(row) = writes::find(db, &row.name).await? else {
                return Ok(Sent::Next);
            };
            look(&writing, &row, &write, worked).await?;
            Ok(Sent::Next)
        }
    }
}

/// What follows for the others from what GitHub did not do.
fn after(context: &SyncContext, error: &GithubError) -> Sent {
    if let Some(until) = error.until() {
        let wait = (until - context.site.clock().now()).to_std().unwrap_or_default();
        return Sent::After(wait, until);
    }
    match error.kind() {
        ErrorKind::Stopped => Sent::Stop,
        ErrorKind::Gone | ErrorKind::NotFound(_) | ErrorKind::Forbidden(_) | ErrorKind::SsoRequired { .. } => {
            Sent::GiveUp(error.to_string())
        }
        _ if error.is_outage() => Sent::GiveUp(error.to_string()),
        _ => Sent::Next,
    }
}

async fn look_after(context: &SyncContext, row: &WriteRow, worked: &mut Worked) -> Result<(), ActionError> {
    match Writing::of_row(context, row).await {
        Ok(Some((writing, write))) => look(&writing, row, &write, worked).await,
        Ok(None) | Err(ActionError::Github(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Finds out what became of a lost one: what was not done waits again. What cannot be told yet is left as it is.
async fn look(writing: &Writing, row: &WriteRow, write: &Write, worked: &mut Worked) -> Result<(), ActionError> {
    match writing.settle(row, write).await {
        Ok(Settled::Done(outcome)) => {
            worked.answers.insert(row.position, outcome.answer);
        }
        Ok(Settled::NotDone(_)) => writes::wait_again(writing.site.db(), &row.name).await?,
        Ok(Settled::TooEarly) | Err(ActionError::Github(_)) => {}
        Err(other) => return Err(other),
    }
    Ok(())
}

/// Goes on with the batches of a site that were left; gives how many.
pub(super) async fn resume(context: &SyncContext) -> Result<usize, ActionError> {
    let mut resumed = 0;
    for batch in writes::open_batches(context.site.db(), context.site.clock().now()).await? {
        if context.stop.is_cancelled() {
            break;
        }
        resumed += usize::from(!Box::pin(work(context, &batch)).await?.busy);
    }
    Ok(resumed)
}

/// The answer to whoever asked for a batch: the shape of the Python app, and what became of every write.
pub(in crate::actions) async fn answer(context: &SyncContext, batch: &str, worked: &mut Worked) -> Result<Value, ActionError> {
    let rows = writes::batch_of(context.site.db(), batch).await?;
    let (mut issues, mut failures, mut unknown, mut open) = (Vec::new(), Vec::new(), Vec::new(), false);
    for row in &rows {
        let title = serde_json::from_str::<Value>(&row.request).map(|mut request| request["title"].take());
        let title = title.unwrap_or_default();
        let plain = || json!({"number": row.number, "title": title, "html_url": row.url, "earlier": true});
        match row.status {
            WriteStatus::Done => issues.push(worked.answers.remove(&row.position).unwrap_or_else(plain)),
            WriteStatus::Failed => {
                failures.push(json!({"position": row.position, "title": title, "error": row.reason}));
            }
            WriteStatus::Unknown => {
                unknown.push(json!({"position": row.position, "title": title, "error": row.reason}));
            }
            WriteStatus::Waiting | WriteStatus::Sending => open = true,
        }
    }
    let status = match (worked.busy, open || !unknown.is_empty()) {
        (true, _) => "running",
        (false, true) => "waiting",
        (false, false) => "completed",
    };
    Ok(json!({
        "created": issues.len(),
        "issues": issues,
        "failed": failures.len(),
        "failures": failures,
        "unknown": unknown,
        "status": status,
        "run": batch,
    }))
}
