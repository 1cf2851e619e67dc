//! Repositories that were picked for a Project's sake belong to it, and do not any more once the installation does not reach them.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError};
use crate::frappe::site::Site;
use crate::store::project_links::{self, LinkError};
use crate::store::{Stamp, projects};

const WHAT: &str = "reading what a Project names";

/// Connects a repository with a Project, in the name of `user`, whose right to do so was looked at: as its main one where it has none, else beside
/// that.
///
/// # Errors
/// When the cache or the database cannot be used.
pub async fn join(site: &Site, user: &str, (project, repository): (&str, &str)) -> Result<(), LinkError> {
    let Some(main) = main_of(site.db(), project).await? else {
        return Ok(());
    };
    if main.is_empty() {
        project_links::connect(site, user, project, repository).await?;
    } else if !main.eq_ignore_ascii_case(repository) {
        let stamp = Stamp::now(site, user).await?;
        projects::link(&mut site.db().conn().await?, repository, project, &stamp).await?;
        project_links::settle(site, user).await?;
    }
    Ok(())
}

/// Ends that.
///
/// # Errors
/// When the cache or the database cannot be used.
pub async fn part(site: &Site, user: &str, (project, repository): (&str, &str)) -> Result<(), LinkError> {
    let main = main_of(site.db(), project).await?.unwrap_or_default();
    if main.eq_ignore_ascii_case(repository) {
        project_links::connect(site, user, project, "").await?;
        return Ok(());
    }
    let sql = "UPDATE `tabRepository` SET project = NULL WHERE name = ? AND project = ?";
    if site.db().exec(WHAT, sql, (repository, project)).await? > 0 {
        project_links::settle(site, user).await?;
    }
    Ok(())
}

/// The repository that a Project names, empty for none; none where there is no such Project.
async fn main_of(db: &Db, project: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT IFNULL(repository, '') FROM `tabProject` WHERE name = ?";
    Ok(db.row(WHAT, sql, (project,)).await?.map(|row| <(String,)>::from_row(row).0))
}
