//! The Task that something is made from: may the caller write it, and has it one already.

use crate::frappe::permissions::{Right, with_document};
use crate::store::task_links::{self, Linked};

use super::ActionError;
use super::rights::Rights;

/// The Task that `named` means, by the name that it is stored with; none where none is named. It must be the caller's to write, belong to
/// no other repository, and have no such thing yet: all of that is known before anything is sent.
pub(super) async fn linkable(
    rights: &Rights<'_>,
    named: Option<String>,
    repository: &str,
    linked: Linked,
) -> Result<Option<String>, ActionError> {
    let Some(named) = named else { return Ok(None) };
    let db = rights.site.db();
    if !with_document(rights.site, rights.roles, "Task", &named, Right::Write).await? {
        return Err(ActionError::forbidden(format!(
            "you may not write the Task {named}, or there is none: save it first, or ask somebody who may"
        )));
    }
    let Some(task) = task_links::find(db, &named).await? else {
        return Err(ActionError::Missing(format!("there is no Task {named}")));
    };
    if let Some(other) = task.repository.filter(|other| !other.eq_ignore_ascii_case(repository)) {
        return Err(ActionError::invalid(format!(
            "the Task {named} belongs to {other}: choose that repository, or change the Task first"
        )));
    }
    let (number, what) = match linked {
        Linked::Issue => (task.issue, "issue"),
        Linked::PullRequest => (task.pull_request, "pull request"),
    };
    match number {
        Some(number) => Err(ActionError::invalid(format!(
            "the Task {named} has the {what} #{number} already"
        ))),
        None => Ok(Some(task.name)),
    }
}
