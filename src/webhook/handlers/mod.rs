//! What each event means: changes of the mirror, and what must be read from GitHub besides. Nothing here reads or writes anything.

mod git;
mod issues;
mod parts;
mod pull_requests;
mod repository;

use serde_json::Value;

use crate::domain::Change;
use crate::github::DecodeError;
use crate::store::refresh::Mark;

use super::LostHook;

/// What a delivery means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// These changes, and these things to be read.
    Work(Vec<Change>, Vec<Mark>),
    /// A hook is no more: nothing will be delivered by it.
    HookDeleted(LostHook),
    /// Nothing, for this reason.
    Ignored(&'static str),
    /// Nobody knows, for this reason.
    Unhandled(&'static str),
}

impl Meaning {
    fn change(change: Change) -> Self {
        Self::Work(vec![change], Vec::new())
    }

    fn read(mark: Mark) -> Self {
        Self::Work(Vec::new(), vec![mark])
    }
}

/// What `event` with `action` means, as `payload` tells it.
///
/// # Errors
/// The place in the payload that is not what GitHub's description says.
pub fn meaning(event: &str, action: Option<&str>, payload: &Value) -> Result<Meaning, DecodeError> {
    let action = action.unwrap_or_default();
    match event {
        "issues" => issues::changed(action, payload),
        "issue_comment" => issues::commented(action, payload),
        "pull_request" => pull_requests::changed(action, payload),
        "pull_request_review" => pull_requests::reviewed(payload),
        "push" => git::pushed(payload),
        "create" | "delete" => Ok(git::named(payload)),
        "branch_protection_rule" => Ok(git::protected()),
        "member" | "team_add" => Ok(repository::people()),
        "repository" | "public" => Ok(repository::changed(action)),
        "star" => Ok(repository::starred()),
        "label" => parts::label(action, payload),
        "milestone" => parts::milestone(action, payload),
        "release" => parts::release(action, payload),
        // What was begun tells no address; its statuses do.
        "deployment" => Ok(Meaning::Work(Vec::new(), Vec::new())),
        "deployment_status" => parts::deployed(payload),
        "meta" => Ok(repository::hook_deleted(payload)),
        _ => Ok(Meaning::Unhandled("this version does not work on the event")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::events;
    use super::*;

    #[test]
    fn every_event_that_is_called_handled_has_a_handler() {
        for event in events::handled() {
            let meaning = meaning(event, None, &Value::Null);
            let unhandled = matches!(meaning, Ok(Meaning::Unhandled(_)));
            assert!(!unhandled, "{event}");
        }
    }
}
