//! What this process has of a budget just now.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::domain::budget::{Cost, Grant, Purpose, Reading, Resource, Returned, Seen, SliceId, Urgency};

use super::{Given, Want};

/// Points of a first slice, and the most that one is asked to hold.
const WISH: (u64, u64) = (8, 128);
/// Seconds by which GitHub tells the same reset differently in answers that follow each other.
const JITTER: i64 = 60;
/// So long after we gave up waiting for its answer a request may be counted: as long as one may last.
const LATE: Duration = Duration::from_secs(60);

/// What this process has.
#[derive(Debug, Default)]
pub(super) struct Local {
    pools: BTreeMap<Resource, Pool>,
    slots: u32,
    /// Of the places, those that only people may use.
    of_people: u32,
    in_flight: u32,
    /// Those who wait, and those of them who are people.
    waiting: u32,
    people: u32,
    /// The most requests that were under way or wanted at a time since the last turn, and before it.
    most: u32,
    most_before: u32,
    /// Until when it is known that background work gets no more places than it has.
    full_until: Option<Instant>,
    /// What is being asked for, by people (1) or background work (0).
    asking: BTreeSet<(Want, bool)>,
    /// What was spent since the last turn.
    spent: BTreeMap<Purpose, Cost>,
    /// Milliseconds by which GitHub's clock is ahead of ours.
    ahead_ms: i64,
}

#[derive(Debug, Default)]
struct Pool {
    slice: Option<Held>,
    wish: u64,
    /// The fewest points that an answer left in the hour that goes on. GitHub only counts down: an answer that leaves more was overtaken.
    fewest: Option<Seen>,
    /// It, or that there are no limits, where that is news since the last turn, and when its request was sent.
    news: Option<(Option<Seen>, Instant)>,
    /// When requests ended without an answer: GitHub may count them yet.
    lost: VecDeque<Instant>,
    /// Points that queries cost beyond the one that was taken.
    beyond: u64,
}

#[derive(Debug)]
struct Held {
    id: SliceId,
    points: u64,
    used: u64,
    until: Instant,
    /// Given to people, to whom points are left that nobody else may have.
    is_for_people: bool,
}

/// What is told in a turn.
#[derive(Debug)]
pub(super) struct Turning {
    pub(super) returned: Vec<Returned>,
    pub(super) readings: Vec<Reading>,
    pub(super) spent: Vec<(Purpose, Cost)>,
    /// Requests under way, and those wanted with them.
    pub(super) in_flight: u32,
    pub(super) wanted: u32,
}

/// What somebody finds who wants to ask GitHub.
pub(super) enum Taken {
    /// He may.
    Yes,
    /// There is nothing for him just now, and somebody is asking the ledger.
    SomebodyAsks,
    /// The same, and nobody asks: he does from now on.
    NobodyAsks,
    /// All places are in use, and until then it is not worth asking for more: one of them will be free.
    Full(Instant),
}

impl Local {
    /// Takes a point and a place, if both are there and nobody goes before.
    pub(super) fn take(&mut self, want: Want, urgency: Urgency) -> Taken {
        let first = urgency == Urgency::Person || self.people == 0;
        let now = Instant::now();
        let places = match urgency {
            Urgency::Person => self.slots,
            Urgency::Background => self.slots.saturating_sub(self.of_people),
        };
        if let (Want::Read(resource), true) = (want, first) {
            if self.in_flight >= places {
                // Points alone would be of no use.
                if let (Urgency::Background, Some(until)) = (urgency, self.full_until)
                    && self.in_flight > 0
                    && now < until
                {
                    return Taken::Full(until);
                }
            } else if let Some(slice) = self.pools.get_mut(&resource).and_then(|pool| pool.slice.as_mut())
                && slice.used < slice.points
                && now < slice.until
                && (urgency == Urgency::Person || !slice.is_for_people)
            {
                slice.used += 1;
                self.in_flight += 1;
                return Taken::Yes;
            }
        }
        if first && self.asking.insert((want, urgency == Urgency::Person)) {
            Taken::NobodyAsks
        } else {
            Taken::SomebodyAsks
        }
    }

    /// What is given back and told in a turn that asks for points of `resource`, and how many requests are under way and wanted.
    pub(super) fn begin_turn(&mut self, resource: Resource) -> Turning {
        let now = Instant::now();
        let is_over = |of: Resource, slice: &Held| of == resource || slice.until <= now || slice.used == slice.points;
        let returned = self.take_back(is_over);
        // Who needed so many places just now will need them again: a turn for each of them would take longer than their requests.
        let wanted = self.most.max(self.most_before);
        (self.most_before, self.most) = (self.most, self.in_flight.saturating_add(self.waiting));
        // Nobody begins anything before the turn is over: what it says of places counts from what was told in it.
        self.slots = self.in_flight;
        Turning {
            returned,
            readings: self.readings(),
            spent: std::mem::take(&mut self.spent).into_iter().collect(),
            in_flight: self.in_flight,
            wanted,
        }
    }

    /// All that is given back.
    pub(super) fn give_up(&mut self) -> Turning {
        (self.slots, self.most, self.most_before) = (0, 0, 0);
        self.pools.values_mut().for_each(|pool| pool.wish = 0);
        Turning {
            returned: self.take_back(|_, _| true),
            readings: self.readings(),
            spent: std::mem::take(&mut self.spent).into_iter().collect(),
            in_flight: 0,
            wanted: 0,
        }
    }

    /// What was to be told is told the next time; points that were to come back count as used.
    pub(super) fn turn_failed(&mut self, turning: &Turning) {
        let now = Instant::now();
        for reading in &turning.readings {
            let pool = self.pools.entry(reading.resource).or_default();
            let age = Duration::from_millis(reading.age_ms.unsigned_abs());
            pool.news.get_or_insert((reading.points, now.checked_sub(age).unwrap_or(now)));
        }
        for &(purpose, cost) in &turning.spent {
            self.spent(purpose, cost);
        }
    }

    /// Something was spent on `purpose`.
    pub(super) fn spent(&mut self, purpose: Purpose, cost: Cost) {
        *self.spent.entry(purpose).or_default() += cost;
    }

    /// What a turn brought to somebody; its points are good until then.
    pub(super) fn given(&mut self, resource: Resource, grant: &Grant, urgency: Urgency, until: Instant) -> Given {
        self.slots = grant.slots;
        self.of_people = u32::from(urgency == Urgency::Person);
        let Some(id) = grant.slice else {
            self.in_flight += 1;
            return Given::Write;
        };
        self.pools.entry(resource).or_default().slice = Some(Held {
            id,
            points: grant.points,
            used: 0,
            until,
            is_for_people: urgency == Urgency::Person,
        });
        Given::Slice
    }

    /// Points to ask for: twice as many each time that the last ones were used up in time.
    pub(super) fn wish(&mut self, resource: Resource) -> u64 {
        let now = Instant::now();
        let pool = self.pools.entry(resource).or_default();
        pool.wish = match &pool.slice {
            Some(slice) if slice.used == slice.points && now < slice.until => pool.wish.saturating_mul(2).min(WISH.1),
            Some(slice) if now < slice.until => pool.wish,
            Some(_) => WISH.0,
            // It was used up, and there was no place to use another one.
            None => pool.wish,
        }
        .max(WISH.0);
        pool.wish
    }

    /// A request is through.
    pub(super) fn done(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Background work was refused another place; asked again after `wait` it may be another matter.
    pub(super) fn refused_a_place(&mut self, wait: Duration) {
        self.full_until = Some(Instant::now() + wait);
    }

    /// A request ended without an answer.
    pub(super) fn lost(&mut self, resource: Resource) {
        self.pools.entry(resource).or_default().lost.push_back(Instant::now());
    }

    /// What the answer to a request that was `sent` then says of the points.
    pub(super) fn read(&mut self, resource: Resource, points: Option<Seen>, sent: Instant) {
        let pool = self.pools.entry(resource).or_default();
        let is_news = match (pool.fewest, points) {
            (Some(old), Some(new)) => {
                let is_later = new.resets_at > old.resets_at + JITTER;
                is_later || new.remaining <= old.remaining && new.resets_at + JITTER >= old.resets_at
            }
            (None, Some(_)) => true,
            // A single answer without its headers says nothing where others had them.
            (fewest, None) => fewest.is_none(),
        };
        if is_news {
            pool.fewest = points;
            pool.news = Some((points, sent));
        }
    }

    /// What is ahead is not spent: GitHub wants nothing just now. It comes back with the next turn.
    pub(super) fn close(&mut self, only: Option<Resource>) {
        let now = Instant::now();
        for (resource, pool) in &mut self.pools {
            if let (true, Some(slice)) = (only.is_none_or(|only| only == *resource), &mut pool.slice) {
                slice.until = slice.until.min(now);
            }
        }
    }

    /// A query cost so many points more than the one that was taken.
    pub(super) fn beyond(&mut self, resource: Resource, points: u64) {
        self.pools.entry(resource).or_default().beyond += points;
    }

    /// An answer told GitHub's time.
    pub(super) fn clock(&mut self, github: DateTime<Utc>, ours: DateTime<Utc>) {
        // Its header tells whole seconds.
        let apart = (github - ours).num_milliseconds();
        self.ahead_ms = if (-1_000..=0).contains(&apart) { 0 } else { apart };
    }

    pub(super) fn ahead_ms(&self) -> i64 {
        self.ahead_ms
    }

    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.waiting == 0
    }

    pub(super) fn has_something(&self) -> bool {
        self.slots > 0 || !self.spent.is_empty() || self.pools.values().any(|pool| pool.slice.is_some())
    }

    pub(super) fn wait(&mut self, urgency: Urgency) {
        self.waiting += 1;
        self.most = self.most.max(self.in_flight.saturating_add(self.waiting));
        self.people += u32::from(urgency == Urgency::Person);
    }

    pub(super) fn wait_no_more(&mut self, urgency: Urgency) {
        self.waiting -= 1;
        self.people -= u32::from(urgency == Urgency::Person);
    }

    pub(super) fn asked(&mut self, want: Want, urgency: Urgency) {
        self.asking.remove(&(want, urgency == Urgency::Person));
    }

    fn take_back(&mut self, is_over: impl Fn(Resource, &Held) -> bool) -> Vec<Returned> {
        let mut returned = Vec::new();
        for (&resource, pool) in &mut self.pools {
            if let Some(slice) = pool.slice.take_if(|slice| is_over(resource, slice)) {
                returned.push(Returned {
                    slice: slice.id,
                    used: slice.used,
                    unused: slice.points - slice.used,
                    beyond: std::mem::take(&mut pool.beyond),
                });
            }
        }
        returned
    }

    fn readings(&mut self) -> Vec<Reading> {
        let now = Instant::now();
        let under_way = u64::from(self.in_flight);
        let told = self.pools.iter_mut().filter_map(|(&resource, pool)| {
            while pool.lost.front().is_some_and(|&at| at + LATE < now) {
                pool.lost.pop_front();
            }
            let (points, sent) = pool.news.take()?;
            Some(Reading {
                resource,
                age_ms: i64::try_from((now - sent).as_millis()).unwrap_or(i64::MAX),
                own_since: under_way + pool.lost.len() as u64 + pool.slice.as_ref().map_or(0, |slice| slice.points - slice.used),
                points,
            })
        });
        told.collect()
    }
}
