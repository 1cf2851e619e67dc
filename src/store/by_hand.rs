//! Repositories that somebody typed into the desk: what follows from their name is filled in (`Repository.validate` of the Python app).

use mysql_async::prelude::FromRow;

use crate::domain::RepoName;
use crate::frappe::db::{Db, DbError};

use super::applied::Touched;
use super::cell::time_value;
use super::rows::REPOSITORY;
use super::stamp::Stamp;

const WHAT: &str = "completing repositories that were made by hand";

/// Fills owner, last part and address where they are empty; `web` is where GitHub's pages are. What was never synced is shown with
/// `visibility` until it is. A name that is none is left alone: its
/// sync says what is wrong with it. Gives the documents that were written.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn complete(db: &Db, stamp: &Stamp, web: &str, visibility: &str) -> Result<Vec<Touched>, DbError> {
    let sql = "SELECT name FROM `tabRepository` WHERE IFNULL(repo_owner, '') = '' OR IFNULL(repo_name, '') = '' OR IFNULL(url, '') = ''";
    let mut touched = Vec::new();
    for name in db
        .rows(WHAT, sql, ())
        .await?
        .into_iter()
        .map(|row| <(String,)>::from_row(row).0)
    {
        let Ok(parts) = name.parse::<RepoName>() else { continue };
        let url = format!("{}/{}/{}", web.trim_end_matches('/'), parts.owner(), parts.name());
        let sql = "UPDATE `tabRepository` SET repo_owner = ?, repo_name = ?, url = IF(IFNULL(url, '') = '', ?, url), \
                   visibility = IF(IFNULL(github_id, '') = '', ?, visibility), modified = ?, modified_by = ? WHERE name = ?";
        let modified = stamp.local_now();
        let params = (
            parts.owner(),
            parts.name(),
            url,
            visibility,
            time_value(modified),
            stamp.user.as_str(),
            name.as_str(),
        );
        if db.exec(WHAT, sql, params).await? > 0 {
            touched.push(Touched {
                doctype: REPOSITORY.doctype,
                name,
                modified,
            });
        }
    }
    Ok(touched)
}
