//! Milestones as they are listed and delivered; within an issue only their title is read.

use serde::Deserialize;

use super::{Account, Moment};
use crate::domain::Person;

/// A milestone.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Milestone {
    id: u64,
    node_id: String,
    number: u64,
    title: Option<String>,
    description: Option<String>,
    creator: Option<Account>,
    state: Option<String>,
    open_issues: Option<u64>,
    closed_issues: Option<u64>,
    html_url: String,
    due_on: Option<Moment>,
    created_at: Moment,
    updated_at: Moment,
    closed_at: Option<Moment>,
}

impl From<Milestone> for crate::domain::Milestone {
    fn from(wire: Milestone) -> Self {
        let is_open = match wire.state.as_deref() {
            Some(state) => state.eq_ignore_ascii_case("open"),
            None => wire.closed_at.is_none(),
        };
        Self {
            id: wire.id,
            node_id: wire.node_id,
            number: wire.number,
            title: wire.title.unwrap_or_default(),
            description: wire.description.unwrap_or_default(),
            creator: wire.creator.map(Person::from),
            is_open,
            open_issues: wire.open_issues.unwrap_or_default(),
            closed_issues: wire.closed_issues.unwrap_or_default(),
            url: wire.html_url,
            due_on: wire.due_on.map(|moment| moment.0),
            created_at: wire.created_at.0,
            updated_at: wire.updated_at.0,
            closed_at: wire.closed_at.map(|moment| moment.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::github::payload::milestone;

    #[test]
    fn a_milestone_is_open_until_it_says_otherwise() {
        let mut value = json!({
            "id": 5, "node_id": "MI_5", "number": 2, "title": "Spring", "description": null, "creator": null, "due_on": null,
            "html_url": "https://github.com/acme/web/milestone/2", "created_at": "2024-01-02T03:04:05Z",
            "updated_at": "2024-01-02T03:04:06Z",
        });
        let read = milestone(&value).expect("decodes");
        assert!(read.is_open && read.creator.is_none() && read.due_on.is_none());
        assert_eq!((read.number, read.description.as_str(), read.open_issues), (2, "", 0));
        value["closed_at"] = json!("2024-01-03T03:04:05Z");
        assert!(!milestone(&value).expect("decodes").is_open);
        value["state"] = json!("open");
        assert!(
            milestone(&value).expect("decodes").is_open,
            "GitHub's word goes before the time"
        );
        value["updated_at"] = Value::Null;
        assert_eq!(milestone(&value).expect_err("no version").at, "updated_at");
    }
}
