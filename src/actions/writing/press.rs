//! A press: its row, its request, and what is told of it.

use std::time::Duration;

use crate::frappe::naming::stable_child_name;
use crate::github::WriteFailure;
use crate::store::Stamp;
use crate::store::writes::{self, Begun, NewWrite, WriteRow, WriteStatus};

use super::super::ActionError;
use super::settle::Settled;
use super::{Outcome, Press, Writing};

/// How often the row of somebody else's press is looked at, and how many times: half a minute.
const LOOKS: (Duration, u32) = (Duration::from_millis(250), 120);

impl Press {
    /// What no two writes under way may share: one Task gets one issue, and the same is not asked for twice.
    pub(super) fn claim(&self, repository: &str, request: &str) -> String {
        let kind = self.write.kind();
        match &self.task {
            Some(task) => stable_child_name(&["GitHub Write of a Task", kind, task]),
            None => stable_child_name(&["GitHub Write", &repository.to_lowercase(), request]),
        }
    }
}

impl Writing {
    /// Does what was pressed, or finds that it is done.
    pub(in crate::actions) async fn carry_out(&self, press: &Press) -> Result<Outcome, ActionError> {
        let request = serde_json::to_string(&press.write)
            .map_err(|error| ActionError::invalid(format!("the request cannot be written down: {error}")))?;
        let claim = press.claim(self.repository.as_str(), &request);
        let new = NewWrite {
            kind: press.write.kind(),
            repository: self.repository.as_str(),
            repository_id: self.repository_id.unwrap_or_default(),
            number: press.write.number(),
            task: press.task.as_deref(),
            acting: self.acting.as_ref(),
            acting_as: self.acting_as,
            request: &request,
            claim: &claim,
        };
        loop {
            let stamp = Stamp::now(&self.site, self.user.as_str()).await?;
            let theirs = match writes::begin(self.site.db(), &stamp, &new).await? {
                Begun::Ours(name) => return self.send(&name, press).await,
                Begun::Theirs(row) => row,
            };
            if let Some(outcome) = self.join(*theirs, press).await? {
                return Ok(outcome);
            }
        }
    }

    /// Sends what its row stands for.
    async fn send(&self, name: &str, press: &Press) -> Result<Outcome, ActionError> {
        // Reading goes on with what the client has; the write is asked for with what it needs.
        let client = self.client.for_write(&press.write, self.repository_id);
        match client.carry_out(&self.repository, &press.write).await {
            Ok(answer) => Ok(self.landed(name, &press.write, press.task.as_deref(), answer).await),
            Err(WriteFailure::NotDone(error)) => {
                self.note_failed(name, &error.to_string()).await;
                Err(error.into())
            }
            Err(WriteFailure::Unknown(error)) => {
                self.note_unknown(name, &error.to_string()).await;
                let Some(row) = writes::find(self.site.db(), name).await? else {
                    return Err(ActionError::invalid(unsettled(press, &error.to_string())));
                };
                match self.settle(&row, &press.write).await {
                    Ok(Settled::Done(outcome)) => Ok(*outcome),
                    Ok(Settled::NotDone(reason)) => {
                        self.note_failed(name, &reason).await;
                        Err(error.into())
                    }
                    Ok(Settled::TooEarly) | Err(ActionError::Github(_)) => {
                        Err(ActionError::invalid(unsettled(press, &error.to_string())))
                    }
                    Err(other) => Err(other),
                }
            }
        }
    }

    /// Waits for a press that was there before, or settles it; none where it came to nothing, so that this one may be sent.
    async fn join(&self, mut row: WriteRow, press: &Press) -> Result<Option<Outcome>, ActionError> {
        let asked_by = row.asked_by.clone();
        for _ in 0..LOOKS.1 {
            if row.is_lost(self.site.clock().now()) {
                return self.settle_other(&row, press).await;
            }
            match row.status {
                WriteStatus::Done => return self.shown(&row, press).await.map(Some),
                WriteStatus::Failed => {
                    let reason = row.reason.unwrap_or_default();
                    return Err(ActionError::invalid(reason));
                }
                _ => tokio::time::sleep(LOOKS.0).await,
            }
            match writes::find(self.site.db(), &row.name).await? {
                Some(again) => row = again,
                None => return Ok(None),
            }
        }
        Err(ActionError::invalid(format!(
            "{} is on its way to GitHub, asked for by {asked_by}; wait a minute, and press again if it is not there then",
            press.write.thing()
        )))
    }

    /// Finds out what became of another press whose answer was lost.
    async fn settle_other(&self, row: &WriteRow, press: &Press) -> Result<Option<Outcome>, ActionError> {
        // It may be another one for the same Task.
        let write = serde_json::from_str(&row.request).unwrap_or_else(|_| press.write.clone());
        match self.settle(row, &write).await {
            Ok(Settled::Done(outcome)) => Ok(Some(*outcome)),
            Ok(Settled::NotDone(reason)) => {
                self.note_failed(&row.name, &reason).await;
                Ok(None)
            }
            Ok(Settled::TooEarly) => {
                let reason = row.reason.as_deref().unwrap_or("the answer was lost");
                Err(ActionError::invalid(unsettled(press, reason)))
            }
            Err(ActionError::Github(error)) => Err(ActionError::invalid(unsettled(press, &error.to_string()))),
            Err(other) => Err(other),
        }
    }
}

/// What is told while nobody knows.
fn unsettled(press: &Press, reason: &str) -> String {
    format!(
        "nobody can tell yet whether GitHub took {}: {reason}. Press again in half a minute: GitHub is looked at first, and nothing is done twice",
        press.write.thing()
    )
}
