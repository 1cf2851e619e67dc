//! What is answered for a bench that does not answer: a page for people, Frappe's envelope for scripts.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::api::desk::outage;
use crate::config::Upstream;
use crate::frappe::markup::escape;

use super::connection::Broken;

/// True for a call of a script.
pub(super) fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    path.starts_with("/api/") || accepts.starts_with("application/json")
}

/// The answer; 502 for a bench that is down, 503 when it is us who end.
pub(super) fn page(server: &Upstream, broken: &Broken, wants_json: bool) -> Response {
    let status = match broken {
        Broken::Ending => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    };
    let sentence = sentence(server, broken);
    if wants_json {
        return outage(status, &sentence);
    }
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The bench does not answer</title>\
         <body style=\"font-family: sans-serif; max-width: 40em; margin: 4em auto\"><h1>The bench does not answer</h1><p>{}</p></body></html>\n",
        escape(&sentence)
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn sentence(server: &Upstream, broken: &Broken) -> String {
    let reason = broken.reason();
    match broken {
        Broken::Away(_) => {
            format!(
                "Nobody answers at {server} ({reason}): start the bench with `bench start`, or correct --proxy and --socketio of `erpnext-github serve`."
            )
        }
        Broken::Cut(_) => format!(
            "The bench at {server} ended the connection before it answered ({reason}). What was asked for may have been done: look before you ask again. Its own output says more."
        ),
        Broken::Ending => "erpnext-github serve is ending: load the page again when it runs.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_that_is_down_is_one_sentence_that_says_what_to_type() {
        let server = Upstream {
            host: "127.0.0.1".to_owned(),
            port: 8000,
        };
        let away = Broken::Away(std::io::Error::other("refused"));
        for (wants_json, kind) in [(true, "application/json"), (false, "text/html; charset=utf-8")] {
            let response = page(&server, &away, wants_json);
            assert_eq!(
                (response.status(), &response.headers()["content-type"]),
                (StatusCode::BAD_GATEWAY, &HeaderValue::from_static(kind))
            );
        }
        let told = sentence(&server, &away);
        assert!(
            told.contains("http://127.0.0.1:8000") && told.contains("bench start"),
            "{told}"
        );
    }
}
