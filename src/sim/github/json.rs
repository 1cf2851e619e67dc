//! A JSON object written member by member, into which ready-made parts can be pasted.
//!
//! Pages of the fake hold the same accounts and repositories hundreds of times; pasting their text keeps a page of 100 within a millisecond.

use serde::Serialize;

/// An object under construction.
#[derive(Debug)]
pub(super) struct Object(String);

impl Object {
    /// An object without members.
    pub(super) fn new() -> Self {
        let mut text = String::with_capacity(4_096);
        text.push('{');
        Self(text)
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    /// Adds a member; what cannot be serialised becomes null, which nothing here does.
    pub(super) fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> &mut Self {
        let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
        self.raw(key, &text)
    }

    /// Adds a text that needs no escaping, such as an address that the fake made itself.
    pub(super) fn plain(&mut self, key: &str, parts: &[&str]) -> &mut Self {
        self.key(key);
        self.0.push('"');
        for part in parts {
            self.0.push_str(part);
        }
        self.0.push('"');
        self
    }

    /// Adds a member whose value is JSON already.
    pub(super) fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.0.push_str(json);
        self
    }

    /// The finished text.
    pub(super) fn end(&mut self) -> String {
        self.0.push('}');
        std::mem::take(&mut self.0)
    }
}

/// An array of values that are JSON already.
pub(super) fn array<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::from("[");
    for item in items {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(item.as_ref());
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_one_object() {
        let text = Object::new()
            .put("a", "quote \"")
            .plain("b", &["x", "/y"])
            .raw("c", &array(["1", "{}"]))
            .end();
        assert_eq!(text, r#"{"a":"quote \"","b":"x/y","c":[1,{}]}"#);
        assert_eq!(Object::new().end(), "{}");
        assert_eq!(array::<&str>([]), "[]");
    }
}
