//! Trying a read again within bounds.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Answer, Client, Request};
use crate::github::error::{ErrorKind, GithubError};
use crate::github::retry::RetryAdvice;

impl Client {
    /// Sends a read until `decode` accepts its answer, an error is final, the policy's bounds are met, or somebody asks to stop.
    /// Decoding is part of the attempt, because a body that was cut shows only then.
    pub(in crate::github) async fn read<T>(
        &self,
        request: &Request,
        decode: impl Fn(&Answer) -> Result<T, GithubError>,
    ) -> Result<T, GithubError> {
        let stopped = || GithubError::unanswered(request.call.clone(), ErrorKind::Stopped);
        // Waiting for a place is no time that GitHub took.
        let (mut failures, mut passed) = (0, Duration::ZERO);
        loop {
            let began = Instant::now();
            // Boxed, because every future that reads from GitHub holds this one.
            let exchange = Box::pin(self.exchange(request));
            let attempt = self.stop.run_until_cancelled(exchange).await;
            let error = match attempt.ok_or_else(stopped)? {
                Ok(mut answer) => {
                    let decoded = decode(&answer);
                    self.inner.buffers.give_back(std::mem::take(&mut answer.body));
                    match decoded {
                        Ok(value) => return Ok(value),
                        Err(error) => {
                            // GraphQL tells its limits in answers that are a success otherwise.
                            self.heed(&error).await;
                            error
                        }
                    }
                }
                Err(error) => error,
            };
            failures += 1;
            passed += began.elapsed();
            let advice = match error.advice() {
                RetryAdvice::Smaller if !request.may_shrink => RetryAdvice::After(Duration::ZERO),
                advice => advice,
            };
            let now = error.date().unwrap_or_else(|| self.inner.clock.now());
            let jitter = rand::random::<f64>();
            let Some(pause) = self.policy.pause(failures, passed, advice, now, jitter) else {
                return Err(error.after_attempts(failures));
            };
            tracing::debug!(
                path = request.call.path,
                wait_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "trying again"
            );
            let wait = self.place.lend(sleep(pause));
            self.stop.run_until_cancelled(wait).await.ok_or_else(stopped)?;
            passed += pause;
        }
    }
}
