//! Releases as rows, and the files of each as child rows.

use crate::domain::{Release, ReleaseAsset};
use crate::frappe::naming::stable_child_name;
use crate::store::cell::{Cell, DATA};

use super::repository::URL;
use super::{Home, RELEASE, RELEASE_ASSETS, Wanted, WantedChild, part};

/// Length of `tag_name`, `target_commitish` and `asset_name`: names of Git may have 255 bytes.
const NAME: usize = 255;

/// GitHub-owned columns of `tabRepository Release`, but for those of every part.
pub(super) const COLUMNS: &[&str] = &[
    "title",
    "tag_name",
    "url",
    "github_id",
    "author",
    "draft",
    "prerelease",
    "published_at",
    "created_at",
    "updated_at",
    "target_commitish",
    "body",
    "node_id",
    "author_id",
];

/// The row of a release. A time of change that GitHub did not tell stays as it is stored.
pub(in crate::store) fn release_row(release: &Release, home: &Home<'_>) -> Wanted {
    let author = release.author.as_ref();
    let local = |moment| Cell::Time(home.zone.to_local(moment));
    let title = if release.name.trim().is_empty() {
        &release.tag_name
    } else {
        &release.name
    };
    let cells = [
        Cell::small_text(title),
        Cell::data(&release.tag_name, NAME),
        Cell::data(&release.url, URL),
        Cell::id(Some(release.id)),
        Cell::data_or_null(author.map(|person| person.login.as_str()), DATA),
        Cell::check(release.draft),
        Cell::check(release.prerelease),
        release.published_at.map_or(Cell::Null, local),
        release.created_at.map_or(Cell::Null, local),
        release.updated_at.map_or(Cell::Null, local),
        Cell::data(&release.target_commitish, NAME),
        Cell::Text(release.body.clone()),
        Cell::data(&release.node_id, DATA),
        Cell::id(author.and_then(|person| person.id)),
    ];
    let mut columns: Vec<_> = COLUMNS.iter().copied().zip(cells).collect();
    let is_told = |column: &str| match column {
        "updated_at" => release.updated_at.is_some(),
        "created_at" => release.created_at.is_some(),
        _ => true,
    };
    columns.retain(|(column, _)| is_told(column));
    let version = release.updated_at.map(|moment| moment.timestamp());
    let mut wanted = part(&RELEASE, home, &release.id.to_string(), version, columns);
    let rows = release.assets.iter().map(|asset| asset_row(asset, home)).collect();
    wanted.children = vec![(&RELEASE_ASSETS, rows)];
    wanted
}

fn asset_row(asset: &ReleaseAsset, home: &Home<'_>) -> WantedChild {
    let (repository, id) = (home.repository_id.to_string(), asset.id.to_string());
    WantedChild {
        name: stable_child_name(&[RELEASE_ASSETS.doctype, RELEASE_ASSETS.parentfield, &repository, &id]),
        cells: vec![
            Cell::data(&asset.name, NAME),
            Cell::int(asset.size),
            Cell::data(&asset.content_type, DATA),
            Cell::small_text(&asset.url),
            Cell::data(&asset.state, DATA),
            Cell::Time(home.zone.to_local(asset.updated_at)),
            Cell::id(Some(asset.id)),
        ],
    }
}
