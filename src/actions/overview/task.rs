//! `desk.task_overview`.

use serde_json::{Value, json};

use crate::domain::suggested_branch;
use crate::store::overview::{self, BelongsTo};

use super::lacking::lacking;
use super::releases;
use crate::actions::rights::Rights;
use crate::actions::{ActionError, Arguments};

/// The issue and the pull request of a Task, the branches of its repository, and the releases that belong to it, of whichever repository. Of a repository that the caller may not read, nothing
/// but the name that the Task says anyway.
pub(in crate::actions) async fn of_task(rights: &Rights<'_>, arguments: &Arguments) -> Result<Value, ActionError> {
    let db = rights.site.db();
    let name = arguments.required(&["task"])?;
    let Some(task) = overview::task(db, &name).await? else {
        return Err(ActionError::Missing(format!("there is no Task {name}")));
    };
    let mut answer = json!({
        "task": task.name,
        "repository": Some(&task.repository).filter(|name| !name.is_empty()),
        "issue": null,
        "pull_request": null,
        "branches": [],
        "default_branch": null,
        "suggested_branch": suggested_branch(&task.name, &task.subject),
        "releases": releases::readable(rights, BelongsTo::Task(&task.name)).await?,
        "may": {"work": false},
    });
    if task.repository.is_empty() {
        return Ok(answer);
    }
    let work = rights.works_on(&task.repository).await?;
    answer["may"]["work"] = work.into();
    if work {
        answer["lacking"] = lacking(rights.site, &task.repository).await?;
    }
    let entry = overview::entry(db, &task.repository).await?;
    if let Some(entry) = entry
        && rights.reads(&entry.repository).await?
    {
        let default_branch = entry.default_branch.unwrap_or_default();
        answer["issue"] = json!(overview::issue(db, &task).await?);
        answer["pull_request"] = json!(overview::pull_request(db, &task).await?);
        answer["branches"] = json!(overview::branches(db, &entry.repository, &default_branch).await?);
        answer["default_branch"] = default_branch.into();
    }
    Ok(answer)
}
