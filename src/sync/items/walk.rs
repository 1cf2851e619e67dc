//! What walking a list of issues and pull requests showed: numbers and moments, nothing that grows with texts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{Entity, Issue, Numbers, PullRequest};
use crate::github::{FeedItem, Odd, Page};
use crate::store::walks::{CutOff, Seen};

use super::page_size;
use crate::sync::report::Tally;
use crate::sync::repository::OVERLAP;

/// How many things that are known already an answer may hold before the next question begins later: each of them is read again by every
/// run that finds something new.
pub(super) const FEW: usize = 50;

/// Why a walk that goes on to its end is not whole all the same.
pub(in crate::sync) const NOT_WHOLE: &str =
    "something that came before the walk was cut off could not be read or stored; the next run reads everything again";

/// What walking the feed showed.
#[derive(Debug, Default)]
pub(in crate::sync) struct Walk {
    /// Numbers of issues that were there.
    pub issues: Numbers,
    /// Numbers of pull requests that were there.
    pub pull_requests: Numbers,
    /// GitHub's clock when the walk began.
    pub began: Option<DateTime<Utc>>,
    /// The feed had issues: a repository with issues switched off shows pull requests only.
    pub has_issues: bool,
    /// Pages followed each other by number.
    pub by_number: bool,
    /// How the next run asks whether anything changed; none where it is to ask as this one did.
    pub again: Option<Again>,
    /// Something came twice, or a page was empty: the list moved, so that something else may have been passed over.
    pub(super) shifted: bool,
    /// GitHub said that nothing changed.
    pub(super) is_unchanged: bool,
    /// What changed at or after this moment was asked for; none for all.
    pub(super) since: Option<DateTime<Utc>>,
    /// Pages follow each other by time: what was read comes again, and nothing is passed over.
    pub(super) by_time: bool,
    /// What was seen is known where it did not change since this moment.
    pub(super) settled: Option<DateTime<Utc>>,
    /// Those that changed since shortly before the walk began, in which version; one more than [`FEW`] at most.
    pub(super) young: HashMap<u64, DateTime<Utc>>,
    /// The first page, where it was the last one too.
    pub(super) only_page: Option<OnlyPage>,
    /// What was on the page before, in which version.
    recent: HashMap<u64, DateTime<Utc>>,
    /// What was seen before the walk was cut off.
    earlier: Option<(Numbers, Numbers)>,
}

/// A question that can be asked again, word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sync) struct Again {
    /// What changed at or after this moment is asked for.
    pub since: Option<DateTime<Utc>>,
    /// Tag of the answer; none where it does not tell enough.
    pub tag: Option<String>,
}

/// The whole of a short list.
#[derive(Debug)]
pub(super) struct OnlyPage {
    /// Things on it.
    pub count: usize,
    /// Its tag.
    pub tag: Option<String>,
}

impl Walk {
    /// Of the feed that has issues, before its first page.
    pub(super) fn of_feed() -> Self {
        Self {
            has_issues: true,
            ..Self::default()
        }
    }

    /// From which moment on it is asked what changed while a complete walk went on; none where that is not asked: all came on one page, or
    /// much of it would come once more.
    pub(super) fn closes_at(&self) -> Option<DateTime<Utc>> {
        let is_one_page = self.only_page.as_ref().is_some_and(|only| only.count < page_size());
        let began = self.began.filter(|_| !is_one_page && self.young.len() <= FEW);
        began.map(|began| began - OVERLAP)
    }

    /// What was read in a version from before the walk began: it is what it was if it comes in that version again.
    pub(super) fn known(&self) -> HashMap<u64, DateTime<Utc>> {
        let is_older = |version: &DateTime<Utc>| self.began.is_some_and(|began| *version < began);
        let young = self.young.iter().map(|(number, version)| (*number, *version));
        young.filter(|(_, version)| is_older(version)).collect()
    }

    /// What comes first in these versions is known.
    pub(super) fn knowing(mut self, known: HashMap<u64, DateTime<Utc>>) -> Self {
        self.recent = known;
        self
    }

    /// Goes on with a walk that was cut off. What comes again was not stored then.
    pub(super) fn go_on(&mut self, tally: &mut Tally, cut_off: CutOff) {
        if !cut_off.is_whole {
            tally.failed(Entity::Issue, 1, NOT_WHOLE);
        }
        self.began = Some(cut_off.began_at);
        self.by_number = true;
        if let Seen::Items { issues, pull_requests } = cut_off.seen {
            self.earlier = Some((issues, pull_requests));
        }
    }

    /// Numbers of issues and of pull requests that were seen, those before it was cut off included.
    pub(super) fn seen(&self) -> (Numbers, Numbers) {
        let (mut issues, mut pulls) = self.earlier.clone().unwrap_or_default();
        issues.extend(self.issues.iter());
        pulls.extend(self.pull_requests.iter());
        (issues, pulls)
    }

    /// The walk has ended: all that was seen counts.
    pub(super) fn close(&mut self) {
        if self.earlier.is_some() {
            (self.issues, self.pull_requests) = self.seen();
            self.earlier = None;
        }
    }

    /// Counts a walk that GitHub answered with "not modified": it has its lines in the report all the same.
    pub(super) fn unchanged(&mut self, tally: &mut Tally) {
        self.is_unchanged = true;
        tally.fetched(Entity::Issue, 0);
        tally.fetched(Entity::PullRequest, 0);
    }

    /// True when that issue or pull request was there.
    pub(in crate::sync) fn saw(&self, number: u64) -> bool {
        self.issues.contains(number) || self.pull_requests.contains(number)
    }

    /// What of a page did not come before, in the version in which it came, and did not change before `floor`.
    pub(super) fn split(
        &mut self,
        tally: &mut Tally,
        page: Page<FeedItem>,
        floor: Option<DateTime<Utc>>,
    ) -> (Vec<Issue>, Vec<PullRequest>) {
        for odd in &page.odd {
            // Which of the two it was cannot be told.
            odd_one(tally, Entity::Issue, odd);
        }
        let (mut issues, mut pulls, mut page_before) = (Vec::new(), Vec::new(), HashMap::new());
        std::mem::swap(&mut self.recent, &mut page_before);
        for item in page.items {
            let (number, version) = (item.item().number, item.item().updated_at);
            let seen = match item {
                FeedItem::Issue(_) => &mut self.issues,
                FeedItem::PullRequest(_) => &mut self.pull_requests,
            };
            let is_new = seen.insert(number);
            self.shifted |= !is_new && !self.by_time;
            self.recent.insert(number, version);
            if self.young.len() <= FEW && self.began.is_some_and(|began| version >= began - OVERLAP) {
                self.young.insert(number, version);
            }
            let is_settled = !is_new && self.settled.is_some_and(|moment| version < moment);
            if is_settled || floor.is_some_and(|floor| version < floor) || page_before.get(&number) == Some(&version) {
                continue;
            }
            match item {
                FeedItem::Issue(issue) => issues.push(issue),
                FeedItem::PullRequest(pull) => pulls.push(pull),
            }
        }
        tally.fetched(Entity::Issue, issues.len());
        tally.fetched(Entity::PullRequest, pulls.len());
        (issues, pulls)
    }

    /// The same of a page of pull requests alone.
    pub(super) fn take_pulls(
        &mut self,
        tally: &mut Tally,
        page: Page<PullRequest>,
        floor: Option<DateTime<Utc>>,
    ) -> Vec<PullRequest> {
        for odd in &page.odd {
            odd_one(tally, Entity::PullRequest, odd);
        }
        let mut pulls = page.items;
        self.pull_requests.extend(pulls.iter().map(|pull| pull.item.number));
        pulls.retain(|pull| floor.is_none_or(|floor| pull.item.updated_at >= floor));
        tally.fetched(Entity::PullRequest, pulls.len());
        pulls
    }
}

/// Counts one that could not be read. Without a number nobody can ask for it again, and the cursor stays where it is.
fn odd_one(tally: &mut Tally, entity: Entity, odd: &Odd) {
    match odd.number() {
        Some(number) => tally.unread(entity, number, odd.to_string()),
        None => tally.failed(entity, 1, odd.to_string()),
    }
}
