//! How each of GitHub's things looks as rows: the only place that knows column names of the mirror.
//!
//! Every list of columns here is held against the DocType's JSON by a test.

mod branch;
mod item;
mod member;
mod person;
mod repository;

use super::cell::Cell;

pub(super) use branch::{TOTAL as BRANCHES_TOTAL, branch_rows};
pub(super) use item::{Home, issue_row, pull_request_row};
pub(super) use member::member_rows;
pub(super) use repository::repository_row;

/// A document as GitHub has it: its name, its GitHub-owned columns, and its child rows.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    /// Name of the document.
    pub name: String,
    /// Epoch seconds of GitHub's `updated_at`: an older one never overwrites a newer one.
    pub version: i64,
    /// Values of the columns that this source knows.
    pub columns: Vec<(&'static str, Cell)>,
    /// Child tables that this source knows, each as a whole.
    pub children: Vec<(&'static ChildTable, Vec<WantedChild>)>,
}

/// A child row as GitHub has it.
#[derive(Debug, PartialEq)]
pub(super) struct WantedChild {
    /// Stable name, from what the row is.
    pub name: String,
    /// Values, in the order of [`ChildTable::columns`].
    pub cells: Vec<Cell>,
}

/// A DocType of ours that has documents.
#[derive(Debug)]
pub(super) struct DocTable {
    /// Name of the DocType.
    pub doctype: &'static str,
    /// Name of the table.
    pub table: &'static str,
    /// Name of the column that holds the number within the repository; empty for the repository itself.
    pub number: &'static str,
}

/// A child table.
#[derive(Debug, PartialEq)]
pub(super) struct ChildTable {
    /// DocType of the rows.
    pub doctype: &'static str,
    /// Table of the rows.
    pub table: &'static str,
    /// DocType of the parent.
    pub parenttype: &'static str,
    /// Field of the parent.
    pub parentfield: &'static str,
    /// Columns that are ours; `{parent}` below stands in for the parent's name at write time.
    pub columns: &'static [&'static str],
    /// A column that repeats the parent's name, if there is one.
    pub parent_column: Option<&'static str>,
}

/// `tabRepository`.
pub(super) static REPOSITORY: DocTable = DocTable {
    doctype: "Repository",
    table: "tabRepository",
    number: "",
};
/// `tabRepository Issue`.
pub(super) static ISSUE: DocTable = DocTable {
    doctype: "Repository Issue",
    table: "tabRepository Issue",
    number: "issue_number",
};
/// `tabRepository Pull Request`.
pub(super) static PULL_REQUEST: DocTable = DocTable {
    doctype: "Repository Pull Request",
    table: "tabRepository Pull Request",
    number: "pr_number",
};

/// Columns of persons in child rows.
const PERSON_COLUMNS: &[&str] = &["user", "github_username", "github_id"];

/// Branches of a repository.
pub(super) static BRANCHES: ChildTable = ChildTable {
    doctype: "Repository Branch",
    table: "tabRepository Branch",
    parenttype: "Repository",
    parentfield: "branches_table",
    columns: &["branch_name", "protected", "commit_sha", "last_updated"],
    parent_column: Some("repo_full_name"),
};
/// Members of a repository.
pub(super) static MEMBERS: ChildTable = ChildTable {
    doctype: "Repository Member",
    table: "tabRepository Member",
    parenttype: "Repository",
    parentfield: "members_table",
    columns: &[
        "github_username",
        "github_id",
        "role",
        "permission",
        "can_push",
        "user",
        "email",
    ],
    parent_column: Some("repo_full_name"),
};
/// Assignees of an issue.
pub(super) static ISSUE_ASSIGNEES: ChildTable = ChildTable {
    doctype: "Repository Issue Assignee",
    table: "tabRepository Issue Assignee",
    parenttype: "Repository Issue",
    parentfield: "assignees_table",
    columns: PERSON_COLUMNS,
    parent_column: Some("issue"),
};
/// Assignees of a pull request.
pub(super) static PR_ASSIGNEES: ChildTable = ChildTable {
    doctype: "Repository PR Assignee",
    table: "tabRepository PR Assignee",
    parenttype: "Repository Pull Request",
    parentfield: "assignees_table",
    columns: PERSON_COLUMNS,
    parent_column: Some("pull_request"),
};
/// Reviewers of a pull request.
pub(super) static PR_REVIEWERS: ChildTable = ChildTable {
    doctype: "Repository PR Reviewer",
    table: "tabRepository PR Reviewer",
    parenttype: "Repository Pull Request",
    parentfield: "reviewers_table",
    columns: PERSON_COLUMNS,
    parent_column: Some("pull_request"),
};

/// All documents' tables.
pub(super) static DOCUMENTS: [&DocTable; 3] = [&REPOSITORY, &ISSUE, &PULL_REQUEST];
/// All child tables.
pub(super) static CHILDREN: [&ChildTable; 5] = [&BRANCHES, &MEMBERS, &ISSUE_ASSIGNEES, &PR_ASSIGNEES, &PR_REVIEWERS];

/// GitHub-owned columns of one DocType, for the test that holds them against the JSON.
#[derive(Debug)]
pub struct OwnedColumns {
    /// Name of the DocType.
    pub doctype: &'static str,
    /// Its GitHub-owned columns.
    pub columns: Vec<&'static str>,
}

/// Every column that the mirror writes, by DocType.
#[must_use]
pub fn owned_columns() -> Vec<OwnedColumns> {
    let children = CHILDREN.iter().map(|child| OwnedColumns {
        doctype: child.doctype,
        columns: child.columns.iter().copied().chain(child.parent_column).collect(),
    });
    let documents = [
        OwnedColumns {
            doctype: REPOSITORY.doctype,
            columns: repository::COLUMNS.iter().copied().chain([BRANCHES_TOTAL]).collect(),
        },
        OwnedColumns {
            doctype: ISSUE.doctype,
            columns: item::issue_columns(),
        },
        OwnedColumns {
            doctype: PULL_REQUEST.doctype,
            columns: item::pull_request_columns(),
        },
    ];
    documents.into_iter().chain(children).collect()
}
