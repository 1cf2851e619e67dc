//! One repository, from its lease to the row of its run.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::domain::{Change, ChangeSet, Entity, Repository};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::frappe::error_log;
use crate::github::{Fetched, Spent};
use crate::store::cursors::{self, Cursor, ITEMS, PULL_REQUESTS};
use crate::store::lease::{self, Taken};
use crate::store::repositories::{self, Bookkeeping, Tracked};
use crate::store::runs::{self, Cost, RunEnd, RunStart, RunStatus, Trigger};
use crate::store::{Applied, Lease, People, Stamp, Writer, apply};

use super::report::{RepositoryReport, Tally};
use super::{SyncContext, SyncError, announce, branches, comments, commits, items, lists, members, people, refused, settle};

/// How far back an incremental run reaches behind the last one: answers of one moment may come from copies that lag.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// How old a complete walk may be before the next run is one again; only such a run finds what is gone.
const WALK_PERIOD: TimeDelta = TimeDelta::hours(24);

/// How a run is to go.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// A complete walk, whatever the cursor says.
    pub full: bool,
    /// Who or what began it.
    pub trigger: Trigger,
}

/// A run of one repository while it goes on.
pub(super) struct Run<'a> {
    pub context: &'a SyncContext,
    pub repository: &'a Repository,
    pub lease: Lease,
    pub stamp: Stamp,
    pub people: People,
    /// A complete walk.
    pub full: bool,
}

impl Run<'_> {
    /// Applies one change, and tells the desk.
    pub(super) async fn apply(&self, change: Change) -> Result<Applied, DbError> {
        self.apply_all(vec![change]).await
    }

    /// Applies changes that belong together, and tells the desk.
    pub(super) async fn apply_all(&self, changes: Vec<Change>) -> Result<Applied, DbError> {
        let writer = Writer {
            site: &self.context.site,
            stamp: &self.stamp,
            people: &self.people,
            lease: Some(&self.lease),
        };
        let set = ChangeSet {
            repository_id: self.repository.id,
            changes,
        };
        let applied = apply(&writer, &set).await?;
        announce::changed(self.context, &applied.touched).await;
        Ok(applied)
    }
}

/// What a run has cost since it began.
struct Meter {
    began: Instant,
    before: Spent,
}

impl Meter {
    fn start(context: &SyncContext) -> Self {
        Self {
            began: Instant::now(),
            before: context.client.spent(),
        }
    }

    fn cost(&self, context: &SyncContext) -> Cost {
        let spent = context.client.spent().since(self.before);
        Cost {
            requests: spent.requests,
            points: spent.points,
            not_modified: spent.not_modified,
        }
    }
}

/// How a run ended, before it is written down.
pub(super) struct Ending {
    /// Name of the row in `GitHub Sync Run`.
    pub row: String,
    /// Name of the Repository document; none where there is none.
    pub document: Option<String>,
    /// A complete walk.
    pub full: bool,
    /// How it counts.
    pub status: RunStatus,
    /// What was done.
    pub tally: Tally,
    /// What ended it early.
    pub error: Option<SyncError>,
    /// The error is none that the last run ended with already.
    pub is_news: bool,
}

fn status_of(error: Option<&SyncError>, tally: &Tally) -> RunStatus {
    match error {
        Some(SyncError::Stopped) => RunStatus::Stopped,
        Some(_) => RunStatus::Failed,
        None if tally.failures() > 0 => RunStatus::CompletedWithFailures,
        None => RunStatus::Completed,
    }
}

/// Syncs the repository that `tracked` stands for. Whatever happens is in the report, on the run's row, and where it failed
/// in the Error Log too.
///
/// # Errors
/// When the database cannot be used, another process is at the same repository, or we were asked to stop before anything was read.
pub async fn sync_repository(
    context: &SyncContext,
    tracked: &Tracked,
    options: RunOptions,
) -> Result<RepositoryReport, SyncError> {
    context.checkpoint().await?;
    let meter = Meter::start(context);
    let fetched = match settle::read(context, tracked).await {
        Ok(fetched) => fetched,
        // Nothing was begun, so that there is nothing to write down.
        Err(SyncError::Stopped) => return Err(SyncError::Stopped),
        Err(error) => {
            let ending = refused::note(context, tracked, options, error).await?;
            let name = ending.document.clone().unwrap_or_else(|| tracked.name.clone());
            return write_down(context, ending, &meter, &name).await;
        }
    };
    let name = fetched.value.name.to_string();
    let lease = match lease::take(context.site.db(), &format!("sync:{}", fetched.value.id), &context.owner).await? {
        Taken::Ours(lease) => lease,
        Taken::Theirs(holder) => {
            return Err(SyncError::Busy {
                repository: name,
                owner: holder.owner,
                idle_seconds: holder.idle_seconds,
                free_at: holder.free_at,
            });
        }
    };
    let beating = lease.keep_alive(context.site.db());
    let ending = under_lease(context, &fetched, lease.clone(), tracked, options).await;
    drop(beating);
    // A lease that was lost is nobody's to give back.
    lease.release(context.site.db()).await?;
    write_down(context, ending?, &meter, &name).await
}

/// The run proper: nobody else is at this repository.
async fn under_lease(
    context: &SyncContext,
    fetched: &Fetched<Repository>,
    lease: Lease,
    tracked: &Tracked,
    options: RunOptions,
) -> Result<Ending, SyncError> {
    let (db, repository) = (context.site.db(), &fetched.value);
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    let feed = if repository.has_issues { ITEMS } else { PULL_REQUESTS };
    let cursor = cursors::read(db, repository.id, feed).await?;
    cursors::attempt(db, repository.id, ITEMS, stamp.now).await?;
    let document = repositories::name_for(db, repository).await?;
    // Under another name every address of an issue is another one, too. Whose name changed its document says: it may have been asked for
    // by a name that another one's document had.
    let renamed = document.as_deref() != Some(repository.name.as_str());
    let full = options.full || renamed || !tracked.is_stored || is_walk_due(&cursor, stamp.now);
    if let Some(document) = &document {
        runs::end_orphans(db, document, &stamp).await?;
    }
    let start = RunStart {
        repository: document.as_deref(),
        trigger: options.trigger,
        full,
    };
    let row = runs::begin(db, &stamp, start).await?;
    context.reporter.begun(&row);
    let run = Run {
        context,
        repository,
        lease,
        stamp,
        people: people::known(context).await?,
        full,
    };
    let mut tally = Tally::default();
    let error = steps(&run, &mut tally, &cursor).await.err();
    let note = Bookkeeping {
        stargazers_count: Some(repository.stargazers_count),
        complete: error.is_none() && tally.failures() == 0,
        error: error.as_ref().map_or_else(|| tally.first_reason(), ToString::to_string),
    };
    match note_down(&run, &note).await {
        Err(DbError::Fenced { .. }) | Ok(()) => {}
        Err(other) => return Err(other.into()),
    }
    Ok(Ending {
        row,
        document: repositories::name_for(db, repository).await?,
        full,
        status: status_of(error.as_ref(), &tally),
        tally,
        error,
        is_news: true,
    })
}

fn is_walk_due(cursor: &Cursor, now: DateTime<Utc>) -> bool {
    cursor.cursor_at.is_none() || cursor.walked_at.is_none_or(|walked| now - walked >= WALK_PERIOD)
}

/// Each step goes as far as it can; what fails for one reason of its own does not stop the others.
async fn steps(run: &Run<'_>, tally: &mut Tally, cursor: &Cursor) -> Result<(), SyncError> {
    tally.fetched(Entity::Repository, 1);
    tally.applied(&run.apply(Change::Repository(Box::new(run.repository.clone()))).await?);
    let walk = items::sync(run, tally, cursor).await;
    let walk = settled(tally, Entity::Issue, walk)?;
    let branches = branches::sync(run, tally).await;
    let default_branch = settled(tally, Entity::Branch, branches)?.unwrap_or_default();
    let members = members::sync(run, tally).await;
    settled(tally, Entity::Member, members)?;
    let labels = lists::labels(run, tally).await;
    settled(tally, Entity::Label, labels)?;
    let milestones = lists::milestones(run, tally).await;
    settled(tally, Entity::Milestone, milestones)?;
    let releases = lists::releases(run, tally).await;
    settled(tally, Entity::Release, releases)?;
    let comments = comments::sync(run, tally).await;
    settled(tally, Entity::Comment, comments)?;
    let commits = commits::sync(run, tally, default_branch).await;
    settled(tally, Entity::Commit, commits)?;
    let Some(walk) = walk.filter(|_| items::is_whole(tally)) else {
        return Ok(());
    };
    if let Some(began) = walk.began {
        let feed = if walk.has_issues { ITEMS } else { PULL_REQUESTS };
        promote(run, feed, began).await?;
    }
    Ok(())
}

/// What a step gave; an error of its own is counted, one that concerns everything ends the run.
fn settled<T>(tally: &mut Tally, entity: Entity, result: Result<T, SyncError>) -> Result<Option<T>, SyncError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.ends_the_run() => Err(error),
        Err(error) => {
            tally.failed(entity, 1, error.to_string());
            Ok(None)
        }
    }
}

async fn promote(run: &Run<'_>, feed: &str, to: DateTime<Utc>) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = run.context.site.db().begin().await?;
        run.lease.hold(&mut tx).await?;
        cursors::promote(&mut tx, (run.repository.id, feed), to, run.full).await?;
        tx.commit().await
    })
    .await
}

async fn note_down(run: &Run<'_>, note: &Bookkeeping) -> Result<(), DbError> {
    retry_conflicts(|| async {
        let mut tx = run.context.site.db().begin().await?;
        run.lease.hold(&mut tx).await?;
        repositories::note_run(&mut tx, run.repository.id, &run.stamp, note).await?;
        tx.commit().await
    })
    .await
}

/// Completes the run's row, leaves an Error Log row where it failed, and gives the report.
async fn write_down(context: &SyncContext, ending: Ending, meter: &Meter, name: &str) -> Result<RepositoryReport, SyncError> {
    let status = ending.status;
    let error = ending.error.as_ref().map(ToString::to_string);
    let outage = matches!(&ending.error, Some(SyncError::Github(error)) if error.is_outage());
    let report = RepositoryReport {
        repository: name.to_owned(),
        status,
        full: ending.full,
        entities: ending.tally.entities,
        cost: meter.cost(context),
        seconds: meter.began.elapsed().as_secs_f64(),
        error,
        outage,
        unreachable: matches!(&ending.error, Some(SyncError::Github(error)) if error.is_unreachable()),
    };
    let end = RunEnd {
        status,
        repository: ending.document.as_deref().unwrap_or_default(),
        seconds: report.seconds,
        cost: report.cost,
        error: report.error.as_deref().unwrap_or_default(),
        entities: report.entities.iter().map(|(entity, run)| (*entity, run)).collect(),
    };
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    runs::end(context.site.db(), &stamp, &ending.row, &end).await?;
    // Whoever asked it to stop knows; only what went wrong is for the Error Log.
    if let (RunStatus::Failed, Some(error), true) = (status, &report.error, ending.is_news) {
        let reference = ending
            .document
            .as_deref()
            .map_or(("GitHub Sync Run", ending.row.as_str()), |document| ("Repository", document));
        let title = format!("GitHub sync of {name} failed");
        error_log::write(&context.site, &title, error, Some(reference)).await?;
    }
    Ok(report)
}
