//! Bringing both sides in step, in one transaction. Each write says which value it replaces: what somebody changed meanwhile stays,
//! and is a change of its own the next time.

use mysql_async::prelude::FromRow;

use crate::frappe::db::{Db, DbConn, DbError};
use crate::frappe::pending;

use super::judge::Judged;
use super::read::{Changed, State, empty};
use super::{PROJECT, REPOSITORY, Side, WHAT};
use crate::store::applied::Touched;
use crate::store::cell::time_value;
use crate::store::stamp::Stamp;

/// One transaction and what it wrote.
struct Writing<'a> {
    conn: &'a mut DbConn,
    stamp: &'a Stamp,
    touched: Vec<Touched>,
}

/// A link that is to be written.
struct Link<'a> {
    side: &'static Side,
    name: &'a str,
    /// What must stand there for it.
    from: &'a str,
    to: &'a str,
}

/// Reads what is not in step, and writes it; a link that was not judged is left for the next time.
pub(super) async fn once(db: &Db, stamp: &Stamp, judged: &Judged) -> Result<Vec<Touched>, DbError> {
    let mut tx = db.begin().await?;
    let mut state = State::read(&mut tx).await?;
    let mut writing = Writing {
        conn: &mut tx,
        stamp,
        touched: Vec::new(),
    };
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
    writing.fill(&PROJECT, &REPOSITORY).await?;
    writing.fill(&REPOSITORY, &PROJECT).await?;
    let touched = writing.touched;
    tx.commit().await?;
    Ok(touched)
}

/// Writes what `project` names, and gives what it named before.
pub(super) async fn connect(db: &Db, stamp: &Stamp, project: &str, repository: &str) -> Result<(String, Vec<Touched>), DbError> {
    let mut tx = db.begin().await?;
    let sql = "SELECT IFNULL(repository, '') FROM `tabProject` WHERE name = ? FOR UPDATE";
    let row = tx.row(WHAT, sql, (project,)).await?;
    let before = row.map(|row| <(String,)>::from_row(row).0).unwrap_or_default();
    let mut writing = Writing {
        conn: &mut tx,
        stamp,
        touched: Vec::new(),
    };
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

    /// A Project that no longer names a repository is not named by it either, unless somebody said just now that it is.
    async fn left_repository(&mut self, one: &Changed, repositories: &[Changed]) -> Result<(), DbError> {
        if one.before.is_empty() || says(repositories, &one.before, &one.name) {
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
        let link = Link {
            side: &PROJECT,
            name: &one.before,
            from: &one.name,
            to: "",
        };
        self.write_ours(&link).await
    }

    /// Fills the empty places of `side`.
    async fn fill(&mut self, side: &'static Side, other: &'static Side) -> Result<(), DbError> {
        for empty in empty(self.conn, side, other).await? {
            let link = Link {
                side,
                name: &empty.name,
                from: "",
                to: &empty.wanted,
            };
            self.write_ours(&link).await?;
        }
        Ok(())
    }

    /// Writes a link that follows from another one, and remembers it as in step.
    async fn write_ours(&mut self, link: &Link<'_>) -> Result<(), DbError> {
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
