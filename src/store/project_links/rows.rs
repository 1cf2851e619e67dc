//! `GitHub Project Repository`: which repositories a Project is connected with, and what of each is to reach it.
//!
//! Only admins and our own methods write these rows, which ask for the caller's rights: a row needs no judgement. That a link has got its row is
//! noted beside the link (doctype `Project row`, `Repository row`): one that is noted and has no row any more lost it by somebody's hand.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError, Value};
use crate::frappe::naming::random_name;

use super::write::{Link, Writing};
use super::{PROJECT, REPOSITORY, Side, WHAT};
use crate::store::applied::Touched;
use crate::store::cell::time_value;
use crate::store::stamp::Stamp;

const DOCTYPE: &str = "GitHub Project Repository";

/// Which column of a row names a document of that side.
pub(super) fn column_of(side: &Side) -> &'static str {
    if side == &PROJECT { "project" } else { "repository" }
}

/// Under which name it is noted that a link of that side has a row.
fn note_of(side: &Side) -> &'static str {
    if side == &PROJECT { "Project row" } else { "Repository row" }
}

/// What is not in step between links and rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Odd {
    /// A link that counts, of which it is not noted that it has a row.
    New {
        side: &'static Side,
        project: String,
        repository: String,
    },
    /// The row of a link that counts is gone.
    Parted { project: String, repository: String },
    /// Two Projects that had it were merged: several rows say the same.
    Double { project: String, repository: String },
    /// A row, by name, that was made for a link which nobody says any more, or whose documents are gone.
    Loose(String),
}

/// Reads all of it, in one statement.
pub(super) async fn odd(conn: &mut DbConn) -> Result<Vec<Odd>, DbError> {
    let of_links = |side: &Side, project: &str, repository: &str| {
        format!(
            "SELECT '{doctype}', {project}, {repository}, c.name IS NOT NULL, IFNULL(m.target = s.target, 0) \
             FROM `erpnext_github_project_link` s JOIN `{table}` d ON d.name = s.name AND d.`{column}` = s.target \
             JOIN `{other}` o ON o.name = s.target \
             LEFT JOIN `tabGitHub Project Repository` c ON c.project = {project} AND c.repository = {repository} \
             LEFT JOIN `erpnext_github_project_link` m ON m.doctype = '{note}' AND m.name = s.name \
             WHERE s.doctype = '{doctype}' AND (c.name IS NULL OR IFNULL(m.target, '') <> s.target)",
            doctype = side.doctype,
            table = side.table,
            column = side.column,
            other = if side == &PROJECT { REPOSITORY.table } else { PROJECT.table },
            note = note_of(side),
        )
    };
    let sql = format!(
        "{} UNION ALL {} UNION ALL \
         SELECT '', c.name, '', 1, 1 FROM `tabGitHub Project Repository` c LEFT JOIN `tabProject` p ON p.name = c.project \
         LEFT JOIN `tabRepository` r ON r.name = c.repository WHERE p.name IS NULL OR r.name IS NULL \
         OR (c._of_link = 1 AND IFNULL(p.repository, '') <> c.repository AND IFNULL(r.project, '') <> c.project) \
         UNION ALL SELECT 'both', c.project, c.repository, 1, 1 FROM `tabGitHub Project Repository` c \
         GROUP BY c.project, c.repository HAVING COUNT(*) > 1",
        of_links(&PROJECT, "d.name", "o.name"),
        of_links(&REPOSITORY, "o.name", "d.name"),
    );
    let rows = conn.rows(WHAT, &sql, ()).await?;
    let odd = |row| {
        let (doctype, project, repository, has_row, is_noted) = <(String, String, String, bool, bool)>::from_row(row);
        let side = match doctype.as_str() {
            "" => return Odd::Loose(project),
            "both" => return Odd::Double { project, repository },
            "Project" => &PROJECT,
            _ => &REPOSITORY,
        };
        match (has_row, is_noted) {
            (false, true) => Odd::Parted { project, repository },
            _ => Odd::New {
                side,
                project,
                repository,
            },
        }
    };
    Ok(rows.into_iter().map(odd).collect())
}

impl Writing<'_> {
    /// Brings rows and links in step: what was taken apart is, empty places are filled, and links that have no row get one.
    pub(super) async fn settle_rows(&mut self) -> Result<(), DbError> {
        for odd in odd(self.conn).await? {
            match odd {
                Odd::New { .. } => {}
                Odd::Double { project, repository } => self.join_doubles(&project, &repository).await?,
                Odd::Parted { project, repository } => self.part(&project, &repository).await.map(drop)?,
                Odd::Loose(name) => self.forget_row(&name).await?,
            }
        }
        self.fill().await?;
        for odd in odd(self.conn).await? {
            match odd {
                Odd::New {
                    side,
                    project,
                    repository,
                } => {
                    self.add_row((&project, &repository), None).await?;
                    self.note_row(side, &project, &repository).await?;
                }
                // A place was filled with what somebody else took apart meanwhile: the next look sees it.
                Odd::Parted { .. } | Odd::Double { .. } => {}
                Odd::Loose(name) => self.forget_row(&name).await?,
            }
        }
        Ok(())
    }

    /// Takes a row away, and the links that say the same; true where there was anything.
    pub(super) async fn part(&mut self, project: &str, repository: &str) -> Result<bool, DbError> {
        let before = self.touched.len();
        let was_there = self.remove_row(project, repository).await?;
        for (side, name, from) in [(&PROJECT, project, repository), (&REPOSITORY, repository, project)] {
            self.write_ours(&Link {
                side,
                name,
                from,
                to: "",
            })
            .await?;
        }
        Ok(was_there || self.touched.len() > before)
    }

    /// True where there was one.
    pub(super) async fn remove_row(&mut self, project: &str, repository: &str) -> Result<bool, DbError> {
        let sql = "DELETE FROM `tabGitHub Project Repository` WHERE project = ? AND repository = ?";
        Ok(self.conn.exec(WHAT, sql, (project, repository)).await? > 0)
    }

    async fn forget_row(&mut self, name: &str) -> Result<(), DbError> {
        let sql = "DELETE FROM `tabGitHub Project Repository` WHERE name = ?";
        self.conn.exec(WHAT, sql, (name,)).await.map(drop)
    }

    /// Whether somebody made a row, which stays where a link moves on.
    pub(super) async fn is_joined(&mut self, project: &str, repository: &str) -> Result<bool, DbError> {
        let sql = "SELECT 1 FROM `tabGitHub Project Repository` WHERE project = ? AND repository = ? AND _of_link = 0";
        Ok(self.conn.row(WHAT, sql, (project, repository)).await?.is_some())
    }

    /// Makes a row where there is none: for `user`, or for a link. True where it did.
    pub(super) async fn add_row(&mut self, (project, repository): (&str, &str), user: Option<&str>) -> Result<bool, DbError> {
        let name = random_name();
        let now = time_value(self.stamp.local_now());
        let sql = "INSERT INTO `tabGitHub Project Repository` (name, creation, modified, owner, modified_by, docstatus, idx, \
                   project, repository, following, service_issues, service_pull_requests, service_releases, \
                   connected_by, connected_at, _of_link) SELECT ?, ?, ?, ?, ?, 0, 0, ?, ?, 1, 1, 1, 1, ?, ?, ? FROM DUAL \
                   WHERE NOT EXISTS (SELECT 1 FROM `tabGitHub Project Repository` WHERE project = ? AND repository = ?)";
        let by = self.stamp.user.as_str();
        let values: Vec<Value> = vec![
            name.as_str().into(),
            now.clone(),
            now.clone(),
            by.into(),
            by.into(),
            project.into(),
            repository.into(),
            user.unwrap_or(by).into(),
            now,
            i64::from(user.is_none()).into(),
            project.into(),
            repository.into(),
        ];
        let is_new = self.conn.exec(WHAT, sql, values).await? > 0;
        if is_new {
            self.touched.push(touched(self.stamp, name));
        }
        Ok(is_new)
    }

    /// The row is somebody's own from now on, and no longer a link's.
    pub(super) async fn own_row(&mut self, project: &str, repository: &str) -> Result<(), DbError> {
        let sql = "UPDATE `tabGitHub Project Repository` SET _of_link = 0 WHERE project = ? AND repository = ? AND _of_link = 1";
        self.conn.exec(WHAT, sql, (project, repository)).await.map(drop)
    }

    /// Says which installation made a row, so that it goes with it; none where somebody said by hand that they belong together.
    pub(super) async fn mark_row(&mut self, project: &str, repository: &str, installation: Option<u64>) -> Result<(), DbError> {
        let sql = "UPDATE `tabGitHub Project Repository` SET _installation = ? WHERE project = ? AND repository = ?";
        self.conn.exec(WHAT, sql, (installation, project, repository)).await.map(drop)
    }

    async fn note_row(&mut self, side: &Side, project: &str, repository: &str) -> Result<(), DbError> {
        let (name, target) = if side == &PROJECT {
            (project, repository)
        } else {
            (repository, project)
        };
        let sql = "INSERT INTO `erpnext_github_project_link` (doctype, name, target) VALUES (?, ?, ?) \
                   ON DUPLICATE KEY UPDATE target = VALUES(target)";
        self.conn.exec(WHAT, sql, (note_of(side), name, target)).await.map(drop)
    }

    /// A link that is another one has no row yet.
    pub(super) async fn forget_note(&mut self, side: &Side, name: &str) -> Result<(), DbError> {
        let sql = "DELETE FROM `erpnext_github_project_link` WHERE doctype = ? AND name = ?";
        self.conn.exec(WHAT, sql, (note_of(side), name)).await.map(drop)
    }
}

fn touched(stamp: &Stamp, name: String) -> Touched {
    Touched {
        doctype: DOCTYPE,
        name,
        modified: stamp.local_now(),
    }
}

/// What of a repository is to reach a Project; what is not told stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// Anything at all.
    pub following: Option<bool>,
    /// Issues, comments on them, labels and milestones.
    pub issues: Option<bool>,
    /// Pull requests, comments on them and reviews.
    pub pull_requests: Option<bool>,
    /// Releases and deployments.
    pub releases: Option<bool>,
}

/// Sets what is told of the flags of a row, and gives what was written; none where there is no row.
pub(super) async fn follow(db: &Db, stamp: &Stamp, link: (&str, &str), flags: &Flags) -> Result<Option<Vec<Touched>>, DbError> {
    let mut tx = db.begin().await?;
    let written = follow_in(&mut tx, stamp, link, flags).await?;
    tx.commit().await?;
    Ok(written)
}

/// The same within a transaction.
pub(super) async fn follow_in(
    conn: &mut DbConn,
    stamp: &Stamp,
    (project, repository): (&str, &str),
    flags: &Flags,
) -> Result<Option<Vec<Touched>>, DbError> {
    let sql = "SELECT name, following, service_issues, service_pull_requests, service_releases \
               FROM `tabGitHub Project Repository` WHERE project = ? AND repository = ? FOR UPDATE";
    let Some(row) = conn.row(WHAT, sql, (project, repository)).await? else {
        return Ok(None);
    };
    let (name, following, issues, pull_requests, releases) = <(String, bool, bool, bool, bool)>::from_row(row);
    let before = [following, issues, pull_requests, releases];
    let told = [flags.following, flags.issues, flags.pull_requests, flags.releases];
    let wanted: Vec<bool> = told.iter().zip(before).map(|(told, before)| told.unwrap_or(before)).collect();
    if wanted == before {
        return Ok(Some(Vec::new()));
    }
    let sql = "UPDATE `tabGitHub Project Repository` SET following = ?, service_issues = ?, service_pull_requests = ?, \
               service_releases = ?, modified = ?, modified_by = ? WHERE name = ?";
    let mut values: Vec<Value> = wanted.into_iter().map(|flag| Value::Int(flag.into())).collect();
    values.extend([
        time_value(stamp.local_now()),
        stamp.user.as_str().into(),
        name.as_str().into(),
    ]);
    conn.exec(WHAT, sql, values).await?;
    Ok(Some(vec![touched(stamp, name)]))
}
