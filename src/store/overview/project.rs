//! What the form of a Project shows of its repositories.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError};

/// How many pull requests of a repository are shown.
const SHOWN: usize = 20;

/// Repositories that a Project is connected with, by a row or from either side of the link; its own first.
///
/// # Errors
/// When the database cannot be read.
pub async fn repositories_of(db: &Db, project: &str) -> Result<Vec<String>, DbError> {
    let rows = db
        .rows(
            "reading a project's repositories",
            "SELECT 0 AS place, r.name FROM `tabProject` p JOIN `tabRepository` r ON r.name = p.repository WHERE p.name = ? \
             UNION ALL SELECT 1, name FROM `tabRepository` WHERE project = ? \
             UNION ALL SELECT 1, r.name FROM `tabGitHub Project Repository` c JOIN `tabRepository` r ON r.name = c.repository \
             WHERE c.project = ? ORDER BY place, name",
            (project, project, project),
        )
        .await?;
    let mut names: Vec<String> = Vec::new();
    for (_, name) in rows.into_iter().map(<(i64, String)>::from_row) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// A pull request that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Name of the document.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Its number.
    pub pr_number: u64,
    /// Its page.
    pub url: Option<String>,
    /// Login of who opened it.
    pub author: Option<String>,
}

/// Open pull requests of a repository that are no drafts and wait for a review: GitHub wants one, or somebody who was asked has not
/// answered. The oldest first, at most 20.
///
/// # Errors
/// When the database cannot be read.
pub async fn waiting_for_review(db: &Db, repository: &str) -> Result<Vec<Waiting>, DbError> {
    // Not EXISTS, for which the server may read the whole table of reviewers first.
    let sql = format!(
        "SELECT p.name, p.title, p.pr_number, p.url, p.author FROM `tabRepository Pull Request` p \
         WHERE p.repository = ? AND p.state = 'open' AND p.deleted_on_github = 0 AND p.draft = 0 \
         AND (p.review_decision = 'review_required' OR IFNULL(p.team_reviewers, '') <> '' \
           OR (SELECT r.name FROM `tabRepository PR Reviewer` r WHERE r.parent = p.name \
             AND r.parenttype = 'Repository Pull Request' LIMIT 1) IS NOT NULL) \
         ORDER BY p.pr_number LIMIT {SHOWN}"
    );
    let rows = db.rows("listing what waits for a review", &sql, (repository,)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (name, title, pr_number, url, author) =
                <(String, Option<String>, u64, Option<String>, Option<String>)>::from_row(row);
            Waiting {
                name,
                title,
                pr_number,
                url,
                author,
            }
        })
        .collect())
}
