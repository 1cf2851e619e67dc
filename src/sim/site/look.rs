//! What a person would look at in the tables: statements to show, and to run.

use super::{ScratchSite, SiteError};
use crate::sim::mariadb::sql_text;

/// Heads of the columns of [`ScratchSite::overview`].
pub const OVERVIEW_HEADS: [&str; 6] = ["repository", "visibility", "issues", "pull requests", "branches", "members"];

/// One line a repository: how much of it is in the tables.
const OVERVIEW: &str = "SELECT r.name, r.visibility, \
     (SELECT COUNT(*) FROM `tabRepository Issue` i WHERE i.repository = r.name), \
     (SELECT COUNT(*) FROM `tabRepository Pull Request` p WHERE p.repository = r.name), \
     r.branches_total, \
     (SELECT COUNT(*) FROM `tabRepository Member` m WHERE m.parent = r.name AND m.parenttype = 'Repository') \
     FROM `tabRepository` r ORDER BY r.name";

/// Statements for a reader to type, each with what it shows, in lines for a terminal.
pub const EXAMPLES: [(&str, &str); 5] = [
    (
        "what changed last",
        "SELECT name, state, author, modified, LEFT(title, 40) AS title\n  \
         FROM `tabRepository Issue` ORDER BY modified DESC LIMIT 10;",
    ),
    (
        "pull requests, with what only GraphQL tells",
        "SELECT name, state, draft, merged_by, mergeable_state, review_decision\n  \
         FROM `tabRepository Pull Request` ORDER BY modified DESC LIMIT 10;",
    ),
    (
        "what was said and released last",
        "SELECT repository, title, author, created_at FROM `tabRepository Comment`\n  \
         UNION ALL SELECT repository, title, author, published_at FROM `tabRepository Release` ORDER BY 4 DESC LIMIT 10;",
    ),
    (
        "who may do what, and which of them are users of ERPNext",
        "SELECT parent, github_username, permission, user\n  \
         FROM `tabRepository Member` ORDER BY parent, idx;",
    ),
    (
        "every run, and what it cost",
        "SELECT started_at, repository, kind, status, requests, duration\n  \
         FROM `tabGitHub Sync Run` ORDER BY creation DESC LIMIT 10;",
    ),
];

/// An issue or a pull request that was written, or a branch with a new commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Name of the document; of a branch, its repository.
    pub name: String,
    /// State of an issue or a pull request, commit of a branch.
    pub state: String,
    /// Title, or the branch's name.
    pub title: String,
}

impl ScratchSite {
    /// How much is in the tables, a line a repository, under [`OVERVIEW_HEADS`].
    ///
    /// # Errors
    /// When the server refuses, for example because nothing is installed.
    pub async fn overview(&self) -> Result<Vec<Vec<String>>, SiteError> {
        let rows = self.query(OVERVIEW).await?;
        Ok(rows
            .into_iter()
            .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
            .collect())
    }

    /// Issues and pull requests written since `since`, a time of the site's zone as Frappe writes it, and branches written with a
    /// commit since then (others may only have moved in the form's list; GitHub tells whole seconds); the newest `limit` of them.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn written_since(&self, since: &str, limit: u32) -> Result<Vec<Written>, SiteError> {
        let since = sql_text(since);
        let items = |table: &str| format!("SELECT name, state, title, modified FROM `{table}` WHERE modified >= {since}");
        let sql = format!(
            "{} UNION ALL {} UNION ALL SELECT parent, LEFT(commit_sha, 7), branch_name, modified \
             FROM `tabRepository Branch` WHERE parenttype = 'Repository' AND modified >= {since} \
             AND last_updated >= {since} - INTERVAL 1 SECOND ORDER BY 4 DESC, 1 LIMIT {limit}",
            items("tabRepository Issue"),
            items("tabRepository Pull Request"),
        );
        let rows = self.query(&sql).await?.into_iter().map(|row| {
            let mut texts = row.into_iter().map(Option::unwrap_or_default);
            let mut text = || texts.next().unwrap_or_default();
            Written {
                name: text(),
                state: text(),
                title: text(),
            }
        });
        Ok(rows.collect())
    }
}
