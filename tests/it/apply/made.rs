//! Things of GitHub's, made by hand with plausible defaults; tests change what they are about.

use chrono::{DateTime, Utc};
use erpnext_github::domain::{
    Branch, Issue, IssueState, Item, Member, Owner, OwnerKind, Person, PullRequest, PullRequestDetail, PullRequestState,
    Repository, Visibility,
};

/// A moment.
pub(crate) fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

/// When things are made and changed unless a test says otherwise.
pub(crate) fn then() -> DateTime<Utc> {
    utc("2026-02-10T15:04:05Z")
}

/// A repository with issues.
pub(crate) fn repository(id: u64, name: &str) -> Repository {
    let name: erpnext_github::domain::RepoName = name.parse().expect("a name");
    Repository {
        id,
        node_id: format!("R_{id}"),
        owner: Owner {
            id: 900,
            login: name.owner().to_owned(),
            avatar_url: "https://avatars.githubusercontent.com/u/900?v=4".to_owned(),
            kind: OwnerKind::Organization,
        },
        default_branch: "main".to_owned(),
        url: format!("https://github.com/{name}"),
        visibility: Visibility::Private,
        description: "A repository".to_owned(),
        archived: false,
        fork: false,
        has_issues: true,
        stargazers_count: 3,
        created_at: then(),
        updated_at: then(),
        pushed_at: None,
        name,
    }
}

/// An account.
pub(crate) fn person(id: u64, login: &str) -> Person {
    Person {
        id: Some(id),
        login: login.to_owned(),
    }
}

fn item(number: u64, at: DateTime<Utc>) -> Item {
    Item {
        number,
        node_id: format!("I_{number}"),
        title: format!("Title of {number}"),
        body: "Text".to_owned(),
        author: Some(person(1, "mona")),
        labels: Vec::new(),
        assignees: Vec::new(),
        milestone: None,
        url: format!("https://github.com/o/r/issues/{number}"),
        comments: Some(0),
        locked: false,
        created_at: then(),
        updated_at: at,
        closed_at: None,
    }
}

/// An open issue that changed last at `at`.
pub(crate) fn issue(number: u64, at: DateTime<Utc>) -> Issue {
    Issue {
        id: 10_000 + number,
        item: item(number, at),
        state: IssueState::Open,
        state_reason: None,
        issue_type: None,
    }
}

/// An open pull request with its detail that changed last at `at`.
pub(crate) fn pull(number: u64, at: DateTime<Utc>) -> PullRequest {
    PullRequest {
        id: Some(20_000 + number),
        item: item(number, at),
        state: PullRequestState::Open,
        draft: false,
        merged_at: None,
        detail: Some(PullRequestDetail {
            head_branch: format!("change-{number}"),
            head_sha: format!("{number:040x}"),
            head_repository: Some("o/r".to_owned()),
            base_branch: "main".to_owned(),
            merged_by: None,
            mergeable_state: Some("clean".to_owned()),
            review_decision: Some(None),
            reviewers: Vec::new(),
            team_reviewers: Vec::new(),
        }),
    }
}

/// A branch whose head was committed at `at`.
pub(crate) fn branch(name: &str, at: DateTime<Utc>) -> Branch {
    Branch {
        name: name.to_owned(),
        head_sha: format!("{:040x}", at.timestamp()),
        committed_at: Some(at),
        protected: false,
    }
}

/// A member with GitHub's word for the role.
pub(crate) fn member(id: u64, login: &str, permission: &str) -> Member {
    Member {
        person: person(id, login),
        permission: permission.to_owned(),
        can_push: matches!(permission, "admin" | "maintain" | "write"),
    }
}
