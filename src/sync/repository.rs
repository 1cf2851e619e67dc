//! One repository, from its lease to the row of its run.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::is_over;
use crate::domain::budget::Purpose;
use crate::domain::{Change, ChangeSet, Entity, Repository};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::store::cursors::{self, Cursor, ITEMS, PULL_REQUESTS};
use crate::store::lease::{self, Taken};
use crate::store::repositories::{self, Bookkeeping, Tracked};
use crate::store::runs::{self, RunStart, RunStatus, Trigger};
use crate::store::{Applied, Lease, People, Stamp, Writer, apply, rewrite};

use super::ending::{Ending, Meter, write_down};
use super::import::REASONS;
use super::left_out::{has_read, misses};
use super::looks::Looks;
use super::report::{RepositoryReport, Tally};
use super::settle::Settled;
use super::switched::{Watched, while_on};
use super::{SyncContext, SyncError, announce, people, refused, settle, steps};

/// How far back an incremental run reaches behind the last one: answers of one moment may come from copies that lag.
pub(super) const OVERLAP: TimeDelta = TimeDelta::minutes(5);
/// How old a complete walk may be before a run that somebody asks for is one again; only such a run finds what is gone.
const WALK_PERIOD: TimeDelta = TimeDelta::hours(24);
/// The same for a run of the schedule: the walks are made at night, within a budget. By day only where the nights did not do.
pub(super) const WALK_OVERDUE: TimeDelta = TimeDelta::hours(72);

/// How a run is to go.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// A complete walk, whatever the cursor says.
    pub full: bool,
    /// Who or what began it.
    pub trigger: Trigger,
}

/// What a run is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything.
    Whole,
    /// The members alone: no cursor moves, and the schedule does not count it.
    Members,
    /// The issues alone, or the pull requests alone, all of them.
    Items(Import),
}

/// What a bulk import brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Import {
    /// [`Entity::Issue`] or [`Entity::PullRequest`].
    pub entity: Entity,
    /// What is here already is written again, even where GitHub says nothing else.
    pub rewrite: bool,
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
    /// No complete walk has ended well yet.
    pub is_first: bool,
    /// Rows are written that say the same.
    pub rewrite: bool,
    /// The repository itself is what its row says.
    pub is_unchanged: bool,
    /// Lists whose first pages are under way.
    pub looks: Looks,
}

impl Run<'_> {
    /// Issues are there, and wanted: their feed brings pull requests as well. Else these come from their own list.
    pub(super) fn reads_issues(&self) -> bool {
        self.repository.has_issues && self.context.services.issues
    }

    /// Who writes.
    pub(super) fn writer(&self) -> Writer<'_> {
        Writer {
            site: &self.context.site,
            stamp: &self.stamp,
            people: &self.people,
            lease: Some(&self.lease),
            is_first: self.is_first,
        }
    }

    /// Applies one change, and tells the desk.
    pub(super) async fn apply(&self, change: Change) -> Result<Applied, DbError> {
        self.apply_all(vec![change]).await
    }

    /// Applies changes that belong together, and tells the desk.
    pub(super) async fn apply_all(&self, changes: Vec<Change>) -> Result<Applied, DbError> {
        let writer = self.writer();
        let is_item = changes
            .iter()
            .any(|change| matches!(change, Change::Issues(_) | Change::PullRequests(_)));
        let set = ChangeSet {
            repository_id: self.repository.id,
            changes,
        };
        let applied = if self.rewrite && is_item {
            rewrite(&writer, &set).await?
        } else {
            apply(&writer, &set).await?
        };
        announce::changed(self.context, &applied.touched).await;
        if is_item {
            self.context.reporter.stored(applied.rows());
        }
        Ok(applied)
    }
}

/// What a run is counted as.
fn purpose(options: RunOptions) -> Purpose {
    match options.trigger {
        Trigger::Webhook => Purpose::Webhooks,
        Trigger::Reconciliation => Purpose::Reconciliation,
        _ if options.full => Purpose::FullSync,
        _ => Purpose::Sync,
    }
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
    run(context, tracked, options, Scope::Whole).await
}

/// A run of `scope`, as [`sync_repository`] says.
pub(super) async fn run(
    context: &SyncContext,
    tracked: &Tracked,
    options: RunOptions,
    scope: Scope,
) -> Result<RepositoryReport, SyncError> {
    context.checkpoint().await?;
    let context = &context.on(purpose(options));
    let meter = Meter::start(context);
    // Who wants everything read, wants the repository read as well.
    let settled = if options.full {
        Box::pin(settle::read(context, tracked)).await
    } else {
        Box::pin(settle::look(context, tracked)).await
    };
    let settled = match settled {
        Ok(settled) => settled,
        // Nothing was begun, so that there is nothing to write down.
        Err(SyncError::Stopped) => return Err(SyncError::Stopped),
        Err(error) => {
            let ending = refused::note(context, tracked, options, error).await?;
            let name = ending.document.clone().unwrap_or_else(|| tracked.name.clone());
            return write_down(context, ending, &meter, &name).await;
        }
    };
    let name = settled.repository.name.to_string();
    let lease = match lease::take(
        context.site.db(),
        &lease::of_repository(settled.repository.id),
        &context.owner,
    )
    .await?
    {
        Taken::Ours(lease) => lease,
        Taken::Theirs(holder) => return Err(SyncError::busy(&name, holder)),
    };
    let beating = lease.keep_alive(context.site.db());
    let stop = context.stop.child_token();
    let stoppable = context.until(&stop);
    let work = under_lease(&stoppable, &settled, lease.clone(), tracked, (options, scope));
    let watched = Watched {
        id: settled.repository.id,
        name: &name,
        is_followed: tracked.enabled,
        is_stored: tracked.is_stored,
    };
    let ending = Box::pin(while_on(context, watched, &stop, work)).await;
    drop(beating);
    // A lease that was lost is nobody's to give back.
    lease.release(context.site.db()).await?;
    write_down(context, ending?, &meter, &name).await
}

/// The run proper: nobody else is at this repository.
async fn under_lease(
    context: &SyncContext,
    settled: &Settled,
    lease: Lease,
    tracked: &Tracked,
    (options, scope): (RunOptions, Scope),
) -> Result<Ending, SyncError> {
    let (db, repository) = (context.site.db(), &settled.repository);
    let stamp = Stamp::now(&context.site, &*context.user).await?;
    let reads_issues = repository.has_issues && context.services.issues;
    let feed = if reads_issues { ITEMS } else { PULL_REQUESTS };
    let cursor = cursors::read(db, repository.id, feed).await?;
    if scope == Scope::Whole {
        cursors::attempt(db, repository.id, ITEMS, stamp.now).await?;
    }
    let has_missed = scope == Scope::Whole && misses(context, repository.id, stamp.now).await?;
    let document = repositories::name_for(db, repository).await?;
    // Under another name every address of an issue is another one, too. Whose name changed its document says: it may have been asked for
    // by a name that another one's document had.
    let renamed = document.as_deref() != Some(repository.name.as_str());
    let anew = options.full || !context.ways.incremental || renamed || has_missed || !tracked.is_stored;
    let full = match scope {
        Scope::Whole => anew || is_walk_due(&cursor, options.trigger, stamp.now),
        Scope::Members => false,
        Scope::Items(_) => true,
    };
    // Only now it is clear what it is that costs something.
    let context = &context.on(purpose(RunOptions { full, ..options }));
    if let Some(document) = &document {
        runs::end_orphans(db, Some(document), &stamp).await?;
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
        is_first: cursor.walked_at.is_none(),
        rewrite: matches!(scope, Scope::Items(import) if import.rewrite),
        is_unchanged: settled.is_unchanged && !renamed,
        looks: Looks::default(),
    };
    let mut tally = match scope {
        Scope::Items(_) => Tally::keeping(REASONS),
        _ => Tally::default(),
    };
    let error = Box::pin(steps(&run, &mut tally, scope, (&cursor, settled.tag.as_deref())))
        .await
        .err();
    // What a part of it says is no news of the whole.
    if scope == Scope::Whole {
        note_down(&run, &tally, error.as_ref()).await?;
        if has_missed && error.is_none() {
            has_read(context, repository.id, &tally, run.stamp.now).await?;
        }
        if matches!(error, Some(SyncError::Stopped)) {
            // Whoever is there next goes on at once.
            cursors::forget_attempt(db, repository.id, ITEMS).await?;
        }
    }
    Ok(Ending {
        row,
        document: repositories::name_for(db, repository).await?,
        full,
        status: status_of(error.as_ref(), &tally),
        tally,
        error,
        is_drift: options.trigger == Trigger::Reconciliation,
        is_news: true,
    })
}

/// The steps of `scope`.
async fn steps(run: &Run<'_>, tally: &mut Tally, scope: Scope, known: (&Cursor, Option<&str>)) -> Result<(), SyncError> {
    match scope {
        Scope::Whole => steps::all(run, tally, known).await,
        Scope::Members => steps::members(run, tally).await,
        Scope::Items(import) => steps::items(run, tally, import.entity).await,
    }
}

fn is_walk_due(cursor: &Cursor, trigger: Trigger, now: DateTime<Utc>) -> bool {
    let period = match trigger {
        Trigger::Command | Trigger::Button => WALK_PERIOD,
        Trigger::Schedule | Trigger::Webhook | Trigger::Reconciliation => WALK_OVERDUE,
    };
    cursor.cursor_at.is_none() || is_over(cursor.walked_at, period, now)
}

/// Writes on the document how the run went; one that another process has taken over has nothing to say.
async fn note_down(run: &Run<'_>, tally: &Tally, error: Option<&SyncError>) -> Result<(), DbError> {
    let note = Bookkeeping {
        stargazers_count: Some(run.repository.stargazers_count),
        complete: error.is_none() && tally.failures() == 0,
        error: error.map_or_else(|| tally.first_reason(), ToString::to_string),
    };
    let noted = retry_conflicts(|| async {
        let mut tx = run.context.site.db().begin().await?;
        run.lease.hold(&mut tx).await?;
        repositories::note_run(&mut tx, run.repository.id, &run.stamp, &note).await?;
        tx.commit().await
    });
    match noted.await {
        Err(DbError::Fenced { .. }) => Ok(()),
        noted => noted,
    }
}
