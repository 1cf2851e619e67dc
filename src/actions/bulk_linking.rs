//! `bulk_link_github_users`: looks for the accounts of all users who have none yet, by their addresses. Exactly one account that shows
//! just a user's address is linked; everybody else is offered, and never linked (F-42, D6.11).

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::store::claims::{self, Unclaimed};
use crate::store::lease::{self, Taken};
use crate::store::runs::{self, Cost, RunEnd, RunStart, RunStatus, Trigger};
use crate::store::{Stamp, readers};
use crate::sync::{SyncContext, SyncError};
use crate::telemetry::Reporter as _;

use super::candidates::{self, Candidates, is_address};
use super::progress::DeskProgress;
use super::{ActionError, Call, linking, long_work};

/// Held while users are linked: one search after the other is all that GitHub takes.
const LEASE: &str = "link users";

/// What was found so far.
#[derive(Default)]
struct Found {
    processed: u64,
    linked: Vec<Value>,
    ambiguous: Vec<Value>,
    unknown: Vec<String>,
    failed: Vec<Value>,
}

/// Begins, and answers with what came of it or that it goes on.
pub(super) async fn all(call: &Call<'_>) -> Result<Value, ActionError> {
    let progress = DeskProgress::of(call, "GitHub: linking users", true);
    let context = call
        .services
        .sync_context(call.site, &call.caller.user, progress.clone())
        .await?;
    long_work::answer_once(call, &progress, "link users", every(context, progress.clone())).await
}

/// Does it where nobody else does, and shows his run where somebody does.
async fn every(context: SyncContext, progress: Arc<DeskProgress>) -> Result<Value, ActionError> {
    let db = context.site.db();
    let lease = match lease::take(db, LEASE, &context.owner).await? {
        Taken::Ours(lease) => lease,
        Taken::Theirs(_) => {
            let run = runs::running_of(db, None).await?;
            if let Some(run) = &run {
                progress.begun(run);
            }
            let message = "users are being linked already; look at the run, and press again when it has ended";
            return Ok(json!({"success": true, "status": "running", "run": run, "message": message}));
        }
    };
    let beating = lease.keep_alive(db);
    let result = noted(&context, &progress).await;
    drop(beating);
    lease.release(db).await?;
    result
}

/// Does it as a run, which has a row to look at.
async fn noted(context: &SyncContext, progress: &DeskProgress) -> Result<Value, ActionError> {
    let (db, began, before) = (context.site.db(), Instant::now(), context.client.spent());
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    runs::end_orphans(db, None, &stamp).await?;
    let start = RunStart {
        repository: None,
        trigger: Trigger::Button,
        full: true,
    };
    let run = runs::begin(db, &stamp, start).await?;
    progress.begun(&run);
    let mut result = one_by_one(context, progress).await;
    let (status, error) = match &mut result {
        Ok(answer) => {
            answer["run"] = run.as_str().into();
            (RunStatus::Completed, String::new())
        }
        Err(error) if context.stop.is_cancelled() => (RunStatus::Stopped, error.to_string()),
        Err(error) => (RunStatus::Failed, error.to_string()),
    };
    let spent = context.client.spent().since(before);
    let end = RunEnd {
        status,
        repository: "",
        seconds: began.elapsed().as_secs_f64(),
        cost: Cost {
            requests: spent.requests,
            points: spent.points,
            not_modified: spent.not_modified,
        },
        error: &error,
        entities: Vec::new(),
    };
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    runs::end(db, &stamp, &run, &end).await?;
    result
}

async fn one_by_one(context: &SyncContext, progress: &DeskProgress) -> Result<Value, ActionError> {
    let users = claims::unclaimed(context.site.db()).await?;
    progress.started(Some(users.len() as u64), "users");
    let mut found = Found::default();
    found.tell(progress);
    for user in &users {
        found.add(context, user).await?;
        progress.advanced(1);
        found.tell(progress);
    }
    readers::settle(&context.site).await?;
    Ok(found.answer())
}

impl Found {
    /// Looks for one user. What concerns him alone is counted; what would meet the next one as well ends the work.
    async fn add(&mut self, context: &SyncContext, user: &Unclaimed) -> Result<(), ActionError> {
        self.processed += 1;
        if !is_address(&user.email) {
            let reason = format!("`{}` is not an e-mail address", user.email);
            self.failed.push(json!({"user": user.user, "reason": reason}));
            return Ok(());
        }
        let candidates = candidates::of_address(&context.client, &user.email).await?;
        self.settle(context, user, &candidates).await?;
        let pause = candidates.left.pause(context.site.clock().now());
        let waited = context.stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        waited.ok_or_else(|| SyncError::Stopped.into())
    }

    async fn settle(&mut self, context: &SyncContext, user: &Unclaimed, candidates: &Candidates) -> Result<(), ActionError> {
        let Some(person) = candidates.one() else {
            if candidates.logins.is_empty() {
                self.unknown.push(user.user.clone());
            } else {
                self.ambiguous
                    .push(json!({"user": user.user, "email": user.email, "candidates": candidates.logins}));
            }
            return Ok(());
        };
        match linking::link_account(&context.site, &context.user, &user.user, person).await {
            Ok(linked) => self.linked.push(json!({
                "user": user.user,
                "github_username": person.login,
                "linked_rows": linked.rows,
            })),
            // Another user is that account, or he was disabled meanwhile.
            Err(ActionError::Invalid(reason)) => self.failed.push(json!({"user": user.user, "reason": reason})),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn tell(&self, progress: &DeskProgress) {
        let count = |list: usize| u64::try_from(list).unwrap_or(u64::MAX);
        progress.counts([
            ("processed", self.processed),
            ("success_count", count(self.linked.len())),
            ("ambiguous_count", count(self.ambiguous.len())),
            ("not_found_count", count(self.unknown.len())),
            ("error_count", count(self.failed.len())),
        ]);
    }

    fn answer(self) -> Value {
        let (linked, offered) = (self.linked.len(), self.ambiguous.len());
        json!({
            "success": true,
            "message": format!("Linked {linked} of {} users; {offered} are to be chosen by hand", self.processed),
            "processed": self.processed,
            "success_count": linked,
            "ambiguous_count": offered,
            "not_found_count": self.unknown.len(),
            "error_count": self.failed.len(),
            "linked": self.linked,
            "ambiguous": self.ambiguous,
            "not_found": self.unknown,
            "failed": self.failed,
        })
    }
}
