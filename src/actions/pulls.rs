//! `create_pull_request`, `add_pr_reviewer`.

use serde_json::Value;

use crate::domain::{Service, TeamSlug};
use crate::github::{NewPullRequest, Write};
use crate::store::task_links::Linked;

use super::logins::Directory;
use super::rights::Rights;
use super::writing::{self, Press};
use super::{ActionError, Call, issues, lists, tasks};

/// Longest name of a branch with its owner, in bytes: Git's own bound.
const LONGEST_BRANCH: usize = 300;

/// `create_pull_request(repository, title, head, base, body=None, draft=False, task=None)`.
pub(super) async fn create(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let task = call.arguments.text("task");
    let task = tasks::linkable(rights, task, repository.as_str(), Linked::PullRequest).await?;
    let pull = NewPullRequest {
        title: issues::title(call.arguments)?,
        body: issues::body(call.arguments)?,
        head: branch(call, "head")?,
        base: branch(call, "base")?,
        draft: call.arguments.flag("draft"),
    };
    if pull.head == pull.base {
        return Err(ActionError::invalid(
            "`head` and `base` are the same branch: choose the branch to merge, and the one to merge into",
        ));
    }
    let writing = writing::writing(call, repository, Service::PullRequests).await?;
    let press = Press {
        write: Write::CreatePullRequest(pull),
        task: task.clone(),
    };
    let outcome = writing::press(call, writing, press).await?;
    Ok(issues::made("pull_request", outcome, task))
}

/// `add_pr_reviewer(repo_full_name, pr_number, reviewers, team_reviewers=None)`: further ones, beside those who were asked.
pub(super) async fn add_reviewers(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let number = call.arguments.number(&["pr_number", "number"])?;
    let directory = Directory::read(call.site.db()).await?;
    let reviewers = directory.logins(&call.arguments.texts("reviewers")?)?;
    let teams: Result<Vec<TeamSlug>, _> = call
        .arguments
        .texts("team_reviewers")?
        .iter()
        .map(|team| team.parse())
        .collect();
    let team_reviewers = teams.map_err(|error| ActionError::invalid(error.to_string()))?;
    if reviewers.is_empty() && team_reviewers.is_empty() {
        return Err(ActionError::invalid("`reviewers` is missing: name users or logins"));
    }
    let writing = writing::writing(call, repository, Service::PullRequests).await?;
    let press = Press {
        write: Write::RequestReviewers {
            number,
            reviewers,
            team_reviewers,
        },
        task: None,
    };
    Ok(issues::raw(writing::press(call, writing, press).await?))
}

/// A branch that must be there.
fn branch(call: &Call<'_>, name: &str) -> Result<String, ActionError> {
    let branch = call.arguments.required(&[name])?;
    let odd = |letter: char| letter.is_whitespace() || letter.is_control();
    if branch.len() > LONGEST_BRANCH || branch.chars().any(odd) {
        return Err(ActionError::invalid(format!("`{name}` is not the name of a branch")));
    }
    Ok(branch)
}
