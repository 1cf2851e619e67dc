//! Commits as rows.

use crate::domain::Commit;
use crate::store::cell::{Cell, DATA};

use super::branch::BRANCH_NAME;
use super::repository::URL;
use super::{COMMIT, Home, Wanted, first_line, part};

/// Length of `author_name` and `author_email`.
const SIGNATURE: usize = 255;

/// GitHub-owned columns of `tabRepository Commit`, but for those of every part.
pub(super) const COLUMNS: &[&str] = &[
    "title",
    "sha",
    "branch",
    "url",
    "author",
    "author_name",
    "author_email",
    "authored_at",
    "committed_at",
    "message",
    "author_id",
];

/// The row of a commit. A brief one changes nothing of a row that is there, and no branch takes it from the `default_branch`.
pub(in crate::store) fn commit_row(commit: &Commit, home: &Home<'_>, default_branch: &str) -> Wanted {
    let author = commit.author.as_ref();
    let local = |moment| Cell::Time(home.zone.to_local(moment));
    let cells = [
        Cell::data(first_line(&commit.message), DATA),
        Cell::data(&commit.sha, DATA),
        Cell::data(&commit.branch, BRANCH_NAME),
        Cell::data(&commit.url, URL),
        Cell::data_or_null(author.map(|person| person.login.as_str()), DATA),
        Cell::data(&commit.author_name, SIGNATURE),
        Cell::data(&commit.author_email, SIGNATURE),
        // What a push told of a commit is known by this until a list tells the rest.
        commit.authored_at.filter(|_| !commit.is_brief).map_or(Cell::Null, local),
        local(commit.committed_at),
        Cell::Text(commit.message.clone()),
        Cell::id(author.and_then(|person| person.id)),
    ];
    let own: Vec<_> = COLUMNS.iter().copied().zip(cells).collect();
    let counts = |column: &str| match column {
        "branch" => commit.branch == default_branch,
        _ => !commit.is_brief,
    };
    let (columns, initial) = own.into_iter().partition(|(column, _)| counts(column));
    Wanted {
        initial,
        ..part(&COMMIT, home, &commit.sha, None, columns)
    }
}
