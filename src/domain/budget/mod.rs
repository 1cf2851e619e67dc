//! What a credential may still ask of GitHub, as all processes that use it know it together: a value that is read, asked and written back
//! in one turn. It knows GitHub's rules and two clocks that it is told, and nothing else.
//!
//! A process takes a slice of points ahead and asks GitHub within its time without another turn. What it did not use it gives back with
//! its next turn; of a process that died all is counted as used, until nobody can hold it against us any more.

mod account;
mod ask;
mod content;
mod primary;
mod rules;
mod slice;
mod slots;
mod slowed;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use account::{Cost, Purpose};
pub use ask::{Ask, Grant, Refusal, Returned, Why};
pub use primary::{Points, Primary, Reading, Seen};
pub use rules::Rules;
pub use slice::SliceId;

use account::Account;
use content::Content;
use slice::Slices;
use slots::Slots;
use slowed::Slowed;

/// What GitHub counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resource {
    /// REST.
    Core,
    /// GraphQL.
    Graphql,
    /// Searches of REST.
    Search,
}

impl Resource {
    /// The word in `x-ratelimit-resource`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
            Self::Search => "search",
        }
    }
}

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Nobody: work that can go on later, and leaves something over.
    Background,
    /// A person at the desk.
    Person,
}

/// The two clocks of a turn.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The clock that all processes share, in milliseconds since 1970: what is counted by the minute goes by it.
    pub shared: i64,
    /// GitHub's clock, in seconds since 1970: its resets go by it.
    pub github: i64,
}

/// What a credential may still ask of GitHub.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// The latest moment of the shared clock that was seen: it never goes back.
    latest: i64,
    primary: BTreeMap<Resource, Primary>,
    slices: Slices,
    slots: Slots,
    content: Content,
    slowed: Slowed,
    /// Who sent one request to learn what is left, and until when its answer is waited for.
    tried: BTreeMap<Resource, (String, i64)>,
    account: Account,
}

impl Budget {
    /// One turn of `ask.owner`: what he gives back is taken in, then he is given what he asks for as far as it is there.
    ///
    /// # Errors
    /// What keeps him from it, and until when. What he gave back is taken in all the same.
    pub fn turn(&mut self, rules: &Rules, moment: Moment, ask: &Ask<'_>) -> Result<Grant, Refusal> {
        let now = self.begin(moment);
        self.take_back(ask, now);
        if let Some(limit) = self.slowed.until(moment.github) {
            return Err(Refusal::new(Why::Slowed, limit * 1_000, moment.github));
        }
        let slots = self.slots(rules, ask, moment.github, now)?;
        let (room, left) = match self.room_and_points(rules, ask, moment.github, now) {
            Ok(given) => given,
            Err(refusal) => {
                // Places that nobody can use now are others'.
                self.slots.set(ask.owner, ask.in_flight, ask.in_flight, now);
                return Err(refusal);
            }
        };
        let points = ask.points.max(1).min(left).min(room);
        let slice = self.slices.give(ask.owner, ask.resource, points, now + rules.slice_ms);
        self.charge(ask.resource, points);
        Ok(Grant {
            slice: Some(slice),
            points,
            slots,
        })
    }

    /// A turn for one write to GitHub, which is given alone: a second lies between two, and what makes content has limits of its own.
    ///
    /// # Errors
    /// What keeps it from being sent, and until when.
    pub fn write(&mut self, rules: &Rules, moment: Moment, ask: &Ask<'_>, makes_content: bool) -> Result<Grant, Refusal> {
        let now = self.begin(moment);
        self.take_back(ask, now);
        if let Some(limit) = self.slowed.until(moment.github) {
            return Err(Refusal::new(Why::Slowed, limit * 1_000, moment.github));
        }
        if let Some(at) = self.content.next(rules, now, makes_content) {
            return Err(Refusal::new(Why::Content, at, now));
        }
        let slots = self.slots(rules, ask, moment.github, now)?;
        if self.minute_left(ask, now)? < rules.write_points {
            let at = self.slices.next_room(ask.resource, now);
            return Err(Refusal::new(Why::Minute, at, now));
        }
        self.points_left(rules, ask, moment.github, now)?;
        self.content.count(now, makes_content);
        self.slices.count(ask.owner, ask.resource, rules.write_points, now);
        self.charge(ask.resource, 1);
        Ok(Grant {
            slice: None,
            points: 1,
            slots,
        })
    }

    /// Takes in what `ask.owner` gives back and has seen, and gives nothing.
    pub fn give_back(&mut self, moment: Moment, ask: &Ask<'_>) {
        let now = self.begin(moment);
        self.take_back(ask, now);
        self.slots.set(ask.owner, ask.in_flight, 0, now);
    }

    /// GitHub said that we are too fast: nobody asks before `until` (GitHub's clock, seconds), and then half as many at a time.
    pub fn slow_down(&mut self, rules: &Rules, moment: Moment, until: i64) {
        self.begin(moment);
        self.slowed.slow_down(rules, moment.github, until);
    }

    /// What is known of the points of a resource.
    #[must_use]
    pub fn primary(&self, resource: Resource) -> Option<&Primary> {
        self.primary.get(&resource)
    }

    /// What was spent within a day before `now` (the shared clock, milliseconds), by kind of work.
    #[must_use]
    pub fn spent(&self, now: i64) -> BTreeMap<Purpose, Cost> {
        self.account.of_a_day(now)
    }

    fn begin(&mut self, moment: Moment) -> i64 {
        self.latest = self.latest.max(moment.shared);
        let now = self.latest;
        self.slices.forget_old(now);
        self.slots.forget_dead(now);
        self.content.forget_old(now);
        self.primary.retain(|_, primary| !primary.is_over(moment.github));
        now
    }

    fn take_back(&mut self, ask: &Ask<'_>, now: i64) {
        self.account.add(now, ask.spent);
        if ask.in_flight == 0 {
            // What he tried is over, with an answer or without.
            self.tried.retain(|_, (owner, _)| owner != ask.owner);
        }
        for returned in ask.returned {
            let Some(resource) = self.slices.close(ask.owner, returned, now) else {
                continue;
            };
            if let Some(primary) = self.primary.get_mut(&resource) {
                primary.credit(returned.unused);
                primary.charge(returned.beyond);
            }
        }
        for reading in ask.readings {
            self.tried.remove(&reading.resource);
            let sent = now - reading.age_ms;
            if Slices::has_forgotten(sent, now) {
                // What others used since then is not known any more: it may only show that less is left.
                if let (Some(primary), Some(seen)) = (self.primary.get_mut(&reading.resource), reading.points) {
                    primary.lower(seen);
                }
                continue;
            }
            let beside = self.slices.beside(ask.owner, reading.resource, sent) + reading.own_since;
            match self.primary.get_mut(&reading.resource) {
                Some(primary) => primary.read(reading, beside),
                None => drop(self.primary.insert(reading.resource, Primary::new(reading, beside))),
            }
        }
    }

    fn slots(&mut self, rules: &Rules, ask: &Ask<'_>, github: i64, now: i64) -> Result<u32, Refusal> {
        let cap = self.slowed.cap(rules, github);
        let mut given = self.slots.take(ask, Rules::places(cap, Urgency::Background), now);
        if given.is_none() && ask.urgency == Urgency::Person {
            // For the one who asks; what waits beside him may be a run.
            let wanted = ask.in_flight + 1;
            given = self
                .slots
                .take(&Ask { wanted, ..*ask }, Rules::places(cap, Urgency::Person), now);
        }
        given.ok_or_else(|| Refusal::new(Why::Places, now + rules.look_again_ms, now))
    }

    /// Points that may be given. Where nothing is known, or something may be left in spite of what is known, one: its answer tells.
    fn points_left(&mut self, rules: &Rules, ask: &Ask<'_>, github: i64, now: i64) -> Result<u64, Refusal> {
        let Some(primary) = self.primary.get(&ask.resource) else {
            return self.try_one(rules, ask, now);
        };
        let is_kept = ask.urgency == Urgency::Background && ask.resource != Resource::Search;
        let kept = if is_kept { ask.kept } else { 0 };
        let resets_at = match primary.left(kept) {
            Points::Unlimited => return Ok(u64::MAX),
            // Towards the end the slices become small, so that all who ask have some.
            Points::Some(points) => return Ok(points.div_ceil(4)),
            Points::None { resets_at } => resets_at,
        };
        // What somebody holds may come back unused.
        if let Some(at) = self.slices.next_back(ask.resource, now) {
            return Err(Refusal::new(Why::Places, at.min(now + rules.look_again_ms), now));
        }
        if primary.is_in_doubt(kept) {
            return self.try_one(rules, ask, now);
        }
        let why = match primary.left(0) {
            Points::None { .. } => Why::UsedUp,
            _ => Why::Kept,
        };
        Err(Refusal::new(why, resets_at * 1_000, github))
    }

    fn try_one(&mut self, rules: &Rules, ask: &Ask<'_>, now: i64) -> Result<u64, Refusal> {
        match self.tried.get(&ask.resource) {
            Some(&(_, until)) if now < until => Err(Refusal::new(Why::Places, until.min(now + rules.look_again_ms), now)),
            _ => {
                self.tried.insert(ask.resource, (ask.owner.to_owned(), now + rules.slice_ms));
                Ok(1)
            }
        }
    }

    fn room_and_points(&mut self, rules: &Rules, ask: &Ask<'_>, github: i64, now: i64) -> Result<(u64, u64), Refusal> {
        let room = self.minute_left(ask, now)?;
        Ok((room, self.points_left(rules, ask, github, now)?))
    }

    fn minute_left(&self, ask: &Ask<'_>, now: i64) -> Result<u64, Refusal> {
        if self.primary.get(&ask.resource).is_some_and(Primary::is_unlimited) {
            return Ok(u64::MAX);
        }
        let limit = Rules::minute(ask.resource, ask.urgency);
        let used = self.slices.of_minute(ask.resource, now);
        match limit.saturating_sub(used) {
            0 => Err(Refusal::new(Why::Minute, self.slices.next_room(ask.resource, now), now)),
            room => Ok(room),
        }
    }

    fn charge(&mut self, resource: Resource, points: u64) {
        if let Some(primary) = self.primary.get_mut(&resource) {
            primary.charge(points);
        }
    }
}

#[cfg(test)]
mod tests;
