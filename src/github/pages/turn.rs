//! One page of a list: asked for, decoded, and where it leads.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::trail::{Footprint, hash_of};
use super::{Decode, Fetched, Odd, Page};
use crate::domain::PageTags;
use crate::github::client::{Answer, Client, Request};
use crate::github::decode::label;
use crate::github::error::{ErrorKind, GithubError};
use crate::github::origin::{authority, same_origin};

/// How pages of a list are fetched.
pub(super) struct Turn<T> {
    pub(super) client: Client,
    decode: Decode<T>,
    /// Pages are to be recognised by what is on them.
    pub(super) is_traced: bool,
    /// Where on a page the items are; none where the page is the list.
    pub(super) member: Option<&'static str>,
}

/// Where the walk goes after a page, and what the page looked like.
pub(super) struct Turned<T> {
    pub(super) page: Page<T>,
    pub(super) next: Option<Url>,
    pub(super) footprint: Footprint,
}

/// What a request for a page brings.
pub(super) enum Came<T> {
    Page(Box<Turned<T>>),
    /// It is still the one whose tag was sent, by GitHub's clock.
    Unchanged(DateTime<Utc>),
}

/// What the first look at a list brings.
pub(super) struct First<T> {
    pub(super) came: Came<T>,
    /// Further pages that are not what they were.
    pub(super) others: Vec<Turned<T>>,
}

impl<T> First<T> {
    /// Of a list that has nothing to look at.
    pub(super) fn nothing() -> Self {
        Self {
            came: Came::Unchanged(DateTime::UNIX_EPOCH),
            others: Vec::new(),
        }
    }
}

impl<T> Clone for Turn<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            ..*self
        }
    }
}

impl<T: Send + 'static> Turn<T> {
    pub(super) fn new(client: &Client, decode: Decode<T>) -> Self {
        Self {
            client: client.clone(),
            decode,
            is_traced: false,
            member: None,
        }
    }

    /// The page at `url`, unless it is the one of `known`.
    pub(super) async fn at(&self, url: Url, known: Option<&str>) -> Fetched<T> {
        let request = Request::get(url.clone()).unless(known);
        let read = |answer: &Answer| {
            if answer.is_not_modified() {
                return Ok(Came::Unchanged(answer.date()));
            }
            self.turned(answer, url.clone()).map(|turned| Came::Page(Box::new(turned)))
        };
        self.client.read(&request, read).await
    }

    /// The first page at the first of `candidates` where there is something; those without are dropped.
    pub(super) async fn first(&self, candidates: &mut VecDeque<Url>, known: Option<&PageTags>) -> Result<First<T>, GithubError> {
        loop {
            let Some(url) = candidates.front().cloned() else {
                return Err(GithubError::setup(
                    "a list without an address",
                    "report this: the request was ours",
                ));
            };
            let came = match self.at(url.clone(), known.map(|known| known.first.as_str())).await {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound(_)) && candidates.len() > 1 => {
                    candidates.pop_front();
                    continue;
                }
                other => other?,
            };
            let mut others = Vec::new();
            let came = match (came, known) {
                (Came::Unchanged(at), Some(known)) if !known.further.is_empty() => match self.changed(&url, known).await? {
                    Some(changed) => {
                        others = changed;
                        self.at(url, None).await?
                    }
                    None => Came::Unchanged(at),
                },
                (came, _) => came,
            };
            return Ok(First {
                came: alone_if_last(came),
                others,
            });
        }
    }

    /// Looks at all further pages at a time; none where each is still the one of its tag, else those that are not.
    async fn changed(&self, first: &Url, known: &PageTags) -> Result<Option<Vec<Turned<T>>>, GithubError> {
        let mut asked = Vec::with_capacity(known.further.len());
        for (url, tag) in &known.further {
            // What is kept in a table may have been kept for another GitHub: the token goes to this one alone.
            let Some(url) = url.parse::<Url>().ok().filter(|url| same_origin(url, first)) else {
                return Ok(Some(Vec::new()));
            };
            let (turn, tag) = (self.clone(), tag.clone());
            asked.push(AbortOnDropHandle::new(tokio::spawn(
                async move { turn.at(url, Some(&tag)).await },
            )));
        }
        let (mut changed, mut is_changed) = (Vec::new(), false);
        for came in asked {
            match came.await {
                Ok(Ok(Came::Unchanged(_))) => {}
                Ok(Ok(Came::Page(turned))) => {
                    let turned = *turned;
                    is_changed = true;
                    changed.push(turned);
                }
                // The list is shorter than it was, most likely; whoever reads it finds out.
                Ok(Err(error)) if matches!(error.kind(), ErrorKind::NotFound(_) | ErrorKind::Invalid) => is_changed = true,
                Ok(Err(error)) => return Err(error),
                Err(_ended) => is_changed = true,
            }
        }
        Ok(is_changed.then_some(changed))
    }

    /// The items of a page: its whole body, or a member of it.
    fn items<'a>(&self, answer: &'a Answer) -> Result<Vec<&'a RawValue>, GithubError> {
        let Some(member) = self.member else {
            return answer.json();
        };
        let mut page: HashMap<&str, &RawValue> = answer.json()?;
        let odd = |reason: String| {
            answer.fail(ErrorKind::Decode {
                at: member.to_owned(),
                reason,
            })
        };
        let items = page.remove(member).ok_or_else(|| odd("it is not there".to_owned()))?;
        serde_json::from_str(items.get()).map_err(|_| odd("it is no list".to_owned()))
    }

    fn turned(&self, answer: &Answer, url: Url) -> Result<Turned<T>, GithubError> {
        let raw = self.items(answer)?;
        let hash = if self.is_traced { hash_of(&raw) } else { 0 };
        let mut items = Vec::with_capacity(raw.len());
        let mut odd: Vec<Odd> = left_out(answer).into_iter().collect();
        for raw in raw {
            match (self.decode)(raw) {
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
        let footprint = Footprint {
            url,
            etag: answer.etag(),
            hash,
            is_left_by_number: next.as_ref().is_some_and(is_numbered),
        };
        Ok(Turned { page, next, footprint })
    }
}

/// A first page that leads nowhere is the only one.
fn alone_if_last<T>(came: Came<T>) -> Came<T> {
    match came {
        Came::Page(mut turned) if turned.next.is_none() => {
            turned.page.total_pages = Some(1);
            Came::Page(turned)
        }
        came => came,
    }
}

/// True for the address of a page that is counted from the beginning of its list.
pub(super) fn is_numbered(url: &Url) -> bool {
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
