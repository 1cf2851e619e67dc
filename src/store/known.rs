//! What GitHub's answers can be known again by: their tags, and what our rows said when the tags were kept.
//!
//! A tag says that GitHub says what it said before. It says nothing of our rows, which deliveries and people change as well. So a tag is
//! kept with a print of the rows that its answer led to, and counts only while they are the same. Beside the row of the entity in the
//! table of cursors stands one for each further page: `branches`, `branches:2`, `branches:3`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use mysql_async::prelude::{FromRow, FromValue};

use crate::domain::{Owner, OwnerKind, PageTags, Repository, Visibility};
use crate::frappe::db::{self, Db, DbConn, DbError, Value};
use crate::frappe::zone::SiteZone;

use super::cell::time_of;
use super::rows::{BRANCHES, ChildTable, MEMBERS, REPOSITORY_COLUMNS};
use super::upsert::{Upsert, texts};

/// Name under which the tag of a repository itself is kept.
pub const REPOSITORY: &str = "repository";
/// Name under which the tags of the list of branches are kept.
pub const BRANCH_LIST: &str = "branches";
/// Name under which the tags of the list of members are kept.
pub const MEMBER_LIST: &str = "members";

/// Characters of a tag, or of a tag and an address, that fit.
const LONGEST: usize = 255;
/// The tags of longer lists are not kept: who has so many pages reads them.
const MOST_PAGES: usize = 50;

/// Child rows of a Repository that are GitHub's set of something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredSet {
    /// What each is known by, and its most telling value: a branch's commit, a member's permission.
    pub rows: BTreeMap<String, String>,
    /// Of all that GitHub says of them, and of the zone in which it is written.
    pub print: u64,
}

/// Reads the tags of an entity; none where they are not known, or the rows are not those of `print` any more.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(db: &Db, (repository_id, entity): (u64, &str), print: u64) -> Result<Option<PageTags>, DbError> {
    let sql = "SELECT entity, IFNULL(etag, '') FROM `erpnext_github_cursor` \
               WHERE repository_id = ? AND (entity = ? OR entity LIKE CONCAT(?, ':%'))";
    let rows = db.rows("reading tags", sql, (repository_id, entity, entity)).await?;
    let mut kept: BTreeMap<usize, String> = BTreeMap::new();
    for (name, text) in rows.into_iter().map(<(String, String)>::from_row) {
        let number = name.rsplit_once(':').map_or(Some(1), |(_, number)| number.parse().ok());
        kept.extend(number.map(|number| (number, text)));
    }
    Ok(tags(&kept, print))
}

fn tags(kept: &BTreeMap<usize, String>, print: u64) -> Option<PageTags> {
    let (of_rows, rest) = kept.get(&1)?.split_once(' ')?;
    let (pages, first) = rest.split_once(' ')?;
    if of_rows != shown(print) || pages.parse() != Ok(kept.len()) {
        return None;
    }
    let further = kept.iter().skip(1).map(|(_, text)| {
        let (tag, url) = text.rsplit_once(' ')?;
        Some((url.to_owned(), tag.to_owned()))
    });
    Some(PageTags {
        first: first.to_owned(),
        further: further.collect::<Option<_>>()?,
    })
}

/// Keeps the tags of an entity, with the print of the rows that they stand for. Without tags, or where they do not fit, nothing is kept, and
/// the next run reads.
///
/// # Errors
/// When the database cannot be written.
pub async fn keep(
    conn: &mut DbConn,
    (repository_id, entity): (u64, &str),
    print: u64,
    tags: Option<&PageTags>,
) -> Result<(), DbError> {
    conn.exec(
        "forgetting tags",
        "DELETE FROM `erpnext_github_cursor` WHERE repository_id = ? AND (entity = ? OR entity LIKE CONCAT(?, ':%'))",
        (repository_id, entity, entity),
    )
    .await?;
    let Some(rows) = tags.and_then(|tags| written(entity, print, tags)) else {
        return Ok(());
    };
    let columns = ["repository_id", "entity", "etag"];
    let upsert = Upsert {
        what: "keeping tags",
        table: "erpnext_github_cursor",
        columns: &columns,
        updated: &columns[2..],
    };
    let row = |(name, text): (String, String)| {
        let mut row = vec![Value::UInt(repository_id)];
        row.extend(texts([name.as_str(), text.as_str()]));
        row
    };
    upsert.write(conn, rows.into_iter().map(row).collect()).await
}

/// Names and texts of the rows; none where one does not fit.
fn written(entity: &str, print: u64, tags: &PageTags) -> Option<Vec<(String, String)>> {
    let pages = 1 + tags.further.len();
    let first = (entity.to_owned(), format!("{} {pages} {}", shown(print), tags.first));
    let further = tags.further.iter().enumerate();
    let further = further.map(|(at, (url, tag))| (format!("{entity}:{}", at + 2), format!("{tag} {url}")));
    let rows: Vec<(String, String)> = std::iter::once(first).chain(further).collect();
    let fits = pages <= MOST_PAGES && rows.iter().all(|(_, text)| text.len() <= LONGEST);
    fits.then_some(rows)
}

fn shown(print: u64) -> String {
    format!("{print:016x}")
}

/// Branches that a Repository holds.
///
/// # Errors
/// When the database cannot be read.
pub async fn branches(db: &Db, zone: SiteZone, repository: &str) -> Result<StoredSet, DbError> {
    set(
        db,
        zone,
        (&BRANCHES, repository),
        ["branch_name", "commit_sha", "protected", "last_updated"],
    )
    .await
}

/// Members of a Repository. Whose users they are is not GitHub's to say.
///
/// # Errors
/// When the database cannot be read.
pub async fn members(db: &Db, zone: SiteZone, repository: &str) -> Result<StoredSet, DbError> {
    set(
        db,
        zone,
        (&MEMBERS, repository),
        ["github_username", "permission", "role", "github_id"],
    )
    .await
}

/// The first of `columns` is what a row is known by, the second its most telling value.
async fn set(
    db: &Db,
    zone: SiteZone,
    (table, repository): (&ChildTable, &str),
    columns: [&str; 4],
) -> Result<StoredSet, DbError> {
    let [key, value, third, fourth] = columns.map(|column| format!("IFNULL(CAST(`{column}` AS CHAR), '')"));
    let sql = format!(
        "SELECT {key}, {value}, CONCAT_WS(' ', {third}, {fourth}, IFNULL(repo_full_name, '')) FROM `{}` \
         WHERE parent = ? AND parenttype = 'Repository' ORDER BY name",
        table.table
    );
    let rows = db.rows("listing what is mirrored", &sql, (repository,)).await?;
    let rows: Vec<(String, String, String)> = rows.into_iter().map(<(String, String, String)>::from_row).collect();
    Ok(StoredSet {
        print: print((zone.name(), &rows)),
        rows: rows.into_iter().map(|(key, value, _)| (key, value)).collect(),
    })
}

/// A repository as it is stored, as far as it is, with the print of its row; none where GitHub does not show it any more.
///
/// # Errors
/// When the database cannot be read.
pub async fn repository(db: &Db, zone: SiteZone, id: u64) -> Result<Option<(Repository, u64)>, DbError> {
    let columns = REPOSITORY_COLUMNS.join("`, `");
    let sql =
        format!("SELECT `stargazers_count`, `{columns}` FROM `tabRepository` WHERE github_id = ? AND deleted_on_github = 0");
    let Some(row) = db.row("reading a repository", &sql, (id.to_string(),)).await? else {
        return Ok(None);
    };
    let mut values = db::values(row).into_iter();
    let stars = values.next().and_then(|value| u64::from_value_opt(value).ok()).unwrap_or(0);
    let values: Vec<Value> = values.collect();
    let print = print((zone.name(), format!("{values:?}")));
    let named: BTreeMap<&str, Value> = REPOSITORY_COLUMNS.iter().copied().zip(values).collect();
    Ok(stored_repository(id, stars, zone, &named).map(|repository| (repository, print)))
}

fn stored_repository(id: u64, stargazers_count: u64, zone: SiteZone, row: &BTreeMap<&str, Value>) -> Option<Repository> {
    let text = |column: &str| String::from_value_opt(row.get(column)?.clone()).ok();
    let is_on = |column: &str| {
        row.get(column)
            .is_some_and(|value| i64::from_value_opt(value.clone()).ok() == Some(1))
    };
    let moment = |column: &str| row.get(column).and_then(time_of).map(|local| zone.to_utc(local));
    let visibility = [Visibility::Public, Visibility::Private, Visibility::Internal];
    let shown = text("visibility")?;
    let kind = text("owner_type")?;
    Some(Repository {
        id,
        node_id: text("node_id")?,
        name: text("full_name")?.parse().ok()?,
        owner: Owner {
            id: text("owner_id")?.parse().ok()?,
            login: text("repo_owner")?,
            avatar_url: text("owner_avatar_url").unwrap_or_default(),
            kind: [OwnerKind::User, OwnerKind::Organization]
                .into_iter()
                .find(|one| one.as_str() == kind)?,
        },
        default_branch: text("default_branch")?,
        url: text("url").unwrap_or_default(),
        visibility: visibility.into_iter().find(|one| one.as_str() == shown)?,
        description: text("description").unwrap_or_default(),
        archived: is_on("archived"),
        fork: is_on("fork"),
        has_issues: is_on("has_issues"),
        stargazers_count,
        created_at: moment("created_at")?,
        updated_at: moment("updated_at")?,
        pushed_at: moment("pushed_at"),
    })
}

fn print(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(tags: &PageTags) -> BTreeMap<usize, String> {
        let rows = written("branches", 7, tags).expect("it fits");
        assert_eq!(rows[0].0, "branches");
        rows.into_iter().enumerate().map(|(at, (_, text))| (at + 1, text)).collect()
    }

    #[test]
    fn tags_come_back_as_they_were_kept_while_the_rows_are_the_same() {
        let two = PageTags {
            first: "W/\"a b\"".to_owned(),
            further: vec![(
                "https://api.github.com/repositories/1/branches?page=2".to_owned(),
                "W/\"c\"".to_owned(),
            )],
        };
        for one in [PageTags::of_first("\"x\"".to_owned()), two.clone()] {
            assert_eq!(tags(&kept(&one), 7), Some(one));
        }
        assert_eq!(tags(&kept(&two), 8), None, "somebody changed a row");
        let mut cut = kept(&two);
        cut.remove(&2);
        assert_eq!(tags(&cut, 7), None, "a page is missing");
        assert_eq!(tags(&BTreeMap::new(), 7), None);
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        assert_eq!(written("branches", 7, &PageTags::of_first("x".repeat(250))), None);
        let page = ("https://api.github.com/x".to_owned(), "\"y\"".to_owned());
        let long = PageTags {
            first: "\"x\"".to_owned(),
            further: vec![page; MOST_PAGES],
        };
        assert_eq!(written("branches", 7, &long), None);
    }
}
