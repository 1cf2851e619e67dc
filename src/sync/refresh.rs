//! What deliveries told of without saying it is read: by the collectors of the sync, once for all that told of it meanwhile.

use chrono::{DateTime, TimeDelta};

use crate::domain::Entity;
use crate::domain::budget::Purpose;
use crate::frappe::db::DbError;
use crate::store::lease::{self, Taken};
use crate::store::refresh::{self, Due, Part};
use crate::store::repositories::{self, Tracked};
use crate::store::runs::Trigger;
use crate::store::{Stamp, readers};

use super::branches::DefaultBranch;
use super::looks::Looks;
use super::report::Tally;
use super::repository::{Run, RunOptions};
use super::steps::itself;
use super::switched::{Watched, while_on};
use super::{SyncContext, SyncError, branches, comments, commits, items, lists, members, people, refused, settle};

/// How long a repository is left alone that another process, or a sync, is at.
const BUSY: TimeDelta = TimeDelta::seconds(2);
/// The first pause after a failure; each next one is twice as long.
const PAUSE: TimeDelta = TimeDelta::seconds(15);
/// The longest one.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(30);

/// How often it is looked whether reading left something more to read: another name, or a label whose name moved on.
const ROUNDS: usize = 3;

/// Reads what is due on a site, and what that leaves to be read; gives how many parts were read.
///
/// # Errors
/// When the database cannot be used.
pub async fn refresh_due(context: &SyncContext) -> Result<usize, SyncError> {
    let context = context.on(Purpose::Webhooks);
    let mut all = 0;
    for _ in 0..ROUNDS {
        let read = once(&context).await?;
        all += read;
        if read == 0 {
            break;
        }
    }
    Ok(all)
}

async fn once(context: &SyncContext) -> Result<usize, SyncError> {
    let db = context.site.db();
    let due = refresh::due(db, context.site.clock().now()).await?;
    let mut read = 0;
    for of_one in due.chunk_by(|one, next| one.repository_id == next.repository_id) {
        if context.stop.is_cancelled() {
            break;
        }
        match one_repository(context, of_one).await {
            Ok(parts) => read += parts,
            // That one was switched off meanwhile; the others are on.
            Err(SyncError::Stopped) if !context.stop.is_cancelled() => {}
            Err(SyncError::Stopped) => break,
            Err(SyncError::Db(error)) if error.is_outage() => return Err(error.into()),
            Err(error) => {
                tracing::warn!(site = context.site.name(), error = %error, "what a delivery told of could not be read");
                put_off(context, of_one, &error).await?;
            }
        }
    }
    Ok(read)
}

/// Reads the parts of one repository; gives how many were read.
async fn one_repository(context: &SyncContext, parts: &[Due]) -> Result<usize, SyncError> {
    let (db, id) = (context.site.db(), parts[0].repository_id);
    let tracked = repositories::with_id(db, id).await?.filter(|tracked| tracked.enabled);
    let Some(tracked) = tracked else {
        // Switched off or removed meanwhile: its next sync reads everything.
        for part in parts {
            refresh::done(db, part).await?;
        }
        return Ok(0);
    };
    let (context, _group) = &context.of_repository(&tracked.name).await?;
    let settled = match settle::read(context, &tracked).await {
        Ok(settled) => settled,
        Err(error @ SyncError::Gone(_)) => return gone(context, &tracked, parts, error).await,
        Err(error) => return Err(error),
    };
    let lease = match lease::take(db, &lease::of_repository(id), &context.owner).await? {
        Taken::Ours(lease) => lease,
        Taken::Theirs(_) => {
            let until = context.site.clock().now() + BUSY;
            for part in parts {
                refresh::wait(db, part, until).await?;
            }
            return Ok(0);
        }
    };
    let beating = lease.keep_alive(db);
    if repositories::named(db, id).await?.as_deref() != Some(settled.repository.name.as_str()) {
        refresh::mark_addresses(db, id, context.site.clock().now()).await?;
    }
    let stop = context.stop.child_token();
    let stoppable = context.until(&stop);
    let mut run = Run {
        context: &stoppable,
        repository: &settled.repository,
        lease: lease.clone(),
        stamp: Stamp::now(&context.site, &*context.user).await?,
        people: people::known(context).await?,
        full: false,
        is_first: false,
        rewrite: false,
        is_unchanged: false,
        looks: Looks::default(),
    };
    let name = settled.repository.name.to_string();
    let work = Box::pin(all_parts(&mut run, parts));
    let watched = Watched {
        id,
        name: &name,
        is_followed: true,
        is_stored: true,
    };
    let result = Box::pin(while_on(context, watched, &stop, work)).await;
    drop(beating);
    lease.release(db).await?;
    result
}

/// Reads one part after the other. One that fails does not keep the others from being read.
async fn all_parts(run: &mut Run<'_>, parts: &[Due]) -> Result<usize, SyncError> {
    let db = run.context.site.db();
    let mut read = 0;
    // Whatever is read belongs to the repository as it is now.
    let mut first = Tally::default();
    itself(run, &mut first).await?;
    let mut parts = parts.to_vec();
    parts.sort_by_key(|due| due.part);
    let mut branch = DefaultBranch::default();
    for part in &parts {
        let mut tally = Tally::default();
        match one_part(run, part, &mut tally, &mut branch).await {
            Ok(()) if tally.failures() == 0 => {
                refresh::done(db, part).await?;
                read += 1;
            }
            Ok(()) => fail(run.context, part, &tally.first_reason()).await?,
            Err(error) if error.ends_the_run() => return Err(error),
            Err(error) => fail(run.context, part, &error.to_string()).await?,
        }
    }
    Ok(read)
}

async fn one_part(run: &mut Run<'_>, part: &Due, tally: &mut Tally, branch: &mut DefaultBranch) -> Result<(), SyncError> {
    // A tag that is known from before is that of the first page alone, and what is told of may stand on a later one.
    run.full = part.since == 0;
    let services = run.context.services;
    let is_on = match part.part {
        Part::Repository => true,
        Part::Items => services.issues || services.pull_requests,
        Part::Comments => services.reads_comments(),
        Part::Members => services.reads_members(),
        Part::Branches | Part::Labels | Part::Milestones | Part::Releases | Part::Commits => services.repositories,
    };
    if !is_on {
        // Switched off since it was told of: whoever switches it on has everything read.
        return Ok(());
    }
    let since = DateTime::from_timestamp(part.since, 0).unwrap_or_default();
    match part.part {
        Part::Repository => {
            let stars = run.repository.stargazers_count;
            Ok(repositories::note_stars(run.context.site.db(), run.repository.id, stars).await?)
        }
        Part::Items => items::since(run, tally, since).await,
        Part::Branches => {
            *branch = branches::sync(run, tally).await?;
            Ok(())
        }
        Part::Members => {
            members::sync(run, tally).await?;
            // Who is a member reads the repository.
            if tally.is_whole(Entity::Member) {
                readers::settle(&run.context.site).await?;
            }
            Ok(())
        }
        Part::Labels => lists::LABELS.sync(run, tally).await,
        Part::Milestones => lists::MILESTONES.sync(run, tally).await,
        Part::Releases => lists::RELEASES.sync(run, tally).await,
        Part::Comments if run.full => comments::sync(run, tally).await,
        Part::Comments => comments::since(run, tally, since).await,
        Part::Commits => new_commits(run, tally, branch).await,
    }
}

/// Reads what the default branch leads to. The list of branches tells whether that is anything new; where a push told late of what it does
/// not lead to any more, all is read.
async fn new_commits(run: &mut Run<'_>, tally: &mut Tally, branch: &mut DefaultBranch) -> Result<(), SyncError> {
    if *branch == DefaultBranch::Unknown {
        *branch = branches::sync(run, tally).await?;
    }
    commits::sync(run, tally, branch.clone()).await?;
    if !run.full && commits::has_strays(run).await? {
        run.full = true;
        commits::sync(run, tally, branch.clone()).await?;
    }
    Ok(())
}

/// GitHub does not show the repository any more: the same follows as when a sync finds that.
async fn gone(context: &SyncContext, tracked: &Tracked, parts: &[Due], error: SyncError) -> Result<usize, SyncError> {
    let options = RunOptions {
        full: false,
        trigger: Trigger::Webhook,
    };
    let meter = super::ending::Meter::start(context);
    let ending = refused::note(context, tracked, options, error).await?;
    super::ending::write_down(context, ending, &meter, &tracked.name).await?;
    for part in parts {
        refresh::done(context.site.db(), part).await?;
    }
    Ok(parts.len())
}

async fn put_off(context: &SyncContext, parts: &[Due], error: &SyncError) -> Result<(), DbError> {
    for part in parts {
        match error {
            SyncError::Github(error) if error.until().is_some() => {
                let until = error.until().unwrap_or_default();
                refresh::put_off(context.site.db(), part, until, &error.to_string()).await?;
            }
            error => fail(context, part, &error.to_string()).await?,
        }
    }
    Ok(())
}

async fn fail(context: &SyncContext, part: &Due, reason: &str) -> Result<(), DbError> {
    let pause = (PAUSE * 2_i32.pow(part.attempts.min(10))).min(LONGEST_PAUSE);
    let until = context.site.clock().now() + pause;
    refresh::put_off(context.site.db(), part, until, reason).await
}
