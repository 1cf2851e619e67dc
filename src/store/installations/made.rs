//! Connections of Projects with repositories that an installation made: they go with what it reaches, unless another one is there for them.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, retry_conflicts};

const WHAT: &str = "looking what an installation connected";

/// What an installation connected and nobody said by hand: Project and Repository, of `repository` alone (GitHub's number) where that is said.
///
/// # Errors
/// When the database cannot be read.
pub async fn made(db: &Db, installation: u64, repository: Option<u64>) -> Result<Vec<(String, String)>, DbError> {
    let sql = "SELECT c.project, c.repository FROM `tabGitHub Project Repository` c JOIN `tabRepository` r ON r.name = c.repository \
               WHERE c._installation = ? AND (? IS NULL OR r.github_id = ?) ORDER BY c.project, c.repository";
    let id = repository.map(|id| id.to_string());
    let rows = db.rows(WHAT, sql, (installation, &id, &id)).await?;
    Ok(rows.into_iter().map(FromRow::from_row).collect())
}

/// Gives what an installation connected, and another one of the same Project reaches too, to that one: it goes with the last of them.
///
/// # Errors
/// When the database cannot be used.
pub async fn hand_over(db: &Db, installation: u64, repository: Option<u64>) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        hand_over_in(&mut tx, installation, repository).await?;
        tx.commit().await
    })
    .await
}

/// The same within a transaction.
pub(super) async fn hand_over_in(tx: &mut DbConn, installation: u64, repository: Option<u64>) -> Result<(), DbError> {
    // A suspended one is there, and what it connected would not be connected again once it is allowed: it keeps it.
    let sql = "SELECT c.name, a.installation_id, r.github_id FROM `tabGitHub Project Repository` c \
               JOIN `tabRepository` r ON r.name = c.repository \
               JOIN `tabGitHub App Installation` a ON a.originating_project = c.project AND a.deleted_on_github = 0 \
               AND a.installation_id > '' AND a.installation_id <> ? \
               LEFT JOIN `erpnext_github_installation_repository` o ON o.installation_id = CAST(a.installation_id AS UNSIGNED) \
               AND o.repository_id = CAST(r.github_id AS UNSIGNED) \
               WHERE c._installation = ? AND (? IS NULL OR r.github_id = ?) \
               AND (o.repository_id IS NOT NULL OR (a.repository_selection = 'all' AND a.account_id = r.owner_id)) \
               ORDER BY c.name, a.creation DESC, a.name";
    let id = repository.map(|id| id.to_string());
    let rows = tx.rows(WHAT, sql, (installation.to_string(), installation, &id, &id)).await?;
    for (name, other, repository) in rows.into_iter().map(<(String, String, String)>::from_row) {
        let sql = "UPDATE `tabGitHub Project Repository` SET _installation = ? WHERE name = ?";
        tx.exec(WHAT, sql, (&other, &name)).await?;
        // Of an installation for all it is not noted yet that it reaches this one.
        let sql = "INSERT INTO `erpnext_github_installation_repository` (installation_id, repository_id, followed, joined, taken, app_id) \
                   SELECT ?, i.repository_id, i.followed, GREATEST(i.joined, 1), i.taken, (SELECT app_id FROM `tabGitHub App Installation` WHERE installation_id = ? \
                   AND app_id > '' LIMIT 1) FROM `erpnext_github_installation_repository` i \
                   WHERE i.installation_id = ? AND i.repository_id = ? ON DUPLICATE KEY UPDATE followed = GREATEST( \
                   `erpnext_github_installation_repository`.followed, VALUES(followed)), taken = GREATEST( \
                   `erpnext_github_installation_repository`.taken, VALUES(taken))";
        tx.exec(WHAT, sql, (&other, &other, installation, &repository)).await?;
    }
    Ok(())
}
