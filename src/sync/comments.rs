//! Comments: the one that changed last comes first.
//!
//! So a page that reaches behind the last good read ends the reading, what changes meanwhile comes to the front and is newer than the
//! cursor, and the first page is the same, tag and all, while nothing changed. Only a deletion can hide something for one walk: the next
//! complete walk, a day later at most, sees it. Where GitHub ends a long list, the rest is asked for by time, the oldest first.
//!
//! A complete walk that is cut off goes on where it was: it begins with the last page that was read, so that what was deleted meanwhile
//! hides nothing unless it is more than a page.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use url::Url;

use crate::domain::{Change, Comment, Entity};
use crate::github::{ErrorKind, Page, Pages};
use crate::store::walks::{self, CutOff, Seen};
use crate::store::{cursors, stored_parts};

use super::items::{NOT_WHOLE, read_cut_off};
use super::lists::keep;
use super::repository::{OVERLAP, Run};
use super::{SyncError, parts, report::Tally};

/// Under which the cursor is kept, and how far a walk has come.
const CURSOR: &str = "comments";
/// Pages after which it is noted how far the walk is, for a process that dies without a word.
const EVERY: u64 = 50;

/// What was seen of comments.
struct Walk<'a, 'r> {
    run: &'a Run<'r>,
    /// What changed since this moment is read; all where there is none.
    since: Option<DateTime<Utc>>,
    buried: BTreeSet<u64>,
    seen: BTreeSet<u64>,
    /// Tag of the first page.
    etag: Option<String>,
    /// When the first page was given.
    began: Option<DateTime<Utc>>,
    /// The longest unchanged that was seen.
    oldest: Option<DateTime<Utc>>,
    /// Where the last page that was stored stands, and how many there were.
    place: Option<Url>,
    pages: u64,
    /// Number of the page after which it is noted next how far the walk is.
    next_note: u64,
    is_noted: bool,
    /// All that came before the walk was cut off could be read and stored.
    was_whole: bool,
}

/// Reads what changed since the last good read, or all, and stores it. A complete walk also removes what is gone.
pub(super) async fn sync(run: &Run<'_>, tally: &mut Tally) -> Result<(), SyncError> {
    let begun = run.looks.comments.take(0).await;
    let since = since_when(run).await?.0;
    if since.is_none()
        && let Some(cut_off) = read_cut_off(run, CURSOR).await?
        && let Some(pages) = run.context.client.comments_from(&cut_off.next_page)
    {
        match go_on(run, tally, (pages, cut_off)).await {
            // GitHub does not know the place any more.
            Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Invalid) => {
                walks::forget(run.context.site.db(), run.repository.id, CURSOR).await?;
            }
            ended => return ended,
        }
    }
    let begun = match begun {
        Some(begun) => begun,
        None => list(run).await?,
    };
    let walk = Walk::new(run, since).await?;
    Box::pin(read(walk, tally, begun)).await
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
    let pages = run.context.client.comments_since(&run.repository.name, moment);
    let mut walk = Walk::new(run, Some(moment)).await?;
    Box::pin(walk.oldest_first(tally, pages, None)).await
}

/// Goes on with a complete walk that was cut off.
async fn go_on(run: &Run<'_>, tally: &mut Tally, (pages, cut_off): (Pages<Comment>, CutOff)) -> Result<(), SyncError> {
    let mut walk = Walk::new(run, None).await?;
    walk.began = Some(cut_off.began_at);
    if let Seen::Ids(seen) = cut_off.seen {
        walk.seen = seen;
    }
    walk.oldest = i64::try_from(cut_off.settled)
        .ok()
        .filter(|&seconds| seconds > 0)
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    (walk.is_noted, walk.was_whole) = (true, cut_off.is_whole);
    Box::pin(read(walk, tally, pages)).await
}

async fn read(mut walk: Walk<'_, '_>, tally: &mut Tally, pages: Pages<Comment>) -> Result<(), SyncError> {
    let run = walk.run;
    let (db, name) = (run.context.site.db(), &run.repository.name);
    run.context.reporter.started(None, &format!("{name}: comments"));
    let read = if pages.place().is_some_and(is_oldest_first) {
        let end = walk.oldest;
        walk.oldest_first(tally, pages, end).await.map(|()| true)
    } else {
        walk.newest_first(tally, pages).await
    };
    let is_new = match read {
        Ok(is_new) => is_new,
        // Switched off with the issues: what is stored stays as it is.
        Err(SyncError::Github(error)) if matches!(error.kind(), ErrorKind::Gone) => false,
        Err(error) => {
            // What cannot be noted now costs the next run some pages again.
            if let Err(lost) = walk.note(tally).await {
                tracing::debug!(error = %lost, "how far comments were read was not noted");
            }
            return Err(error);
        }
    };
    run.context.reporter.finished();
    if !walk.was_whole {
        tally.failed(Entity::Comment, 1, NOT_WHOLE);
    }
    if is_new && tally.is_whole(Entity::Comment) {
        if walk.since.is_none() {
            let stored = stored_parts::ids(db, &run.stamp, (name.as_str(), Entity::Comment), None).await?;
            let unseen = stored.difference(&walk.seen).copied().collect();
            parts::prune(run, tally, Entity::Comment, &unseen).await?;
        }
        keep(run, CURSOR, walk.began, walk.etag.as_deref()).await?;
    }
    if walk.is_noted {
        walks::forget(db, run.repository.id, CURSOR).await?;
    }
    Ok(())
}

/// True for the address of a page of what changed since a moment, the oldest first.
fn is_oldest_first(place: &Url) -> bool {
    place.query_pairs().any(|(key, value)| key == "direction" && value == "asc")
}

impl<'a, 'r> Walk<'a, 'r> {
    /// What changed since a moment, or all.
    async fn new(run: &'a Run<'r>, since: Option<DateTime<Utc>>) -> Result<Self, SyncError> {
        let buried = match since {
            None => stored_parts::buried(run.context.site.db(), run.repository.id, Entity::Comment).await?,
            Some(_) => BTreeSet::new(),
        };
        Ok(Self {
            run,
            since,
            buried,
            seen: BTreeSet::new(),
            etag: None,
            began: None,
            oldest: None,
            place: None,
            pages: 0,
            next_note: EVERY,
            is_noted: false,
            was_whole: true,
        })
    }

    /// True when there was anything to read.
    async fn newest_first(&mut self, tally: &mut Tally, mut pages: Pages<Comment>) -> Result<bool, SyncError> {
        let (run, since) = (self.run, self.since);
        let mut place = pages.place().cloned();
        let mut next = pages.next().await?;
        while let Some(page) = next {
            if self.began.is_none() {
                (self.began, self.etag) = (Some(page.date), page.etag.clone());
            }
            let following = pages.place().cloned();
            let (fetched, stored) = tokio::join!(
                async {
                    let ends = since.is_some_and(|since| page.items.last().is_some_and(|last| last.updated_at < since));
                    if ends { Ok(None) } else { pages.next().await }
                },
                self.store(tally, &page)
            );
            stored?;
            self.stored(tally, std::mem::replace(&mut place, following)).await?;
            next = match fetched {
                // GitHub gives no page with so high a number.
                Err(error) if matches!(error.kind(), ErrorKind::Invalid) => {
                    let from = since.unwrap_or(DateTime::UNIX_EPOCH);
                    let rest = run.context.client.comments_since(&run.repository.name, from);
                    self.oldest_first(tally, rest, self.oldest).await?;
                    None
                }
                other => other?,
            };
            run.context.checkpoint().await?;
        }
        Ok(!pages.is_unchanged())
    }

    /// The rest from its other end, up to `end`, which was seen. Each page begins with the last moment of the one before, so that the
    /// numbers of pages stay small; more changes of one second than a page holds are followed by number.
    async fn oldest_first(
        &mut self,
        tally: &mut Tally,
        mut pages: Pages<Comment>,
        end: Option<DateTime<Utc>>,
    ) -> Result<(), SyncError> {
        let run = self.run;
        // What is noted is how far the walk from the front came.
        self.oldest = end;
        let mut place = pages.place().cloned();
        while let Some(page) = pages.next().await? {
            let moment = |comment: &Comment| comment.updated_at;
            let (first, last) = (page.items.first().map(moment), page.items.last().map(moment));
            self.store(tally, &page).await?;
            self.oldest = end;
            if end.is_some() && last >= end {
                return Ok(());
            }
            if let (Some(last), false) = (last, first == last || pages.is_ended()) {
                pages = run.context.client.comments_since(&run.repository.name, last);
            }
            let following = pages.place().cloned();
            self.stored(tally, std::mem::replace(&mut place, following)).await?;
            run.context.checkpoint().await?;
        }
        Ok(())
    }

    async fn store(&mut self, tally: &mut Tally, page: &Page<Comment>) -> Result<(), SyncError> {
        for odd in &page.odd {
            tally.odd(Entity::Comment, odd.to_string());
        }
        self.run.context.reporter.advanced(page.items.len() as u64);
        let oldest = page.items.iter().map(|comment| comment.updated_at).min();
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
        let services = self.run.context.services;
        let is_wanted = |one: &&Comment| services.reads_comment(one.on_pull_request);
        let fresh = page.items.iter().filter(|one| self.seen.insert(one.id)).filter(is_wanted);
        let fresh: Vec<Comment> = fresh.cloned().collect();
        tally.fetched(Entity::Comment, fresh.len());
        let keys = fresh.iter().map(|one| (one.id, one.node_id.clone()));
        parts::revive(self.run, Entity::Comment, &self.buried, keys).await?;
        if !fresh.is_empty() {
            tally.applied(&self.run.apply(Change::Comments(fresh)).await?);
        }
        Ok(())
    }

    /// The page at `place` is stored. Notes it now and then.
    async fn stored(&mut self, tally: &Tally, place: Option<Url>) -> Result<(), SyncError> {
        self.place = place;
        self.pages += 1;
        if self.pages >= self.next_note {
            // What is kept grows with the walk.
            self.next_note = self.pages + EVERY.max(self.pages / 4);
            if let Err(lost) = self.note(tally).await {
                tracing::warn!(error = %lost, "how far comments were read was not noted");
            }
        }
        Ok(())
    }

    /// Notes where a complete walk is to go on.
    async fn note(&mut self, tally: &Tally) -> Result<(), SyncError> {
        let (Some(place), Some(began_at), None) = (&self.place, self.began, self.since) else {
            return Ok(());
        };
        // The first page is where the next run begins anyway.
        if self.pages <= 1 && !self.is_noted {
            return Ok(());
        }
        let cut_off = CutOff {
            began_at,
            next_page: place.to_string(),
            settled: self.oldest.map_or(0, |oldest| oldest.timestamp().unsigned_abs()),
            is_whole: self.was_whole && tally.is_whole(Entity::Comment),
            seen: Seen::Ids(self.seen.clone()),
        };
        walks::keep(self.run.context.site.db(), self.run.repository.id, CURSOR, &cut_off).await?;
        self.is_noted = true;
        Ok(())
    }
}
