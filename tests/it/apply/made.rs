//! Things of GitHub's, made by hand with plausible defaults; tests change what they are about.

use chrono::{DateTime, Utc};
use erpnext_github::domain::{
    Branch, Comment, Commit, Issue, IssueState, Item, Label, Member, Milestone, Owner, OwnerKind, Person, PullRequest,
    PullRequestDetail, PullRequestState, Release, ReleaseAsset, Repository, Review, ReviewState, Visibility,
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

/// A label.
pub(crate) fn label(id: u64, name: &str) -> Label {
    Label {
        id,
        node_id: format!("LA_{id}"),
        name: name.to_owned(),
        color: "ededed".to_owned(),
        description: "Marks".to_owned(),
        is_default: false,
    }
}

/// An open milestone that changed last at `at`; its id is a thousand more than its number.
pub(crate) fn milestone(number: u64, at: DateTime<Utc>) -> Milestone {
    Milestone {
        id: 1_000 + number,
        node_id: format!("MI_{number}"),
        number,
        title: format!("Milestone {number}"),
        description: String::new(),
        creator: Some(person(1, "mona")),
        is_open: true,
        open_issues: 1,
        closed_issues: 2,
        url: format!("https://github.com/o/r/milestone/{number}"),
        due_on: None,
        created_at: then(),
        updated_at: at,
        closed_at: None,
    }
}

/// A published release with a file that changed last at `at`.
pub(crate) fn release(id: u64, at: DateTime<Utc>) -> Release {
    Release {
        id,
        node_id: format!("RE_{id}"),
        tag_name: format!("v{id}"),
        name: format!("Release {id}"),
        body: "Text".to_owned(),
        author: Some(person(1, "mona")),
        draft: false,
        prerelease: false,
        target_commitish: "main".to_owned(),
        url: format!("https://github.com/o/r/releases/tag/v{id}"),
        created_at: Some(then()),
        published_at: Some(then()),
        updated_at: Some(at),
        assets: vec![asset(100 * id)],
    }
}

/// A file of a release.
pub(crate) fn asset(id: u64) -> ReleaseAsset {
    ReleaseAsset {
        id,
        name: format!("file-{id}.zip"),
        content_type: "application/zip".to_owned(),
        size: 3_000_000_000,
        state: "uploaded".to_owned(),
        url: format!("https://github.com/o/r/releases/download/x/file-{id}.zip"),
        updated_at: then(),
    }
}

/// A comment on an issue that changed last at `at`.
pub(crate) fn comment(id: u64, number: u64, at: DateTime<Utc>) -> Comment {
    Comment {
        id,
        node_id: format!("IC_{id}"),
        number,
        on_pull_request: false,
        body: format!("Comment {id}"),
        author: Some(person(1, "mona")),
        url: format!("https://github.com/o/r/issues/{number}#issuecomment-{id}"),
        created_at: then(),
        updated_at: at,
    }
}

/// A review that approves, as a webhook of an older server tells it.
pub(crate) fn review(id: u64, number: u64) -> Review {
    Review {
        id,
        node_id: format!("PRR_{id}"),
        number,
        reviewer: Some(person(6, "rita")),
        state: ReviewState::Approved,
        body: String::new(),
        url: format!("https://github.com/o/r/pull/{number}#pullrequestreview-{id}"),
        commit_sha: Some("a".repeat(40)),
        submitted_at: Some(then()),
        updated_at: None,
    }
}

/// A whole commit on a branch.
pub(crate) fn commit(sha: &str, branch: &str) -> Commit {
    Commit {
        sha: sha.repeat(40),
        branch: branch.to_owned(),
        message: "Fix it\n\nCloses #1".to_owned(),
        url: format!("https://github.com/o/r/commit/{sha}"),
        author: Some(person(1, "mona")),
        author_name: "Mona".to_owned(),
        author_email: "mona@example.com".to_owned(),
        authored_at: Some(then()),
        committed_at: then(),
        parents: Vec::new(),
        is_brief: false,
    }
}
