//! The repositories of an integration: which are followed, and how the last sync of each went.

use std::collections::HashSet;

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Row, retry_conflicts};

use super::cell::time_value;
use super::{Stamp, hooks};

const WHAT: &str = "reading the repositories of an integration";
const TAKEN: &str = "taking repositories over";

/// A Repository document that belongs to an integration, or to its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRepository {
    /// Name of the document.
    pub name: String,
    /// GitHub's number.
    pub id: Option<u64>,
    /// Its page.
    pub url: String,
    /// `Public`, `Private` or `Internal`.
    pub visibility: String,
    /// It is followed.
    pub is_followed: bool,
    /// The integration that it belongs to; empty for none.
    pub integration: String,
    /// When it was synced last, as the site writes it; empty for never.
    pub last_synced: String,
    /// Why the last sync failed; empty where it did not.
    pub error: String,
    /// GitHub has it no more.
    pub is_gone: bool,
}

/// Those of the integration, and those of the account, by name.
///
/// # Errors
/// When the database cannot be read.
pub async fn known(db: &Db, integration: &str, account: &str) -> Result<Vec<KnownRepository>, DbError> {
    let sql = "SELECT name, IFNULL(github_id, ''), IFNULL(url, ''), IFNULL(visibility, ''), enabled, IFNULL(integration, ''), \
               IFNULL(CAST(last_synced AS CHAR), ''), IFNULL(last_sync_error, ''), deleted_on_github FROM tabRepository \
               WHERE integration = ? OR (? <> '' AND repo_owner = ?) ORDER BY name";
    let rows = db.rows(WHAT, sql, (integration, account, account)).await?;
    Ok(rows.into_iter().map(one).collect())
}

fn one(row: Row) -> KnownRepository {
    type Columns = (String, String, String, String, bool, String, String, String, bool);
    let (name, id, url, visibility, is_followed, integration, last_synced, error, is_gone) = Columns::from_row(row);
    KnownRepository {
        name,
        id: id.parse().ok(),
        url,
        visibility,
        is_followed,
        integration,
        last_synced,
        error,
        is_gone,
    }
}

/// The integration that a Repository belongs to; none where it belongs to none, or is not here.
///
/// # Errors
/// When the database cannot be read.
pub async fn integration_of(db: &Db, repository: u64) -> Result<Option<String>, DbError> {
    let sql = "SELECT IFNULL(integration, '') FROM tabRepository WHERE github_id = ? LIMIT 1";
    let row = db.row(WHAT, sql, (repository.to_string(),)).await?;
    let name = row.map(|row| <(String,)>::from_row(row).0);
    Ok(name.filter(|name| !name.is_empty()))
}

/// The repositories that are followed by an integration, in small letters.
///
/// # Errors
/// When the database cannot be read.
pub async fn followed(db: &Db, integration: &str) -> Result<HashSet<String>, DbError> {
    let sql = "SELECT name FROM tabRepository WHERE integration = ? AND enabled = 1 AND deleted_on_github = 0";
    let rows = db.rows(WHAT, sql, (integration,)).await?;
    Ok(rows
        .into_iter()
        .map(|row| <(String,)>::from_row(row).0.to_lowercase())
        .collect())
}

/// Has a repository belong to an integration and be followed, unless it belongs to another one; true when that changed something.
///
/// # Errors
/// When the database cannot be written.
pub async fn follow(db: &Db, stamp: &Stamp, integration: &str, repository: u64) -> Result<bool, DbError> {
    const WHAT: &str = "following a repository";
    let id = repository.to_string();
    let sql = "UPDATE tabRepository SET integration = ?, enabled = 1, modified = ?, modified_by = ? WHERE github_id = ? \
               AND IFNULL(integration, '') IN ('', ?) AND (enabled = 0 OR IFNULL(integration, '') <> ?)";
    let (now, user) = (time_value(stamp.local_now()), stamp.user.as_str());
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let values = (integration, now.clone(), user, id.as_str(), integration, integration);
        let is_changed = tx.exec(WHAT, sql, values).await? > 0;
        if is_changed {
            note_taken(&mut tx, &id).await?;
            hooks::taken(&mut tx, &id).await?;
        }
        tx.commit().await?;
        Ok(is_changed)
    })
    .await
}

/// Lets a repository go that belongs to an integration: it is not followed, and belongs to none, so that another one may follow it. What is mirrored
/// stays. True when it belonged to it.
///
/// # Errors
/// When the database cannot be written.
pub async fn unfollow(db: &Db, stamp: &Stamp, integration: &str, name: &str) -> Result<bool, DbError> {
    const WHAT: &str = "leaving a repository";
    let (now, user) = (time_value(stamp.local_now()), stamp.user.as_str());
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "SELECT IFNULL(github_id, '') FROM tabRepository WHERE name = ? AND integration = ? FOR UPDATE";
        let Some(row) = tx.row(WHAT, sql, (name, integration)).await? else {
            return Ok(false);
        };
        let sql = "UPDATE tabRepository SET enabled = 0, integration = NULL, modified = ?, modified_by = ? WHERE name = ?";
        tx.exec(WHAT, sql, (now.clone(), user, name)).await?;
        let id = <(String,)>::from_row(row).0;
        note_taken(&mut tx, &id).await?;
        hooks::let_go(&mut tx, &id, integration).await?;
        tx.commit().await?;
        Ok(true)
    })
    .await
}

/// Has a repository be followed that somebody switched off; true when it was off.
///
/// # Errors
/// When the database cannot be written.
pub async fn switch_on(db: &Db, stamp: &Stamp, name: &str) -> Result<bool, DbError> {
    let sql = "UPDATE tabRepository SET enabled = 1, modified = ?, modified_by = ? WHERE name = ? AND enabled = 0";
    let values = (time_value(stamp.local_now()), stamp.user.as_str(), name);
    Ok(db.exec("switching a repository on", sql, values).await? > 0)
}

/// Notes that an integration had the repository: who lets it go from now on is not overruled.
async fn note_taken(tx: &mut DbConn, id: &str) -> Result<(), DbError> {
    let sql =
        "UPDATE `erpnext_github_installation_repository` SET taken = 1 WHERE repository_id = CAST(? AS UNSIGNED) AND taken = 0";
    tx.exec(TAKEN, sql, (id,)).await.map(drop)
}

/// Has what an installation of the App reaches, and never belonged to an integration, belong to this one; gives the names. What somebody let go, in the list of an
/// integration or on the Repository, is left to him.
///
/// # Errors
/// When the database cannot be used.
pub async fn adopt(db: &Db, stamp: &Stamp, integration: &str, installation: u64) -> Result<Vec<String>, DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        // What belongs to one by now, whoever wrote that.
        let sql = "UPDATE `erpnext_github_installation_repository` i JOIN tabRepository r ON r.github_id = CAST(i.repository_id AS CHAR) \
                   SET i.taken = 1 WHERE i.installation_id = ? AND i.taken = 0 AND IFNULL(r.integration, '') <> ''";
        tx.exec(TAKEN, sql, (installation,)).await?;
        let sql = "SELECT r.name, r.github_id FROM tabRepository r JOIN `erpnext_github_installation_repository` i \
                   ON r.github_id = CAST(i.repository_id AS CHAR) \
                   WHERE i.installation_id = ? AND i.taken = 0 AND IFNULL(r.integration, '') = '' ORDER BY r.name";
        let rows = tx.rows(WHAT, sql, (installation,)).await?;
        let found: Vec<(String, String)> = rows.into_iter().map(FromRow::from_row).collect();
        for (name, id) in &found {
            let sql = "UPDATE tabRepository SET integration = ?, modified = ?, modified_by = ? WHERE name = ?";
            let now = time_value(stamp.local_now());
            tx.exec(TAKEN, sql, (integration, now, stamp.user.as_str(), name)).await?;
            note_taken(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(found.into_iter().map(|(name, _)| name).collect())
    })
    .await
}

/// Gives a repository that has another owner by now, and belonged to the App's integration of the old one, to the App's of the new one; to none where there is
/// none. The old one's installation cannot reach it any more.
pub(super) async fn follow_owner(tx: &mut DbConn, repository: u64) -> Result<(), DbError> {
    let sql = "UPDATE tabRepository r JOIN `tabGitHub Integration` i ON i.name = r.integration SET r.integration = ( \
               SELECT n.name FROM `tabGitHub Integration` n WHERE n.auth_type = 'GitHub App' AND n.account_id = r.owner_id \
               ORDER BY n.enabled DESC, n.name LIMIT 1) WHERE r.github_id = ? AND r.owner_id > '' AND i.auth_type = 'GitHub App' \
               AND i.account_id > '' AND i.account_id <> r.owner_id";
    let what = "giving a repository to its owner's integration";
    tx.exec(what, sql, (repository.to_string(),)).await.map(drop)
}
