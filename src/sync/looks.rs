//! The first pages of a repository's lists, asked for at the same time: what is mostly an answer "not modified" should not take a
//! journey each.
//!
//! What changed is used while it is fresh alone: a list that waited while a long feed was read may be older than what a delivery has
//! stored meanwhile, and is read again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use crate::domain::{Branch, Comment, Label, Member, Milestone, Release};
use crate::github::Pages;

use super::repository::Run;
use super::{SyncError, branches, comments, lists, members};

/// How long what changed may wait.
const FRESH: Duration = Duration::from_secs(30);

/// A list whose first page is under way, if it is.
pub(super) struct Begun<T>(Mutex<Option<Looking<T>>>);

/// Gives the list and when its first page came.
type Looking<T> = AbortOnDropHandle<(Pages<T>, Instant)>;

impl<T> Default for Begun<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Send + 'static> Begun<T> {
    fn begin(&self, mut pages: Pages<T>) {
        let task = tokio::spawn(async move {
            pages.look().await;
            (pages, Instant::now())
        });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(AbortOnDropHandle::new(task));
    }

    /// The list, with what its first page brought; none where it was not begun, was taken already, or waited too long.
    pub(super) async fn take(&self) -> Option<Pages<T>> {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let (pages, came) = task.await.ok()?;
        (pages.stays_true() || came.elapsed() < FRESH).then_some(pages)
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
    is_begun: AtomicBool,
}

impl Looks {
    /// Asks for all first pages, the first time.
    pub(super) async fn begin_once(&self, run: &Run<'_>) -> Result<(), SyncError> {
        if !run.context.ways.side_by_side || self.is_begun.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.branches.begin(branches::list(run).await?);
        self.members.begin(members::list(run).await?);
        self.labels.begin(lists::LABELS.list(run).await?);
        self.milestones.begin(lists::MILESTONES.list(run).await?);
        self.releases.begin(lists::RELEASES.list(run).await?);
        self.comments.begin(comments::list(run).await?);
        Ok(())
    }
}
