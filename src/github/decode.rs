//! From JSON to domain values, with the path of the odd place where it fails.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

/// JSON in one of the shapes in which it lies around.
#[derive(Debug, Clone, Copy)]
pub enum Json<'a> {
    /// Parsed.
    Value(&'a Value),
    /// As it came.
    Text(&'a [u8]),
}

impl<'a> From<&'a Value> for Json<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Value(value)
    }
}

impl<'a> From<&'a [u8]> for Json<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a str> for Json<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.as_bytes())
    }
}

impl<'a> From<&'a RawValue> for Json<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Self::from(raw.get())
    }
}

/// An object that is not what GitHub's description says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at {at}: {reason}")]
pub struct DecodeError {
    /// JSON path within the object; `.` for the whole.
    pub at: String,
    /// What is odd there.
    pub reason: String,
}

impl DecodeError {
    /// An object whose member `at` cannot be what it should be.
    pub(super) fn new(at: &str, reason: impl Into<String>) -> Self {
        Self {
            at: at.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Reads a wire struct. The path is only worked out after a failure, because keeping it costs time on every member.
pub(super) fn wire<T: DeserializeOwned>(json: Json<'_>) -> Result<T, DecodeError> {
    let plain = match json {
        Json::Value(value) => T::deserialize(value),
        Json::Text(text) => serde_json::from_slice(text),
    };
    match plain {
        Ok(wire) => Ok(wire),
        Err(error) => Err(located::<T>(json).unwrap_or_else(|| DecodeError::new(".", error.to_string()))),
    }
}

fn located<T: DeserializeOwned>(json: Json<'_>) -> Option<DecodeError> {
    let error = match json {
        Json::Value(value) => serde_path_to_error::deserialize::<_, T>(value).err()?,
        Json::Text(text) => serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(text)).err()?,
    };
    Some(DecodeError::new(&error.path().to_string(), error.inner().to_string()))
}

/// How people recognise an object of a list that could not be read: number, name or login, as far as it has one.
pub(super) fn label(raw: &RawValue) -> String {
    let Ok(value) = serde_json::from_str::<Value>(raw.get()) else {
        return "an item".to_owned();
    };
    if let Some(number) = value.get("number").and_then(Value::as_u64) {
        return format!("#{number}");
    }
    ["full_name", "tag_name", "name", "login", "sha", "id", "node_id"]
        .iter()
        .find_map(|key| match value.get(key)? {
            Value::String(text) => Some(text.chars().take(140).collect()),
            Value::Number(number) => Some(format!("id {number}")),
            _ => None,
        })
        .unwrap_or_else(|| "an item".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Outer {
        #[expect(dead_code, reason = "only its decoding is looked at")]
        inner: Vec<u8>,
    }

    #[test]
    fn an_error_names_the_place() {
        let value = serde_json::json!({"inner": [1, "x"]});
        for json in [Json::from(&value), Json::from(r#"{"inner":[1,"x"]}"#)] {
            let error = wire::<Outer>(json).expect_err("not a number");
            assert_eq!(error.at, "inner[1]");
            assert!(error.reason.contains("invalid type"), "{error}");
        }
    }

    #[test]
    fn an_item_is_recognised_by_what_it_has() {
        let label = |text: &str| label(&RawValue::from_string(text.to_owned()).expect("json"));
        assert_eq!(label(r#"{"number":7,"name":"x"}"#), "#7");
        assert_eq!(label(r#"{"full_name":"a/b"}"#), "a/b");
        assert_eq!(label(r#"{"id":5}"#), "id 5");
        assert_eq!(label("3"), "an item");
    }
}
