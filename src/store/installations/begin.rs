//! Somebody sets out to install the App, or chooses a Project for what he installed.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, retry_conflicts};
use crate::frappe::naming::random_name;
use crate::store::Stamp;
use crate::store::cell::time_value;
use crate::store::project_names;

/// Rows of a user that GitHub has not told of.
const PENDING: &str = "owner = ? AND IFNULL(installation_id, '') = '' AND IFNULL(processing, '') = '' AND deleted_on_github = 0";

/// Notes that `stamp.user` sets out to install the App, for `project` where that is not empty. He has one such row at most: one that is there is
/// used again, and others, which REST lets him make, go. Gives its name.
///
/// # Errors
/// When the database cannot be written.
pub async fn begin(db: &Db, stamp: &Stamp, project: &str) -> Result<String, DbError> {
    const WHAT: &str = "noting that somebody installs the App";
    let user = stamp.user.as_str();
    let now = time_value(stamp.local_now());
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        // Whoever else begins in the same user's name waits here.
        let sql = "SELECT name FROM `tabUser` WHERE name = ? FOR UPDATE";
        tx.row(WHAT, sql, (user,)).await?;
        let sql = format!("SELECT name FROM `tabGitHub App Installation` WHERE {PENDING} ORDER BY creation DESC, name FOR UPDATE");
        let rows = tx.rows(WHAT, &sql, (user,)).await?;
        let mut pending = rows.into_iter().map(|row| <(String,)>::from_row(row).0);
        let name = if let Some(name) = pending.next() {
            let sql = "UPDATE `tabGitHub App Installation` SET originating_project = NULLIF(?, ''), user = ?, origin = 'initiated_here', \
                       reason = NULL, creation = ?, modified = ?, modified_by = ? WHERE name = ?";
            tx.exec(WHAT, sql, (project, user, &now, &now, user, &name)).await?;
            name
        } else {
            let name = random_name();
            let sql = "INSERT INTO `tabGitHub App Installation` (name, owner, modified_by, creation, modified, docstatus, idx, user, \
                       originating_project, origin) VALUES (?, ?, ?, ?, ?, 0, 0, ?, NULLIF(?, ''), 'initiated_here')";
            tx.exec(WHAT, sql, (&name, user, user, &now, &now, user, project)).await?;
            name
        };
        for other in pending {
            let sql = "DELETE FROM `tabGitHub App Installation` WHERE name = ?";
            tx.exec(WHAT, sql, (other,)).await?;
        }
        project_names::note(&mut tx, project).await?;
        tx.commit().await?;
        Ok(name)
    })
    .await
}

/// Names `project` as the one that the installation belongs to (empty for none), with a reason for people where there is one.
///
/// # Errors
/// When the database cannot be written.
pub async fn choose(db: &Db, stamp: &Stamp, name: &str, project: &str, reason: &str) -> Result<(), DbError> {
    let sql = "UPDATE `tabGitHub App Installation` SET originating_project = NULLIF(?, ''), reason = NULLIF(?, ''), modified = ?, \
               modified_by = ? WHERE name = ?";
    let params = (project, reason, time_value(stamp.local_now()), stamp.user.as_str(), name);
    let mut conn = db.conn().await?;
    conn.exec("choosing the Project of an installation", sql, params).await?;
    project_names::note(&mut conn, project).await
}

#[cfg(test)]
mod tests {
    use super::PENDING;

    #[test]
    fn what_github_told_of_is_not_pending() {
        assert!(PENDING.contains("installation_id") && PENDING.contains("processing"));
    }
}
