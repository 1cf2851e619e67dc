//! Commits of the default branch, as far back as the Settings say.
//!
//! The list of branches tells the newest commit; while that stays, nothing is asked. After a push the list is read, newest first, until it
//! has shown the commit that was the newest one before, and whatever new ones follow was shown or is stored: a merge brings in commits
//! that are older than what was there. Where the old newest commit does not come, the branch was rewritten (or
//! rests since long): all is read, and what it no longer leads to is removed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{Change, Commit, Entity};
use crate::frappe::naming::stable_child_name;
use crate::github::{ErrorKind, Page, Pages};
use crate::store::settings::Settings;
use crate::store::{cursors, stored_parts};

use super::branches::DefaultBranch;
use super::lists::keep;
use super::repository::Run;
use super::{SyncError, report::Tally};

/// Reads what is new of the default branch, and stores it.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally, default_branch: DefaultBranch) -> Result<(), SyncError> {
    let (db, id) = (run.context.site.db(), run.repository.id);
    let head = match default_branch {
        DefaultBranch::Absent => return Ok(()),
        DefaultBranch::Unknown => None,
        DefaultBranch::At(sha) => Some(sha),
    };
    let cursor = cursor_of(&run.repository.default_branch);
    let before = cursors::read(db, id, &cursor).await?.etag.filter(|_| !run.full);
    if run.repository.default_branch.is_empty() || (before.is_some() && before == head) {
        return Ok(());
    }
    let name = &run.repository.name;
    run.context.reporter.started(None, &format!("{name}: commits"));
    let days = Settings::read(db).await?.commit_history_days;
    let mut walk = Walk {
        run,
        since: stored_parts::horizon(run.stamp.now, days),
        head: head.clone(),
        before,
        seen: BTreeSet::new(),
        parents: BTreeSet::new(),
        newest: None,
    };
    // What a run leaves half done must not be taken for a beginning by the next one.
    if walk.before.is_some() {
        keep(run, &cursor, None, None).await?;
    }
    let is_whole = walk.read(tally).await?;
    if tally.is_whole(Entity::Commit) {
        if is_whole {
            walk.prune(tally).await?;
        }
        let newest = head.or(walk.newest);
        keep(run, &cursor, None, newest.as_deref()).await?;
        // Whatever was the default branch before is read from its beginning if it ever is again: its commits have another branch now.
        cursors::forget_others(db, id, &cursor).await?;
    }
    run.context.reporter.finished();
    Ok(())
}

/// The list, where it is read whatever the list of branches says.
pub(super) async fn list(run: &Run<'_>) -> Result<Option<Pages<Commit>>, SyncError> {
    let (name, branch) = (&run.repository.name, &run.repository.default_branch);
    if !run.full || branch.is_empty() {
        return Ok(None);
    }
    let days = Settings::read(run.context.site.db()).await?.commit_history_days;
    let since = stored_parts::horizon(run.stamp.now, days);
    Ok(Some(run.context.client.commits(name, branch, since, None)))
}

/// True where something is stored that nothing but a push told of, although the list was read since: the branch does not lead to it any more.
pub(super) async fn has_strays(run: &Run<'_>) -> Result<bool, SyncError> {
    let db = run.context.site.db();
    let since = stored_parts::horizon(run.stamp.now, Settings::read(db).await?.commit_history_days);
    let of = (run.repository.name.as_str(), true);
    Ok(!stored_parts::commits_since(db, &run.stamp, of, since).await?.is_empty())
}

/// Name of a branch's cursor: a repository that gets another default branch begins anew.
fn cursor_of(branch: &str) -> String {
    format!("commits:{}", stable_child_name(&["cursor", branch]))
}

struct Walk<'a, 'r> {
    run: &'a Run<'r>,
    /// Older ones are not kept.
    since: DateTime<Utc>,
    /// The newest one, as the list of branches tells.
    head: Option<String>,
    /// The newest one of the last good read.
    before: Option<String>,
    seen: BTreeSet<String>,
    /// What those follow that are new.
    parents: BTreeSet<String>,
    newest: Option<String>,
}

impl Walk<'_, '_> {
    /// True when all was read, back to the beginning.
    async fn read(&mut self, tally: &mut Tally) -> Result<bool, SyncError> {
        let run = self.run;
        let branch = &run.repository.default_branch;
        let since = self.since;
        let from = |until| run.context.client.commits(&run.repository.name, branch, since, until);
        let begun = run.looks.commits.take(0).await;
        let (mut pages, mut until) = (begun.unwrap_or_else(|| from(None)), None);
        let mut next = match pages.next().await {
            // Nothing was ever pushed.
            Err(error) if matches!(error.kind(), ErrorKind::Conflict) => None,
            other => other?,
        };
        // The page that was looked at before may be older than the list of branches.
        let newest = |page: &Page<Commit>| page.items.first().map(|commit| commit.sha.clone());
        if let (Some(page), Some(_)) = (&next, &self.head)
            && newest(page).is_some_and(|newest| Some(newest) != self.head)
        {
            pages = from(None);
            next = pages.next().await?;
        }
        while let Some(page) = next {
            let oldest = page.items.iter().map(|commit| commit.committed_at).min();
            let commits = self.take(tally, page).await?;
            tally.applied(&run.apply(Change::Commits(commits)).await?);
            run.context.checkpoint().await?;
            if !pages.is_ended() && self.has_all().await? {
                return Ok(false);
            }
            next = match pages.next().await {
                // GitHub gives no page with so high a number: the rest by time. Of commits whose clocks were wrong it may lack some.
                Err(error) if matches!(error.kind(), ErrorKind::Invalid) && oldest.is_some() && oldest != until => {
                    until = oldest;
                    pages = from(until);
                    pages.next().await?
                }
                other => other?,
            };
        }
        Ok(until.is_none())
    }

    async fn take(&mut self, tally: &mut Tally, page: Page<Commit>) -> Result<Vec<Commit>, SyncError> {
        for odd in &page.odd {
            tally.failed(Entity::Commit, 1, odd.to_string());
        }
        self.run.context.reporter.advanced(page.items.len() as u64);
        let branch = &self.run.repository.default_branch;
        let mut commits = page.items;
        if self.newest.is_none() {
            self.newest = commits.first().map(|commit| commit.sha.clone());
        }
        commits.retain(|commit| self.seen.insert(commit.sha.clone()));
        // Only where reading may end early does it matter what was there before.
        let stored = match self.before {
            Some(_) => {
                self.stored(&commits.iter().map(|commit| commit.sha.clone()).collect::<Vec<_>>())
                    .await?
            }
            None => BTreeSet::new(),
        };
        for commit in &mut commits {
            commit.branch.clone_from(branch);
            if !stored.contains(&commit.sha) {
                self.parents.extend(commit.parents.iter().cloned());
            }
        }
        tally.fetched(Entity::Commit, commits.len());
        Ok(commits)
    }

    /// Those of `hashes` that are stored as commits of the default branch.
    async fn stored(&self, hashes: &[String]) -> Result<BTreeSet<String>, SyncError> {
        let (db, repository) = (self.run.context.site.db(), self.run.repository);
        Ok(stored_parts::commits_among(db, repository.id, &repository.default_branch, hashes).await?)
    }

    /// True when everything that follows was there before.
    async fn has_all(&self) -> Result<bool, SyncError> {
        if !self.before.as_ref().is_some_and(|before| self.seen.contains(before)) {
            return Ok(false);
        }
        let open: Vec<String> = self.parents.difference(&self.seen).cloned().collect();
        Ok(self.stored(&open).await?.len() == open.len())
    }

    /// Removes what the branch no longer leads to, and what only another one led to that was the default one.
    async fn prune(&self, tally: &mut Tally) -> Result<(), SyncError> {
        let run = self.run;
        let of = (run.repository.name.as_str(), false);
        let stored = stored_parts::commits_since(run.context.site.db(), &run.stamp, of, self.since).await?;
        let gone: Vec<String> = stored.difference(&self.seen).cloned().collect();
        if !gone.is_empty() {
            tally.applied(&run.apply(Change::CommitsGone(gone)).await?);
        }
        Ok(())
    }
}
