//! A JSON object written member by member, into which ready-made parts can be pasted.
//!
//! Pages of the fake hold the same accounts and repositories hundreds of times; pasting their text keeps a page of 100 within a millisecond.

use serde::Serialize;

/// An object under construction.
#[derive(Debug)]
pub(super) struct Object(Vec<u8>);

impl Object {
    /// An object without members.
    pub(super) fn new() -> Self {
        let mut text = Vec::with_capacity(1_024);
        text.push(b'{');
        Self(text)
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    /// Adds a member; what cannot be serialised becomes null, which nothing here does.
    pub(super) fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> &mut Self {
        self.key(key);
        let start = self.0.len();
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.truncate(start);
            self.0.extend_from_slice(b"null");
        }
        self
    }

    /// Adds a text that needs no escaping, such as an address that the fake made itself.
    pub(super) fn plain(&mut self, key: &str, parts: &[&str]) -> &mut Self {
        self.key(key);
        self.0.push(b'"');
        for part in parts {
            self.0.extend_from_slice(part.as_bytes());
        }
        self.0.push(b'"');
        self
    }

    /// Adds a member whose value is JSON already.
    pub(super) fn raw(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// The finished text.
    pub(super) fn end(&mut self) -> String {
        self.0.push(b'}');
        // Only whole texts went in, so this is UTF-8.
        String::from_utf8(std::mem::take(&mut self.0)).unwrap_or_default()
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
