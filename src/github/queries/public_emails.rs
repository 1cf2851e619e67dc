//! Public e-mail addresses of accounts that no ERP user has, for up to 100 in one query.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{numbered, repeated};
use crate::domain::{Person, PublicAddress};
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};

pub(super) struct PublicEmails;

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    #[serde(flatten)]
    users: HashMap<String, Option<User>>,
}

/// Also what `rateLimit` is read as, which has neither.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    database_id: Option<u64>,
    email: Option<String>,
}

impl Batched for PublicEmails {
    const OPERATION: &'static str = "PublicEmails";
    type Key = String;
    type Data = Data;
    type Output = Vec<PublicAddress>;

    fn document(count: usize) -> String {
        let variables = repeated(count, |n| format!("{}$l{n}: String!", if n == 0 { "" } else { ", " }));
        let users = repeated(count, |n| format!("  u{n}: user(login: $l{n}) {{ databaseId email }}\n"));
        format!("query PublicEmails({variables}) {{\n  rateLimit {{ cost }}\n{users}}}\n")
    }

    fn variables(&self, keys: &[String]) -> Value {
        numbered(Map::new(), 'l', keys.iter().map(|login| login.as_str().into()))
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        let mut users = answer.data.users;
        for (index, login) in keys.iter().enumerate() {
            let alias = format!("u{index}");
            let user = match (users.remove(&alias).flatten(), answer.errors.at(&alias)) {
                (Some(user), _) => Some(user),
                (None, Some(error)) if error.is_not_found() => None,
                // Not told, for a reason that may pass.
                (None, _) => continue,
            };
            output.push(match user {
                Some(user) => address(login, user.database_id, user.email),
                None => address(login, None, None),
            });
        }
    }
}

fn address(login: &str, id: Option<u64>, email: Option<String>) -> PublicAddress {
    PublicAddress {
        person: Person {
            id,
            login: login.to_owned(),
        },
        email: email.filter(|email| !email.is_empty()),
    }
}

impl Client {
    /// Whose each of these logins is, and which e-mail address that account shows in public; none where it shows none, is a bot, or
    /// is gone. A login about which GitHub said nothing is left out.
    ///
    /// # Errors
    /// As any read, of any of the batches. A classic token needs the scope `user:email` or `read:user`, and is
    /// [`Forbidden`](crate::github::ErrorKind::Forbidden) without.
    pub async fn public_emails(&self, logins: &[String]) -> Result<Vec<PublicAddress>, GithubError> {
        // GraphQL knows no users with REST's spelling of bots.
        let (bots, people): (Vec<String>, Vec<String>) = logins.iter().cloned().partition(|login| login.ends_with("[bot]"));
        let mut addresses = self.batched(&PublicEmails, &people).await?;
        addresses.extend(bots.iter().map(|login| address(login, None, None)));
        Ok(addresses)
    }
}
