//! `desk.release_belongs`: the Project and the Task that a release names.
//!
//! The fields stand at a level of permission that admins have: who reads a repository need not know whose its releases are. Those who may know are told
//! here.

use serde_json::{Value, json};

use crate::frappe::permissions::{Right, with_document};
use crate::store::release_rules;

use super::rights::{Rights, known_repository};
use super::{ActionError, Call};

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
