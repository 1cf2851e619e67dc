//! What had to wait for the bench, done later in the name of whoever asked for it.

use chrono::TimeDelta;

use crate::frappe::auth::{self, Caller};
use crate::frappe::bench_http::BenchHttpError;
use crate::frappe::naming::random_name;
use crate::frappe::notification::{self, Notice};
use crate::frappe::permissions::Roles;
use crate::frappe::site::Site;
use crate::frappe::zone::frappe_text;
use crate::store::lease::{self, Taken};
use crate::store::waiting::{self, Settled, Waiting};
use crate::store::{access, issue_tasks};

use super::desk::{AWAY, LOST};
use super::wish::Wish;
use super::{ActionError, Made, Outcome, perform};
use crate::actions::rights::Rights;

/// What waits longer than this is given up: nobody remembers what he asked for.
const PATIENCE: TimeDelta = TimeDelta::days(3);
/// The pause between two attempts grows up to this.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// How soon it is looked again for a session of somebody who has none.
const WITHOUT_SESSION: TimeDelta = TimeDelta::minutes(1);

/// What became of one attempt.
enum Attempt {
    /// The document is there.
    Done(Made),
    /// Never: the reason.
    Failed(String),
    /// Not yet: the reason, and when to try again.
    Later(String, TimeDelta),
}

/// Does every write that is due, once, and gives how many were settled. Whoever asked is told what became of his.
///
/// # Errors
/// When the database cannot be used; what was not done stays.
pub async fn settle_waiting(site: &Site) -> Result<usize, ActionError> {
    let mut settled = 0;
    for row in waiting::due(site.db(), site.clock().now()).await? {
        let lease = match lease::take(site.db(), &format!("erp:{}", row.wanted), &random_name()).await? {
            Taken::Ours(lease) => lease,
            Taken::Theirs(_) => continue,
        };
        let beating = lease.keep_alive(site.db());
        let came = one(site, &row).await;
        drop(beating);
        lease.release(site.db()).await?;
        settled += usize::from(came?);
    }
    Ok(settled)
}

/// One attempt; true when the write is settled now.
async fn one(site: &Site, row: &Waiting) -> Result<bool, ActionError> {
    let attempt = match attempt(site, row).await {
        Ok(attempt) => attempt,
        Err(error) if error.database().is_some() => return Err(error),
        Err(error) => Attempt::Failed(error.to_string()),
    };
    let now = site.clock().now();
    match attempt {
        Attempt::Later(reason, pause) if now + pause - row.made_at < PATIENCE => {
            waiting::put_off(site.db(), row.id, &reason, now + pause).await?;
            Ok(false)
        }
        Attempt::Later(reason, _) | Attempt::Failed(reason) => {
            let sentence = format!("{}: {reason}", asked(site, row, "could not be written").await?);
            settle(site, row, Settled::Failed(&reason), (&sentence, None)).await
        }
        Attempt::Done(made) => {
            let sentence = format!("{} ({})", made.sentence, asked(site, row, "was written").await?);
            settle(
                site,
                row,
                Settled::Done(&made.name),
                (&sentence, Some((made.doctype, &made.name))),
            )
            .await
        }
    }
}

async fn attempt(site: &Site, row: &Waiting) -> Result<Attempt, ActionError> {
    let Ok(wish) = serde_json::from_str::<Wish>(&row.request) else {
        return Ok(Attempt::Failed(
            "it was written down by another version of this program".to_owned(),
        ));
    };
    let Some(caller) = auth::again(site, &row.user, row.by_key).await? else {
        let reason = format!("{} has no session just now, in whose name it could be written", row.user);
        return Ok(Attempt::Later(reason, WITHOUT_SESSION));
    };
    if !still_may(site, &caller, &wish).await? {
        return Ok(Attempt::Failed(format!(
            "{} does not work on the repository any more",
            row.user
        )));
    }
    Ok(match perform(site, &caller, &wish).await? {
        // Made by us when the answer got lost, or by somebody else meanwhile: it is there.
        Outcome::Done(made) | Outcome::There(made) => Attempt::Done(made),
        Outcome::Asks(sentence, _) => Attempt::Failed(sentence),
        Outcome::NotDone(BenchHttpError::Refused(refusal)) if refusal.is_identity() => {
            Attempt::Later(refusal.sentence, WITHOUT_SESSION)
        }
        // What Frappe itself could not do is none of the caller's.
        Outcome::NotDone(BenchHttpError::Refused(refusal)) if refusal.status >= 500 || refusal.status == 429 => {
            Attempt::Later(refusal.sentence, pause(row.attempts))
        }
        Outcome::NotDone(BenchHttpError::Refused(refusal)) => Attempt::Failed(refusal.sentence),
        Outcome::NotDone(error @ BenchHttpError::AnswerLost { .. }) => Attempt::Later(error.to_string(), LOST),
        Outcome::NotDone(error) => Attempt::Later(error.to_string(), pause(row.attempts)),
    })
}

/// Whether he works on the repository still.
async fn still_may(site: &Site, caller: &Caller, wish: &Wish) -> Result<bool, ActionError> {
    let roles = Roles::read(site.db(), &caller.user, caller.desk).await?;
    let rights = Rights {
        site,
        caller,
        roles: &roles,
    };
    let repository = match wish {
        Wish::Task(wish) => issue_tasks::issue(site.db(), &wish.issue)
            .await?
            .map(|issue| issue.repository),
        Wish::Project(wish) => access::repository_named(site.db(), &wish.repository).await?,
        Wish::Users(wish) => access::repository_named(site.db(), &wish.repository).await?,
    };
    match repository {
        Some(repository) => rights.works_on(&repository).await,
        None => Ok(false),
    }
}

/// A write that waited was done meanwhile because `caller` asked for the same; whoever asked first is told.
pub(super) async fn fulfilled(site: &Site, row: &Waiting, caller: &Caller, made: &Made) -> Result<(), ActionError> {
    let settled = Settled::Done(&made.name);
    if row.user == caller.user {
        waiting::settle(site.db(), row.id, settled, site.clock().now()).await?;
    } else {
        settle(site, row, settled, (&made.sentence, Some((made.doctype, &made.name)))).await?;
    }
    Ok(())
}

fn pause(attempts: u32) -> TimeDelta {
    let pause = AWAY * 2_i32.pow(attempts.min(5));
    pause.min(LONGEST_PAUSE)
}

/// What was asked for, when, and what came of it.
async fn asked(site: &Site, row: &Waiting, came: &str) -> Result<String, ActionError> {
    let at = frappe_text(site.zone().await?.to_local(row.made_at));
    let what = serde_json::from_str::<Wish>(&row.request).map_or_else(|_| row.wanted.clone(), |wish| wish.what());
    Ok(format!("{what}, asked for at {}, {came}", at.get(..16).unwrap_or(&at)))
}

/// Ends the write and tells whoever asked; true when nobody else had ended it.
async fn settle(
    site: &Site,
    row: &Waiting,
    settled: Settled<'_>,
    (sentence, document): (&str, Option<(&str, &str)>),
) -> Result<bool, ActionError> {
    let now = site.clock().now();
    if !waiting::settle(site.db(), row.id, settled, now).await? {
        return Ok(false);
    }
    let notice = Notice {
        user: &row.user,
        sentence,
        document,
        good: matches!(settled, Settled::Done(_)),
    };
    notification::send(site, notice).await?;
    Ok(true)
}
