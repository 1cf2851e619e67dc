//! Who on GitHub shows an address. A search guesses, so that each hit is asked for the address that it shows (F-42).

use crate::domain::Person;
use crate::github::{Client, SearchesLeft};

use super::ActionError;

/// What was found for one address.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    /// Accounts that show just this address.
    pub(super) exact: Vec<Person>,
    /// Logins of all hits, the exact ones among them.
    pub(super) logins: Vec<String>,
    /// How many there are in all, as GitHub counts.
    pub(super) total: u64,
    /// How many searches are left.
    pub(super) left: SearchesLeft,
}

impl Candidates {
    /// The account, where exactly one shows the address.
    pub(super) fn one(&self) -> Option<&Person> {
        match self.exact.as_slice() {
            [person] => Some(person),
            _ => None,
        }
    }
}

/// Looks for `email`, which must be an address (see [`is_address`]).
pub(super) async fn of_address(client: &Client, email: &str) -> Result<Candidates, ActionError> {
    let found = client.accounts_with_address(email).await?;
    let shown = match found.logins.as_slice() {
        [] => Vec::new(),
        logins => client.public_emails(logins).await?,
    };
    let is_same = |shown: &str| shown.trim().to_lowercase() == email.to_lowercase();
    let exact = shown
        .into_iter()
        .filter(|one| one.email.as_deref().is_some_and(is_same) && one.person.id.is_some())
        .map(|one| one.person)
        .collect();
    Ok(Candidates {
        exact,
        logins: found.logins,
        total: found.total,
        left: found.left,
    })
}

/// One `@` with something on both sides, and nothing that a search would read as a word of its own.
pub(super) fn is_address(text: &str) -> bool {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | ':');
    match text.split_once('@') {
        Some((name, host)) => !name.is_empty() && host.contains('.') && !host.contains('@') && !text.chars().any(odd),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f42_only_an_address_is_searched_for() {
        for good in ["a@b.co", "jane+tag@x.example.com"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "a", "a@b", "@b.co", "a@b.co repo:x/y", "a@b.co\" in:login", "user:x@b.co"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
