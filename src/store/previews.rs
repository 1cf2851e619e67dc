//! Where pull requests and releases can be seen at work: `preview_url`, made from what deployments told.
//!
//! A deployment may be told before its pull request, and its statuses in any order: all that was told is kept, the newest status of each
//! deployment, and the column is made from that whenever one of the two changes. No read of GitHub tells of it, so that no sync touches it.

use mysql_async::prelude::FromRow;

use crate::domain::{Deployed, Entity};
use crate::frappe::db::{Db, DbConn, DbError, Params, Tx, Value};

use super::applied::{Applied, Counts, Touched};
use super::cell::time_value;
use super::rows::{DocTable, Home, PULL_REQUEST, RELEASE};
use super::stamp::Stamp;
use super::upsert::{NAMES, marks, texts};

const WHAT: &str = "keeping a preview";
/// Length of `git_ref`, in characters.
const REF: usize = 255;
/// Length of `sha`.
const SHA: usize = 64;
/// How long what was deployed is remembered, in seconds.
const KEPT: i64 = 180 * 24 * 3_600;

/// Documents that have a preview, and how they are found.
struct Shown {
    entity: Entity,
    table: &'static DocTable,
    /// Column of the commit.
    sha: &'static str,
    /// Column of the tag; empty where there is none.
    tag: &'static str,
}

const PULL_REQUESTS: Shown = Shown {
    entity: Entity::PullRequest,
    table: &PULL_REQUEST,
    sha: "head_sha",
    tag: "",
};
const RELEASES: Shown = Shown {
    entity: Entity::Release,
    table: &RELEASE,
    sha: "target_commitish",
    tag: "tag_name",
};

/// Remembers what became of deployments, and shows it on the pull requests and releases whose commit or tag it is.
pub(super) async fn apply(
    tx: &mut Tx,
    stamp: &Stamp,
    home: &Home<'_>,
    all: &[Deployed],
    applied: &mut Applied,
) -> Result<(), DbError> {
    for one in all {
        let git_ref: String = one.short_ref().chars().take(REF).collect();
        if one.sha.len() > SHA || !remember(tx, home.repository_id, one, &git_ref).await? {
            continue;
        }
        for shown in [PULL_REQUESTS, RELEASES] {
            let names = shown.of(tx, home, (&one.sha, &git_ref)).await?;
            shown.settle(tx, stamp, home, &names, applied).await?;
        }
    }
    Ok(())
}

/// Brings the previews of these pull requests in step, whose head may be another one.
pub(super) async fn of_pull_requests(
    tx: &mut Tx,
    stamp: &Stamp,
    home: &Home<'_>,
    names: &[String],
    applied: &mut Applied,
) -> Result<(), DbError> {
    PULL_REQUESTS.settle(tx, stamp, home, names, applied).await
}

/// Brings the previews of these releases in step.
pub(super) async fn of_releases(
    tx: &mut Tx,
    stamp: &Stamp,
    home: &Home<'_>,
    names: &[String],
    applied: &mut Applied,
) -> Result<(), DbError> {
    RELEASES.settle(tx, stamp, home, names, applied).await
}

/// Forgets what was deployed half a year ago; a document keeps what it shows until it changes.
pub(super) async fn prune(db: &Db, stamp: &Stamp) -> Result<(), DbError> {
    let sql = "DELETE FROM `erpnext_github_preview` WHERE told_at < ?";
    db.exec(WHAT, sql, (stamp.now.timestamp() - KEPT,)).await.map(drop)
}

/// False where a newer status of the deployment is remembered.
async fn remember(tx: &mut Tx, repository_id: u64, one: &Deployed, git_ref: &str) -> Result<bool, DbError> {
    let sql = "SELECT told_at, status_id FROM `erpnext_github_preview` WHERE repository_id = ? AND deployment_id = ? FOR UPDATE";
    let before = tx.row(WHAT, sql, (repository_id, one.id)).await?.map(<(i64, u64)>::from_row);
    let told = (one.told_at.timestamp(), one.status_id);
    if before.is_some_and(|before| before >= told) {
        return Ok(false);
    }
    tx.exec(
        WHAT,
        "INSERT INTO `erpnext_github_preview` (repository_id, deployment_id, sha, git_ref, url, told_at, status_id) \
         VALUES (?, ?, ?, ?, ?, ?, ?) \
         ON DUPLICATE KEY UPDATE sha = VALUES(sha), git_ref = VALUES(git_ref), url = VALUES(url), told_at = VALUES(told_at), \
         status_id = VALUES(status_id)",
        (
            repository_id,
            one.id,
            one.sha.as_str(),
            git_ref,
            one.url.as_deref(),
            told.0,
            told.1,
        ),
    )
    .await?;
    Ok(true)
}

impl Shown {
    /// Names of the documents of that commit, or of that tag.
    async fn of(&self, conn: &mut DbConn, home: &Home<'_>, (sha, git_ref): (&str, &str)) -> Result<Vec<String>, DbError> {
        let mut sql = format!(
            "SELECT name FROM `{}` WHERE repository = ? AND (`{}` = ?",
            self.table.table, self.sha
        );
        let mut params = texts([home.repository, sha]);
        if !self.tag.is_empty() {
            sql = format!("{sql} OR `{}` = ?", self.tag);
            params.extend(texts([git_ref]));
        }
        sql.push(')');
        let rows = conn.rows(WHAT, &sql, Params::Positional(params)).await?;
        Ok(rows.into_iter().map(|row| <(String,)>::from_row(row).0).collect())
    }

    /// Writes what these documents show where it is another one.
    async fn settle(
        &self,
        tx: &mut Tx,
        stamp: &Stamp,
        home: &Home<'_>,
        names: &[String],
        applied: &mut Applied,
    ) -> Result<(), DbError> {
        if names.is_empty() || !is_any(tx, home.repository_id).await? {
            return Ok(());
        }
        let tag = if self.tag.is_empty() {
            "''".to_owned()
        } else {
            format!("IFNULL(`{}`, '')", self.tag)
        };
        for chunk in names.chunks(NAMES) {
            let sql = format!(
                "SELECT name, IFNULL(`{}`, ''), {tag}, IFNULL(preview_url, '') FROM `{}` WHERE name IN ({}) FOR UPDATE",
                self.sha,
                self.table.table,
                marks(chunk.len())
            );
            let params = Params::Positional(texts(chunk.iter().map(String::as_str)));
            let rows = tx.rows(WHAT, &sql, params).await?;
            let shown: Vec<(String, String, String, String)> = rows.into_iter().map(FromRow::from_row).collect();
            let wanted = wanted(tx, home.repository_id, &shown).await?;
            for ((name, _, _, before), wanted) in shown.into_iter().zip(wanted) {
                if before != wanted {
                    self.write(tx, stamp, &name, &wanted).await?;
                    let touched = Touched {
                        doctype: self.table.doctype,
                        name,
                        modified: stamp.local_now(),
                    };
                    applied.add(self.entity, &Counts::default(), vec![touched]);
                }
            }
        }
        Ok(())
    }

    async fn write(&self, tx: &mut Tx, stamp: &Stamp, name: &str, url: &str) -> Result<(), DbError> {
        let sql = format!(
            "UPDATE `{}` SET preview_url = ?, modified = ?, modified_by = ? WHERE name = ?",
            self.table.table
        );
        let url = Some(url).filter(|url| !url.is_empty());
        let params = (url, time_value(stamp.local_now()), stamp.user.as_str(), name);
        tx.exec(WHAT, &sql, params).await.map(drop)
    }
}

/// True when anything of the repository was ever deployed: mostly nothing was.
async fn is_any(conn: &mut DbConn, repository_id: u64) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM `erpnext_github_preview` WHERE repository_id = ? LIMIT 1";
    Ok(conn.row(WHAT, sql, (repository_id,)).await?.is_some())
}

/// What each of these (name, commit, tag, present address) is to show: the address that was told last of its commit or tag; empty for none.
async fn wanted(
    conn: &mut DbConn,
    repository_id: u64,
    shown: &[(String, String, String, String)],
) -> Result<Vec<String>, DbError> {
    let list = marks(shown.len().max(1));
    let sql = format!(
        "SELECT sha, git_ref, url FROM `erpnext_github_preview` WHERE repository_id = ? AND url IS NOT NULL \
         AND (sha IN ({list}) OR git_ref IN ({list})) ORDER BY told_at DESC, status_id DESC"
    );
    let mut params = vec![Value::UInt(repository_id)];
    params.extend(texts(shown.iter().map(|(_, sha, _, _)| sha.as_str())));
    params.extend(texts(shown.iter().map(|(_, _, tag, _)| tag.as_str())));
    let rows = conn.rows(WHAT, &sql, Params::Positional(params)).await?;
    let told: Vec<(String, String, String)> = rows.into_iter().map(FromRow::from_row).collect();
    let of = |(_, sha, tag, _): &(String, String, String, String)| {
        let is_it = |one: &String, held: &String| !held.is_empty() && one == held;
        let found = told.iter().find(|(one, git_ref, _)| is_it(one, sha) || is_it(git_ref, tag));
        found.map(|(_, _, url)| url.clone()).unwrap_or_default()
    };
    Ok(shown.iter().map(of).collect())
}
