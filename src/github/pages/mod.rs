//! Lists, a page at a time, by `Link: rel="next"` alone: GitHub decides whether pages have numbers or cursors.

mod ahead;
mod trail;
mod turn;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use url::Url;

use self::ahead::Ahead;
use self::trail::Footprint;
use self::turn::{Came, First, Turn, Turned, is_numbered};
use super::client::Client;
use super::decode::DecodeError;
use super::error::GithubError;
use crate::domain::PageTags;

/// Things on a page: the most that GitHub gives.
pub const PAGE_SIZE: u64 = 100;

/// An item that is not what GitHub's description says. It ends neither the page nor the run; it is counted and told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Which one: its number, name or login.
    pub what: String,
    /// What is odd about it.
    pub reason: String,
}

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.reason)
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What could not, and what GitHub says it left out.
    pub odd: Vec<Odd>,
    /// GitHub's clock at this page.
    pub date: DateTime<Utc>,
    /// Tag of this page for a later conditional request.
    pub etag: Option<String>,
    /// Number of pages of the whole list, where GitHub tells it: 1 for a list that fits one page, none for lists with cursors.
    pub total_pages: Option<u32>,
}

/// Reads one item of a list.
pub(super) type Decode<T> = fn(&RawValue) -> Result<T, DecodeError>;
/// Where a list may begin; tried in order, the next where there is nothing (404).
type Candidates = Result<VecDeque<Url>, GithubError>;
/// Works that out, which takes a call to GitHub.
type Begin = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Candidates> + Send>> + Send>;

enum State {
    Unknown(Begin),
    Candidates(VecDeque<Url>),
    Next(Url),
    Ended,
}

/// A list that is fetched while it is walked. A page is fetched once; an error leaves the place, so that `next` may be called again.
pub struct Pages<T> {
    turn: Turn<T>,
    state: State,
    total: Option<u32>,
    /// Tags that the pages had before.
    known: Option<PageTags>,
    /// When GitHub said that no page changed.
    unchanged_at: Option<DateTime<Utc>>,
    /// What the pages looked like, in the order of the walk; none where nobody asks.
    trail: Option<Vec<Footprint>>,
    /// Pages that are fetched already; none where they are to come one after the other.
    ahead: Option<Ahead<Fetched<T>>>,
    /// What the first look brought.
    looked: Option<Result<First<T>, GithubError>>,
    /// Pages that came while it was looked whether they changed.
    came: Vec<Turned<T>>,
}

/// What came of fetching a page.
type Fetched<T> = Result<Came<T>, GithubError>;

impl<T: Send + 'static> Pages<T> {
    /// The list that begins at `url`.
    pub(super) fn at(client: &Client, url: Url, decode: Decode<T>) -> Self {
        Self::new(client, State::Candidates(VecDeque::from([url])), decode)
    }

    /// The list that begins at `url` and lies in the member `member` of an object there.
    pub(super) fn within(client: &Client, url: Url, member: &'static str, decode: Decode<T>) -> Self {
        let mut pages = Self::at(client, url, decode);
        pages.turn.member = Some(member);
        pages
    }

    /// The list that begins at the first of the addresses from `begin` where there is something.
    pub(super) fn later<F>(client: &Client, begin: impl Fn() -> F + Send + 'static, decode: Decode<T>) -> Self
    where
        F: Future<Output = Candidates> + Send + 'static,
    {
        Self::new(client, State::Unknown(Box::new(move || Box::pin(begin()))), decode)
    }

    fn new(client: &Client, state: State, decode: Decode<T>) -> Self {
        Self {
            turn: Turn::new(client, decode),
            state,
            total: None,
            known: None,
            unchanged_at: None,
            trail: None,
            ahead: None,
            looked: None,
            came: Vec::new(),
        }
    }

    /// The same list, unless its first page is still the one that had `etag` at the same address with the same credential: then
    /// there is no page at all, and GitHub charges nothing.
    #[must_use]
    pub fn unless(self, etag: Option<String>) -> Self {
        self.unless_all(etag.map(PageTags::of_first))
    }

    /// The same list, unless each of its pages is still the one that had its tag. Where one is not, those that did not change are asked
    /// for once more.
    #[must_use]
    pub fn unless_all(self, known: Option<PageTags>) -> Self {
        Self { known, ..self }
    }

    /// The same list, its pages fetched side by side where they have numbers and GitHub says how many there are.
    #[must_use]
    pub fn side_by_side(self) -> Self {
        Self {
            ahead: Some(Ahead::default()),
            ..self
        }
    }

    /// The same list, which remembers what its pages looked like: [`Self::stand_still`] and [`Self::tags`] need it. It takes some
    /// hundred bytes a page.
    #[must_use]
    pub fn remembered(mut self) -> Self {
        self.turn.is_traced = true;
        Self {
            trail: Some(Vec::new()),
            ..self
        }
    }

    /// True after the list ended at once because nothing of it changed.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.unchanged_at.is_some()
    }

    /// GitHub's clock when it said so.
    #[must_use]
    pub fn unchanged_at(&self) -> Option<DateTime<Utc>> {
        self.unchanged_at
    }

    /// Where the next page is, as far as that is known.
    #[must_use]
    pub fn place(&self) -> Option<&Url> {
        match &self.state {
            State::Candidates(urls) => urls.front(),
            State::Next(url) => Some(url),
            State::Unknown(_) | State::Ended => None,
        }
    }

    /// True when the next page is asked for by its number: what is deleted before it moves everything up by one, and the first
    /// thing of that page is passed over. With cursors nothing moves.
    #[must_use]
    pub fn is_next_by_number(&self) -> bool {
        matches!(&self.state, State::Next(url) if is_numbered(url))
    }

    /// True when the next page has come already, so that [`Self::next`] gives it without waiting.
    #[must_use]
    pub fn is_next_here(&self) -> bool {
        let has = |url| self.ahead.as_ref().is_some_and(|ahead| ahead.has(url));
        matches!(&self.state, State::Next(url) if has(url))
    }

    /// True after the last page.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// The tags by which the pages that were read can be known again, if the list remembers them and each has one.
    #[must_use]
    pub fn tags(&self) -> Option<PageTags> {
        trail::tags(self.trail.as_deref()?)
    }

    /// Reads again what could have been passed over from: the pages that were left by the number of the next one, in the order of the
    /// walk, until one is not what it was. True when all are. A page that did not change costs no point.
    ///
    /// # Errors
    /// As any read.
    pub async fn stand_still(&mut self) -> Result<bool, GithubError> {
        trail::stands_still(&self.turn.client, self.trail.as_deref().unwrap_or_default()).await
    }

    /// Asks for the first page now, or whether anything changed; [`Self::next`] gives what came of it.
    pub async fn look(&mut self) {
        if self.looked.is_none() {
            self.looked = Some(self.first().await);
        }
    }

    /// True where the first look said that nothing changed: what that says does not grow old while somebody waits.
    #[must_use]
    pub fn stays_true(&self) -> bool {
        matches!(&self.looked, Some(Ok(first)) if matches!(first.came, Came::Unchanged(_)))
    }

    async fn first(&mut self) -> Result<First<T>, GithubError> {
        if let State::Unknown(begin) = &self.state {
            let beginning = begin();
            self.state = State::Candidates(beginning.await?);
        }
        match &mut self.state {
            State::Candidates(candidates) => self.turn.first(candidates, self.known.as_ref()).await,
            _ => Ok(First::nothing()),
        }
    }

    async fn fetch(&mut self, url: &Url) -> Fetched<T> {
        if let Some(at) = self.came.iter().position(|turned| turned.footprint.url == *url) {
            return Ok(Came::Page(Box::new(self.came.swap_remove(at))));
        }
        let begun = match &mut self.ahead {
            Some(ahead) => ahead.take(url).await,
            None => None,
        };
        match begun {
            Some(came) => came,
            None => self.turn.at(url.clone(), None).await,
        }
    }

    /// The next page; none after the last one.
    ///
    /// # Errors
    /// As any read. A body that is no list is [`ErrorKind::Decode`](super::ErrorKind::Decode), a next page elsewhere is
    /// [`ErrorKind::CrossHostRedirect`](super::ErrorKind::CrossHostRedirect).
    pub async fn next(&mut self) -> Result<Option<Page<T>>, GithubError> {
        let came = match &self.state {
            State::Ended => return Ok(None),
            State::Next(url) => {
                let url = url.clone();
                self.fetch(&url).await?
            }
            State::Unknown(_) | State::Candidates(_) => {
                let first = match self.looked.take() {
                    Some(looked) => looked?,
                    None => self.first().await?,
                };
                self.came = first.others;
                first.came
            }
        };
        let turned = match came {
            Came::Page(turned) => turned,
            Came::Unchanged(at) => {
                (self.unchanged_at, self.state) = (Some(at), State::Ended);
                return Ok(None);
            }
        };
        let Turned {
            mut page,
            next,
            footprint,
        } = *turned;
        if let Some(trail) = &mut self.trail {
            trail.push(footprint);
        }
        self.total = page.total_pages.or(self.total);
        page.total_pages = self.total;
        if let (Some(ahead), Some(next), Some(total)) = (&mut self.ahead, &next, self.total)
            && is_numbered(next)
        {
            let turn = &self.turn;
            ahead.fill(next, total, |url| {
                let turn = turn.clone();
                async move { turn.at(url, None).await }
            });
        }
        self.state = next.map_or(State::Ended, State::Next);
        Ok(Some(page))
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.state {
            State::Unknown(_) => "not begun",
            State::Candidates(urls) => urls.front().map_or("nowhere", |url| url.path()),
            State::Next(url) => url.path(),
            State::Ended => "ended",
        };
        f.debug_struct("Pages").field("place", &place).finish_non_exhaustive()
    }
}
