//! What the head of an answer says of GitHub's points.

use reqwest::header::HeaderMap;

use crate::domain::budget::{Resource, Seen};

/// Which points the answer tells of.
pub(super) fn resource_of(headers: &HeaderMap) -> Option<Resource> {
    match text(headers, "x-ratelimit-resource")? {
        "core" => Some(Resource::Core),
        "graphql" => Some(Resource::Graphql),
        "search" => Some(Resource::Search),
        _ => None,
    }
}

/// How many are left.
pub(super) fn seen(headers: &HeaderMap) -> Option<Seen> {
    Some(Seen {
        limit: number(headers, "x-ratelimit-limit")?,
        remaining: number(headers, "x-ratelimit-remaining")?,
        resets_at: number(headers, "x-ratelimit-reset")?,
    })
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    text(headers, name)?.trim().parse().ok()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
