//! A repository as a row.

use crate::domain::Repository;
use crate::frappe::zone::SiteZone;
use crate::store::cell::{Cell, DATA};

use super::Wanted;

/// Length of the columns that hold an address.
pub(super) const URL: usize = 500;

/// GitHub-owned columns of `tabRepository`.
pub(in crate::store) const COLUMNS: &[&str] = &[
    "full_name",
    "github_id",
    "repo_name",
    "repo_owner",
    "default_branch",
    "url",
    "visibility",
    "node_id",
    "description",
    "archived",
    "fork",
    "has_issues",
    "owner_id",
    "owner_type",
    "owner_avatar_url",
    "created_at",
    "updated_at",
    "pushed_at",
    "deleted_on_github",
    "github_version",
];

/// The row of a repository. Its version follows its settings and its pushes, whichever is newer.
pub(in crate::store) fn repository_row(repository: &Repository, zone: SiteZone) -> Wanted {
    let version = repository
        .pushed_at
        .map_or(repository.updated_at, |pushed| pushed.max(repository.updated_at))
        .timestamp();
    let cells = [
        Cell::Text(repository.name.as_str().to_owned()),
        Cell::id(Some(repository.id)),
        Cell::Text(repository.name.name().to_owned()),
        Cell::Text(repository.name.owner().to_owned()),
        Cell::data(&repository.default_branch, super::branch::BRANCH_NAME),
        Cell::data(&repository.url, URL),
        Cell::Text(repository.visibility.as_str().to_owned()),
        Cell::data(&repository.node_id, DATA),
        Cell::small_text(&repository.description),
        Cell::check(repository.archived),
        Cell::check(repository.fork),
        Cell::check(repository.has_issues),
        Cell::id(Some(repository.owner.id)),
        Cell::Text(repository.owner.kind.as_str().to_owned()),
        Cell::data(&repository.owner.avatar_url, URL),
        Cell::Time(zone.to_local(repository.created_at)),
        Cell::Time(zone.to_local(repository.updated_at)),
        Cell::time_or_null(repository.pushed_at.map(|moment| zone.to_local(moment))),
        Cell::check(false),
        Cell::Int(version),
    ];
    Wanted {
        name: repository.name.as_str().to_owned(),
        version: Some(version),
        columns: COLUMNS.iter().copied().zip(cells).collect(),
        initial: Vec::new(),
        children: Vec::new(),
    }
}
