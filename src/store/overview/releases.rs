//! The releases that belong to a Project or a Task, by a rule or because somebody said so.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError, Params};
use crate::store::upsert::{marks, texts};

use super::LatestRelease;

/// How many releases are shown.
const SHOWN: usize = 5;

/// What a release belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BelongsTo<'a> {
    /// The Project of that name.
    Project(&'a str),
    /// The Task of that name.
    Task(&'a str),
}

impl<'a> BelongsTo<'a> {
    /// Column of the release that names it, which has an index, and its name.
    fn column(self) -> (&'static str, &'a str) {
        match self {
            Self::Project(name) => ("project", name),
            Self::Task(name) => ("task", name),
        }
    }
}

/// A release that a rule or somebody gave to a Project or a Task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkedRelease {
    /// The release.
    #[serde(flatten)]
    pub release: LatestRelease,
    /// Name of the Repository document.
    pub repository: String,
    /// Where it can be seen at work.
    pub preview_url: Option<String>,
    /// Name of the Task that it belongs to.
    pub task: Option<String>,
}

/// The columns of [`LinkedRelease`], as the database gives them.
type LinkedFields = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    bool,
    String,
    Option<String>,
    Option<String>,
);

/// Names of the repositories whose releases belong to it, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn releasing(db: &Db, to: BelongsTo<'_>) -> Result<Vec<String>, DbError> {
    let (column, name) = to.column();
    let sql = format!(
        "SELECT DISTINCT repository FROM `tabRepository Release` WHERE `{column}` = ? AND draft = 0 AND deleted_on_github = 0 \
         ORDER BY repository"
    );
    let rows = db.rows("looking whose releases belong to something", &sql, (name,)).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

/// The latest releases that belong to it, of these repositories, which are those that whoever asks may read.
///
/// # Errors
/// When the database cannot be read.
pub async fn releases_of(db: &Db, to: BelongsTo<'_>, repositories: &[String]) -> Result<Vec<LinkedRelease>, DbError> {
    if repositories.is_empty() {
        return Ok(Vec::new());
    }
    let (column, name) = to.column();
    let sql = format!(
        "SELECT name, title, tag_name, url, CAST(published_at AS CHAR), prerelease, repository, NULLIF(preview_url, ''), NULLIF(task, '') \
         FROM `tabRepository Release` WHERE `{column}` = ? AND draft = 0 AND deleted_on_github = 0 AND repository IN ({}) \
         ORDER BY published_at DESC, name LIMIT {SHOWN}",
        marks(repositories.len())
    );
    let values = texts([name].into_iter().chain(repositories.iter().map(String::as_str)));
    let rows = db
        .rows("reading the releases of something", &sql, Params::Positional(values))
        .await?;
    let release = |row| {
        let (name, title, tag_name, url, published_at, prerelease, repository, preview_url, task) = LinkedFields::from_row(row);
        let release = LatestRelease {
            name,
            title,
            tag_name,
            url,
            published_at,
            prerelease,
        };
        LinkedRelease {
            release,
            repository,
            preview_url,
            task,
        }
    };
    Ok(rows.into_iter().map(release).collect())
}
