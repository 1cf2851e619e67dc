//! The first pages of a repository's lists, asked for at the same time: what is mostly an answer "not modified" should not take a
//! journey each.
//!
//! What changed is used while it is fresh alone: a list that waited while a long feed was read may be older than what a delivery has
//! stored meanwhile, and is read again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use crate::domain::{Branch, Comment, Commit, Label, Member, Milestone, Release};
use crate::github::{FeedItem, Pages};

use super::repository::Run;
use super::{SyncError, branches, comments, commits, lists, members};

/// How long what changed may wait.
const FRESH: Duration = Duration::from_secs(30);

/// A list whose first page is under way, if it is.
pub(super) struct Begun<T>(Mutex<Option<Looking<T>>>);

/// Gives the list and when its first page came; beside it stands what the rows said when it was asked for.
type Looking<T> = (u64, AbortOnDropHandle<(Pages<T>, Instant)>);

impl<T> Default for Begun<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Send + 'static> Begun<T> {
    /// `print` is that of the rows that the list is held against, where it has no versions.
    pub(super) fn begin(&self, (mut pages, print): (Pages<T>, u64)) {
        let task = tokio::spawn(async move {
            pages.look().await;
            (pages, Instant::now())
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((print, AbortOnDropHandle::new(task)));
    }

    /// The list, with what its first page brought; none where it was not begun, was taken already, or waited too long, and none where
    /// somebody has changed the rows meanwhile: what a delivery told may be younger than the page.
    pub(super) async fn take(&self, print: u64) -> Option<Pages<T>> {
        let (before, task) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let (pages, came) = task.await.ok()?;
        (before == print && (pages.stays_true() || came.elapsed() < FRESH)).then_some(pages)
    }
}

/// All lists that are looked at together.
#[derive(Default)]
pub(super) struct Looks {
    pub branches: Begun<Branch>,
    pub members: Begun<Member>,
    pub labels: Begun<Label>,
    pub milestones: Begun<Milestone>,
    pub releases: Begun<Release>,
    pub comments: Begun<Comment>,
    /// Of the default branch; in a complete walk alone, which reads them whatever the list of branches says.
    pub commits: Begun<Commit>,
    /// What changed while a complete walk went on.
    pub closing: Begun<FeedItem>,
    is_begun: AtomicBool,
}

impl Looks {
    /// Asks for all first pages, the first time.
    pub(super) async fn begin_once(&self, run: &Run<'_>) -> Result<(), SyncError> {
        if !run.context.ways.side_by_side || self.is_begun.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let services = run.context.services;
        if services.reads_comments() {
            self.comments.begin((comments::list(run).await?, 0));
        }
        if !services.repositories {
            return Ok(());
        }
        self.branches.begin(branches::list(run).await?);
        self.members.begin(members::list(run).await?);
        self.labels.begin((lists::LABELS.list(run).await?, 0));
        self.milestones.begin((lists::MILESTONES.list(run).await?, 0));
        self.releases.begin((lists::RELEASES.list(run).await?, 0));
        if let Some(commits) = commits::list(run).await? {
            self.commits.begin((commits, 0));
        }
        Ok(())
    }
}
