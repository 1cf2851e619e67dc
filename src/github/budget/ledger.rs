//! Where the budget of a credential is kept.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::domain::budget::Budget;

/// What a turn does: it gets the budget and the shared clock, in milliseconds since 1970. It may be done again where it was lost.
pub type Turn<'t> = &'t mut (dyn FnMut(&mut Budget, i64) + Send);

/// Why there was no turn.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LedgerError(pub String);

/// Keeps the budget of one credential for all processes that use it.
pub trait Ledger: Send + Sync + fmt::Debug {
    /// Has `turn` read and change the budget while nobody else does.
    fn turn<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<(), LedgerError>>;

    /// The budget as it is, for who only wants to know.
    fn look(&self) -> BoxFuture<'_, Result<Budget, LedgerError>>;
}

/// A budget of this process alone: for a credential that is only tried.
#[derive(Debug)]
pub struct InMemory {
    budget: Mutex<Budget>,
    began: Instant,
}

impl Default for InMemory {
    fn default() -> Self {
        Self {
            budget: Mutex::default(),
            began: Instant::now(),
        }
    }
}

impl Ledger for InMemory {
    fn turn<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<(), LedgerError>> {
        let now = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        turn(&mut budget, now);
        std::future::ready(Ok(())).boxed()
    }

    fn look(&self) -> BoxFuture<'_, Result<Budget, LedgerError>> {
        let budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner).clone();
        std::future::ready(Ok(budget)).boxed()
    }
}
