//! A request as Frappe reads it.

use axum::http::Uri;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// What came in.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    pub(super) verb: String,
    /// The segments of the path, decoded.
    pub(super) path: Vec<String>,
    /// A JSON body alone, else the query overlaid by a form.
    pub(super) values: Map<String, Value>,
    pub(super) site: Option<String>,
    pub(super) sid: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) csrf_token: Option<String>,
    pub(super) forwarded_for: Option<String>,
}

impl Incoming {
    pub(super) fn new(parts: &Parts, body: &[u8]) -> Self {
        let header = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
        let cookies = header("cookie").unwrap_or_default();
        let sid = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        let sid = sid
            .filter(|(name, _)| *name == "sid")
            .map(|(_, value)| value.to_owned())
            .next();
        let host = header("host").map(|host| host.split(':').next().unwrap_or_default().to_owned());
        let is_json = header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        Self {
            verb: parts.method.to_string(),
            path: segments(&parts.uri),
            values: values(&parts.uri, body, is_json),
            site: header("x-frappe-site-name").or(host),
            sid,
            authorization: header("authorization"),
            csrf_token: header("x-frappe-csrf-token"),
            forwarded_for: header("x-forwarded-for"),
        }
    }

    pub(super) fn text(&self, name: &str) -> String {
        match self.values.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// A list that came as JSON or as a text that holds it.
    pub(super) fn list(&self, name: &str) -> Vec<Value> {
        match self.values.get(name) {
            Some(Value::Array(items)) => items.clone(),
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

fn segments(uri: &Uri) -> Vec<String> {
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    uri.path().trim_matches('/').split('/').map(decoded).collect()
}

fn values(uri: &Uri, body: &[u8], is_json: bool) -> Map<String, Value> {
    if is_json && let Ok(Value::Object(values)) = serde_json::from_slice(body) {
        return values;
    }
    let mut values = Map::new();
    for pairs in [uri.query().unwrap_or_default().as_bytes(), body] {
        for (name, value) in form_urlencoded::parse(pairs) {
            values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }
    values
}
