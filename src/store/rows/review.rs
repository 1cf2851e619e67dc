//! Reviews as rows.

use crate::domain::Review;
use crate::store::cell::{Cell, DATA};

use super::repository::URL;
use super::{Home, REVIEW, Wanted, part};

/// GitHub-owned columns of `tabRepository Review`, but for those of every part.
pub(super) const COLUMNS: &[&str] = &[
    "title",
    "pull_request",
    "pr_number",
    "url",
    "reviewer",
    "state",
    "submitted_at",
    "updated_at",
    "commit_sha",
    "github_id",
    "body",
    "node_id",
    "reviewer_id",
];

/// The row of a review, linked to its pull request. A time of change that GitHub did not tell stays as it is stored.
pub(in crate::store) fn review_row(review: &Review, home: &Home<'_>) -> Wanted {
    let reviewer = review.reviewer.as_ref();
    let login = reviewer.map(|person| person.login.as_str());
    let local = |moment| Cell::Time(home.zone.to_local(moment));
    let title = format!("{} by {}", review.state.as_str().replace('_', " "), login.unwrap_or("ghost"));
    let cells = [
        Cell::data(&title, DATA),
        Cell::Text(home.document(review.number)),
        Cell::int(review.number),
        Cell::data(&review.url, URL),
        Cell::data_or_null(login, DATA),
        Cell::Text(review.state.as_str().to_owned()),
        review.submitted_at.map_or(Cell::Null, local),
        review.updated_at.map_or(Cell::Null, local),
        Cell::data_or_null(review.commit_sha.as_deref(), DATA),
        Cell::id(Some(review.id)),
        Cell::Text(review.body.clone()),
        Cell::data(&review.node_id, DATA),
        Cell::id(reviewer.and_then(|person| person.id)),
    ];
    let mut columns: Vec<_> = COLUMNS.iter().copied().zip(cells).collect();
    columns.retain(|(column, _)| *column != "updated_at" || review.updated_at.is_some());
    let version = review.updated_at.map(|moment| moment.timestamp());
    part(&REVIEW, home, &review.id.to_string(), version, columns)
}
