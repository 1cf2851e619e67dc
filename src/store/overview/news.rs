//! What is new in a repository: its latest release, and what GitHub delivered last.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError};

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
    /// Why it changed nothing, where it was ignored or is not known.
    pub reason: Option<String>,
    /// When it came in, in the site's zone.
    pub received_at: Option<String>,
}

/// The columns of [`RecentDelivery`], as the database gives them.
type DeliveryFields = (String, String, Option<String>, String, Option<String>, Option<String>);

/// What GitHub delivered of a repository last, whatever its name was then.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent_deliveries(db: &Db, repository: &str) -> Result<Vec<RecentDelivery>, DbError> {
    let sql = format!(
        "SELECT e.name, IFNULL(e.event, ''), e.action, IFNULL(e.status, ''), \
         IF(e.status IN ('ignored', 'unhandled'), NULLIF(e.reason, ''), NULL), CAST(e.received_at AS CHAR) FROM `tabRepository` r \
         JOIN `tabGitHub Event` e ON e.repository_id = r.github_id WHERE r.name = ? ORDER BY e.received_at DESC, e.name LIMIT {SHOWN}"
    );
    let rows = db.rows("listing recent deliveries", &sql, (repository,)).await?;
    let delivery = |row| {
        let (name, event, action, status, reason, received_at) = DeliveryFields::from_row(row);
        RecentDelivery {
            name,
            event,
            action,
            status,
            reason,
            received_at,
        }
    };
    Ok(rows.into_iter().map(delivery).collect())
}
