//! Issues. GitHub's issue lists and `issue_comment` payloads hold pull requests too, in the shape of an issue.

use serde::Deserialize;

use super::user::people;
use super::{Account, Moment};
use crate::domain::{IssueState, Item, Person, PullRequest, PullRequestState};
use crate::github::FeedItem;

/// An issue, or a pull request that is shown as one.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct Issue {
    id: u64,
    node_id: String,
    number: u64,
    title: Option<String>,
    body: Option<String>,
    user: Option<Account>,
    labels: Option<Vec<Label>>,
    assignee: Option<Account>,
    assignees: Option<Vec<Option<Account>>>,
    milestone: Option<Milestone>,
    html_url: String,
    comments: Option<u64>,
    locked: Option<bool>,
    created_at: Moment,
    updated_at: Moment,
    closed_at: Option<Moment>,
    state: Option<String>,
    state_reason: Option<String>,
    #[serde(rename = "type")]
    kind: Option<IssueType>,
    pull_request: Option<Stub>,
    draft: Option<bool>,
}

/// A label: an object, or its bare name where an issue was made with names.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Label {
    Name(String),
    Object { name: Option<String> },
}

#[derive(Debug, Deserialize)]
pub(super) struct Milestone {
    title: Option<String>,
}

#[derive(Debug, Deserialize)]
struct IssueType {
    name: Option<String>,
}

/// What an issue says of the pull request that it really is.
#[derive(Debug, Deserialize)]
struct Stub {
    merged_at: Option<Moment>,
}

/// Names of labels, without those that have none.
pub(super) fn names(labels: Option<Vec<Label>>) -> Vec<String> {
    labels
        .into_iter()
        .flatten()
        .filter_map(|label| match label {
            Label::Name(name) => Some(name),
            Label::Object { name } => name,
        })
        .collect()
}

impl Milestone {
    pub(super) fn into_title(self) -> Option<String> {
        self.title
    }
}

impl From<Issue> for FeedItem {
    fn from(wire: Issue) -> Self {
        let is_open = match wire.state.as_deref() {
            Some(state) => state.eq_ignore_ascii_case("open"),
            None => wire.closed_at.is_none(),
        };
        let assignees = match wire.assignees {
            Some(list) => people(Some(list)),
            None => wire.assignee.map(Person::from).into_iter().collect(),
        };
        let item = Item {
            number: wire.number,
            node_id: wire.node_id,
            title: wire.title.unwrap_or_default(),
            body: wire.body.unwrap_or_default(),
            author: wire.user.map(Person::from),
            labels: names(wire.labels),
            assignees,
            milestone: wire.milestone.and_then(Milestone::into_title),
            url: wire.html_url,
            comments: wire.comments,
            locked: wire.locked.unwrap_or_default(),
            created_at: wire.created_at.0,
            updated_at: wire.updated_at.0,
            closed_at: wire.closed_at.map(|moment| moment.0),
        };
        let Some(stub) = wire.pull_request else {
            return Self::Issue(crate::domain::Issue {
                id: wire.id,
                item,
                state: if is_open { IssueState::Open } else { IssueState::Closed },
                state_reason: wire.state_reason,
                issue_type: wire.kind.and_then(|kind| kind.name),
            });
        };
        let merged_at = stub.merged_at.map(|moment| moment.0);
        Self::PullRequest(PullRequest {
            id: None,
            item,
            state: match (merged_at, is_open) {
                (Some(_), _) => PullRequestState::Merged,
                (None, true) => PullRequestState::Open,
                (None, false) => PullRequestState::Closed,
            },
            draft: wire.draft.unwrap_or_default(),
            merged_at,
            detail: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::github::payload::item;

    fn plain() -> Value {
        json!({
            "id": 11, "node_id": "I_11", "number": 4, "title": "Broken", "html_url": "https://github.com/acme/web/issues/4",
            "user": {"login": "mona", "id": 2}, "state": "open",
            "created_at": "2024-01-02T03:04:05Z", "updated_at": "2024-01-02T03:04:06Z",
        })
    }

    fn issue(value: &Value) -> crate::domain::Issue {
        match item(value).expect("decodes") {
            FeedItem::Issue(issue) => issue,
            FeedItem::PullRequest(_) => panic!("not an issue"),
        }
    }

    #[test]
    fn nulls_and_absent_members_are_empty() {
        let mut value = plain();
        for member in [
            "body",
            "user",
            "milestone",
            "closed_at",
            "state_reason",
            "type",
            "assignees",
            "labels",
            "assignee",
        ] {
            value[member] = Value::Null;
        }
        let read = issue(&value);
        assert_eq!(
            (read.item.author, read.item.body.as_str(), read.state_reason),
            (None, "", None)
        );
        assert!(read.item.labels.is_empty() && read.item.assignees.is_empty());
        assert_eq!(
            issue(&plain()).item.author.map(|person| person.login).as_deref(),
            Some("mona")
        );
    }

    #[test]
    fn labels_assignees_type_and_reason_are_read() {
        let mut value = plain();
        value["labels"] = json!(["plain", {"id": 1, "name": "bug", "color": "f00"}, {"name": null}]);
        value["assignees"] = json!([{"login": "a", "id": 1}, null, {"login": "dependabot[bot]", "id": 9}]);
        value["type"] = json!({"id": 1, "name": "Bug"});
        value["milestone"] = json!({"title": "v1", "number": 3});
        value["state"] = json!("closed");
        value["state_reason"] = json!("not_planned");
        let read = issue(&value);
        assert_eq!(read.item.labels, ["plain", "bug"]);
        let logins: Vec<_> = read.item.assignees.iter().map(|person| person.login.as_str()).collect();
        assert_eq!(logins, ["a", "dependabot[bot]"]);
        assert_eq!(
            (read.issue_type.as_deref(), read.item.milestone.as_deref()),
            (Some("Bug"), Some("v1"))
        );
        assert_eq!(
            (read.state, read.state_reason.as_deref()),
            (IssueState::Closed, Some("not_planned"))
        );
    }

    #[test]
    fn a_pull_request_in_an_issue_is_open_closed_or_merged() {
        for (state, merged_at, expected) in [
            ("open", Value::Null, PullRequestState::Open),
            ("closed", Value::Null, PullRequestState::Closed),
            ("closed", json!("2024-01-02T03:04:06Z"), PullRequestState::Merged),
        ] {
            let mut value = plain();
            value["state"] = json!(state);
            value["draft"] = json!(true);
            value["pull_request"] = json!({"url": "https://x", "merged_at": merged_at});
            let FeedItem::PullRequest(read) = item(&value).expect("decodes") else {
                panic!("a pull request")
            };
            assert_eq!((read.id, read.state, read.draft), (None, expected, true));
            assert!(read.detail.is_none());
        }
    }

    #[test]
    fn a_state_that_is_not_said_follows_from_the_time_of_closing() {
        let mut value = plain();
        value["state"] = Value::Null;
        assert_eq!(issue(&value).state, IssueState::Open);
        value["closed_at"] = json!("2024-01-02T03:04:06Z");
        assert_eq!(issue(&value).state, IssueState::Closed);
    }
}
