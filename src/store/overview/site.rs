//! What the form of GitHub Settings shows of the site: how far its first run is, and the last runs.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbError};
use crate::frappe::secrets;
use crate::store::settings::DOCTYPE;
use crate::store::site_way::Proof;

/// How many runs are shown.
const SHOWN: usize = 5;

/// Which steps of the first run are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The site itself can prove itself to GitHub, or an integration does.
    pub credential: bool,
    /// A secret for webhooks is stored.
    pub secret: bool,
    /// There are repositories.
    pub repositories: bool,
    /// A webhook was made, or one was heard.
    pub webhook: bool,
    /// One repository was synced completely.
    pub first_sync: bool,
}

/// Reads how far it is.
///
/// # Errors
/// When the database cannot be read.
pub async fn progress(db: &Db, proof: &Proof) -> Result<Progress, DbError> {
    const WHAT: &str = "reading how far the first run is";
    // A site has few repositories, and the first one that was synced ends the last question.
    const QUESTION: &str = "SELECT EXISTS (SELECT 1 FROM `tabRepository`), EXISTS (SELECT 1 FROM `tabGitHub Event`) \
         OR EXISTS (SELECT 1 FROM `tabGitHub Write` WHERE kind IN ('create_webhook', 'update_webhook') AND status = 'done'), \
         EXISTS (SELECT 1 FROM `tabRepository` WHERE is_synced = 1)";
    let mut conn = db.conn().await?;
    let row = conn.row(WHAT, QUESTION, ()).await?;
    let (repositories, webhook, first_sync) = row.map(<(bool, bool, bool)>::from_row).unwrap_or_default();
    Ok(Progress {
        credential: proof.is_stored || proof.integrations > 0,
        secret: secrets::is_single_set(&mut conn, DOCTYPE, "webhook_secret").await?
            || secrets::is_single_set(&mut conn, DOCTYPE, "app_webhook_secret").await?,
        repositories,
        webhook,
        first_sync,
    })
}

/// A run over a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecentRun {
    /// Name of its row.
    pub name: String,
    /// The repository.
    pub repository: Option<String>,
    /// How it ended, or that it has not.
    pub status: Option<String>,
    /// When it began, in the site's zone.
    pub started_at: Option<String>,
}

/// The runs that began last.
///
/// # Errors
/// When the database cannot be read.
pub async fn recent_runs(db: &Db) -> Result<Vec<RecentRun>, DbError> {
    let sql = format!(
        "SELECT name, NULLIF(repository, ''), status, CAST(started_at AS CHAR) FROM `tabGitHub Sync Run` \
         ORDER BY started_at DESC LIMIT {SHOWN}"
    );
    let rows = db.rows("reading the last runs", &sql, ()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (name, repository, status, started_at) =
                <(String, Option<String>, Option<String>, Option<String>)>::from_row(row);
            RecentRun {
                name,
                repository,
                status,
                started_at,
            }
        })
        .collect())
}

/// The login that a User document says, if it says one.
///
/// # Errors
/// When the database cannot be read.
pub async fn login_of(db: &Db, user: &str) -> Result<Option<String>, DbError> {
    let row = db
        .row(
            "reading a user's login",
            "SELECT NULLIF(github_username, '') FROM `tabUser` WHERE name = ?",
            (user,),
        )
        .await?;
    Ok(row.and_then(|row| <(Option<String>,)>::from_row(row).0))
}
