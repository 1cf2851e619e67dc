//! Accounts, as they are embedded in other objects and as `GET /user` shows our own.

use serde::Deserialize;

use crate::domain::{Owner, OwnerKind, Person};

/// An account: user, bot, organisation.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Account {
    login: String,
    id: Option<u64>,
    #[serde(rename = "type")]
    kind: Option<String>,
    avatar_url: Option<String>,
}

impl From<Account> for Person {
    fn from(wire: Account) -> Self {
        Self {
            id: wire.id,
            login: wire.login,
        }
    }
}

impl Account {
    /// The account as the owner of a repository; none without an id.
    pub(super) fn into_owner(self) -> Option<Owner> {
        let kind = match self.kind.as_deref() {
            Some("Organization") => OwnerKind::Organization,
            _ => OwnerKind::User,
        };
        Some(Owner {
            id: self.id?,
            login: self.login,
            avatar_url: self.avatar_url.unwrap_or_default(),
            kind,
        })
    }
}

/// The account behind the token.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Viewer {
    pub(in crate::github) login: String,
    pub(in crate::github) id: u64,
}

/// People out of a list that may be absent or hold gaps.
pub(super) fn people(list: Option<Vec<Option<Account>>>) -> Vec<Person> {
    list.into_iter().flatten().flatten().map(Person::from).collect()
}
