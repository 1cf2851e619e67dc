//! The steps of a run, and what stands at its end.

use crate::domain::{Change, Entity};
use crate::frappe::db::{DbError, retry_conflicts};
use crate::store::cursors::{self, ASKED_SINCE, Cursor, ITEMS, NEWEST_PULLS, PULL_REQUESTS};
use crate::store::rename;

use super::branches::DefaultBranch;
use super::items::{self as feed, Again, Walk};
use super::members as people;
use super::report::Tally;
use super::repository::Run;
use super::{SyncError, branches, comments, commits, import, lists, settle, unread};

/// Each step goes as far as it can; what fails for one reason of its own does not stop the others.
pub(super) async fn all(run: &Run<'_>, tally: &mut Tally, (cursor, tag): (&Cursor, Option<&str>)) -> Result<(), SyncError> {
    itself(run, tally).await?;
    if let Some(tag) = tag {
        settle::keep(run, tag).await?;
    }
    // A complete walk may take long, and what waited meanwhile would be old: it begins with its last page.
    if !run.full {
        run.looks.begin_once(run).await?;
    }
    let services = run.context.services;
    if services.issues || services.pull_requests {
        let walk = Box::pin(feed::sync(run, tally, cursor)).await;
        let walk = settled(tally, Entity::Issue, walk)?;
        unread::note(run, tally).await?;
        // At once: what follows may be cut off, and has cursors of its own.
        if let Some(walk) = walk.filter(|_| feed::is_whole(tally)) {
            promote(run, &walk).await?;
        }
    }
    if run.full {
        run.looks.begin_once(run).await?;
    }
    let default_branch = if services.repositories {
        parts(run, tally).await?
    } else {
        who(run, tally).await?;
        DefaultBranch::default()
    };
    if services.reads_comments() {
        let comments = Box::pin(comments::sync(run, tally)).await;
        settled(tally, Entity::Comment, comments)?;
    }
    if services.repositories {
        let commits = Box::pin(commits::sync(run, tally, default_branch)).await;
        settled(tally, Entity::Commit, commits)?;
    }
    Ok(())
}

/// What belongs to the repository itself; gives what its default branch leads to.
async fn parts(run: &Run<'_>, tally: &mut Tally) -> Result<DefaultBranch, SyncError> {
    let branches = Box::pin(branches::sync(run, tally)).await;
    let default_branch = settled(tally, Entity::Branch, branches)?.unwrap_or_default();
    who(run, tally).await?;
    let labels = Box::pin(lists::LABELS.sync(run, tally)).await;
    settled(tally, Entity::Label, labels)?;
    let milestones = Box::pin(lists::MILESTONES.sync(run, tally)).await;
    settled(tally, Entity::Milestone, milestones)?;
    let releases = Box::pin(lists::RELEASES.sync(run, tally)).await;
    settled(tally, Entity::Release, releases)?;
    Ok(default_branch)
}

/// Who is a member: whoever is none any more reads nothing of it here either, whatever else is switched off.
async fn who(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let members = Box::pin(people::sync(run, tally)).await;
    settled(tally, Entity::Member, members).map(drop)
}

/// The repository as it is, so that what follows has a document to belong to.
pub(super) async fn itself(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    if run.is_unchanged {
        tally.fetched(Entity::Repository, 0);
        return Ok(());
    }
    tally.fetched(Entity::Repository, 1);
    let go_on = || !run.context.stop.is_cancelled();
    if !rename::carry_large(&run.writer(), run.repository, rename::Steps::default(), &go_on).await? {
        return Err(SyncError::Stopped);
    }
    tally.applied(&run.apply(Change::Repository(Box::new(run.repository.clone()))).await?);
    Ok(())
}

/// The members, and nothing else.
pub(super) async fn members(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    itself(run, tally).await?;
    let members = people::sync(run, tally).await;
    settled(tally, Entity::Member, members).map(drop)
}

/// The issues, or the pull requests, and nothing else.
pub(super) async fn items(run: &Run<'_>, tally: &mut Tally, entity: Entity) -> Result<(), SyncError> {
    itself(run, tally).await?;
    let read = import::sync(run, tally, entity).await;
    settled(tally, entity, read).map(drop)
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

/// Moves the cursor to where the walk began, and keeps what the next one asks by.
async fn promote(run: &Run<'_>, walk: &Walk) -> Result<(), DbError> {
    let Some(began) = walk.began else { return Ok(()) };
    let (feed, asked) = if walk.has_issues {
        (ITEMS, ASKED_SINCE)
    } else {
        (PULL_REQUESTS, NEWEST_PULLS)
    };
    retry_conflicts(|| async {
        let mut tx = run.context.site.db().begin().await?;
        run.lease.hold(&mut tx).await?;
        let id = run.repository.id;
        cursors::promote(&mut tx, (id, feed), began, run.full).await?;
        if let Some(Again { since, tag }) = &walk.again {
            cursors::keep_question(&mut tx, (id, asked), *since, tag.as_deref()).await?;
        }
        tx.commit().await
    })
    .await
}
