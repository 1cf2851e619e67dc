//! What the form of a Task shows of its issue, its pull request, and the branches that may become one.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError};

/// How many branches are offered.
const OFFERED: usize = 200;

/// What a Task says of GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLinks {
    /// Name of the document.
    pub name: String,
    /// Its subject.
    pub subject: String,
    /// Name of the Repository; empty for none, as are the others.
    pub repository: String,
    /// Name of the Repository Issue.
    pub issue: String,
    /// Number of the issue; 0 for none.
    pub issue_number: u64,
    /// Number of the pull request; 0 for none.
    pub pr_number: u64,
}

/// The Task of that name, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn task(db: &Db, name: &str) -> Result<Option<TaskLinks>, DbError> {
    let row = db
        .row(
            "reading a task",
            "SELECT name, IFNULL(subject, ''), IFNULL(github_repo, ''), IFNULL(github_issue_doc, ''), \
             CAST(GREATEST(IFNULL(github_issue_number, 0), 0) AS UNSIGNED), CAST(GREATEST(IFNULL(github_pr_number, 0), 0) AS UNSIGNED) \
             FROM `tabTask` WHERE name = ?",
            (name,),
        )
        .await?;
    Ok(row.map(|row| {
        let (name, subject, repository, issue, issue_number, pr_number) =
            <(String, String, String, String, u64, u64)>::from_row(row);
        TaskLinks {
            name,
            subject,
            repository,
            issue,
            issue_number,
            pr_number,
        }
    }))
}

/// An account in a child row, and who that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Login on GitHub.
    pub login: Option<String>,
    /// The user here, if he is known.
    pub user: Option<String>,
}

/// An issue as a panel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Name of the document.
    pub name: String,
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: Option<String>,
    /// `open` or `closed`.
    pub state: Option<String>,
    /// Why it is closed.
    pub state_reason: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Who it is given to.
    pub assignees: Vec<Account>,
}

/// The issue of a Task: the document that it names, else the number in its repository. None of another repository.
///
/// # Errors
/// When the database cannot be read.
pub async fn issue(db: &Db, task: &TaskLinks) -> Result<Option<Issue>, DbError> {
    const WHAT: &str = "reading a task's issue";
    const COLUMNS: &str = "SELECT name, issue_number, title, state, NULLIF(state_reason, ''), url FROM `tabRepository Issue`";
    let (repository, mut row) = (task.repository.as_str(), None);
    if !task.issue.is_empty() {
        let sql = format!("{COLUMNS} WHERE name = ? AND repository = ?");
        row = db.row(WHAT, &sql, (&task.issue, repository)).await?;
    }
    if row.is_none() && task.issue_number > 0 {
        let sql = format!("{COLUMNS} WHERE repository = ? AND issue_number = ?");
        row = db.row(WHAT, &sql, (repository, task.issue_number)).await?;
    }
    let Some(row) = row else { return Ok(None) };
    let (name, number, title, state, state_reason, url) =
        <(String, u64, Option<String>, Option<String>, Option<String>, Option<String>)>::from_row(row);
    let assignees = accounts(db, "tabRepository Issue Assignee", "Repository Issue", &name).await?;
    Ok(Some(Issue {
        name,
        number,
        title,
        state,
        state_reason,
        url,
        assignees,
    }))
}

/// A pull request as a panel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullRequest {
    /// Name of the document.
    pub name: String,
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: Option<String>,
    /// `open`, `closed` or `merged`.
    pub state: Option<String>,
    /// Not ready for review.
    pub draft: bool,
    /// Its page.
    pub url: Option<String>,
    /// Login of who opened it.
    pub author: Option<String>,
    /// People who were asked to review and have not.
    pub reviewers: Vec<Account>,
    /// Slugs of teams that were asked.
    pub team_reviewers: Vec<String>,
    /// What the reviews come to, if GitHub says it.
    pub review_decision: Option<String>,
    /// Whether it can be merged, in GitHub's word.
    pub mergeable_state: Option<String>,
    /// Branch that it comes from.
    pub head_branch: Option<String>,
    /// Branch that it goes to.
    pub base_branch: Option<String>,
}

/// The pull request of a Task.
///
/// # Errors
/// When the database cannot be read.
pub async fn pull_request(db: &Db, task: &TaskLinks) -> Result<Option<PullRequest>, DbError> {
    const WHAT: &str = "reading a task's pull request";
    if task.pr_number == 0 {
        return Ok(None);
    }
    let row = db
        .row(
            WHAT,
            "SELECT name, pr_number, title, state, draft, url, NULLIF(author, ''), IFNULL(team_reviewers, ''), \
             NULLIF(review_decision, ''), NULLIF(mergeable_state, ''), NULLIF(head_branch, ''), NULLIF(base_branch, '') \
             FROM `tabRepository Pull Request` WHERE repository = ? AND pr_number = ?",
            (&task.repository, task.pr_number),
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (name, number, title, state, draft, url, author, teams, review_decision, mergeable_state, head_branch, base_branch) =
        PullFields::from_row(row);
    let reviewers = accounts(db, "tabRepository PR Reviewer", "Repository Pull Request", &name).await?;
    let teams = teams.split(',').map(str::trim).filter(|team| !team.is_empty());
    Ok(Some(PullRequest {
        team_reviewers: teams.map(str::to_owned).collect(),
        name,
        number,
        title,
        state,
        draft,
        url,
        author,
        reviewers,
        review_decision,
        mergeable_state,
        head_branch,
        base_branch,
    }))
}

/// The columns of a pull request, as the database gives them.
type PullFields = (
    String,
    u64,
    Option<String>,
    Option<String>,
    bool,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

async fn accounts(db: &Db, table: &str, parenttype: &str, parent: &str) -> Result<Vec<Account>, DbError> {
    let sql = format!(
        "SELECT NULLIF(github_username, ''), NULLIF(user, '') FROM `{table}` WHERE parent = ? AND parenttype = ? ORDER BY idx"
    );
    let rows = db.rows("reading who is asked", &sql, (parent, parenttype)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (login, user) = <(Option<String>, Option<String>)>::from_row(row);
            Account { login, user }
        })
        .collect())
}

/// Names of branches that a Repository holds: its default branch, then the ones with the latest commits, at most 200.
///
/// # Errors
/// When the database cannot be read.
pub async fn branches(db: &Db, repository: &str, default_branch: &str) -> Result<Vec<String>, DbError> {
    let sql = format!(
        "SELECT branch_name FROM `tabRepository Branch` WHERE parent = ? AND parenttype = 'Repository' AND branch_name IS NOT NULL \
         ORDER BY BINARY branch_name = ? DESC, last_updated DESC, branch_name LIMIT {OFFERED}"
    );
    let rows = db.rows("listing branches", &sql, (repository, default_branch)).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}
