//! Repositories that somebody picked for an installation: followed while it reaches them.

use std::collections::BTreeMap;

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, retry_conflicts};
use crate::store::Stamp;
use crate::store::cell::time_value;

const WHAT: &str = "following the repositories of an installation";

/// The repositories that an installation reaches by GitHub's numbers, and whether each is followed because of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn reached(db: &Db, installation: u64) -> Result<BTreeMap<u64, bool>, DbError> {
    let sql = "SELECT repository_id, followed FROM `erpnext_github_installation_repository` WHERE installation_id = ?";
    let rows = db.rows(WHAT, sql, (installation,)).await?;
    Ok(rows
        .into_iter()
        .map(<(u64, i64)>::from_row)
        .map(|(id, on)| (id, on != 0))
        .collect())
}

/// Follows a repository because an installation reaches it; `is_new` where its Repository was made just now. One that is known to be reached is
/// left as it is: somebody may have switched it off.
///
/// # Errors
/// When the database cannot be written.
pub async fn follow(db: &Db, stamp: &Stamp, installation: u64, repository: u64, is_new: bool) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let sql = "INSERT IGNORE INTO `erpnext_github_installation_repository` (installation_id, repository_id, followed, app_id) VALUES (?, ?, ?, \
                   (SELECT app_id FROM `tabGitHub App Installation` WHERE installation_id = ? AND app_id > '' LIMIT 1))";
        let values = (installation, repository, is_new, installation.to_string());
        if tx.exec(WHAT, sql, values).await? > 0 {
            let sql = "UPDATE `tabRepository` SET enabled = 1, modified = ?, modified_by = ? WHERE github_id = ? AND enabled = 0";
            let values = (
                time_value(stamp.local_now()),
                stamp.user.as_str(),
                repository.to_string(),
            );
            if tx.exec(WHAT, sql, values).await? > 0 {
                let sql = "UPDATE `erpnext_github_installation_repository` SET followed = 1 WHERE installation_id = ? AND repository_id = ?";
                tx.exec(WHAT, sql, (installation, repository)).await?;
            }
        }
        tx.commit().await
    })
    .await
}

/// Those that an installation reaches and that were not connected with its Project yet, by GitHub's numbers.
///
/// # Errors
/// When the database cannot be read.
pub async fn unjoined(db: &Db, installation: u64) -> Result<Vec<u64>, DbError> {
    let sql = "SELECT repository_id FROM `erpnext_github_installation_repository` WHERE installation_id = ? AND joined = 0 ORDER BY repository_id";
    let rows = db.rows(WHAT, sql, (installation,)).await?;
    Ok(rows.into_iter().map(|row| <(u64,)>::from_row(row).0).collect())
}

/// Whether anything of an installation was connected with its Project before.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_joined(db: &Db, installation: u64) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `erpnext_github_installation_repository` WHERE installation_id = ? AND joined = 1 LIMIT 1";
    Ok(db.row(WHAT, sql, (installation,)).await?.is_some())
}

/// How many that were not connected with its Project yet are here, and are not connected with `project` by anybody either.
///
/// # Errors
/// When the database cannot be read.
pub async fn unconnected(db: &Db, installation: u64, project: &str) -> Result<u64, DbError> {
    let sql = "SELECT COUNT(*) FROM `erpnext_github_installation_repository` i JOIN tabRepository r ON r.github_id = CAST(i.repository_id AS CHAR) \
               LEFT JOIN `tabGitHub Project Repository` c ON c.repository = r.name AND c.project = ? \
               WHERE i.installation_id = ? AND i.joined = 0 AND c.name IS NULL";
    let row = db.row(WHAT, sql, (project, installation)).await?;
    Ok(row.map_or(0, |row| <(u64,)>::from_row(row).0))
}

/// Notes that a repository was connected with the Project of the installation. Whoever takes that back is not overruled.
///
/// # Errors
/// When the database cannot be written.
pub async fn joined(db: &Db, installation: u64, repository: u64) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_installation_repository` SET joined = 1 WHERE installation_id = ? AND repository_id = ?";
    db.exec(WHAT, sql, (installation, repository)).await.map(drop)
}

/// The same of one that somebody chose for a Project of his: it is never connected with that of the installation, whichever that becomes.
///
/// # Errors
/// When the database cannot be written.
pub async fn chosen(db: &Db, installation: u64, repository: u64) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_installation_repository` SET joined = 2 WHERE installation_id = ? AND repository_id = ? AND joined = 0";
    db.exec(WHAT, sql, (installation, repository)).await.map(drop)
}

/// Has all that the installation reaches be connected once more: with a Project that was chosen just now.
///
/// # Errors
/// When the database cannot be written.
pub async fn join_anew(db: &Db, installation: u64) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_installation_repository` SET joined = 0 WHERE installation_id = ? AND joined = 1";
    db.exec(WHAT, sql, (installation,)).await.map(drop)
}

/// Ends that an installation reaches a repository. It is not followed any more where it was because of it, and no other installation reaches it;
/// what is mirrored stays. What it connected is taken apart before.
///
/// # Errors
/// When the database cannot be written.
pub async fn leave(db: &Db, stamp: &Stamp, installation: u64, repository: u64) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        stop(&mut tx, stamp, installation, repository).await?;
        tx.commit().await
    })
    .await
}

/// Ends that an uninstalled installation has its repositories followed. That it reached them is kept until their Projects are settled.
pub(super) async fn stop_all(tx: &mut DbConn, stamp: &Stamp, installation: u64) -> Result<(), DbError> {
    bequeath(tx, installation, None).await?;
    let sql = "UPDATE `tabRepository` r JOIN `erpnext_github_installation_repository` i ON r.github_id = CAST(i.repository_id AS CHAR) \
               LEFT JOIN `erpnext_github_installation_repository` o ON o.repository_id = i.repository_id AND o.installation_id <> i.installation_id \
               SET r.enabled = 0, r.modified = ?, r.modified_by = ? \
               WHERE i.installation_id = ? AND i.followed = 1 AND o.repository_id IS NULL AND r.enabled = 1";
    let values = (time_value(stamp.local_now()), stamp.user.as_str(), installation);
    tx.exec(WHAT, sql, values).await.map(drop)
}

/// What is followed because of an installation that ends for it is followed because of the others that reach it, whichever GitHub told of first.
async fn bequeath(tx: &mut DbConn, installation: u64, repository: Option<u64>) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_installation_repository` o JOIN `erpnext_github_installation_repository` i ON i.repository_id = o.repository_id \
               AND i.installation_id = ? AND i.installation_id <> o.installation_id \
               SET o.followed = GREATEST(o.followed, i.followed), o.taken = GREATEST(o.taken, i.taken) WHERE (? IS NULL OR i.repository_id = ?)";
    tx.exec(WHAT, sql, (installation, repository, repository)).await.map(drop)
}

async fn stop(tx: &mut DbConn, stamp: &Stamp, installation: u64, repository: u64) -> Result<(), DbError> {
    let sql = "SELECT i.followed = 1 AND o.repository_id IS NULL FROM `erpnext_github_installation_repository` i \
               LEFT JOIN `erpnext_github_installation_repository` o ON o.repository_id = i.repository_id AND o.installation_id <> i.installation_id \
               WHERE i.installation_id = ? AND i.repository_id = ? LIMIT 1 FOR UPDATE";
    let Some(row) = tx.row(WHAT, sql, (installation, repository)).await? else {
        return Ok(());
    };
    let is_off = <(i64,)>::from_row(row).0 != 0;
    bequeath(tx, installation, Some(repository)).await?;
    let sql = "DELETE FROM `erpnext_github_installation_repository` WHERE installation_id = ? AND repository_id = ?";
    tx.exec(WHAT, sql, (installation, repository)).await?;
    if is_off {
        let sql = "UPDATE `tabRepository` SET enabled = 0, modified = ?, modified_by = ? WHERE github_id = ? AND enabled = 1";
        let values = (time_value(stamp.local_now()), stamp.user.as_str(), repository.to_string());
        tx.exec(WHAT, sql, values).await?;
    }
    Ok(())
}
