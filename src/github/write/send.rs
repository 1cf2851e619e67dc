//! Sends a write once, and tells what became of it.

use reqwest::Method;
use serde_json::Value;

use super::order::Write;
use crate::domain::RepoName;
use crate::github::client::{Client, WriteRequest};
use crate::github::error::GithubError;
use crate::github::read::HookHome;

/// Why a write has no answer of success.
#[derive(Debug, thiserror::Error)]
pub enum WriteFailure {
    /// GitHub has not done it: it refused, or was not reached.
    #[error("{0}")]
    NotDone(GithubError),
    /// Nobody can tell whether it was done: the answer was lost, or a gateway gave up waiting.
    #[error("{0}")]
    Unknown(GithubError),
}

impl Client {
    /// Does `write` in the repository `name`, and gives GitHub's answer, null where it has none. It is sent once, and not cut short by a
    /// request to stop: only what was never sent may be sent again.
    ///
    /// # Errors
    /// [`WriteFailure`], which says whether it may be done all the same.
    pub async fn carry_out(&self, name: &RepoName, write: &Write) -> Result<Value, WriteFailure> {
        let shape = write.shape(name);
        let segments: Vec<&str> = shape.segments.iter().map(String::as_str).collect();
        let url = self.rest_url(&segments, &[]);
        let body = shape.body.map(|body| body.to_string().into_bytes());
        let answer = self.write(&WriteRequest::new(shape.method, url, body)).await?;
        if answer.is_no_content() {
            return Ok(Value::Null);
        }
        // It was done; an answer that is empty or broke off is as good as none.
        answer.json().map_err(WriteFailure::Unknown)
    }

    /// Has GitHub deliver once more what a hook delivered, or failed to. It is sent once; whoever asks has noted it before.
    ///
    /// # Errors
    /// As [`Self::carry_out`].
    pub async fn redeliver(&self, home: &HookHome, hook: u64, delivery: u64) -> Result<(), WriteFailure> {
        let (hook, delivery) = (hook.to_string(), delivery.to_string());
        let url = self.rest_url(&home.segments(&[&hook, "deliveries", &delivery, "attempts"]), &[]);
        self.write(&WriteRequest::new(Method::POST, url, None)).await.map(drop)
    }
}
