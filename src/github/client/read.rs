//! Trying a read again within bounds.

use tokio::time::{Instant, sleep};

use super::{Answer, Client, Request};
use crate::github::error::GithubError;
use crate::github::retry::RetryAdvice;

impl Client {
    /// Sends a read until `decode` accepts its answer, an error is final, or the policy's bounds are met. Decoding is part of the
    /// attempt, because a body that was cut shows only then.
    pub(in crate::github) async fn read<T>(
        &self,
        request: &Request,
        decode: impl Fn(&Answer) -> Result<T, GithubError>,
    ) -> Result<T, GithubError> {
        let began = Instant::now();
        let mut failures = 0;
        loop {
            let error = match self.exchange(request).await.and_then(|answer| decode(&answer)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            failures += 1;
            let advice = match error.advice() {
                RetryAdvice::Smaller if !request.may_shrink => RetryAdvice::After(std::time::Duration::ZERO),
                advice => advice,
            };
            let now = error.date().unwrap_or_else(|| self.inner.clock.now());
            let jitter = rand::random::<f64>();
            let Some(pause) = self.policy.pause(failures, began.elapsed(), advice, now, jitter) else {
                return Err(error.after_attempts(failures));
            };
            tracing::debug!(
                path = request.call.path,
                wait_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "trying again"
            );
            sleep(pause).await;
        }
    }
}
