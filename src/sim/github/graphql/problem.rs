//! What GraphQL answers have in `errors`.

use serde_json::{Value, json};

use super::lexer::Position;

/// An error of a whole document, found before anything was looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) at: Position,
    /// GitHub's `type`, where it gives one.
    pub(super) kind: Option<&'static str>,
    /// GitHub's `extensions.code`, where it gives one.
    pub(super) code: Option<&'static str>,
}

impl Problem {
    /// An error of the document.
    pub(super) fn new(message: String, at: Position) -> Self {
        Self {
            message,
            at,
            kind: None,
            code: None,
        }
    }

    /// With the code that GitHub gives such an error.
    pub(super) fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// With the type that GitHub gives such an error.
    pub(super) fn of_kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    /// As it stands in an answer.
    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "locations": [{ "line": self.at.line, "column": self.at.column }],
            "message": self.message,
        });
        if let Some(kind) = self.kind {
            json["type"] = kind.into();
        }
        if let Some(code) = self.code {
            json["extensions"] = json!({ "code": code });
        }
        json
    }
}

/// An error of one field; the rest of the answer stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldError {
    /// GitHub's `type`; none for what the fake itself lacks.
    pub(super) kind: Option<&'static str>,
    pub(super) message: String,
    pub(super) extensions: Option<Value>,
}

impl FieldError {
    /// Something is not there, or the caller may not know of it.
    pub(super) fn not_found(message: String) -> Self {
        Self::of_kind("NOT_FOUND", message)
    }

    /// An error of one of GitHub's types.
    pub(super) fn of_kind(kind: &'static str, message: String) -> Self {
        Self {
            kind: Some(kind),
            message,
            extensions: None,
        }
    }

    /// The fake's own schema promises a field that nothing resolves.
    pub(super) fn unresolved(on: &str, field: &str) -> Self {
        Self {
            kind: None,
            message: format!("The fake GitHub does not resolve `{on}.{field}`"),
            extensions: None,
        }
    }

    /// As it stands in an answer.
    pub(super) fn json(&self, path: &[Value], at: Position) -> Value {
        let mut json = json!({
            "type": self.kind.unwrap_or("INTERNAL"),
            "path": path,
            "locations": [{ "line": at.line, "column": at.column }],
            "message": self.message,
        });
        if let Some(extensions) = &self.extensions {
            json["extensions"] = extensions.clone();
        }
        json
    }
}
