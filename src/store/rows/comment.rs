//! Comments as rows.

use crate::domain::Comment;
use crate::store::cell::{Cell, DATA};

use super::repository::URL;
use super::{COMMENT, Home, Wanted, first_line, part};

/// GitHub-owned columns of `tabRepository Comment`, but for those of every part.
pub(super) const COLUMNS: &[&str] = &[
    "title",
    "issue",
    "pull_request",
    "issue_number",
    "url",
    "author",
    "created_at",
    "updated_at",
    "github_id",
    "body",
    "node_id",
    "author_id",
];

/// The row of a comment, linked to its issue or pull request.
pub(in crate::store) fn comment_row(comment: &Comment, home: &Home<'_>) -> Wanted {
    let author = comment.author.as_ref();
    let document = Cell::Text(home.document(comment.number));
    let (issue, pull_request) = if comment.on_pull_request {
        (Cell::Null, document)
    } else {
        (document, Cell::Null)
    };
    let cells = [
        Cell::data(first_line(&comment.body), DATA),
        issue,
        pull_request,
        Cell::int(comment.number),
        Cell::data(&comment.url, URL),
        Cell::data_or_null(author.map(|person| person.login.as_str()), DATA),
        Cell::Time(home.zone.to_local(comment.created_at)),
        Cell::Time(home.zone.to_local(comment.updated_at)),
        Cell::id(Some(comment.id)),
        Cell::Text(comment.body.clone()),
        Cell::data(&comment.node_id, DATA),
        Cell::id(author.and_then(|person| person.id)),
    ];
    let columns = COLUMNS.iter().copied().zip(cells).collect();
    let version = Some(comment.updated_at.timestamp());
    part(&COMMENT, home, &comment.id.to_string(), version, columns)
}
