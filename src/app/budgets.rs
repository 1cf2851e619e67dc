//! The budgets of this process, one for each credential at each GitHub, kept where the credential is: in its site's database.

use std::sync::{Arc, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::domain::budget::{Budget as Shared, Rules};
use crate::frappe::db::Db;
use crate::frappe::site::Site;
use crate::github::budget::{Budget, Ledger, LedgerError, Turn};
use crate::store::budgets;

use super::App;

impl App {
    /// The same with other rules of what may be asked of GitHub.
    #[must_use]
    pub fn with_github_rules(mut self, rules: Rules) -> Self {
        self.github_rules = rules;
        self
    }

    /// What may be asked of GitHub with the credential that `fingerprint` stands for, at `origins`: the same object for the same ones.
    pub(super) fn budget(&self, site: &Site, fingerprint: &str, origins: &str) -> Arc<Budget> {
        let credential = format!("{fingerprint}@{origins}");
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let budget = budgets.entry(format!("{} {credential}", site.name())).or_insert_with(|| {
            let ledger = InTable {
                // It lives longer than whatever the site at hand stands on, and what was asked of GitHub was asked by whomever.
                db: site.db().unfenced(),
                credential,
            };
            Budget::new(Arc::new(ledger), &*self.owner, self.github_rules, self.clock.clone())
        });
        Arc::clone(budget)
    }

    /// Gives back what this process holds of what may be asked of GitHub, so that the next one need not wait until it is free by itself.
    pub async fn rest(&self) {
        let budgets: Vec<Arc<Budget>> = {
            let budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
            budgets.values().cloned().collect()
        };
        for budget in budgets {
            budget.rest().await;
        }
    }
}

/// The row of a credential.
#[derive(Debug)]
struct InTable {
    db: Db,
    credential: String,
}

impl Ledger for InTable {
    fn turn<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<(), LedgerError>> {
        async move {
            let turn = budgets::turn(&self.db, &self.credential, turn).await;
            turn.map_err(|error| LedgerError(error.to_string()))
        }
        .boxed()
    }

    fn look(&self) -> BoxFuture<'_, Result<Shared, LedgerError>> {
        async move {
            let found = budgets::read(&self.db, &self.credential).await;
            found.map_err(|error| LedgerError(error.to_string()))
        }
        .boxed()
    }
}
