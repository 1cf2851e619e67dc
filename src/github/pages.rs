//! Lists, a page at a time, by `Link: rel="next"` alone: GitHub decides whether pages have numbers or cursors.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use url::Url;

use super::ahead::Ahead;
use super::client::{Answer, Client, Request};
use super::decode::{DecodeError, label};
use super::error::{ErrorKind, GithubError};
use super::origin::{authority, same_origin};

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
    client: Client,
    state: State,
    total: Option<u32>,
    decode: Decode<T>,
    /// Tag that the first page had before.
    known: Option<String>,
    /// The first page is still the one of that tag.
    is_unchanged: bool,
    /// The pages that were left by the number of the next one.
    left: Vec<Footprint>,
    /// Pages that are fetched already; none where they are to come one after the other.
    ahead: Option<Ahead<Fetched<T>>>,
}

/// What came of fetching a page.
type Fetched<T> = Result<Option<Turned<T>>, GithubError>;

/// Where the walk goes after a page, and what the page looked like.
struct Turned<T> {
    page: Page<T>,
    next: Option<Url>,
    footprint: Footprint,
}

/// A page that was read, to be recognised when it is read again.
struct Footprint {
    url: Url,
    etag: Option<String>,
    /// Of the things on it.
    hash: u64,
}

impl<T: Send + 'static> Pages<T> {
    /// The list that begins at `url`.
    pub(super) fn at(client: &Client, url: Url, decode: Decode<T>) -> Self {
        Self::new(client, State::Candidates(VecDeque::from([url])), decode)
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
            client: client.clone(),
            state,
            total: None,
            decode,
            known: None,
            is_unchanged: false,
            left: Vec::new(),
            ahead: None,
        }
    }

    /// The same list, unless its first page is still the one that had `etag` at the same address with the same credential: then
    /// there is no page at all, and GitHub charges nothing.
    #[must_use]
    pub fn unless(self, etag: Option<String>) -> Self {
        Self { known: etag, ..self }
    }

    /// The same list, its pages fetched side by side where they have numbers and GitHub says how many there are.
    #[must_use]
    pub fn side_by_side(self) -> Self {
        Self {
            ahead: Some(Ahead::default()),
            ..self
        }
    }

    /// True after the list ended at once because its first page did not change.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.is_unchanged
    }

    /// True when the next page is asked for by its number: what is deleted before it moves everything up by one, and the first
    /// thing of that page is passed over. With cursors nothing moves.
    #[must_use]
    pub fn is_next_by_number(&self) -> bool {
        matches!(&self.state, State::Next(url) if is_numbered(url))
    }

    /// True after the last page.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Reads again what could have been passed over from: the pages that were left by the number of the next one, in the order of the
    /// walk, until one is not what it was. True when all are. A page that did not change costs no point.
    ///
    /// # Errors
    /// As any read.
    pub async fn stand_still(&mut self) -> Result<bool, GithubError> {
        for before in &self.left {
            let request = Request::get(before.url.clone()).unless(before.etag.as_deref());
            let same = self
                .client
                .read(&request, |answer| {
                    Ok(answer.is_not_modified() || hash_of(&answer.json::<Vec<&RawValue>>()?) == before.hash)
                })
                .await?;
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The next page; none after the last one.
    ///
    /// # Errors
    /// As any read. A body that is no list is [`ErrorKind::Decode`], a next page elsewhere is [`ErrorKind::CrossHostRedirect`].
    pub async fn next(&mut self) -> Result<Option<Page<T>>, GithubError> {
        if let State::Unknown(begin) = &self.state {
            let beginning = begin();
            self.state = State::Candidates(beginning.await?);
        }
        let turned = match &mut self.state {
            State::Unknown(_) | State::Ended => return Ok(None),
            State::Next(url) => {
                let begun = match &mut self.ahead {
                    Some(ahead) => ahead.take(url).await,
                    None => None,
                };
                match begun {
                    Some(turned) => turned?,
                    None => turn(&self.client, url.clone(), self.decode, None).await?,
                }
            }
            State::Candidates(candidates) => first(&self.client, candidates, self.decode, self.known.as_deref()).await?,
        };
        let Some(turned) = turned else {
            (self.is_unchanged, self.state) = (true, State::Ended);
            return Ok(None);
        };
        let Turned {
            mut page,
            next,
            footprint,
        } = turned;
        if next.as_ref().is_some_and(is_numbered) {
            self.left.push(footprint);
        }
        self.total = page.total_pages.or(self.total);
        page.total_pages = self.total;
        if let (Some(ahead), Some(next), Some(total)) = (&mut self.ahead, &next, self.total)
            && is_numbered(next)
        {
            let (client, decode) = (&self.client, self.decode);
            ahead.fill(next, total, |url| {
                let client = client.clone();
                async move { turn(&client, url, decode, None).await }
            });
        }
        self.state = next.map_or(State::Ended, State::Next);
        Ok(Some(page))
    }
}

/// The first page at the first of `candidates` where there is something; those without are dropped. None where it is still the one of
/// `known`.
async fn first<T>(
    client: &Client,
    candidates: &mut VecDeque<Url>,
    decode: Decode<T>,
    known: Option<&str>,
) -> Result<Option<Turned<T>>, GithubError> {
    loop {
        let Some(url) = candidates.front().cloned() else {
            return Err(GithubError::setup(
                "a list without an address",
                "report this: the request was ours",
            ));
        };
        let turned = match turn(client, url, decode, known).await {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) && candidates.len() > 1 => {
                candidates.pop_front();
                continue;
            }
            other => other?,
        };
        return Ok(turned.map(|mut turned| {
            if turned.next.is_none() {
                turned.page.total_pages = Some(1);
            }
            turned
        }));
    }
}

async fn turn<T>(client: &Client, url: Url, decode: Decode<T>, known: Option<&str>) -> Result<Option<Turned<T>>, GithubError> {
    let request = Request::get(url.clone()).unless(known);
    let read = |answer: &Answer| {
        if answer.is_not_modified() {
            return Ok(None);
        }
        turned(answer, url.clone(), decode).map(Some)
    };
    client.read(&request, read).await
}

fn turned<T>(answer: &Answer, url: Url, decode: Decode<T>) -> Result<Turned<T>, GithubError> {
    let raw: Vec<&RawValue> = answer.json()?;
    let footprint = Footprint {
        url,
        etag: answer.etag(),
        hash: hash_of(&raw),
    };
    let mut items = Vec::with_capacity(raw.len());
    let mut odd: Vec<Odd> = left_out(answer).into_iter().collect();
    for raw in raw {
        match decode(raw) {
            Ok(item) => items.push(item),
            Err(error) => odd.push(Odd {
                what: label(raw),
                reason: error.to_string(),
            }),
        }
    }
    let links = answer.links();
    let page = Page {
        items,
        odd,
        date: answer.date(),
        etag: answer.etag(),
        total_pages: links.last_page(),
    };
    let next = links.next.map(|next| checked(next, answer)).transpose()?;
    Ok(Turned { page, next, footprint })
}

/// Of which things these are, not of what they hold: a push that moves a branch hides no other one.
fn hash_of(raw: &[&RawValue]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for item in raw {
        label(item).hash(&mut hasher);
    }
    hasher.finish()
}

/// True for the address of a page that is counted from the beginning of its list.
fn is_numbered(url: &Url) -> bool {
    let has = |wanted: &str| url.query_pairs().any(|(key, _)| key == wanted);
    has("page") && !has("after") && !has("before")
}

/// The next page's address, if the token may go there and it leads on.
fn checked(next: Url, answer: &Answer) -> Result<Url, GithubError> {
    if !same_origin(&next, answer.url()) {
        let host = authority(&next);
        return Err(answer.fail(ErrorKind::CrossHostRedirect { host }));
    }
    if next == *answer.url() {
        return Err(answer.fail(ErrorKind::Decode {
            at: "the Link header".to_owned(),
            reason: "the next page is this page".to_owned(),
        }));
    }
    Ok(next)
}

/// GitHub leaves out what belongs to organisations that want single sign-on, and says so in a header.
fn left_out(answer: &Answer) -> Option<Odd> {
    let text = answer.header("x-github-sso")?;
    let organizations = text.strip_prefix("partial-results; organizations=")?;
    Some(Odd {
        what: format!("organisations with the ids {}", organizations.trim()),
        reason: "left out by GitHub: their single sign-on wants the token authorised by its owner".to_owned(),
    })
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
