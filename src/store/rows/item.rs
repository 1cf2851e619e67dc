//! Issues and pull requests as rows.

use crate::domain::{Issue, Item, Person, PullRequest, PullRequestDetail, PullRequestState};
use crate::frappe::naming::document_name;
use crate::frappe::zone::SiteZone;
use crate::store::People;
use crate::store::cell::{Cell, DATA};
use crate::store::documents::SameVersion;

use super::branch::BRANCH_NAME;
use super::person::person_rows;
use super::repository::URL;
use super::{ISSUE_ASSIGNEES, PR_ASSIGNEES, PR_REVIEWERS, Wanted};

/// Length of `milestone`: GitHub's titles have up to 255 characters.
const MILESTONE: usize = 255;
/// Length of `head_repository`.
const FULL_NAME: usize = 255;

/// What a row needs to know besides the thing itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Home<'a> {
    /// Numeric id of the repository.
    pub repository_id: u64,
    /// Name of the Repository document.
    pub repository: &'a str,
    /// Who is who.
    pub people: &'a People,
    /// The site's zone.
    pub zone: SiteZone,
    /// How documents are taken that are as new as stored.
    pub same: SameVersion,
}

impl Home<'_> {
    /// Name of the document with that number: `owner/name-#12`, or by id where that would not fit.
    pub(in crate::store) fn document(&self, number: u64) -> String {
        document_name(format!("{}-#{number}", self.repository), || {
            format!("gh-{}-#{number}", self.repository_id)
        })
    }
}

/// Columns that issues and pull requests share.
const SHARED: &[&str] = &[
    "title",
    "repository",
    "url",
    "labels",
    "created_at",
    "updated_at",
    "body",
    "node_id",
    "author",
    "author_id",
    "milestone",
    "locked",
    "closed_at",
    "deleted_on_github",
    "github_version",
];
const ISSUE_ONLY: &[&str] = &["issue_number", "github_id", "state", "state_reason", "issue_type"];
const PULL_REQUEST_ONLY: &[&str] = &["pr_number", "state", "draft", "merged_at"];
const DETAIL: &[&str] = &[
    "head_branch",
    "head_sha",
    "head_repository",
    "base_branch",
    "merged_by",
    "merged_by_id",
    "team_reviewers",
];

/// GitHub-owned columns of `tabRepository Issue`.
pub(super) fn issue_columns() -> Vec<&'static str> {
    [SHARED, ISSUE_ONLY, &["comments"]].concat()
}

/// GitHub-owned columns of `tabRepository Pull Request`.
pub(super) fn pull_request_columns() -> Vec<&'static str> {
    [
        SHARED,
        PULL_REQUEST_ONLY,
        DETAIL,
        &["comments", "github_id", "mergeable_state", "review_decision"],
    ]
    .concat()
}

/// The row of an issue.
pub(in crate::store) fn issue_row(issue: &Issue, home: &Home<'_>) -> Wanted {
    let item = &issue.item;
    let mut columns = shared(item, home);
    columns.extend(ISSUE_ONLY.iter().copied().zip([
        Cell::int(item.number),
        Cell::id(Some(issue.id)),
        Cell::Text(issue.state.as_str().to_owned()),
        Cell::data_or_null(issue.state_reason.as_deref(), DATA),
        Cell::data_or_null(issue.issue_type.as_deref(), DATA),
    ]));
    let assignees = persons(&ISSUE_ASSIGNEES, item, &item.assignees, home);
    wanted(item, home, columns, vec![assignees])
}

/// The row of a pull request; what its source did not know is left out, and stays as it is stored.
pub(in crate::store) fn pull_request_row(pull: &PullRequest, home: &Home<'_>) -> Wanted {
    let item = &pull.item;
    let mut columns = shared(item, home);
    columns.extend(PULL_REQUEST_ONLY.iter().copied().zip([
        Cell::int(item.number),
        Cell::Text(pull.state.as_str().to_owned()),
        Cell::check(pull.draft),
        Cell::time_or_null(pull.merged_at.map(|moment| home.zone.to_local(moment))),
    ]));
    columns.extend(pull.id.map(|id| ("github_id", Cell::id(Some(id)))));
    columns.extend(merge_state(pull));
    let mut children = vec![persons(&PR_ASSIGNEES, item, &item.assignees, home)];
    if let Some(detail) = &pull.detail {
        columns.extend(detail_cells(detail));
        children.push(persons(&PR_REVIEWERS, item, &detail.reviewers, home));
    }
    wanted(item, home, columns, children)
}

type Children = (&'static super::ChildTable, Vec<super::WantedChild>);

fn persons(table: &'static super::ChildTable, item: &Item, persons: &[Person], home: &Home<'_>) -> Children {
    let (repository, number) = (home.repository_id.to_string(), item.number.to_string());
    (table, person_rows(table, &[&repository, &number], persons, home.people))
}

fn wanted(item: &Item, home: &Home<'_>, columns: Vec<(&'static str, Cell)>, children: Vec<Children>) -> Wanted {
    Wanted {
        name: home.document(item.number),
        version: Some(item.updated_at.timestamp()),
        columns,
        initial: Vec::new(),
        children,
    }
}

fn shared(item: &Item, home: &Home<'_>) -> Vec<(&'static str, Cell)> {
    let author = item.author.as_ref();
    let local = |moment| Cell::Time(home.zone.to_local(moment));
    let cells = [
        Cell::small_text(&item.title),
        Cell::Text(home.repository.to_owned()),
        Cell::data(&item.url, URL),
        Cell::small_text(&item.labels.join(",")),
        local(item.created_at),
        local(item.updated_at),
        Cell::Text(item.body.clone()),
        Cell::data(&item.node_id, DATA),
        Cell::data_or_null(author.map(|person| person.login.as_str()), DATA),
        Cell::id(author.and_then(|person| person.id)),
        Cell::data_or_null(item.milestone.as_deref(), MILESTONE),
        Cell::check(item.locked),
        item.closed_at.map_or(Cell::Null, local),
        Cell::check(false),
        Cell::Int(item.updated_at.timestamp()),
    ];
    let mut columns: Vec<_> = SHARED.iter().copied().zip(cells).collect();
    columns.extend(item.comments.map(|count| ("comments", Cell::int(count))));
    columns
}

fn detail_cells(detail: &PullRequestDetail) -> Vec<(&'static str, Cell)> {
    let merged_by = detail.merged_by.as_ref();
    let cells = [
        Cell::data(&detail.head_branch, BRANCH_NAME),
        Cell::Text(detail.head_sha.clone()),
        Cell::data_or_null(detail.head_repository.as_deref(), FULL_NAME),
        Cell::data(&detail.base_branch, BRANCH_NAME),
        Cell::data_or_null(merged_by.map(|person| person.login.as_str()), DATA),
        Cell::id(merged_by.and_then(|person| person.id)),
        Cell::small_text(&detail.team_reviewers.join(",")),
    ];
    let mut columns: Vec<_> = DETAIL.iter().copied().zip(cells).collect();
    let decision = detail.review_decision.as_ref();
    columns.extend(decision.map(|decision| ("review_decision", Cell::data_or_null(decision.as_deref(), DATA))));
    columns
}

/// Whether it can be merged, as GitHub last computed it. Where it is closed, nobody asks any more, and what was computed before says nothing.
fn merge_state(pull: &PullRequest) -> Option<(&'static str, Cell)> {
    let computed = pull.detail.as_ref().and_then(|detail| detail.mergeable_state.as_deref());
    let cell = match pull.state {
        PullRequestState::Open => Cell::data(computed?, DATA),
        _ => Cell::Null,
    };
    Some(("mergeable_state", cell))
}
