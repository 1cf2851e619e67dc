//! One account, by its login.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Login, Person};
use crate::github::client::{Client, Request};
use crate::github::error::GithubError;

/// An account as its profile shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Who it is, in GitHub's own spelling.
    pub person: Person,
    /// False for organisations and bots.
    pub is_user: bool,
    /// The whole answer.
    pub profile: Value,
}

#[derive(Deserialize)]
struct Known {
    login: String,
    id: u64,
    #[serde(rename = "type")]
    kind: String,
}

impl Account {
    /// A text of the profile; none where it is empty.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        let text = self.profile.get(field)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }
}

impl Client {
    /// The account of that login, whoever has it just now.
    ///
    /// # Errors
    /// As any read; [`NotFound`](crate::github::ErrorKind::NotFound) where nobody has it.
    pub async fn account(&self, login: &Login) -> Result<Account, GithubError> {
        let request = Request::get(self.rest_url(&["users", login.as_str()], &[]));
        self.read(&request, |answer| {
            let Known { login, id, kind } = answer.json()?;
            Ok(Account {
                person: Person { id: Some(id), login },
                is_user: kind == "User",
                profile: answer.json()?,
            })
        })
        .await
    }
}
