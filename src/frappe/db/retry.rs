//! Whole transactions are repeated when they lost a race.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::DbError;

/// How often a transaction is begun at most.
const ATTEMPTS: usize = 6;

/// Runs `transaction`, a closure that begins and commits one, again from its beginning when it met a deadlock, a lock
/// timeout, a Galera conflict at commit, or a connection that was killed. What it does must be idempotent.
///
/// # Errors
/// The last error, when the attempts are used up or the error is of another kind.
pub async fn retry_conflicts<T, F>(transaction: impl FnMut() -> F) -> Result<T, DbError>
where
    F: Future<Output = Result<T, DbError>>,
{
    transaction
        .retry(
            ExponentialBuilder::default()
                .with_min_delay(Duration::from_millis(20))
                .with_max_delay(Duration::from_secs(1))
                .with_max_times(ATTEMPTS - 1)
                .with_jitter(),
        )
        .when(DbError::is_transient)
        .await
}
