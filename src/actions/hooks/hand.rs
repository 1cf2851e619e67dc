//! Writes about hooks, each a row of GitHub Write before it is sent.

use serde_json::Value;

use crate::domain::{RepoName, Service};
use crate::github::Write;
use crate::sync::SyncContext;
use crate::webhook::hooks::Hand;

use super::super::writing::{self, Press, Writing};
use super::super::{ActionError, Call};

/// For somebody who pressed a button.
pub(super) struct OfCall<'a, 'c> {
    pub(super) call: &'a Call<'c>,
    pub(super) repository: RepoName,
}

impl Hand for OfCall<'_, '_> {
    type Error = ActionError;

    async fn write(&self, write: Write) -> Result<Value, ActionError> {
        let writing = writing::writing(self.call, self.repository.clone(), Service::Webhooks).await?;
        // Boxed, here and below: a write is a world of its own, and each change of a hook holds one.
        let outcome = Box::pin(writing::press(self.call, writing, Press { write, task: None })).await?;
        Ok(super::super::issues::raw(outcome))
    }
}

/// For work that nobody waits for. What belongs to an organisation is noted under one of its repositories.
pub(super) struct OfContext<'a> {
    pub(super) context: &'a SyncContext,
    pub(super) repository: RepoName,
    pub(super) repository_id: Option<u64>,
}

impl Hand for OfContext<'_> {
    type Error = ActionError;

    async fn write(&self, write: Write) -> Result<Value, ActionError> {
        let writing = Writing::of_context(self.context, self.repository.clone(), self.repository_id).await?;
        let outcome = Box::pin(writing.carry_out(&Press { write, task: None })).await?;
        Ok(outcome.answer)
    }
}
