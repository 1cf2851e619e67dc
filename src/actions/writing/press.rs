//! A press: its row, its request, and what is told of it.

use std::time::Duration;

use crate::frappe::naming::stable_child_name;
use crate::github::WriteFailure;
use crate::store::Stamp;
use crate::store::writes::{self, Begun, NewWrite, WriteRow, WriteStatus};

use super::super::ActionError;
use super::settle::Settled;
use super::{Outcome, Press, Writing, name_of};

/// How often the row of somebody else's press is looked at, and how many times: half a minute.
const LOOKS: (Duration, u32) = (Duration::from_millis(250), 120);

impl Writing {
    /// What no two writes under way may share: one Task gets one issue, whoever asks, and the same is not asked for twice in one name.
    fn claim(&self, press: &Press, request: &str) -> String {
        if let Some(task) = &press.task {
            return stable_child_name(&["GitHub Write of a Task", press.write.kind(), task]);
        }
        let (acting_as, account) = name_of(self.acting_as, self.acting.as_ref());
        let repository = self.repository.as_str().to_lowercase();
        stable_child_name(&["GitHub Write", acting_as, &account, &repository, request])
    }

    /// Does what was pressed, or finds that it is done.
    pub(in crate::actions) async fn carry_out(&self, press: &Press) -> Result<Outcome, ActionError> {
        let request = serde_json::to_string(&press.write)
            .map_err(|error| ActionError::invalid(format!("the request cannot be written down: {error}")))?;
        let claim = self.claim(press, &request);
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
                WriteStatus::Done => {
                    let outcome = self.shown(&row, press).await?;
                    return Ok(Some(self.told(&row, outcome)));
                }
                // What GitHub refused to somebody else it was not asked for in this name.
                WriteStatus::Failed if !self.acts_as(&row) => return Ok(None),
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
            Ok(Settled::Done(outcome)) => Ok(Some(self.told(row, *outcome))),
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

    /// True where the row is in the name in which this press acts.
    fn acts_as(&self, row: &WriteRow) -> bool {
        // Of rows from before names were noted nobody knows.
        row.acting_as
            .is_none_or(|acting_as| name_of(acting_as, row.acting.as_ref()) == name_of(self.acting_as, self.acting.as_ref()))
    }

    /// What somebody else's press came to, which this one met: where it is in another name, that is said.
    fn told(&self, row: &WriteRow, mut outcome: Outcome) -> Outcome {
        if !self.acts_as(row) {
            let whose = match &row.acting {
                Some(account) => format!("in the name of {} on GitHub", account.login),
                None => "in the name of no account on GitHub".to_owned(),
            };
            outcome.warn(&format!(
                "{} asked for it before you: it is done {whose}, and not once more in yours",
                row.asked_by
            ));
        }
        outcome
    }
}

/// What is told while nobody knows.
fn unsettled(press: &Press, reason: &str) -> String {
    format!(
        "nobody can tell yet whether GitHub took {}: {reason}. Press again in half a minute: GitHub is looked at first, and nothing is done twice",
        press.write.thing()
    )
}
