//! What is new in a repository: its latest release, and what GitHub delivered last.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError, Params, Value};
use crate::store::upsert::marks;

/// How many deliveries are shown.
const SHOWN: usize = 5;

/// A release that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LatestRelease {
    /// Name of its document.
    pub name: String,
    /// What people call it.
    pub title: Option<String>,
    /// The tag that it is made from.
    pub tag_name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Since when it is out, in the site's zone.
    pub published_at: Option<String>,
    /// Not for everybody yet.
    pub prerelease: bool,
}

/// The columns of [`LatestRelease`], as the database gives them.
type ReleaseFields = (String, Option<String>, Option<String>, Option<String>, Option<String>, bool);

/// The latest release of a repository: as on GitHub, one for everybody before any other.
///
/// # Errors
/// When the database cannot be read.
pub async fn latest_release(db: &Db, repository: &str) -> Result<Option<LatestRelease>, DbError> {
    let sql = "SELECT name, title, tag_name, url, CAST(published_at AS CHAR), prerelease FROM `tabRepository Release` \
               WHERE repository = ? AND draft = 0 AND deleted_on_github = 0 ORDER BY prerelease, published_at DESC LIMIT 1";
    let row = db.row("reading the latest release", sql, (repository,)).await?;
    Ok(row.map(|row| {
        let (name, title, tag_name, url, published_at, prerelease) = ReleaseFields::from_row(row);
        LatestRelease {
            name,
            title,
            tag_name,
            url,
            published_at,
            prerelease,
        }
    }))
}

/// A delivery, without what GitHub sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecentDelivery {
    /// Name of its document.
    pub name: String,
    /// GitHub's name of the event.
    pub event: String,
    /// What happened.
    pub action: Option<String>,
    /// What became of it.
    pub status: String,
    /// When it came in, in the site's zone.
    pub received_at: Option<String>,
}

/// What GitHub delivered of a repository last, whatever its name was then.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent_deliveries(db: &Db, repository: &str) -> Result<Vec<RecentDelivery>, DbError> {
    let sql = format!(
        "SELECT e.name, IFNULL(e.event, ''), e.action, IFNULL(e.status, ''), CAST(e.received_at AS CHAR) FROM `tabRepository` r \
         JOIN `tabGitHub Event` e ON e.repository_id = r.github_id WHERE r.name = ? ORDER BY e.received_at DESC, e.name LIMIT {SHOWN}"
    );
    let rows = db.rows("listing recent deliveries", &sql, (repository,)).await?;
    let delivery = |row| {
        let (name, event, action, status, received_at) =
            <(String, String, Option<String>, String, Option<String>)>::from_row(row);
        RecentDelivery {
            name,
            event,
            action,
            status,
            received_at,
        }
    };
    Ok(rows.into_iter().map(delivery).collect())
}

/// A release that a rule or somebody gave to a Project.
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

/// The latest releases that belong to a Project, of these repositories, which are those that whoever asks may read.
///
/// # Errors
/// When the database cannot be read.
pub async fn releases_of_project(db: &Db, project: &str, repositories: &[String]) -> Result<Vec<LinkedRelease>, DbError> {
    if repositories.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT name, title, tag_name, url, CAST(published_at AS CHAR), prerelease, repository, NULLIF(preview_url, ''), NULLIF(task, '') \
         FROM `tabRepository Release` WHERE project = ? AND draft = 0 AND deleted_on_github = 0 AND repository IN ({}) \
         ORDER BY published_at DESC, name LIMIT {SHOWN}",
        marks(repositories.len())
    );
    let mut values = vec![Value::from(project)];
    values.extend(repositories.iter().map(|name| Value::from(name.as_str())));
    let rows = db
        .rows("reading a project's releases", &sql, Params::Positional(values))
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
