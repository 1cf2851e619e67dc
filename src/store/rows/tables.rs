//! The tables of the mirror: which DocType is kept where, and how its rows are known.

/// A DocType of ours that has documents.
#[derive(Debug)]
pub(in crate::store) struct DocTable {
    /// Name of the DocType.
    pub doctype: &'static str,
    /// Name of the table.
    pub table: &'static str,
    /// Name of the column that holds the number within the repository, by which an issue or pull request is known; empty for others.
    pub number: &'static str,
    /// What its tombstones are known by; empty where it has none.
    pub tombstone: &'static str,
}

/// A child table.
#[derive(Debug, PartialEq)]
pub(in crate::store) struct ChildTable {
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
pub(in crate::store) static REPOSITORY: DocTable = DocTable {
    doctype: "Repository",
    table: "tabRepository",
    number: "",
    tombstone: "",
};
/// `tabRepository Issue`.
pub(in crate::store) static ISSUE: DocTable = DocTable {
    doctype: "Repository Issue",
    table: "tabRepository Issue",
    number: "issue_number",
    tombstone: "issue_number",
};
/// `tabRepository Pull Request`.
pub(in crate::store) static PULL_REQUEST: DocTable = DocTable {
    doctype: "Repository Pull Request",
    table: "tabRepository Pull Request",
    number: "pr_number",
    tombstone: "pr_number",
};
/// `tabRepository Label`.
pub(in crate::store) static LABEL: DocTable = DocTable {
    doctype: "Repository Label",
    table: "tabRepository Label",
    number: "",
    tombstone: "label",
};
/// `tabRepository Milestone`.
pub(in crate::store) static MILESTONE: DocTable = DocTable {
    doctype: "Repository Milestone",
    table: "tabRepository Milestone",
    number: "",
    tombstone: "milestone",
};
/// `tabRepository Release`.
pub(in crate::store) static RELEASE: DocTable = DocTable {
    doctype: "Repository Release",
    table: "tabRepository Release",
    number: "",
    tombstone: "release",
};
/// `tabRepository Comment`.
pub(in crate::store) static COMMENT: DocTable = DocTable {
    doctype: "Repository Comment",
    table: "tabRepository Comment",
    number: "",
    tombstone: "comment",
};
/// `tabRepository Review`.
pub(in crate::store) static REVIEW: DocTable = DocTable {
    doctype: "Repository Review",
    table: "tabRepository Review",
    number: "",
    tombstone: "review",
};
/// `tabRepository Commit`.
pub(in crate::store) static COMMIT: DocTable = DocTable {
    doctype: "Repository Commit",
    table: "tabRepository Commit",
    number: "",
    tombstone: "",
};

/// Columns of persons in child rows.
const PERSON_COLUMNS: &[&str] = &["user", "github_username", "github_id"];

/// Branches of a repository.
pub(in crate::store) static BRANCHES: ChildTable = ChildTable {
    doctype: "Repository Branch",
    table: "tabRepository Branch",
    parenttype: "Repository",
    parentfield: "branches_table",
    columns: &["branch_name", "protected", "commit_sha", "last_updated"],
    parent_column: Some("repo_full_name"),
};
/// Members of a repository.
pub(in crate::store) static MEMBERS: ChildTable = ChildTable {
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
pub(in crate::store) static ISSUE_ASSIGNEES: ChildTable = ChildTable {
    doctype: "Repository Issue Assignee",
    table: "tabRepository Issue Assignee",
    parenttype: "Repository Issue",
    parentfield: "assignees_table",
    columns: PERSON_COLUMNS,
    parent_column: Some("issue"),
};
/// Assignees of a pull request.
pub(in crate::store) static PR_ASSIGNEES: ChildTable = ChildTable {
    doctype: "Repository PR Assignee",
    table: "tabRepository PR Assignee",
    parenttype: "Repository Pull Request",
    parentfield: "assignees_table",
    columns: PERSON_COLUMNS,
    parent_column: Some("pull_request"),
};
/// Reviewers of a pull request.
pub(in crate::store) static PR_REVIEWERS: ChildTable = ChildTable {
    doctype: "Repository PR Reviewer",
    table: "tabRepository PR Reviewer",
    parenttype: "Repository Pull Request",
    parentfield: "reviewers_table",
    columns: PERSON_COLUMNS,
    parent_column: Some("pull_request"),
};
/// Files of a release.
pub(in crate::store) static RELEASE_ASSETS: ChildTable = ChildTable {
    doctype: "Repository Release Asset",
    table: "tabRepository Release Asset",
    parenttype: "Repository Release",
    parentfield: "assets",
    columns: &[
        "asset_name",
        "size",
        "content_type",
        "url",
        "state",
        "updated_at",
        "github_id",
    ],
    parent_column: None,
};

/// Tables of documents that have the repository's name in theirs.
pub(in crate::store) static DOCUMENTS: [&DocTable; 3] = [&REPOSITORY, &ISSUE, &PULL_REQUEST];
/// Tables of a repository's parts, which are named by a hash.
pub(in crate::store) static PARTS: [&DocTable; 6] = [&LABEL, &MILESTONE, &RELEASE, &COMMENT, &REVIEW, &COMMIT];
/// All child tables.
pub(in crate::store) static CHILDREN: [&ChildTable; 6] = [
    &BRANCHES,
    &MEMBERS,
    &ISSUE_ASSIGNEES,
    &PR_ASSIGNEES,
    &PR_REVIEWERS,
    &RELEASE_ASSETS,
];
