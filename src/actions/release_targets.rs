//! `desk.release_belongs` and `desk.release_target`: the Project and the Task that a release names.
//!
//! The fields stand at a level of permission that admins have: who reads a repository need not know whose its releases are. Those who may know are told
//! here. Both are text, which Frappe checks against nothing: what somebody writes is checked here before it is saved.

use serde_json::{Value, json};

use crate::frappe::permissions::{Right, with_document};
use crate::store::{projects, release_rules, task_links};

use super::rights::{Rights, known_repository};
use super::{ActionError, Call, PROJECT};

/// `release_belongs(repository, name)`: the Project and the Task of a release, each for whom it is no secret; null for everybody else, as where there is none.
pub(super) async fn of_release(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let repository = known_repository(call.site, call.arguments).await?;
    let name = call.arguments.required(&["name"])?;
    let says = release_rules::of_release(call.site.db(), &repository, &name).await?;
    let (project, task) =
        says.ok_or_else(|| ActionError::Missing(format!("there is no Repository Release {name} of {repository}")))?;
    let knows_project =
        !project.is_empty() && (rights.belongs_to(&project).await? || rights.may_with_project(&project, Right::Read).await?);
    let knows_task =
        !task.is_empty() && (rights.is_admin() || with_document(call.site, rights.roles, "Task", &task, Right::Read).await?);
    Ok(json!({"name": name, "project": knows_project.then_some(project), "task": knows_task.then_some(task)}))
}

/// `release_target(project, task)`: refuses a Project or a Task that is not there.
pub(super) async fn check(call: &Call<'_>) -> Result<Value, ActionError> {
    let db = call.site.db();
    let missing = |doctype: &str, name: &str| {
        ActionError::invalid(format!(
            "there is no {doctype} {name}: write the name of one that is there, as the list of {doctype}s shows it"
        ))
    };
    if let Some(project) = call.arguments.text(PROJECT)
        && projects::named(db, &project).await?.is_none()
    {
        return Err(missing("Project", &project));
    }
    if let Some(task) = call.arguments.text("task")
        && !task_links::is_there(db, &task).await?
    {
        return Err(missing("Task", &task));
    }
    Ok(json!({"success": true}))
}
