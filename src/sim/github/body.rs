//! The JSON that a write sends.

use serde_json::{Map, Value};

use super::answer::Answer;
use super::incoming::Incoming;

/// The members of an object that was sent; a `null` counts as absent unless it is asked for.
#[derive(Debug, Default)]
pub(super) struct Members(Map<String, Value>);

impl Incoming {
    /// The members of the body, if all of them are in `known`: the fake does not pretend to understand the others.
    pub(super) fn members(&self, known: &[&str]) -> Result<Members, Answer> {
        let docs = "rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed";
        if self.body.is_empty() {
            return Ok(Members(Map::new()));
        }
        match serde_json::from_str(&self.body) {
            Ok(Value::Object(members)) => Members(members).limited_to(known, &format!("{} {}", self.method, self.path)),
            Ok(_) => Err(Answer::error(400, "Body should be a JSON object", docs)),
            Err(_) => Err(Answer::error(400, "Problems parsing JSON", docs)),
        }
    }
}

impl Members {
    fn limited_to(self, known: &[&str], place: &str) -> Result<Self, Answer> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(self),
            Some(key) => Err(Answer::unexpected(&format!(
                "The fake GitHub does not know the member `{key}` in the body of {place}"
            ))),
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// True when `null` was sent for it.
    pub(super) fn is_null(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_null)
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Answer> {
        let read = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(wrong(key, other, "a string")),
        };
        self.get(key).map(read).transpose()
    }

    /// A text, or a number that stands for one.
    pub(super) fn text_or_number(&self, key: &str) -> Result<Option<String>, Answer> {
        match self.get(key) {
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            _ => self.text(key),
        }
    }

    /// A text without which nothing works.
    pub(super) fn needed(&self, key: &str) -> Result<String, Answer> {
        self.text(key)?
            .ok_or_else(|| refused(&format!("Invalid request.\n\n\"{key}\" wasn't supplied.")))
    }

    /// A number.
    pub(super) fn number(&self, key: &str) -> Result<Option<u64>, Answer> {
        let read = |value: &Value| value.as_u64().ok_or_else(|| wrong(key, value, "an integer"));
        self.get(key).map(read).transpose()
    }

    /// A list of texts; an object that has a name, as labels may be sent, stands for that.
    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Answer> {
        let one = |value: &Value| match value.as_str().or_else(|| value["name"].as_str()) {
            Some(text) => Ok(text.to_owned()),
            None => Err(wrong(key, value, "a string")),
        };
        let read = |value: &Value| match value {
            Value::Array(all) => all.iter().map(one).collect(),
            other => Err(wrong(key, other, "an array")),
        };
        self.get(key).map(read).transpose()
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Answer> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| wrong(key, value, "a boolean"));
        self.get(key).map(read).transpose()
    }

    /// An object, if all of its members are in `known`.
    pub(super) fn object(&self, key: &str, known: &[&str]) -> Result<Option<Self>, Answer> {
        let read = |value: &Value| match value {
            Value::Object(members) => Self(members.clone()).limited_to(known, &format!("`{key}`")),
            other => Err(wrong(key, other, "an object")),
        };
        self.get(key).map(read).transpose()
    }
}

fn wrong(key: &str, value: &Value, kind: &str) -> Answer {
    let value = if value.is_null() {
        "nil".to_owned()
    } else {
        value.to_string()
    };
    refused(&format!("Invalid request.\n\nFor 'properties/{key}', {value} is not {kind}."))
}

fn refused(message: &str) -> Answer {
    Answer::error(422, message, "rest")
}
