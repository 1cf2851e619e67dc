//! The repositories of an integration: which are followed, and how the last sync of each went.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError, Params, Row, Value};

use super::Stamp;
use super::cell::time_value;
use super::upsert::marks;

const WHAT: &str = "reading the repositories of an integration";

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

/// Has a repository belong to an integration and be followed, unless it belongs to another one; true when that changed something.
///
/// # Errors
/// When the database cannot be written.
pub async fn follow(db: &Db, stamp: &Stamp, integration: &str, repository: u64) -> Result<bool, DbError> {
    let sql = "UPDATE tabRepository SET integration = ?, enabled = 1, modified = ?, modified_by = ? WHERE github_id = ? \
               AND IFNULL(integration, '') IN ('', ?) AND (enabled = 0 OR IFNULL(integration, '') <> ?)";
    let id = repository.to_string();
    let values = (
        integration,
        time_value(stamp.local_now()),
        stamp.user.as_str(),
        id,
        integration,
        integration,
    );
    Ok(db.exec("following a repository", sql, values).await? > 0)
}

/// Ends that a repository of an integration is followed; what is mirrored stays. True when it was.
///
/// # Errors
/// When the database cannot be written.
pub async fn unfollow(db: &Db, stamp: &Stamp, integration: &str, name: &str) -> Result<bool, DbError> {
    let sql =
        "UPDATE tabRepository SET enabled = 0, modified = ?, modified_by = ? WHERE name = ? AND integration = ? AND enabled = 1";
    let values = (time_value(stamp.local_now()), stamp.user.as_str(), name, integration);
    Ok(db.exec("leaving a repository", sql, values).await? > 0)
}

/// Has what an installation of the App reaches, and belongs to no integration, belong to this one; gives the names.
///
/// # Errors
/// When the database cannot be used.
pub async fn adopt(db: &Db, stamp: &Stamp, integration: &str, installation: u64) -> Result<Vec<String>, DbError> {
    let sql = "SELECT r.name FROM tabRepository r JOIN `erpnext_github_installation_repository` i ON r.github_id = CAST(i.repository_id AS CHAR) \
               WHERE i.installation_id = ? AND IFNULL(r.integration, '') = '' ORDER BY r.name";
    let rows = db.rows(WHAT, sql, (installation,)).await?;
    let names: Vec<String> = rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect();
    if !names.is_empty() {
        let sql = format!(
            "UPDATE tabRepository SET integration = ?, modified = ?, modified_by = ? WHERE IFNULL(integration, '') = '' AND name IN ({})",
            marks(names.len())
        );
        let mut values = vec![
            Value::from(integration),
            time_value(stamp.local_now()),
            Value::from(stamp.user.as_str()),
        ];
        values.extend(names.iter().map(|name| Value::from(name.as_str())));
        db.exec("taking repositories over", &sql, Params::Positional(values)).await?;
    }
    Ok(names)
}
