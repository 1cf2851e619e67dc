//! Asking for many things in one query, and for fewer at a time where GitHub cannot keep up.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::Answer;
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::retry::RetryAdvice;

/// Most things that one query asks for: GitHub's bound for `nodes(ids:)`.
pub const BATCH: usize = 100;
/// Sizes of a batch, from the largest that GitHub allows for `nodes(ids:)` down to the one that must do.
const SIZES: [usize; 4] = [BATCH, 50, 25, 10];
/// The last of [`SIZES`]: a query for so few is sent again as it is.
const SMALLEST: usize = 10;

/// A query that asks for several things of a kind.
pub(in crate::github) trait Batched {
    /// Name of the operation, and of the remembered size.
    const OPERATION: &'static str;
    /// What stands for one thing.
    type Key;
    /// The answer's data.
    type Data: DeserializeOwned;
    /// What all answers together become.
    type Output: Default;

    /// Text of the query for `count` things.
    fn document(count: usize) -> String;
    /// Its variables.
    fn variables(&self, keys: &[Self::Key]) -> Value;
    /// Adds one answer to `output`.
    fn collect(&self, keys: &[Self::Key], answer: Answer<Self::Data>, output: &mut Self::Output);
}

/// After so long a size that was too heavy once is tried again.
const FORGIVEN: Duration = Duration::from_secs(600);

/// The size that went through last, by operation, and since when it is that small.
#[derive(Debug, Default)]
pub(in crate::github) struct BatchSizes(Mutex<HashMap<&'static str, (usize, Instant)>>);

impl BatchSizes {
    fn of(&self, operation: &'static str) -> usize {
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((size, since)) = sizes.get_mut(operation) else {
            return SIZES[0];
        };
        if since.elapsed() >= FORGIVEN {
            let larger = SIZES.iter().rev().copied().find(|larger| *larger > *size);
            (*size, *since) = (larger.unwrap_or(SIZES[0]), Instant::now());
        }
        *size
    }

    /// Remembers the next size below `failed`, which it returns.
    fn shrink(&self, operation: &'static str, failed: usize) -> usize {
        let next = SIZES.iter().copied().find(|&size| size < failed).unwrap_or(SMALLEST);
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (size, since) = sizes.entry(operation).or_insert((next, now));
        (*size, *since) = (next.min(*size), now);
        next
    }
}

impl Client {
    /// Asks for all `keys` in batches of the remembered size. A batch that is too heavy for GitHub is asked again in smaller parts;
    /// the smallest is tried like any read.
    pub(in crate::github) async fn batched<Q: Batched>(&self, query: &Q, keys: &[Q::Key]) -> Result<Q::Output, GithubError> {
        let mut output = Q::Output::default();
        let mut rest = keys;
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(self.sizes().of(Q::OPERATION).min(rest.len()));
            let (document, variables) = (Q::document(batch.len()), query.variables(batch));
            let may_shrink = batch.len() > SMALLEST;
            match self.graphql::<Q::Data>(Q::OPERATION, &document, &variables, may_shrink).await {
                Ok(answer) => {
                    query.collect(batch, answer, &mut output);
                    rest = after;
                }
                Err(error) if may_shrink && error.advice() == RetryAdvice::Smaller => {
                    let size = self.sizes().shrink(Q::OPERATION, batch.len());
                    tracing::debug!(operation = Q::OPERATION, count = size, "asking for fewer at a time");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_shrink_step_by_step_and_are_remembered_by_operation() {
        let sizes = BatchSizes::default();
        assert_eq!(sizes.of("A"), 100);
        assert_eq!([BATCH, 50, 25, 10].map(|failed| sizes.shrink("A", failed)), [50, 25, 10, 10]);
        assert_eq!((sizes.of("A"), sizes.of("B")), (10, 100));
        // A batch that was smaller than the remembered size goes below itself.
        assert_eq!((sizes.shrink("C", 37), sizes.of("C")), (25, 25));
        assert_eq!((sizes.shrink("C", 100), sizes.of("C")), (50, 25), "never larger at once");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_while_a_larger_size_is_tried_again() {
        let sizes = BatchSizes::default();
        sizes.shrink("A", 100);
        sizes.shrink("A", 50);
        tokio::time::advance(FORGIVEN / 2).await;
        assert_eq!(sizes.of("A"), 25);
        tokio::time::advance(FORGIVEN / 2).await;
        assert_eq!([sizes.of("A"), sizes.of("A")], [50, 50], "a step at a time");
        tokio::time::advance(FORGIVEN).await;
        assert_eq!(sizes.of("A"), 100);
    }
}
