//! What is left of installations whose row somebody deleted.

use mysql_async::prelude::FromRow;

use crate::domain::Processing;
use crate::frappe::db::{Db, DbError, Value, retry_conflicts};
use crate::store::Stamp;

use super::matching::insert;
use super::{moment, params};

const WHAT: &str = "looking what is left of installations";

/// An installation that has no row any more, and of which something is left here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// GitHub's number.
    pub id: u64,
    /// GitHub's number of the App, where it is known.
    pub app_id: Option<u64>,
    /// Login and number of the account, as its repositories here say; empty where there are none.
    pub account: (String, String),
}

impl Orphan {
    /// It is of another App than that of number `app`, which can say nothing of it.
    #[must_use]
    pub fn is_of_another_app(&self, app: u64) -> bool {
        self.app_id.is_some_and(|own| own != app)
    }
}

/// All of them, by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn orphans(db: &Db) -> Result<Vec<Orphan>, DbError> {
    let sql = "SELECT l.id, MAX(l.app_id), IFNULL(MAX(SUBSTRING_INDEX(r.name, '/', 1)), ''), IFNULL(MAX(r.owner_id), '') FROM ( \
               SELECT installation_id AS id, app_id, repository_id FROM `erpnext_github_installation_repository` \
               UNION SELECT _installation, NULL, NULL FROM `tabGitHub Project Repository` WHERE _installation IS NOT NULL) l \
               LEFT JOIN `tabRepository` r ON r.github_id = CAST(l.repository_id AS CHAR) \
               LEFT JOIN `tabGitHub App Installation` a ON a.installation_id = CAST(l.id AS CHAR) WHERE a.name IS NULL GROUP BY l.id ORDER BY l.id";
    let rows = db.rows(WHAT, sql, ()).await?.into_iter();
    let rows = rows.map(<(u64, Option<u64>, String, String)>::from_row);
    Ok(rows
        .map(|(id, app_id, login, number)| Orphan {
            id,
            app_id,
            account: (login, number),
        })
        .collect())
}

/// Whether the App of number `app` is installed in the account of an installation of another App.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_replaced(db: &Db, orphan: &Orphan, app: u64) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabGitHub App Installation` WHERE account_id > '' AND account_id = ? AND app_id = ? AND deleted_on_github = 0 LIMIT 1";
    let row = db.row(WHAT, sql, (orphan.account.1.as_str(), app.to_string())).await?;
    Ok(row.is_some())
}

/// Notes of which App installations are that are known here, as long as their rows say so.
///
/// # Errors
/// When the database cannot be written.
pub async fn note_apps(db: &Db) -> Result<(), DbError> {
    let sql = "UPDATE `erpnext_github_installation_repository` i JOIN `tabGitHub App Installation` a \
               ON a.installation_id = CAST(i.installation_id AS CHAR) AND a.app_id > '' SET i.app_id = a.app_id WHERE i.app_id IS NULL";
    retry_conflicts(|| db.exec(WHAT, sql, ())).await.map(drop)
}

/// Gives what is left of an installation of another App a row again, which is nobody's: it is read at once, which says whose App it is.
///
/// # Errors
/// When the database cannot be written.
pub async fn put_back(db: &Db, stamp: &Stamp, orphan: &Orphan) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = db.begin().await?;
        let id = orphan.id.to_string();
        let sql = "SELECT name FROM `tabGitHub App Installation` WHERE installation_id = ? FOR UPDATE";
        if tx.row(WHAT, sql, (id.as_str(),)).await?.is_some() {
            return Ok(());
        }
        let name = insert(&mut tx, stamp, None).await?;
        let sql = "UPDATE `tabGitHub App Installation` SET installation_id = ?, app_id = ?, account_login = NULLIF(?, ''), account_id = NULLIF(?, ''), \
                   processing = ?, _told = _told + 1, _not_before = ? WHERE name = ?";
        let (login, number) = &orphan.account;
        let values = vec![
            Value::from(id.as_str()),
            orphan.app_id.map_or(Value::NULL, |app| Value::from(app.to_string())),
            Value::from(login.as_str()),
            Value::from(number.as_str()),
            Value::from(Processing::UnmatchedUser.as_str()),
            moment(Some(stamp.now)),
            Value::from(name.as_str()),
        ];
        tx.exec(WHAT, sql, params(values)).await?;
        tx.commit().await
    })
    .await
}
