//! How much is open.

use std::collections::HashMap;

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params};
use crate::store::upsert::{marks, texts};

/// What is open in a repository.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenItems {
    /// Issues.
    pub issues: u64,
    /// Pull requests.
    pub pull_requests: u64,
}

/// What is open in each of these repositories, by name; one that is not in the answer has nothing open.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_items(db: &Db, repositories: &[String]) -> Result<HashMap<String, OpenItems>, DbError> {
    let mut open: HashMap<String, OpenItems> = HashMap::new();
    if repositories.is_empty() {
        return Ok(open);
    }
    let counted = |table: &str| {
        format!(
            "SELECT repository, COUNT(*) FROM `{table}` WHERE repository IN ({}) AND state = 'open' AND deleted_on_github = 0 \
             GROUP BY repository",
            marks(repositories.len())
        )
    };
    let params = || Params::Positional(texts(repositories.iter().map(String::as_str)));
    for row in db
        .rows("counting open issues", &counted("tabRepository Issue"), params())
        .await?
    {
        let (repository, count) = <(String, u64)>::from_row(row);
        open.entry(repository).or_default().issues = count;
    }
    for row in db
        .rows(
            "counting open pull requests",
            &counted("tabRepository Pull Request"),
            params(),
        )
        .await?
    {
        let (repository, count) = <(String, u64)>::from_row(row);
        open.entry(repository).or_default().pull_requests = count;
    }
    Ok(open)
}
