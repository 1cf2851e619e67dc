//! Searching for people.

use serde::Deserialize;

use crate::github::client::{Client, Request};
use crate::github::error::GithubError;

/// What a search for accounts found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccounts {
    /// How many in all, as GitHub counts.
    pub total: u64,
    /// The first of them.
    pub logins: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    total_count: u64,
    items: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

impl Client {
    /// Accounts that show `address` in their profile. GitHub searches public addresses alone, and guesses.
    ///
    /// # Errors
    /// As any read; a search has a rate limit of its own, 30 a minute.
    pub async fn accounts_with_address(&self, address: &str) -> Result<FoundAccounts, GithubError> {
        let query = format!("{address} in:email");
        let request = Request::get(self.rest_url(&["search", "users"], &[("q", &query), ("per_page", "10")]));
        self.read(&request, |answer| {
            let found: Answer = answer.json()?;
            Ok(FoundAccounts {
                total: found.total_count,
                logins: found.items.into_iter().map(|account| account.login).collect(),
            })
        })
        .await
    }
}
