//! `create_task_from_github_issue`, `create_project_from_repository`: what the buttons answer.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use crate::frappe::auth::{Caller, Means};
use crate::frappe::bench_http::BenchHttpError;
use crate::frappe::naming::random_name;
use crate::frappe::site::Site;
use crate::store::issue_tasks;
use crate::store::lease::{self, Taken};
use crate::store::waiting::{self, ToWait};

use super::waiting::fulfilled;
use super::wish::{ProjectWish, TaskWish, Wish};
use super::{ActionError, Outcome, object, perform};
use crate::actions::rights::known_repository;
use crate::actions::{Call, Services};

/// After this long a bench that was away is tried again.
pub(super) const AWAY: TimeDelta = TimeDelta::seconds(15);
/// An answer that got lost may be on its way still: a worker of the bench is ended after two minutes.
pub(super) const LOST: TimeDelta = TimeDelta::seconds(150);

/// `create_task_from_github_issue(issue_name, task_title=None, project=None)`.
pub(in crate::actions) async fn create_task(call: &Call<'_>) -> Result<Value, ActionError> {
    let arguments = call.arguments;
    let typed = arguments.required(&["issue_name"])?;
    // By its stored name, so that two spellings are one wish.
    let issue = issue_tasks::issue(call.site.db(), &typed).await?;
    let wish = Wish::Task(TaskWish {
        issue: issue.map_or(typed, |issue| issue.name),
        title: arguments.text("task_title"),
        project: arguments.text("project"),
    });
    now_or_later(call.services, call.site, call.caller, wish).await
}

/// `create_project_from_repository(repo_full_name, project_name=None, company=None)`.
pub(in crate::actions) async fn create_project(call: &Call<'_>) -> Result<Value, ActionError> {
    let arguments = call.arguments;
    let wish = Wish::Project(ProjectWish {
        repository: known_repository(call.site, arguments).await?,
        title: arguments.text("project_name"),
        company: arguments.text("company"),
    });
    now_or_later(call.services, call.site, call.caller, wish).await
}

/// Does it, whatever becomes of the call.
async fn now_or_later(services: &dyn Services, site: &Site, caller: &Caller, wish: Wish) -> Result<Value, ActionError> {
    let (tell, told) = oneshot::channel();
    let (site, caller) = (site.clone(), caller.clone());
    services.go_on(Box::pin(async move {
        let answer = alone(&site, &caller, &wish).await;
        if let Err(Err(error)) = tell.send(answer) {
            // Nobody waits any more.
            tracing::warn!(site = site.name(), error = %error, "what somebody asked of ERPNext failed");
        }
    }));
    told.await.unwrap_or_else(|_| {
        Err(ActionError::NotReady(
            "the sidecar is being stopped: try again in a moment".to_owned(),
        ))
    })
}

/// Does it while nobody else does the same, or lets it wait for the bench.
pub(super) async fn alone(site: &Site, caller: &Caller, wish: &Wish) -> Result<Value, ActionError> {
    let (db, wanted) = (site.db(), wish.wanted());
    let waits = waiting::open(db, &wanted).await?;
    let is_mine = waits.as_ref().is_none_or(|row| row.user == caller.user);
    if waits.as_ref().is_some_and(|row| row.due_at > site.clock().now()) {
        return Ok(waiting_answer(wish, is_mine, "it was asked for before"));
    }
    let lease = match lease::take(db, &format!("erp:{wanted}"), &random_name()).await? {
        Taken::Ours(lease) => lease,
        Taken::Theirs(_) => {
            let error = format!("{} is being written just now: look again in a moment", wish.what());
            return Ok(json!({"success": false, "error": error}));
        }
    };
    let beating = lease.keep_alive(db);
    let outcome = perform(site, caller, wish).await;
    drop(beating);
    lease.release(db).await?;
    let outcome = match outcome {
        // Told in the answer, as in the Python app (F-43).
        Err(ActionError::Invalid(sentence) | ActionError::Missing(sentence)) => return Ok(failure(&sentence, Map::new())),
        outcome => outcome?,
    };
    if let (Some(row), Outcome::Done(made) | Outcome::There(made)) = (&waits, &outcome) {
        fulfilled(site, row, caller, made).await?;
    }
    answer(site, caller, (wish, is_mine), outcome).await
}

/// What the button is told; `is_mine` is false where somebody else asked for the same first.
async fn answer(site: &Site, caller: &Caller, (wish, is_mine): (&Wish, bool), outcome: Outcome) -> Result<Value, ActionError> {
    match outcome {
        Outcome::Done(made) => Ok(success(made.answer)),
        // A set that is whole already is no failure; a document that is there is none of the caller's.
        Outcome::There(made) if matches!(wish, Wish::Users(_)) => Ok(success(made.answer)),
        Outcome::There(made) => Ok(failure(&made.sentence, made.answer)),
        Outcome::Asks(sentence, offered) => Ok(failure(&sentence, offered)),
        Outcome::NotDone(error) if error.is_outage() => {
            let now = site.clock().now();
            let request = serde_json::to_string(wish)
                .map_err(|error| ActionError::invalid(format!("what was asked for cannot be kept: {error}")))?;
            let write = ToWait {
                wanted: &wish.wanted(),
                user: &caller.user,
                by_key: matches!(caller.means, Means::Authorization { .. }),
                request: &request,
                reason: &error.to_string(),
                due_at: now
                    + if matches!(error, BenchHttpError::AnswerLost { .. }) {
                        LOST
                    } else {
                        AWAY
                    },
            };
            waiting::put(site.db(), &write, now).await?;
            Ok(waiting_answer(wish, is_mine, &error.to_string()))
        }
        Outcome::NotDone(BenchHttpError::Refused(refusal)) if refusal.is_permission() => {
            Err(ActionError::forbidden(refusal.sentence))
        }
        Outcome::NotDone(BenchHttpError::Refused(refusal)) if refusal.is_identity() => Err(ActionError::forbidden(format!(
            "ERPNext does not let you in any more ({}): log in again",
            refusal.sentence
        ))),
        Outcome::NotDone(BenchHttpError::Refused(refusal)) => Ok(failure(&refusal.sentence, Map::new())),
        Outcome::NotDone(other) => Err(ActionError::NotReady(other.to_string())),
    }
}

fn success(mut answer: Map<String, Value>) -> Value {
    answer.shift_insert(0, "success".to_owned(), json!(true));
    Value::Object(answer)
}

fn failure(sentence: &str, more: Map<String, Value>) -> Value {
    let mut answer = object([("success", json!(false)), ("error", json!(sentence))]);
    answer.extend(more);
    Value::Object(answer)
}

fn waiting_answer(wish: &Wish, is_mine: bool, reason: &str) -> Value {
    let told = if is_mine {
        "you are told then"
    } else {
        "who asked for it first is told then"
    };
    let error = format!(
        "ERPNext does not answer just now: {} is written as soon as it does, and {told} ({reason})",
        wish.what()
    );
    json!({"success": false, "waiting": true, "error": error})
}
