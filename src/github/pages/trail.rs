//! What the pages of a list looked like, to recognise them when they are asked for again.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use crate::domain::PageTags;
use crate::github::client::{Client, Request};
use crate::github::error::GithubError;

/// A page that was read.
pub(super) struct Footprint {
    pub(super) url: Url,
    pub(super) etag: Option<String>,
    /// Of the things on it; 0 where nobody asks.
    pub(super) hash: u64,
    /// The next page was asked for by its number.
    pub(super) is_left_by_number: bool,
}

/// The tags of all pages, if each has one.
pub(super) fn tags(trail: &[Footprint]) -> Option<PageTags> {
    let (first, further) = trail.split_first()?;
    let further: Option<Vec<(String, String)>> = further
        .iter()
        .map(|page| Some((page.url.to_string(), page.etag.clone()?)))
        .collect();
    Some(PageTags {
        first: first.etag.clone()?,
        further: further?,
    })
}

/// True when every page of `trail` that was left by a number still has the things that it had.
pub(super) async fn stands_still(client: &Client, trail: &[Footprint]) -> Result<bool, GithubError> {
    for before in trail.iter().filter(|page| page.is_left_by_number) {
        let request = Request::get(before.url.clone()).unless(before.etag.as_deref());
        let same = client
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

/// What a thing is known by, as it stands in the text: nothing of it is copied.
#[derive(Deserialize)]
struct Identity<'a> {
    #[serde(borrow)]
    number: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    sha: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    login: Option<&'a RawValue>,
}

/// Of which things these are, not of what they hold: a push that moves a branch hides no other one.
pub(super) fn hash_of(raw: &[&RawValue]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for item in raw {
        let identity = serde_json::from_str::<Identity<'_>>(item.get()).ok();
        let known = identity.and_then(|one| one.number.or(one.id).or(one.sha).or(one.name).or(one.login));
        known.map_or(item.get(), RawValue::get).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(items: &[&str]) -> u64 {
        let raw: Vec<Box<RawValue>> = items
            .iter()
            .map(|text| RawValue::from_string((*text).to_owned()).expect("json"))
            .collect();
        hash_of(&raw.iter().map(AsRef::as_ref).collect::<Vec<_>>())
    }

    #[test]
    fn a_page_is_known_by_what_stands_on_it_and_not_by_what_that_says() {
        let before = hash(&[
            r#"{"id":7,"name":"bug","color":"red"}"#,
            r#"{"name":"main","commit":{"sha":"a"}}"#,
        ]);
        assert_eq!(
            before,
            hash(&[r#"{"id":7,"name":"defect"}"#, r#"{"name":"main","commit":{"sha":"b"}}"#])
        );
        assert_ne!(before, hash(&[r#"{"id":8,"name":"bug"}"#, r#"{"name":"main"}"#]));
        assert_ne!(before, hash(&[r#"{"id":7}"#]));
        assert_ne!(hash(&["3"]), hash(&["4"]), "what cannot be read is known by its text");
    }
}
