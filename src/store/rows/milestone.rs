//! Milestones as rows.

use crate::domain::Milestone;
use crate::store::cell::{Cell, DATA};

use super::repository::URL;
use super::{Home, MILESTONE, Wanted, part};

/// GitHub-owned columns of `tabRepository Milestone`, but for those of every part.
pub(super) const COLUMNS: &[&str] = &[
    "title",
    "milestone_number",
    "url",
    "github_id",
    "creator",
    "state",
    "due_on",
    "open_issues",
    "closed_issues",
    "created_at",
    "updated_at",
    "closed_at",
    "description",
    "node_id",
    "creator_id",
];

/// The row of a milestone.
pub(in crate::store) fn milestone_row(milestone: &Milestone, home: &Home<'_>) -> Wanted {
    let creator = milestone.creator.as_ref();
    let local = |moment| Cell::Time(home.zone.to_local(moment));
    let cells = [
        Cell::small_text(&milestone.title),
        Cell::int(milestone.number),
        Cell::data(&milestone.url, URL),
        Cell::id(Some(milestone.id)),
        Cell::data_or_null(creator.map(|person| person.login.as_str()), DATA),
        Cell::Text(if milestone.is_open { "open" } else { "closed" }.to_owned()),
        milestone.due_on.map_or(Cell::Null, local),
        Cell::int(milestone.open_issues),
        Cell::int(milestone.closed_issues),
        local(milestone.created_at),
        local(milestone.updated_at),
        milestone.closed_at.map_or(Cell::Null, local),
        Cell::Text(milestone.description.clone()),
        Cell::data(&milestone.node_id, DATA),
        Cell::id(creator.and_then(|person| person.id)),
    ];
    let columns = COLUMNS.iter().copied().zip(cells).collect();
    let version = Some(milestone.updated_at.timestamp());
    part(&MILESTONE, home, &milestone.id.to_string(), version, columns)
}
