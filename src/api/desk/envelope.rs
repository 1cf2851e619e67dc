//! Answers as Frappe writes them, so that the desk shows what it would show of Python.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::actions::ActionError;
use crate::frappe::markup::escape;

/// Every answer of a method has it, so that scripts in the desk know it from one that a proxy or the bench gave in our place.
const MARK: HeaderName = HeaderName::from_static("x-erpnext-github");

/// The answer of a method that went well: `{"message": ..}`, and nothing for null.
pub(super) fn success(value: &Value) -> Response {
    let body = if value.is_null() {
        json!({})
    } else {
        json!({ "message": value })
    };
    response(StatusCode::OK, &body)
}

/// The answer of one that did not. `session_expired` tells the desk to ask for a new login.
pub(super) fn failure(error: &ActionError, session_expired: bool) -> Response {
    let (status, class) = class_of(error);
    let mut body = body(class, &error.to_string(), status);
    if session_expired {
        body["session_expired"] = Value::from(1);
    }
    response(status, &body)
}

/// The answer for something behind us that is away.
pub(in crate::api) fn outage(status: StatusCode, sentence: &str) -> Response {
    response(status, &body("SessionStopped", sentence, status))
}

/// An error as `frappe/utils/response.py` writes it.
fn body(class: &str, sentence: &str, status: StatusCode) -> Value {
    // The desk writes messages into its page as markup.
    let shown = escape(sentence);
    let message = json!({"message": shown, "title": "GitHub", "indicator": "red", "raise_exception": 1});
    let exception = format!("frappe.exceptions.{class}: {sentence}");
    let mut body = json!({
        "exception": exception,
        "exc_type": class,
        "exc": json!([exception]).to_string(),
        "_server_messages": json!([message.to_string()]).to_string(),
    });
    if status == StatusCode::FORBIDDEN {
        body["_error_message"] = Value::from(shown);
    }
    body
}

/// Status and class, as `frappe/exceptions.py` pairs them.
fn class_of(error: &ActionError) -> (StatusCode, &'static str) {
    if let Some(database) = error.database() {
        return if database.is_outage() {
            (StatusCode::SERVICE_UNAVAILABLE, "SessionStopped")
        } else {
            (StatusCode::INTERNAL_SERVER_ERROR, "OperationalError")
        };
    }
    match error {
        ActionError::Forbidden(_) => (StatusCode::FORBIDDEN, "PermissionError"),
        ActionError::Missing(_) => (StatusCode::NOT_FOUND, "DoesNotExistError"),
        ActionError::CsrfToken => (StatusCode::BAD_REQUEST, "CSRFTokenError"),
        ActionError::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "AuthenticationError"),
        _ => (StatusCode::EXPECTATION_FAILED, "ValidationError"),
    }
}

fn response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(MARK, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use crate::frappe::auth::AuthError;

    use super::*;

    #[test]
    fn statuses_are_those_of_frappe() {
        let cases = [
            (ActionError::Invalid(String::new()), 417),
            (ActionError::NotReady(String::new()), 417),
            (ActionError::Forbidden(String::new()), 403),
            (ActionError::Missing(String::new()), 404),
            (ActionError::CsrfToken, 400),
            (AuthError::Refused.into(), 401),
        ];
        for (error, status) in cases {
            let response = failure(&error, false);
            assert_eq!(response.status().as_u16(), status, "{error:?}");
            assert!(response.headers().contains_key(MARK), "{error:?}");
        }
    }
}
