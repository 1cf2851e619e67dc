//! `GitHub Sync Run`: one row a run, for the person who wants to know what happened.

use mysql_async::prelude::FromRow;

use crate::domain::Entity;
use crate::frappe::db::{self, Db, DbError, Params, Value};
use crate::frappe::naming::{random_name, stable_child_name};

use super::applied::Counts;
use super::cell::{Cell, time_value};
use super::children;
use super::stamp::{Stamp, kept};
use super::upsert::{Upsert, texts};

/// How a run ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Under way.
    Running,
    /// Everything was seen.
    Completed,
    /// Some of it could not be seen or stored.
    CompletedWithFailures,
    /// It ended early.
    Failed,
    /// It was asked to end early.
    Stopped,
}

impl RunStatus {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::CompletedWithFailures => "Completed with failures",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

/// Who or what began a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The command line.
    Command,
    /// The schedule.
    Schedule,
    /// A button.
    Button,
    /// A delivery.
    Webhook,
    /// A comparison with GitHub that found a difference, or the walk of the night.
    Reconciliation,
}

impl Trigger {
    /// The Select option.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Command => "Command",
            Self::Schedule => "Schedule",
            Self::Button => "Button",
            Self::Webhook => "Webhook",
            Self::Reconciliation => "Reconciliation",
        }
    }
}

/// One line of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityRun {
    /// How many GitHub sent.
    pub fetched: u64,
    /// What storing them did.
    pub counts: Counts,
    /// How many could not be read or stored.
    pub failed: u64,
    /// How many were found to be out of step, though something should have told of them.
    pub drift: u64,
    /// Why, for people; the first few.
    pub reasons: Vec<String>,
}

/// What a run cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Rate-limit points used.
    pub points: u64,
    /// Answers "not modified", which are free.
    pub not_modified: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd<'a> {
    /// Result.
    pub status: RunStatus,
    /// Name of the Repository document, which a rename may have changed meanwhile.
    pub repository: &'a str,
    /// Seconds that it took.
    pub seconds: f64,
    /// What it cost.
    pub cost: Cost,
    /// What ended it early, for people; empty when nothing did.
    pub error: &'a str,
    /// Line by line.
    pub entities: Vec<(Entity, &'a EntityRun)>,
}

/// What is known of a run when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunStart<'a> {
    /// Name of the Repository document; none while it has none.
    pub repository: Option<&'a str>,
    /// Who or what began it.
    pub trigger: Trigger,
    /// A complete walk, or what changed since the last one.
    pub full: bool,
}

/// Writes the row of a run that begins, and gives its name.
///
/// # Errors
/// When the database cannot be written.
pub async fn begin(db: &Db, stamp: &Stamp, start: RunStart<'_>) -> Result<String, DbError> {
    let name = random_name();
    let now = time_value(stamp.local_now());
    let mut params = texts([name.as_str(), stamp.user.as_str(), stamp.user.as_str()]);
    params.extend([now.clone(), now.clone()]);
    params.push(Value::from(Cell::data_or_null(start.repository, super::cell::DATA)));
    params.extend(texts([
        RunStatus::Running.as_str(),
        start.trigger.as_str(),
        if start.full { "Full" } else { "Incremental" },
        stamp.user.as_str(),
    ]));
    params.push(now);
    db.exec(
        "noting a run",
        "INSERT INTO `tabGitHub Sync Run` (name, owner, modified_by, creation, modified, docstatus, idx, repository, status, `trigger`, \
         kind, started_by, started_at) VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?)",
        Params::Positional(params),
    )
    .await?;
    Ok(name)
}

/// Completes the row of a run.
///
/// # Errors
/// When the database cannot be written.
pub async fn end(db: &Db, stamp: &Stamp, name: &str, end: &RunEnd<'_>) -> Result<(), DbError> {
    const WHAT: &str = "noting the end of a run";
    let now = time_value(stamp.local_now());
    let mut tx = db.begin().await?;
    let mut params = texts([end.status.as_str(), end.repository]);
    params.extend([now.clone(), now.clone()]);
    params.push(Value::Double(end.seconds));
    params.extend([end.cost.requests, end.cost.points, end.cost.not_modified].map(Value::UInt));
    params.extend(texts([end.error, name]));
    tx.exec(
        WHAT,
        "UPDATE `tabGitHub Sync Run` SET status = ?, repository = NULLIF(?, ''), modified = ?, finished_at = ?, duration = ?, requests = ?, \
         points = ?, not_modified = ?, error = ? WHERE name = ?",
        Params::Positional(params),
    )
    .await?;
    let rows = (1_i64..)
        .zip(&end.entities)
        .map(|(idx, (entity, run))| line(name, idx, *entity, run, stamp, &now))
        .collect();
    let upsert = Upsert {
        what: WHAT,
        table: "tabGitHub Sync Run Entity",
        columns: &LINE,
        updated: &LINE[5..],
    };
    upsert.write(&mut tx, rows).await?;
    tx.commit().await
}

const LINE: [&str; 19] = [
    "name",
    "creation",
    "modified",
    "owner",
    "modified_by",
    "parent",
    "parentfield",
    "parenttype",
    "idx",
    "docstatus",
    "entity",
    "fetched",
    "created",
    "updated",
    "unchanged",
    "deleted",
    "failed",
    "drift",
    "reason",
];

fn line(run: &str, idx: i64, entity: Entity, lines: &EntityRun, stamp: &Stamp, now: &Value) -> Vec<Value> {
    let mut row = texts([stable_child_name(&["GitHub Sync Run Entity", run, entity.as_str()]).as_str()]);
    row.extend([now.clone(), now.clone()]);
    row.extend(texts([
        children::OWNER,
        stamp.user.as_str(),
        run,
        "entities",
        "GitHub Sync Run",
    ]));
    row.extend([Value::Int(idx), Value::Int(0)]);
    row.extend(texts([entity.as_str()]));
    let counts = &lines.counts;
    row.extend(
        [
            lines.fetched,
            counts.created,
            counts.updated,
            counts.unchanged + counts.stale,
            counts.deleted,
            lines.failed,
            lines.drift,
        ]
        .map(Value::UInt),
    );
    row.push(Value::from(Cell::small_text(&lines.reasons.join("\n"))));
    row
}

/// Ends runs of a repository, or of none, that are marked as running though nobody runs them: whoever holds the lease knows.
///
/// # Errors
/// When the database cannot be written.
pub async fn end_orphans(db: &Db, repository: Option<&str>, stamp: &Stamp) -> Result<(), DbError> {
    const WHAT: &str = "ending runs that were cut off";
    let orphan = db
        .row(
            WHAT,
            "SELECT 1 FROM `tabGitHub Sync Run` WHERE repository <=> ? AND status = 'Running' LIMIT 1",
            (repository,),
        )
        .await?;
    if orphan.is_none() {
        return Ok(());
    }
    db.exec(
        WHAT,
        "UPDATE `tabGitHub Sync Run` SET status = 'Failed', error = 'The process was stopped; the next run goes on.', finished_at = ? \
         WHERE repository <=> ? AND status = 'Running'",
        (time_value(stamp.local_now()), repository),
    )
    .await
    .map(drop)
}

/// Name of the run of a repository, or of none, that goes on, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub async fn running_of(db: &Db, repository: Option<&str>) -> Result<Option<String>, DbError> {
    let row = db
        .row(
            "looking for a run",
            "SELECT name FROM `tabGitHub Sync Run` WHERE repository <=> ? AND status = 'Running' ORDER BY started_at DESC LIMIT 1",
            (repository,),
        )
        .await?;
    Ok(row.map(|row| <(String,)>::from_row(row).0))
}

/// What the walks of the night cost since `since`, in points.
///
/// # Errors
/// When the database cannot be read.
pub async fn walks_cost(db: &Db, stamp: &Stamp, since: chrono::DateTime<chrono::Utc>) -> Result<u64, DbError> {
    let row = db
        .row(
            "adding up what walks cost",
            "SELECT CAST(IFNULL(SUM(points), 0) AS UNSIGNED) FROM `tabGitHub Sync Run` WHERE started_at >= ? AND kind = 'Full' \
             AND `trigger` = 'Reconciliation'",
            (time_value(stamp.zone.to_local(since)),),
        )
        .await?;
    Ok(row.map_or(0, |row| <(u64,)>::from_row(row).0))
}

/// Removes runs (and their lines) that ended more than `days` days ago; gives how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn prune(db: &Db, stamp: &Stamp, days: u32) -> Result<u64, DbError> {
    const WHAT: &str = "removing old runs";
    let before = time_value(stamp.zone.to_local(stamp.now - kept(days)));
    let mut removed = 0;
    loop {
        let mut tx = db.begin().await?;
        let old = tx
            .rows(
                WHAT,
                "SELECT name FROM `tabGitHub Sync Run` WHERE started_at < ? AND status <> 'Running' LIMIT 500",
                (before.clone(),),
            )
            .await?;
        if old.is_empty() {
            return Ok(removed);
        }
        let names: Vec<Value> = old.into_iter().flat_map(db::values).collect();
        let marks = super::upsert::marks(names.len());
        let lines =
            format!("DELETE FROM `tabGitHub Sync Run Entity` WHERE parenttype = 'GitHub Sync Run' AND parent IN ({marks})");
        tx.exec(WHAT, &lines, Params::Positional(names.clone())).await?;
        removed += tx
            .exec(
                WHAT,
                &format!("DELETE FROM `tabGitHub Sync Run` WHERE name IN ({marks})"),
                Params::Positional(names),
            )
            .await?;
        tx.commit().await?;
    }
}
