//! What rows of `GitHub Project Repository` say: which repositories a Project is connected with, and who follows a repository.

use mysql_async::prelude::FromRow;
use serde::Serialize;

use crate::frappe::db::{Db, DbConn, DbError};

/// A repository that a Project is connected with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Name of the Repository document.
    pub repository: String,
    /// What happens in it reaches the Project.
    pub following: bool,
    /// Of that: issues.
    pub service_issues: bool,
    /// Of that: pull requests.
    pub service_pull_requests: bool,
    /// Of that: releases.
    pub service_releases: bool,
    /// Who connected them.
    pub connected_by: Option<String>,
    /// When, in the site's zone.
    pub connected_at: Option<String>,
    /// It is the one that the Project itself names.
    pub main: bool,
    /// GitHub is read for it. Where somebody switched that off, on it or in its integration, nothing of it reaches the Project, whatever is followed.
    pub mirrored: bool,
}

/// Names of those of `repositories` whose connection brings nothing, because somebody switched the repository off.
#[must_use]
pub fn not_mirrored<'a>(connections: &'a [Connection], repositories: &[String]) -> Vec<&'a str> {
    let off = connections
        .iter()
        .filter(|one| !one.mirrored && repositories.contains(&one.repository));
    off.map(|one| one.repository.as_str()).collect()
}

/// The columns of [`Connection`], as the database gives them.
type Fields = (String, bool, bool, bool, bool, Option<String>, Option<String>, bool, bool);

/// The repositories that a Project is connected with by a row: its main one first, then as they were connected.
///
/// # Errors
/// When the database cannot be read.
pub async fn connections_of(db: &Db, project: &str) -> Result<Vec<Connection>, DbError> {
    let sql = "SELECT c.repository, c.following, c.service_issues, c.service_pull_requests, c.service_releases, c.connected_by, \
               CAST(c.connected_at AS CHAR), IFNULL(p.repository = c.repository, 0) AS main, \
               r.enabled = 1 AND (i.name IS NULL OR (i.enabled = 1 AND (i.service_repositories = 1 OR i.service_pull_requests = 1 OR i.service_issues = 1))) \
               FROM `tabGitHub Project Repository` c JOIN `tabProject` p ON p.name = c.project \
               JOIN `tabRepository` r ON r.name = c.repository LEFT JOIN `tabGitHub Integration` i ON i.name = r.integration AND r.integration > '' \
               WHERE c.project = ? ORDER BY main DESC, c.creation, c.repository";
    let rows = db.rows("reading a project's repositories", sql, (project,)).await?;
    let mut connections: Vec<Connection> = Vec::with_capacity(rows.len());
    for one in rows.into_iter().map(Fields::from_row).map(connection) {
        if !connections.iter().any(|known| known.repository == one.repository) {
            connections.push(one);
        }
    }
    Ok(connections)
}

fn connection(fields: Fields) -> Connection {
    let (
        repository,
        following,
        service_issues,
        service_pull_requests,
        service_releases,
        connected_by,
        connected_at,
        main,
        mirrored,
    ) = fields;
    Connection {
        repository,
        following,
        service_issues,
        service_pull_requests,
        service_releases,
        connected_by,
        connected_at,
        main,
        mirrored,
    }
}

/// A Project that follows a repository, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// Name of the Project.
    pub project: String,
    /// Issues.
    pub issues: bool,
    /// Pull requests.
    pub pull_requests: bool,
    /// Releases.
    pub releases: bool,
}

/// The Projects that follow the repository with that id, as they were connected.
///
/// # Errors
/// When the database cannot be read.
pub async fn followers_of(conn: &mut DbConn, repository_id: u64) -> Result<Vec<Follower>, DbError> {
    let sql = "SELECT c.project, c.service_issues, c.service_pull_requests, c.service_releases FROM `tabRepository` r \
               JOIN `tabGitHub Project Repository` c ON c.repository = r.name JOIN `tabProject` p ON p.name = c.project \
               WHERE r.github_id = ? AND c.following = 1 ORDER BY c.creation, c.name";
    let id = repository_id.to_string();
    let rows = conn.rows("reading who follows a repository", sql, (id,)).await?;
    let mut followers: Vec<Follower> = Vec::with_capacity(rows.len());
    for row in rows {
        let (project, issues, pull_requests, releases) = <(String, bool, bool, bool)>::from_row(row);
        // Projects that were merged a moment ago have a row each.
        if let Some(known) = followers.iter_mut().find(|known| known.project == project) {
            known.issues |= issues;
            known.pull_requests |= pull_requests;
            known.releases |= releases;
            continue;
        }
        followers.push(Follower {
            project,
            issues,
            pull_requests,
            releases,
        });
    }
    Ok(followers)
}
