//! Bringing both sides in step, in one transaction. Each write says which value it replaces: what somebody changed meanwhile stays,
//! and is a change of its own the next time.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError};
use crate::frappe::pending;

use super::judge::Judged;
use super::read::{Changed, State, empty};
use super::rows::{self, Flags};
use super::{PROJECT, REPOSITORY, Side, WHAT};
use crate::store::applied::Touched;
use crate::store::cell::time_value;
use crate::store::stamp::Stamp;

/// One transaction and what it wrote.
pub(super) struct Writing<'a> {
    pub(super) conn: &'a mut DbConn,
    pub(super) stamp: &'a Stamp,
    pub(super) touched: Vec<Touched>,
}

/// A link that is to be written.
pub(super) struct Link<'a> {
    pub(super) side: &'static Side,
    pub(super) name: &'a str,
    /// What must stand there for it.
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

/// Reads what is not in step, and writes it; a link that was not judged is left for the next time.
pub(super) async fn once(db: &Db, stamp: &Stamp, judged: &Judged) -> Result<Vec<Touched>, DbError> {
    let mut tx = db.begin().await?;
    let mut state = State::read(&mut tx).await?;
    let mut writing = Writing::new(&mut tx, stamp);
    writing.mend(&mut state.projects).await?;
    writing.judge(&mut state.projects, judged).await?;
    for one in &state.projects {
        writing.left_repository(one, &state.repositories).await?;
        writing.remember(&PROJECT, &one.name, &one.now, false).await?;
    }
    for one in &state.repositories {
        writing.left_project(one, &state.projects).await?;
        writing.remember(&REPOSITORY, &one.name, &one.now, false).await?;
    }
    writing.settle_rows().await?;
    let touched = writing.touched;
    tx.commit().await?;
    Ok(touched)
}

/// Makes a row somebody's own, sets its flags, and brings the links in step. A row that is there already was somebody's wish: an installation
/// leaves it so, and what somebody says by hand counts more than that an installation said it first.
pub(super) async fn join(
    db: &Db,
    stamp: &Stamp,
    (project, repository): (&str, &str),
    flags: &Flags,
    installation: Option<u64>,
) -> Result<Vec<Touched>, DbError> {
    let mut tx = db.begin().await?;
    let mut writing = Writing::new(&mut tx, stamp);
    let is_new = writing.add_row((project, repository), Some(&stamp.user)).await?;
    if is_new || installation.is_none() {
        writing.mark_row(project, repository, installation).await?;
    }
    writing.own_row(project, repository).await?;
    let flagged = rows::follow_in(writing.conn, stamp, (project, repository), flags).await?;
    writing.touched.extend(flagged.unwrap_or_default());
    writing.settle_rows().await?;
    let touched = writing.touched;
    tx.commit().await?;
    Ok(touched)
}

/// Takes a row and the links that say the same; none where there were none.
pub(super) async fn part(db: &Db, stamp: &Stamp, (project, repository): (&str, &str)) -> Result<Option<Vec<Touched>>, DbError> {
    let mut tx = db.begin().await?;
    let mut writing = Writing::new(&mut tx, stamp);
    if !writing.part(project, repository).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    writing.settle_rows().await?;
    let touched = writing.touched;
    tx.commit().await?;
    Ok(Some(touched))
}

/// Writes what `project` names, and gives what it named before.
pub(super) async fn connect(db: &Db, stamp: &Stamp, project: &str, repository: &str) -> Result<(String, Vec<Touched>), DbError> {
    let mut tx = db.begin().await?;
    let sql = "SELECT IFNULL(repository, '') FROM `tabProject` WHERE name = ? FOR UPDATE";
    let row = tx.row(WHAT, sql, (project,)).await?;
    let before = row.map(|row| <(String,)>::from_row(row).0).unwrap_or_default();
    let mut writing = Writing::new(&mut tx, stamp);
    if before != repository {
        let link = Link {
            side: &PROJECT,
            name: project,
            from: &before,
            to: repository,
        };
        writing.write(&link).await?;
    }
    let touched = writing.touched;
    tx.commit().await?;
    Ok((before, touched))
}

impl<'a> Writing<'a> {
    fn new(conn: &'a mut DbConn, stamp: &'a Stamp) -> Self {
        Self {
            conn,
            stamp,
            touched: Vec::new(),
        }
    }
}

impl Writing<'_> {
    /// Projects that were written back from an old copy get what we wrote, if it is there still; they are no changes then.
    async fn mend(&mut self, projects: &mut Vec<Changed>) -> Result<(), DbError> {
        let mut changed = Vec::with_capacity(projects.len());
        for one in projects.drain(..) {
            if one.is_old_copy && (one.before.is_empty() || self.is_there(&REPOSITORY, &one.before).await?) {
                let link = Link {
                    side: &PROJECT,
                    name: &one.name,
                    from: &one.now,
                    to: &one.before,
                };
                self.write(&link).await?;
                self.remember(&PROJECT, &one.name, &one.before, true).await?;
            } else {
                changed.push(one);
            }
        }
        *projects = changed;
        Ok(())
    }

    /// Projects whose new link was refused get the one back that they had, if it is there still.
    async fn judge(&mut self, projects: &mut Vec<Changed>, judged: &Judged) -> Result<(), DbError> {
        let mut good = Vec::with_capacity(projects.len());
        for one in projects.drain(..) {
            match judged.verdict(&one) {
                Some(true) => good.push(one),
                None => {}
                Some(false) => {
                    let is_there = !one.before.is_empty() && self.is_there(&REPOSITORY, &one.before).await?;
                    let link = Link {
                        side: &PROJECT,
                        name: &one.name,
                        from: &one.now,
                        to: if is_there { &one.before } else { "" },
                    };
                    self.write_ours(&link).await?;
                }
            }
        }
        *projects = good;
        Ok(())
    }

    /// A Project that no longer names a repository is not named by it either, unless somebody said just now that it is. One that names
    /// another one now stays connected with it where somebody made them so; one that names nothing does not.
    async fn left_repository(&mut self, one: &Changed, repositories: &[Changed]) -> Result<(), DbError> {
        if one.before.is_empty() || says(repositories, &one.before, &one.name) {
            return Ok(());
        }
        if one.now.is_empty() {
            self.remove_row(&one.name, &one.before).await?;
        } else if self.is_joined(&one.name, &one.before).await? {
            return Ok(());
        }
        let link = Link {
            side: &REPOSITORY,
            name: &one.before,
            from: &one.name,
            to: "",
        };
        self.write_ours(&link).await
    }

    /// A Repository whose link was cleared is not named by its Project either, with the same exception.
    async fn left_project(&mut self, one: &Changed, projects: &[Changed]) -> Result<(), DbError> {
        if one.before.is_empty() || !one.now.is_empty() || says(projects, &one.before, &one.name) {
            return Ok(());
        }
        self.remove_row(&one.before, &one.name).await?;
        let link = Link {
            side: &PROJECT,
            name: &one.before,
            from: &one.name,
            to: "",
        };
        self.write_ours(&link).await
    }

    /// Fills empty places.
    pub(super) async fn fill(&mut self) -> Result<(), DbError> {
        for empty in empty(self.conn).await? {
            let link = Link {
                side: empty.side,
                name: &empty.name,
                from: "",
                to: &empty.wanted,
            };
            self.write_ours(&link).await?;
        }
        Ok(())
    }

    /// Writes a link that follows from another one, and remembers it as in step.
    pub(super) async fn write_ours(&mut self, link: &Link<'_>) -> Result<(), DbError> {
        if self.write(link).await? {
            self.remember(link.side, link.name, link.to, true).await?;
        }
        Ok(())
    }

    /// True when the document named what it was expected to.
    async fn write(&mut self, link: &Link<'_>) -> Result<bool, DbError> {
        let Side { doctype, table, column } = link.side;
        let sql = format!(
            "UPDATE `{table}` SET `{column}` = NULLIF(?, ''), modified = ?, modified_by = ? WHERE name = ? AND IFNULL(`{column}`, '') = ?"
        );
        let modified = self.stamp.local_now();
        let params = (link.to, time_value(modified), self.stamp.user.as_str(), link.name, link.from);
        if self.conn.exec(WHAT, &sql, params).await? == 0 {
            return Ok(false);
        }
        pending::note_drop(self.conn, doctype, link.name).await?;
        self.touched.push(Touched {
            doctype,
            name: link.name.to_owned(),
            modified,
        });
        Ok(true)
    }

    /// Remembers what a document names. What it was cleared of is remembered only where we did it: an old copy may bring it back.
    async fn remember(&mut self, side: &Side, name: &str, target: &str, ours: bool) -> Result<(), DbError> {
        self.forget_note(side, name).await?;
        if target.is_empty() && !ours {
            let sql = "DELETE FROM `erpnext_github_project_link` WHERE doctype = ? AND name = ?";
            return self.conn.exec(WHAT, sql, (side.doctype, name)).await.map(drop);
        }
        let written = ours.then(|| time_value(self.stamp.local_now()));
        let sql = "INSERT INTO `erpnext_github_project_link` (doctype, name, target, written) VALUES (?, ?, ?, ?) \
                   ON DUPLICATE KEY UPDATE target = VALUES(target), written = VALUES(written)";
        self.conn
            .exec(WHAT, sql, (side.doctype, name, target, written))
            .await
            .map(drop)
    }

    async fn is_there(&mut self, side: &Side, name: &str) -> Result<bool, DbError> {
        let sql = format!("SELECT 1 FROM `{}` WHERE name = ?", side.table);
        Ok(self.conn.row(WHAT, &sql, (name,)).await?.is_some())
    }
}

/// True when the document `name` was changed to name `target`.
fn says(changed: &[Changed], name: &str, target: &str) -> bool {
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    changed.iter().any(|one| same(&one.name, name) && same(&one.now, target))
}
