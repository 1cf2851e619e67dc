//! `create_issue`, `assign_issue`.

use serde_json::{Map, Value, json};

use crate::domain::{Login, Service};
use crate::github::{NewIssue, Write};
use crate::store::overview;
use crate::store::task_links::Linked;

use super::logins::Directory;
use super::rights::Rights;
use super::writing::{self, Outcome, Press};
use super::{ActionError, Arguments, Call, lists, tasks};

/// GitHub's longest title and text, in characters.
const LONGEST: (usize, usize) = (256, 65_536);
/// More assignees GitHub leaves out without a word.
const MOST_ASSIGNEES: usize = 10;

/// `create_issue(repository, title, body=None, assignees=None, labels=None, milestone=None, task=None)`.
pub(super) async fn create(call: &Call<'_>, rights: &Rights<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let task = call.arguments.text("task");
    let task = tasks::linkable(rights, task, repository.as_str(), Linked::Issue).await?;
    let mut issue = drafted(call.arguments, &Directory::read(call.site.db()).await?)?;
    issue.milestone = milestone(call, repository.as_str()).await?;
    let assignees = issue.assignees.clone();
    let writing = writing::writing(call, repository, Service::Issues).await?;
    let press = Press {
        write: Write::CreateIssue(issue),
        task: task.clone(),
    };
    let mut outcome = writing::press(call, writing, press).await?;
    let left_out = left_out(&outcome.answer, &assignees);
    if !left_out.is_empty() {
        outcome.warn(&format!(
            "GitHub left out {}: the token may not assign here",
            left_out.join(", ")
        ));
    }
    Ok(made("issue", outcome, task))
}

/// `assign_issue(repo_full_name, issue_number, assignees)`: these and nobody else; `[]` takes it from everybody.
pub(super) async fn assign(call: &Call<'_>) -> Result<Value, ActionError> {
    let repository = lists::repository(call).await?;
    let number = call.arguments.number(&["issue_number", "number"])?;
    let names = call.arguments.texts("assignees")?;
    if names.is_empty() && !call.arguments.is_empty_list("assignees") {
        return Err(ActionError::invalid(
            "`assignees` is missing: name users or logins, or give an empty list to unassign everybody",
        ));
    }
    let assignees = Directory::read(call.site.db()).await?.logins(&names)?;
    few(&assignees)?;
    let writing = writing::writing(call, repository, Service::Issues).await?;
    let press = Press {
        write: Write::AssignIssue {
            number,
            assignees: assignees.clone(),
        },
        task: None,
    };
    let mut outcome = writing::press(call, writing, press).await?;
    let left_out = left_out(&outcome.answer, &assignees);
    if !left_out.is_empty() && left_out.len() == assignees.len() {
        return Err(ActionError::invalid(format!(
            "GitHub assigned nobody of {}: the token may not assign here; give its owner triage permission on GitHub",
            left_out.join(", ")
        )));
    }
    if !left_out.is_empty() {
        outcome.warn(&format!("GitHub left out {}", left_out.join(", ")));
    }
    Ok(raw(outcome))
}

/// An issue out of arguments, everything checked that can be checked here.
pub(super) fn drafted(arguments: &Arguments, directory: &Directory) -> Result<NewIssue, ActionError> {
    let (title, body) = (title(arguments)?, body(arguments)?);
    let assignees = directory.logins(&arguments.texts("assignees")?)?;
    few(&assignees)?;
    Ok(NewIssue {
        title,
        body,
        assignees,
        labels: arguments.texts("labels")?,
        milestone: None,
    })
}

/// Number of the milestone that is meant: an open one, by its title or number.
async fn milestone(call: &Call<'_>, repository: &str) -> Result<Option<u64>, ActionError> {
    let Some(named) = call.arguments.text("milestone") else {
        return Ok(None);
    };
    let offered = overview::offered_milestones(call.site.db(), repository).await?;
    let titled = offered.iter().find(|one| one.title == named);
    let found = titled.or_else(|| offered.iter().find(|one| one.number.to_string() == named));
    match found {
        Some(milestone) => Ok(Some(milestone.number)),
        None => Err(ActionError::invalid(format!(
            "{repository} has no open milestone {}: choose one of `list_milestones`, or sync the repository where it is new",
            named.chars().take(100).collect::<String>()
        ))),
    }
}

/// A title as GitHub takes it.
pub(super) fn title(arguments: &Arguments) -> Result<String, ActionError> {
    let title = arguments.required(&["title"])?;
    if title.chars().count() > LONGEST.0 {
        return Err(ActionError::invalid(format!(
            "the title has {} characters, and GitHub takes {} at most: shorten it",
            title.chars().count(),
            LONGEST.0
        )));
    }
    Ok(title)
}

/// A text as GitHub takes it.
pub(super) fn body(arguments: &Arguments) -> Result<Option<String>, ActionError> {
    let body = arguments.body("body");
    match body.as_ref().map(|body| body.chars().count()) {
        Some(long) if long > LONGEST.1 => Err(ActionError::invalid(format!(
            "the text has {long} characters, and GitHub takes {} at most: shorten it",
            LONGEST.1
        ))),
        _ => Ok(body),
    }
}

fn few(assignees: &[Login]) -> Result<(), ActionError> {
    if assignees.len() > MOST_ASSIGNEES {
        return Err(ActionError::invalid(format!(
            "{} assignees are too many: GitHub takes {MOST_ASSIGNEES} at most",
            assignees.len()
        )));
    }
    Ok(())
}

/// Who was asked for and is not among the assignees of an answer.
fn left_out(answer: &Value, wanted: &[Login]) -> Vec<String> {
    let Some(held) = answer["assignees"].as_array() else {
        return Vec::new();
    };
    let has = |login: &&Login| {
        let mut logins = held.iter().filter_map(|one| one["login"].as_str());
        !logins.any(|one| one.eq_ignore_ascii_case(login.as_str()))
    };
    wanted.iter().filter(has).map(ToString::to_string).collect()
}

/// The answer of what was made: GitHub's own under `what`, and where it is here.
pub(super) fn made(what: &str, outcome: Outcome, task: Option<String>) -> Value {
    let mut answer = Map::new();
    answer.insert(what.to_owned(), outcome.answer);
    answer.insert("local_doc".to_owned(), json!(outcome.document));
    if let Some(task) = task {
        answer.insert("task".to_owned(), task.into());
        answer.insert("task_modified".to_owned(), json!(outcome.task_modified));
    }
    if let Some(warning) = outcome.warning {
        answer.insert("warning".to_owned(), warning.into());
    }
    answer.into()
}

/// GitHub's own answer, and what to know besides.
pub(super) fn raw(outcome: Outcome) -> Value {
    let mut answer = outcome.answer;
    if let Some(warning) = outcome.warning {
        if answer.is_null() {
            answer = json!({});
        }
        answer["warning"] = warning.into();
    }
    answer
}
