//! When commits were made, for up to 100 of a repository in one query. REST would want a call per branch.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{numbered, repeated, repository_variables};
use crate::domain::RepoName;
use crate::github::client::Client;
use crate::github::error::GithubError;
use crate::github::graphql::{Answer, Batched};
use crate::github::wire::Moment;

pub(super) struct CommitDates {
    name: RepoName,
}

#[derive(Debug, Deserialize)]
pub(super) struct Data {
    repository: Option<HashMap<String, Option<Commit>>>,
}

/// Empty for an object of another kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commit {
    committed_date: Option<Moment>,
}

impl Batched for CommitDates {
    const OPERATION: &'static str = "CommitDates";
    type Key = String;
    type Data = Data;
    type Output = HashMap<String, DateTime<Utc>>;

    fn document(count: usize) -> String {
        let variables = repeated(count, |n| format!(", $o{n}: GitObjectID!"));
        let objects = repeated(count, |n| {
            format!("    o{n}: object(oid: $o{n}) {{ ... on Commit {{ committedDate }} }}\n")
        });
        format!(
            "query CommitDates($owner: String!, $name: String!{variables}) {{\n  rateLimit {{ cost }}\n  \
             repository(owner: $owner, name: $name) {{\n{objects}  }}\n}}\n"
        )
    }

    fn variables(&self, keys: &[String]) -> Value {
        numbered(
            repository_variables(&self.name),
            'o',
            keys.iter().map(|sha| sha.as_str().into()),
        )
    }

    fn collect(&self, keys: &[String], answer: Answer<Data>, output: &mut Self::Output) {
        let mut commits = answer.data.repository.unwrap_or_default();
        for (index, sha) in keys.iter().enumerate() {
            let commit = commits.remove(&format!("o{index}")).flatten();
            if let Some(Moment(date)) = commit.and_then(|commit| commit.committed_date) {
                output.insert(sha.clone(), date);
            }
        }
    }
}

impl Client {
    /// Committer's date of each of these commits of `name`. What GitHub does not know, or is no commit's hash, is left out.
    ///
    /// # Errors
    /// As any read, of any of the batches.
    pub async fn commit_dates(&self, name: &RepoName, shas: &[String]) -> Result<HashMap<String, DateTime<Utc>>, GithubError> {
        // One text that is no hash would make GitHub refuse the whole query.
        let hashes: Vec<String> = shas.iter().filter(|sha| is_hash(sha)).cloned().collect();
        self.batched(&CommitDates { name: name.clone() }, &hashes).await
    }
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
