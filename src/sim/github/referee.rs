//! Counts as GitHub does what no answer shows: requests at a time, points of the minute, content that is made. It refuses nothing; a test asks
//! in the end what GitHub would have complained of.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::incoming::Incoming;
use super::world::Resource;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
/// Requests at a time.
const AT_A_TIME: usize = 100;
/// Points in a minute, by REST and by GraphQL.
const MINUTE_POINTS: (u64, u64) = (900, 2_000);
/// Requests that make content, in a minute and in an hour.
const CONTENT: (usize, usize) = (80, 500);

/// Who counts.
#[derive(Debug, Default)]
pub(super) struct Referee(Mutex<BTreeMap<String, Book>>);

/// What one account did.
#[derive(Debug, Default)]
struct Book {
    under_way: usize,
    most_under_way: usize,
    points: BTreeMap<&'static str, VecDeque<(Instant, u64)>>,
    content: VecDeque<Instant>,
    last_write: Option<Instant>,
    closest_writes: Option<Duration>,
    complaints: Vec<String>,
}

/// A request that is under way, until this is dropped.
pub(super) struct UnderWay {
    referee: Arc<Referee>,
    account: String,
}

impl Referee {
    /// A request of `account` came in.
    pub(super) fn arrived(self: &Arc<Self>, account: &str, resource: Resource, incoming: &Incoming) -> UnderWay {
        let mut books = self.books();
        let book = books.entry(account.to_owned()).or_default();
        book.under_way += 1;
        book.most_under_way = book.most_under_way.max(book.under_way);
        if book.under_way > AT_A_TIME {
            book.complaints.push(format!("{} requests at a time", book.under_way));
        }
        let now = Instant::now();
        let is_write = !incoming.is_graphql() && incoming.method != "GET";
        book.points(resource, if is_write { 5 } else { 1 }, now);
        if is_write {
            book.write(incoming.method == "POST", now);
        }
        UnderWay {
            referee: Arc::clone(self),
            account: account.to_owned(),
        }
    }

    /// A request of `account` was refused because its points are used up.
    pub(super) fn refused(&self, account: &str, path: &str) {
        let mut books = self.books();
        let book = books.entry(account.to_owned()).or_default();
        book.complaints.push(format!("{path} was asked for without a point left"));
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        let books = self.books();
        let of = |(account, book): (&String, &Book)| {
            book.complaints
                .iter()
                .map(|text| format!("{account}: {text}"))
                .collect::<Vec<_>>()
        };
        books.iter().flat_map(of).collect()
    }

    pub(super) fn most_under_way(&self) -> usize {
        self.books()
            .values()
            .map(|book| book.most_under_way)
            .max()
            .unwrap_or_default()
    }

    pub(super) fn closest_writes(&self) -> Option<Duration> {
        self.books().values().filter_map(|book| book.closest_writes).min()
    }

    fn books(&self) -> MutexGuard<'_, BTreeMap<String, Book>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn points(&mut self, resource: Resource, points: u64, now: Instant) {
        let limit = match resource {
            Resource::Core => MINUTE_POINTS.0,
            Resource::Graphql => MINUTE_POINTS.1,
            Resource::Search => return,
        };
        let used = self.points.entry(resource.as_str()).or_default();
        used.push_back((now, points));
        while used.front().is_some_and(|&(at, _)| now - at >= MINUTE) {
            used.pop_front();
        }
        let sum: u64 = used.iter().map(|(_, points)| points).sum();
        if sum > limit {
            self.complaints
                .push(format!("{sum} points of {} in a minute", resource.as_str()));
        }
    }

    fn write(&mut self, makes_content: bool, now: Instant) {
        if let Some(last) = self.last_write.replace(now) {
            let apart = now - last;
            self.closest_writes = Some(self.closest_writes.map_or(apart, |closest| closest.min(apart)));
        }
        if !makes_content {
            return;
        }
        self.content.push_back(now);
        while self.content.front().is_some_and(|&at| now - at >= HOUR) {
            self.content.pop_front();
        }
        let in_minute = self.content.iter().filter(|&&at| now - at < MINUTE).count();
        if in_minute > CONTENT.0 || self.content.len() > CONTENT.1 {
            let in_hour = self.content.len();
            self.complaints
                .push(format!("{in_minute} new things in a minute, {in_hour} in an hour"));
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(book) = self.referee.books().get_mut(&self.account) {
            book.under_way -= 1;
        }
    }
}
