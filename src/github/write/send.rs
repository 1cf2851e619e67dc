//! Sends a write once, and tells what became of it.

use serde_json::Value;

use super::order::Write;
use crate::domain::RepoName;
use crate::github::client::{Client, WriteRequest};
use crate::github::error::GithubError;

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
}
