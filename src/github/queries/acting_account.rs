//! The account in whose name an installation of a GitHub App acts: a bot, which REST has no `GET /user` for.

use serde::Deserialize;
use serde_json::json;

use crate::github::client::Client;
use crate::github::error::GithubError;

pub(super) const OPERATION: &str = "ActingAccount";

pub(super) const DOCUMENT: &str = "\
query ActingAccount {
  rateLimit { cost }
  viewer { login databaseId }
}
";

#[derive(Debug, Deserialize)]
struct Data {
    viewer: Viewer,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Viewer {
    login: String,
    database_id: Option<u64>,
}

impl Client {
    /// Login, as REST spells that of a bot, and numeric id, 0 where GitHub tells none.
    pub(in crate::github) async fn acting_account(&self) -> Result<(String, u64), GithubError> {
        let answer = self.graphql::<Data>(OPERATION, DOCUMENT, &json!({}), false).await?;
        let Viewer { mut login, database_id } = answer.data.viewer;
        if !login.ends_with("[bot]") {
            login.push_str("[bot]");
        }
        Ok((login, database_id.unwrap_or(0)))
    }
}
