//! A walk that is cut off by a limit, a deploy or a death goes on where it was.
//!
//! What is kept is the address of the first page of which not all is stored, the numbers that were seen on pages before it, and whether all of
//! them could be read and stored: a walk that goes on is not more whole than it was. What was deleted meanwhile moves
//! later things to pages that were read already: after the walk, numbers that it did not see are asked for, as after every other one.

use std::collections::{HashSet, VecDeque};

use chrono::TimeDelta;
use url::Url;

use crate::domain::Numbers;
use crate::store::walks::{self, CutOff, Seen};
use crate::sync::SyncError;
use crate::sync::details::Waiting;
use crate::sync::report::Tally;
use crate::sync::repository::Run;
use crate::sync::unread;

use super::is_whole;
use super::walk::Walk;

/// Name under which a complete walk through the feed of issues and pull requests is kept.
pub(super) const ALL: &str = "items";
/// The same of the list of pull requests alone.
pub(super) const PULL_REQUESTS: &str = "pull_requests";
/// The same of what changed since the last run.
pub(super) const CHANGES: &str = "changes";

/// Pages after which it is noted how far the walk is, for a process that dies without a word.
const EVERY: u64 = 25;
/// A walk that began before that begins anew: what changed since then is much.
const OLDEST: TimeDelta = TimeDelta::hours(72);

/// How far the walk through a feed was when it was cut off, if it is worth going on with.
pub(in crate::sync) async fn read(run: &Run<'_>, feed: &str) -> Result<Option<CutOff>, SyncError> {
    let found = walks::read(run.context.site.db(), run.repository.id, feed).await?;
    let since = run.context.site.clock().now() - OLDEST;
    Ok(found.filter(|cut_off| cut_off.began_at >= since))
}

/// A page.
struct Place {
    /// Number of the turn.
    page: u64,
    url: String,
    /// Numbers of what is on it, once it has come.
    numbers: Vec<u64>,
}

/// How far a walk is.
pub(super) struct Progress<'r> {
    run: &'r Run<'r>,
    /// None where nobody goes on with it.
    feed: Option<&'static str>,
    /// Numbers up to this one were settled by earlier walks.
    settled: u64,
    /// Pages that were begun and of which not all is stored.
    places: VecDeque<Place>,
    /// All pages up to this one are stored, but for what waits.
    stored: u64,
    noted: u64,
    is_noted: bool,
}

impl<'r> Progress<'r> {
    pub(super) fn of(run: &'r Run<'r>, feed: Option<&'static str>, settled: u64, is_noted: bool) -> Self {
        Self {
            run,
            feed,
            settled,
            places: VecDeque::new(),
            stored: 0,
            noted: 0,
            is_noted,
        }
    }

    /// Page number `page` is at `place`.
    pub(super) fn comes(&mut self, page: u64, place: Option<&Url>) {
        if self.feed.is_some()
            && let Some(place) = place
        {
            // Another place for the same page: the list is followed in another way.
            self.places.retain(|known| known.page != page);
            self.places.push_back(Place {
                page,
                url: place.to_string(),
                numbers: Vec::new(),
            });
        }
    }

    /// Page number `page` has come with these things on it.
    pub(super) fn came(&mut self, page: u64, numbers: impl Iterator<Item = u64>) {
        if let Some(place) = self.places.iter_mut().find(|place| place.page == page) {
            place.numbers = numbers.collect();
        }
    }

    /// All of page number `page` is stored, but for what waits. Notes it now and then.
    pub(super) async fn stored(&mut self, page: u64, tally: &mut Tally, walk: &Walk, waiting: &Waiting) -> Result<(), SyncError> {
        self.stored = page;
        let safe = self.safe(waiting);
        while self.places.front().is_some_and(|place| place.page < safe) {
            self.places.pop_front();
        }
        if page - self.noted >= EVERY {
            self.note(tally, walk, waiting).await?;
        }
        Ok(())
    }

    /// Notes where to go on, and whether all that came until now could be read and stored.
    async fn note(&mut self, tally: &mut Tally, walk: &Walk, waiting: &Waiting) -> Result<(), SyncError> {
        let safe = self.safe(waiting);
        let place = self.places.iter().find(|place| place.page == safe);
        let (Some(feed), Some(place), Some(began_at)) = (self.feed, place, walk.began) else {
            return Ok(());
        };
        // The first page is where the next run begins anyway.
        if safe <= 1 {
            return Ok(());
        }
        unread::note(self.run, tally).await?;
        // What is on pages that come again may move to one that does not before the next run: it counts as not seen, and is asked for.
        let again: HashSet<u64> = self.places.iter().flat_map(|place| &place.numbers).copied().collect();
        let before = |numbers: Numbers| {
            let mut kept = Numbers::default();
            kept.extend(numbers.iter().filter(|number| !again.contains(number)));
            kept
        };
        let (issues, pull_requests) = walk.seen();
        let cut_off = CutOff {
            began_at,
            next_page: place.url.clone(),
            settled: self.settled,
            is_whole: is_whole(tally),
            seen: Seen::Items {
                issues: before(issues),
                pull_requests: before(pull_requests),
            },
        };
        walks::keep(self.run.context.site.db(), self.run.repository.id, feed, &cut_off).await?;
        (self.noted, self.is_noted) = (self.stored, true);
        Ok(())
    }

    /// What came of the walk: one that has ended leaves nothing to go on with, one that was cut off is noted.
    pub(super) async fn close(
        &mut self,
        walked: Result<(), SyncError>,
        tally: &mut Tally,
        walk: &Walk,
        waiting: &Waiting,
    ) -> Result<(), SyncError> {
        if walked.is_err() {
            // What cannot be noted now costs the next run some pages again.
            if let Err(lost) = self.note(tally, walk, waiting).await {
                tracing::debug!(error = %lost, "how far a walk has come was not noted");
            }
        } else if let (Some(feed), true) = (self.feed, self.is_noted) {
            walks::forget(self.run.context.site.db(), self.run.repository.id, feed).await?;
        }
        walked
    }

    /// The first page of which not all is stored.
    fn safe(&self, waiting: &Waiting) -> u64 {
        waiting.oldest().unwrap_or(u64::MAX).min(self.stored + 1)
    }
}
