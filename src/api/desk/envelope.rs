//! Answers as Frappe writes them, so that the desk shows what it would show of Python.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::actions::ActionError;
use crate::frappe::markup::escape;

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
    let mut body = body(class, &error.sentence(), status);
    if matches!(error, ActionError::ConnectGithub(_)) {
        // The form offers to connect.
        body["connect_github"] = Value::from(1);
    }
    if session_expired {
        body["session_expired"] = Value::from(1);
    }
    response(status, &body)
}

/// An answer with a status of its own.
pub(in crate::api) fn answered(status: StatusCode, body: &Value) -> Response {
    response(status, body)
}

/// A refusal with a status of its own; `class` is one of `frappe/exceptions.py`.
pub(in crate::api) fn refused(status: StatusCode, class: &str, sentence: &str) -> Response {
    response(status, &body(class, sentence, status))
}

/// The answer for something behind us that is away.
pub(in crate::api) fn outage(status: StatusCode, sentence: &str) -> Response {
    refused(status, "SessionStopped", sentence)
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
    response
}

#[cfg(test)]
mod tests {
    use crate::frappe::auth::AuthError;
    use crate::frappe::db::DbError;
    use crate::frappe::secrets::SecretError;
    use crate::frappe::version::VersionError;

    use super::*;

    #[tokio::test]
    async fn a_database_that_is_away_asks_nobody_to_log_in_and_is_described_to_nobody() {
        let away = || DbError::Refused {
            site: "a.test".to_owned(),
            endpoint: "10.0.0.5:3306".to_owned(),
            user: "_secret".to_owned(),
            database: "_secret".to_owned(),
            reason: "Access denied for user '_secret'".to_owned(),
        };
        let errors = [
            ActionError::Db(away()),
            AuthError::Db(away()).into(),
            AuthError::Version(VersionError::Db(away())).into(),
            AuthError::Secret(SecretError::Db(away())).into(),
        ];
        for error in errors {
            let response = failure(&error, false);
            assert_eq!(response.status().as_u16(), 503, "{error:?}");
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
            let text = String::from_utf8_lossy(&body);
            assert!(!text.contains("10.0.0.5") && !text.contains("_secret\'"), "{text}");
            assert!(text.contains("erpnext-github doctor"), "{text}");
        }
    }

    #[test]
    fn statuses_are_those_of_frappe() {
        let cases = [
            (ActionError::Invalid(String::new()), 417),
            (ActionError::NotReady(String::new()), 417),
            (ActionError::ConnectGithub(String::new()), 417),
            (ActionError::Forbidden(String::new()), 403),
            (ActionError::Missing(String::new()), 404),
            (ActionError::CsrfToken, 400),
            (AuthError::Refused.into(), 401),
        ];
        for (error, status) in cases {
            let response = failure(&error, false);
            assert_eq!(response.status().as_u16(), status, "{error:?}");
        }
    }
}
