//! Who works on a repository, by what our tables say: members and connected Projects.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbError};

/// ERPNext's role of those who run every Project that they may write.
pub const PROJECTS_MANAGER: &str = "Projects Manager";
/// Who may push. The names are for rows that were written before there was a column for it; the next sync fills it.
const PUSHES: &str = "(can_push = 1 OR permission IN ('admin', 'maintain', 'write'))";

/// The Repository document that `full_name` means, under the name that it is stored with; none where it is not known here.
///
/// # Errors
/// When the database cannot be read.
pub async fn repository_named(db: &Db, full_name: &str) -> Result<Option<String>, DbError> {
    let row = db
        .row(
            "finding a repository",
            "SELECT name FROM `tabRepository` WHERE name = ?",
            (full_name,),
        )
        .await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// Projects that a repository is connected with, by a row or from either side of the link. What a Project names counts once somebody looked at who
/// linked it ([`super::project_links`]), which is when the link is remembered.
///
/// # Errors
/// When the database cannot be read.
pub async fn projects_of(db: &Db, repository: &str) -> Result<Vec<String>, DbError> {
    let rows = db
        .rows(
            "reading connected projects",
            "SELECT p.name FROM `tabProject` p JOIN `erpnext_github_project_link` s \
             ON s.doctype = 'Project' AND s.name = p.name AND s.target = p.repository WHERE p.repository = ? \
             UNION SELECT p.name FROM `tabRepository` r JOIN `tabProject` p ON p.name = r.project WHERE r.name = ? \
             UNION SELECT p.name FROM `tabGitHub Project Repository` c JOIN `tabProject` p ON p.name = c.project \
             WHERE c.repository = ? ORDER BY name",
            (repository, repository, repository),
        )
        .await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

/// Whether `user` is the project manager of any of these Projects.
///
/// # Errors
/// When the database cannot be read.
pub async fn manages_any(db: &Db, user: &str, projects: &[String]) -> Result<bool, DbError> {
    if projects.is_empty() {
        return Ok(false);
    }
    let marks = vec!["?"; projects.len()].join(", ");
    let sql = format!("SELECT 1 FROM `tabProject` WHERE project_manager = ? AND name IN ({marks}) LIMIT 1");
    let params: Vec<&str> = std::iter::once(user).chain(projects.iter().map(String::as_str)).collect();
    Ok(db.row("reading project managers", &sql, params).await?.is_some())
}

/// Whether `user` is a member of the repository who may push.
///
/// # Errors
/// When the database cannot be read.
pub async fn pushes(db: &Db, user: &str, repository: &str) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT 1 FROM `tabRepository Member` WHERE parent = ? AND parenttype = 'Repository' AND user = ? \
         AND {PUSHES} LIMIT 1"
    );
    Ok(db.row("reading members", &sql, (repository, user)).await?.is_some())
}

/// Repositories of a user, by name: those that he is a member of, and those of Projects that he manages.
///
/// # Errors
/// When the database cannot be read.
pub async fn repositories_of(db: &Db, user: &str) -> Result<Vec<String>, DbError> {
    let rows = db
        .rows(
            "reading a user's repositories",
            "SELECT parent AS name FROM `tabRepository Member` WHERE parenttype = 'Repository' AND user = ? \
             UNION SELECT p.repository FROM `tabProject` p JOIN `erpnext_github_project_link` s \
             ON s.doctype = 'Project' AND s.name = p.name AND s.target = p.repository \
             WHERE p.project_manager = ? AND IFNULL(p.repository, '') <> '' \
             UNION SELECT r.name FROM `tabRepository` r JOIN `tabProject` p ON p.name = r.project WHERE p.project_manager = ? \
             UNION SELECT c.repository FROM `tabProject` p JOIN `tabGitHub Project Repository` c ON c.project = p.name \
             WHERE p.project_manager = ? ORDER BY name",
            (user, user, user, user),
        )
        .await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}

/// Whether `user` is the owner of the Project, or its manager.
///
/// # Errors
/// When the database cannot be read.
pub async fn leads(db: &Db, user: &str, project: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabProject` WHERE name = ? AND (owner = ? OR project_manager = ?)";
    Ok(db
        .row("reading who leads a project", sql, (project, user, user))
        .await?
        .is_some())
}

/// Whether `user` is the owner of the Project, its manager, or one of its users.
///
/// # Errors
/// When the database cannot be read.
pub async fn belongs(db: &Db, user: &str, project: &str) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `tabProject` WHERE name = ? AND (owner = ? OR project_manager = ?) \
               UNION SELECT 1 FROM `tabProject User` WHERE parent = ? AND parenttype = 'Project' AND user = ?";
    let params = (project, user, user, project, user);
    Ok(db.row("reading who belongs to a project", sql, params).await?.is_some())
}

/// Who leads the Project: its manager and its owner, each once; none where there is no such Project.
///
/// # Errors
/// When the database cannot be read.
pub async fn leaders(db: &Db, project: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT project_manager FROM `tabProject` WHERE name = ? AND project_manager > '' \
               UNION SELECT owner FROM `tabProject` WHERE name = ? AND owner > ''";
    let rows = db.rows("reading who leads a project", sql, (project, project)).await?;
    Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
}
