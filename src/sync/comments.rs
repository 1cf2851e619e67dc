//! Comments: the one that changed last comes first.
//!
//! So a page that reaches behind the last good read ends the reading, what changes meanwhile comes to the front and is newer than the
//! cursor, and the first page is the same, tag and all, while nothing changed. Only a deletion can hide something for one walk: the next
//! complete walk, a day later at most, sees it. Where GitHub ends a long list, the rest is asked for by time, the oldest first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{Change, Comment, Entity};
use crate::github::{ErrorKind, Page, Pages};
use crate::store::{cursors, stored_parts};

use super::lists::keep;
use super::repository::{OVERLAP, Run};
use super::{SyncError, parts, report::Tally};

/// Under which the cursor is kept.
const CURSOR: &str = "comments";

/// What was seen of comments.
struct Walk<'a, 'r> {
    run: &'a Run<'r>,
    buried: BTreeSet<u64>,
    seen: BTreeSet<u64>,
    /// Tag of the first page.
    etag: Option<String>,
    /// When the first page was given.
    began: Option<DateTime<Utc>>,
    /// The longest unchanged that was seen.
    oldest: Option<DateTime<Utc>>,
}

/// Reads what changed since the last good read, or all, and stores it. A complete walk also removes what is gone.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let begun = match run.looks.comments.take().await {
        Some(begun) => begun,
        None => list(run).await?,
    };
    read(run, tally, (since_when(run).await?.0, begun)).await
}

/// The list, unless it is what it was.
pub(super) async fn list(run: &Run<'_>) -> Result<Pages<Comment>, SyncError> {
    let (_, known) = since_when(run).await?;
    Ok(run.context.client.comments(&run.repository.name).unless(known))
}

/// The moment up to which everything is known, and the tag of the first page as it was then.
async fn since_when(run: &Run<'_>) -> Result<(Option<DateTime<Utc>>, Option<String>), SyncError> {
    let cursor = cursors::read(run.context.site.db(), run.repository.id, CURSOR).await?;
    let since = cursor.cursor_at.filter(|_| !run.full).map(|at| at - OVERLAP);
    let known = cursor.etag.filter(|_| since.is_some() && run.context.ways.conditional);
    Ok((since, known))
}

/// Reads what changed since a moment, whatever was read before, and stores it. No cursor is concerned.
pub(super) async fn since(run: &Run<'_>, tally: &mut Tally, moment: DateTime<Utc>) -> Result<(), SyncError> {
    let mut walk = Walk::new(run, BTreeSet::new());
    walk.oldest_first(tally, Some(moment)).await
}

async fn read(
    run: &Run<'_>,
    tally: &mut Tally,
    (since, pages): (Option<DateTime<Utc>>, Pages<Comment>),
) -> Result<(), SyncError> {
    let (db, name) = (run.context.site.db(), &run.repository.name);
    run.context.reporter.started(None, &format!("{name}: comments"));
    let buried = match since {
        None => stored_parts::buried(db, run.repository.id, Entity::Comment).await?,
        Some(_) => BTreeSet::new(),
    };
    let mut walk = Walk::new(run, buried);
    let is_new = match walk.newest_first(tally, pages, since).await {
        // Switched off with the issues: what is stored stays as it is.
        Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::Gone) => false,
        other => other?,
    };
    run.context.reporter.finished();
    if !is_new || !tally.is_whole(Entity::Comment) {
        return Ok(());
    }
    if since.is_none() {
        let stored = stored_parts::ids(db, &run.stamp, (name.as_str(), Entity::Comment), None).await?;
        let unseen = stored.difference(&walk.seen).copied().collect();
        parts::prune(run, tally, Entity::Comment, &unseen).await?;
    }
    Ok(keep(run, CURSOR, walk.began, walk.etag.as_deref()).await?)
}

impl<'a, 'r> Walk<'a, 'r> {
    fn new(run: &'a Run<'r>, buried: BTreeSet<u64>) -> Self {
        Self {
            run,
            buried,
            seen: BTreeSet::new(),
            etag: None,
            began: None,
            oldest: None,
        }
    }

    /// True when there was anything to read.
    async fn newest_first(
        &mut self,
        tally: &mut Tally,
        mut pages: Pages<Comment>,
        since: Option<DateTime<Utc>>,
    ) -> Result<bool, SyncError> {
        let run = self.run;
        let mut next = pages.next().await?;
        while let Some(page) = next {
            if self.began.is_none() {
                (self.began, self.etag) = (Some(page.date), page.etag.clone());
            }
            let (fetched, stored) = tokio::join!(
                async {
                    let ends = since.is_some_and(|since| page.items.last().is_some_and(|last| last.updated_at < since));
                    if ends { Ok(None) } else { pages.next().await }
                },
                self.store(tally, &page)
            );
            stored?;
            next = match fetched {
                // GitHub gives no page with so high a number.
                Err(error) if matches!(error.kind(), ErrorKind::Invalid) => {
                    self.oldest_first(tally, since).await?;
                    None
                }
                other => other?,
            };
            run.context.checkpoint().await?;
        }
        Ok(!pages.is_unchanged())
    }

    /// The rest from its other end, up to what was seen. Each page begins with the last moment of the one before, so that the numbers of
    /// pages stay small; more changes of one second than a page holds are followed by number.
    async fn oldest_first(&mut self, tally: &mut Tally, since: Option<DateTime<Utc>>) -> Result<(), SyncError> {
        let run = self.run;
        let end = self.oldest;
        let ask = |from: DateTime<Utc>| run.context.client.comments_since(&run.repository.name, from);
        let mut pages = ask(since.unwrap_or(DateTime::UNIX_EPOCH));
        while let Some(page) = pages.next().await? {
            let moment = |comment: &Comment| comment.updated_at;
            let (first, last) = (page.items.first().map(moment), page.items.last().map(moment));
            self.store(tally, &page).await?;
            if end.is_some() && last >= end {
                return Ok(());
            }
            if let (Some(last), false) = (last, first == last || pages.is_ended()) {
                pages = ask(last);
            }
            run.context.checkpoint().await?;
        }
        Ok(())
    }

    async fn store(&mut self, tally: &mut Tally, page: &Page<Comment>) -> Result<(), SyncError> {
        for odd in &page.odd {
            tally.failed(Entity::Comment, 1, odd.to_string());
        }
        self.run.context.reporter.advanced(page.items.len() as u64);
        let oldest = page.items.iter().map(|comment| comment.updated_at).min();
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
        let fresh: Vec<Comment> = page.items.iter().filter(|one| self.seen.insert(one.id)).cloned().collect();
        tally.fetched(Entity::Comment, fresh.len());
        let keys = fresh.iter().map(|one| (one.id, one.node_id.clone()));
        parts::revive(self.run, Entity::Comment, &self.buried, keys).await?;
        if !fresh.is_empty() {
            tally.applied(&self.run.apply(Change::Comments(fresh)).await?);
        }
        Ok(())
    }
}
