//! Frappe's error envelope, and the classes that it is made of.

use serde_json::{Value, json};

use crate::sim::site::SiteError;

/// Why a request is refused, in Frappe's classes.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    class: &'static str,
    sentence: String,
    session_expired: bool,
}

impl Refusal {
    pub(super) fn new(status: u16, class: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            status,
            class,
            sentence: sentence.into(),
            session_expired: false,
        }
    }

    /// 417 and the class `ValidationError`.
    pub(super) fn validation(sentence: impl Into<String>) -> Self {
        Self::new(417, "ValidationError", sentence)
    }

    pub(super) fn permission(sentence: impl Into<String>) -> Self {
        Self::new(403, "PermissionError", sentence)
    }

    pub(super) fn missing(doctype: &str, name: &str) -> Self {
        Self::new(404, "DoesNotExistError", format!("{doctype} {name} not found"))
    }

    pub(super) fn expired(self) -> Self {
        Self {
            session_expired: true,
            ..self
        }
    }

    /// The body, as `frappe/utils/response.py` writes it.
    pub(super) fn body(&self) -> Value {
        let message = json!({"message": self.sentence, "title": "Message", "indicator": "red", "raise_exception": 1});
        let exception = format!("frappe.exceptions.{}: {}", self.class, self.sentence);
        let mut body = json!({"exc_type": self.class, "_server_messages": json!([message.to_string()]).to_string()});
        if self.status != 404 {
            body["exception"] = exception.clone().into();
            body["exc"] = json!([format!("Traceback (most recent call last):\n{exception}\n")])
                .to_string()
                .into();
        }
        if self.session_expired {
            body["session_expired"] = 1.into();
        }
        body
    }
}

/// What the database refuses is an error of the server, a unique key apart.
impl From<SiteError> for Refusal {
    fn from(error: SiteError) -> Self {
        let text = error.to_string();
        if text.contains("Duplicate entry") {
            let key = text.split("key '").nth(1).unwrap_or_default();
            let field = key.split('\'').next().unwrap_or_default();
            return if field == "PRIMARY" {
                Self::new(409, "DuplicateEntryError", text)
            } else {
                Self::new(417, "UniqueValidationError", format!("<b>{field}</b> must be unique"))
            };
        }
        Self::new(500, "OperationalError", text)
    }
}
