//! A request as it came in.

use std::borrow::Cow;

use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;

use super::answer::Answer;

/// A request, read to its end.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    /// Lower-case names, all headers.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Incoming {
    /// Takes a request apart.
    pub(super) fn new(parts: &Parts, body: &[u8]) -> Self {
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body: String::from_utf8_lossy(body).into_owned(),
        }
    }

    /// A header by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// True for GraphQL.
    pub(super) fn is_graphql(&self) -> bool {
        self.path == "/graphql"
    }

    /// The parts of the path, decoded.
    pub(super) fn segments(&self) -> Vec<Cow<'_, str>> {
        self.path
            .trim_matches('/')
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8_lossy())
            .collect()
    }

    /// The query parameters, if all of them are in `known`: the fake does not pretend to understand the others.
    pub(super) fn parameters(&self, known: &[&str]) -> Result<Parameters, Answer> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(self.query.as_bytes())
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        match pairs.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(Parameters(pairs)),
            Some((key, _)) => Err(Answer::unexpected(&format!(
                "The fake GitHub does not know the parameter `{key}` of {} {}",
                self.method, self.path
            ))),
        }
    }
}

/// Query parameters in the order in which they were sent.
#[derive(Debug, Clone)]
pub(super) struct Parameters(pub(super) Vec<(String, String)>);

impl Parameters {
    /// The last value of a parameter; an empty one counts as absent.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(other, value)| other == key && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A moment, if one was sent; what is none is 422.
    pub(super) fn moment(&self, resource: &str, key: &str) -> Result<Option<DateTime<Utc>>, Answer> {
        let read = |text| DateTime::parse_from_rfc3339(text).map_err(|_| Answer::invalid(resource, key));
        Ok(self.get(key).map(read).transpose()?.map(|at| at.to_utc()))
    }

    /// A value that must be one of `allowed`, else 422; the first is the default.
    pub(super) fn one_of<'a>(&'a self, resource: &str, key: &str, allowed: &[&'a str]) -> Result<&'a str, Answer> {
        match self.get(key) {
            None => Ok(allowed.first().copied().unwrap_or_default()),
            Some(value) if allowed.contains(&value) => Ok(value),
            Some(_) => Err(Answer::invalid(resource, key)),
        }
    }
}
