//! Pull requests: whole ones, the shorter form of lists and review events.

use serde::Deserialize;

use super::issue::{Label, Milestone, names};
use super::user::people;
use super::{Account, Moment};
use crate::domain::{Item, Person, PullRequestDetail, PullRequestState};

/// A pull request. The short form lacks `comments`, `merged`, `merged_by` and `mergeable_state`.
#[derive(Debug, Deserialize)]
pub(in crate::github) struct PullRequest {
    id: u64,
    node_id: String,
    number: u64,
    title: Option<String>,
    body: Option<String>,
    user: Option<Account>,
    labels: Option<Vec<Label>>,
    assignees: Option<Vec<Option<Account>>>,
    milestone: Option<Milestone>,
    html_url: String,
    comments: Option<u64>,
    locked: Option<bool>,
    created_at: Moment,
    updated_at: Moment,
    closed_at: Option<Moment>,
    state: Option<String>,
    draft: Option<bool>,
    merged: Option<bool>,
    merged_at: Option<Moment>,
    merged_by: Option<Account>,
    mergeable_state: Option<String>,
    head: Side,
    base: Side,
    requested_reviewers: Option<Vec<Option<Reviewer>>>,
    requested_teams: Option<Vec<Option<Reviewer>>>,
}

/// One of the two branches.
#[derive(Debug, Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
    /// Null when the fork was deleted.
    repo: Option<SideRepository>,
}

#[derive(Debug, Deserialize)]
struct SideRepository {
    full_name: String,
}

/// A person or a team; payloads may mix both in one list.
#[derive(Debug, Deserialize)]
struct Reviewer {
    id: Option<u64>,
    login: Option<String>,
    slug: Option<String>,
}

impl PullRequest {
    /// True for the form of lists and review events, which leaves out what costs GitHub a computation.
    pub(in crate::github) fn is_short(&self) -> bool {
        self.mergeable_state.is_none()
    }

    fn state(&self) -> PullRequestState {
        let is_open = match self.state.as_deref() {
            Some(state) => state.eq_ignore_ascii_case("open"),
            None => self.closed_at.is_none(),
        };
        match (self.merged == Some(true) || self.merged_at.is_some(), is_open) {
            (true, _) => PullRequestState::Merged,
            (false, true) => PullRequestState::Open,
            (false, false) => PullRequestState::Closed,
        }
    }
}

impl From<PullRequest> for crate::domain::PullRequest {
    fn from(wire: PullRequest) -> Self {
        let state = wire.state();
        let (reviewers, team_reviewers) = asked(wire.requested_reviewers, wire.requested_teams);
        let detail = PullRequestDetail {
            head_branch: wire.head.branch,
            head_sha: wire.head.sha,
            head_repository: wire.head.repo.map(|repo| repo.full_name),
            base_branch: wire.base.branch,
            merged_by: wire.merged_by.map(Person::from),
            mergeable_state: wire.mergeable_state.filter(|word| word != "unknown"),
            review_decision: None,
            reviewers,
            team_reviewers,
        };
        Self {
            id: Some(wire.id),
            item: Item {
                number: wire.number,
                node_id: wire.node_id,
                title: wire.title.unwrap_or_default(),
                body: wire.body.unwrap_or_default(),
                author: wire.user.map(Person::from),
                labels: names(wire.labels),
                assignees: people(wire.assignees),
                milestone: wire.milestone.and_then(Milestone::into_title),
                url: wire.html_url,
                comments: wire.comments,
                locked: wire.locked.unwrap_or_default(),
                created_at: wire.created_at.0,
                updated_at: wire.updated_at.0,
                closed_at: wire.closed_at.map(|moment| moment.0),
            },
            state,
            draft: wire.draft.unwrap_or_default(),
            merged_at: wire.merged_at.map(|moment| moment.0),
            detail: Some(detail),
        }
    }
}

/// People and team slugs out of both lists.
fn asked(reviewers: Option<Vec<Option<Reviewer>>>, teams: Option<Vec<Option<Reviewer>>>) -> (Vec<Person>, Vec<String>) {
    let mut people = Vec::new();
    let mut slugs = Vec::new();
    for reviewer in reviewers.into_iter().chain(teams).flatten().flatten() {
        match reviewer {
            Reviewer {
                id, login: Some(login), ..
            } => people.push(Person { id, login }),
            Reviewer { slug: Some(slug), .. } => slugs.push(slug),
            Reviewer { .. } => {}
        }
    }
    (people, slugs)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::github::payload::pull_request;

    fn plain() -> Value {
        json!({
            "id": 21, "node_id": "PR_21", "number": 5, "title": "Fix", "html_url": "https://github.com/acme/web/pull/5",
            "user": null, "state": "open", "created_at": "2024-01-02T03:04:05Z", "updated_at": "2024-01-02T03:04:06Z",
            "head": {"ref": "fix/a", "sha": "aa", "repo": null}, "base": {"ref": "main", "sha": "bb", "repo": {"full_name": "acme/web"}},
            "merged": false, "merged_at": null, "merged_by": null, "mergeable_state": "unknown", "comments": 3,
        })
    }

    #[test]
    fn a_deleted_fork_and_a_ghost_are_no_obstacle() {
        let read = pull_request(&plain()).expect("decodes");
        let detail = read.detail.expect("whole");
        assert_eq!((read.id, read.item.author, read.item.comments), (Some(21), None, Some(3)));
        assert_eq!(
            (
                detail.head_branch.as_str(),
                detail.head_repository,
                detail.base_branch.as_str()
            ),
            ("fix/a", None, "main")
        );
        assert_eq!((detail.mergeable_state, detail.review_decision), (None, None));
    }

    #[test]
    fn merged_is_a_state_of_its_own() {
        let mut value = plain();
        value["state"] = json!("closed");
        assert_eq!(pull_request(&value).expect("decodes").state, PullRequestState::Closed);
        value["merged_at"] = json!("2024-01-02T03:04:06Z");
        assert_eq!(pull_request(&value).expect("decodes").state, PullRequestState::Merged);
        value["merged_at"] = Value::Null;
        value["merged"] = json!(true);
        assert_eq!(pull_request(&value).expect("decodes").state, PullRequestState::Merged);
    }

    #[test]
    fn people_and_teams_are_told_apart_in_either_list() {
        let mut value = plain();
        value["requested_reviewers"] = json!([{"login": "a", "id": 1}, {"name": "Core", "slug": "core", "id": 2}, null]);
        value["requested_teams"] = json!([{"name": "Docs", "slug": "docs", "id": 3}]);
        let detail = pull_request(&value).expect("decodes").detail.expect("whole");
        assert_eq!(
            detail.reviewers,
            [Person {
                id: Some(1),
                login: "a".to_owned()
            }]
        );
        assert_eq!(detail.team_reviewers, ["core", "docs"]);
    }

    #[test]
    fn the_short_form_of_a_payload_does_not_pretend_to_know_the_detail() {
        let mut value = plain();
        let members = value.as_object_mut().expect("object");
        for member in ["comments", "merged", "merged_by", "mergeable_state"] {
            members.remove(member);
        }
        let read = pull_request(&value).expect("decodes");
        assert_eq!((read.detail, read.id), (None, Some(21)));
    }
}
