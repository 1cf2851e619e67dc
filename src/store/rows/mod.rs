//! How each of GitHub's things looks as rows: the only place that knows column names of the mirror.
//!
//! Every list of columns here is held against the DocType's JSON by a test.

mod branch;
mod comment;
mod commit;
mod item;
mod label;
mod member;
mod milestone;
mod person;
mod release;
mod repository;
mod review;
mod tables;

use super::cell::Cell;
use crate::frappe::naming::stable_child_name;

pub(super) use branch::{TOTAL as BRANCHES_TOTAL, branch_rows};
pub(super) use comment::comment_row;
pub(super) use commit::commit_row;
pub(super) use item::{Home, issue_row, pull_request_row};
pub(super) use label::label_row;
pub(super) use member::member_rows;
pub(super) use milestone::milestone_row;
pub(super) use release::release_row;
pub(super) use repository::{COLUMNS as REPOSITORY_COLUMNS, repository_row};
pub(super) use review::review_row;
pub(super) use tables::{
    BRANCHES, CHILDREN, COMMENT, COMMIT, DOCUMENTS, ISSUE, ISSUE_ASSIGNEES, LABEL, MEMBERS, MILESTONE, PARTS, PR_ASSIGNEES,
    PR_REVIEWERS, PULL_REQUEST, RELEASE, RELEASE_ASSETS, REPOSITORY, REVIEW,
};

pub(super) use tables::{ChildTable, DocTable};

/// A document as GitHub has it: its name, its GitHub-owned columns, and its child rows.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    /// Name of the document.
    pub name: String,
    /// Epoch seconds of GitHub's `updated_at`: an older one never overwrites a newer one. None where GitHub tells no time of it, or did
    /// not this time: then what differs is written.
    pub version: Option<i64>,
    /// Values of the columns that this source knows.
    pub columns: Vec<(&'static str, Cell)>,
    /// Values that a new document begins with, and that are left alone in one which is there.
    pub initial: Vec<(&'static str, Cell)>,
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
        of_part(&LABEL, label::COLUMNS),
        of_part(&MILESTONE, milestone::COLUMNS),
        of_part(&RELEASE, release::COLUMNS),
        of_part(&COMMENT, comment::COLUMNS),
        of_part(&REVIEW, review::COLUMNS),
        of_part(&COMMIT, commit::COLUMNS),
    ];
    documents.into_iter().chain(children).collect()
}

/// A part has its own columns, and those of every part.
fn of_part(table: &DocTable, own: &[&'static str]) -> OwnedColumns {
    OwnedColumns {
        doctype: table.doctype,
        columns: own.iter().copied().chain(PART_COLUMNS).collect(),
    }
}

/// Columns of every part of a repository.
const PART_COLUMNS: [&str; 3] = ["repository", "deleted_on_github", "github_version"];

/// Name of a part: of what it is, so that it stays when the repository is renamed.
pub(super) fn part_name(table: &DocTable, repository_id: u64, key: &str) -> String {
    stable_child_name(&[table.doctype, &repository_id.to_string(), key])
}

/// A part of `home` with its own `columns`, and those of every part.
fn part(table: &DocTable, home: &Home<'_>, key: &str, version: Option<i64>, own: Vec<(&'static str, Cell)>) -> Wanted {
    let mut columns = own;
    columns.push(("repository", Cell::Text(home.repository.to_owned())));
    columns.push(("deleted_on_github", Cell::check(false)));
    columns.extend(version.map(|version| ("github_version", Cell::Int(version))));
    Wanted {
        name: part_name(table, home.repository_id, key),
        version,
        columns,
        initial: Vec::new(),
        children: Vec::new(),
    }
}

/// The first line of a text that says something.
fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
