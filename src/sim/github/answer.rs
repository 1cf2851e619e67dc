//! An answer on its way out, and GitHub's error bodies.

use serde_json::{Value, json};

use super::world::{ANONYMOUS, Usage};

/// What GitHub shows of a secret.
pub(super) const HIDDEN: &str = "********";

/// Status, headers and body, before the headers that every answer has.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// Points of the primary limit.
    pub(super) points: u64,
    /// Set when the fake does not know what was meant.
    pub(super) unexpected: Option<String>,
}

impl Answer {
    /// 200 with a JSON body.
    pub(super) fn ok(body: String) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body,
            points: 1,
            unexpected: None,
        }
    }

    /// 201 with a JSON body, and the address of what was made.
    pub(super) fn created(body: String, location: &str) -> Self {
        Self {
            status: 201,
            ..Self::ok(body).header("Location", location)
        }
    }

    /// 202 with a JSON body.
    pub(super) fn accepted(body: String) -> Self {
        Self {
            status: 202,
            ..Self::ok(body)
        }
    }

    /// 204.
    pub(super) fn no_content() -> Self {
        Self {
            status: 204,
            ..Self::ok(String::new())
        }
    }

    /// An error in GitHub's form. `docs` is the end of a documentation address.
    pub(super) fn error(status: u16, message: &str, docs: &str) -> Self {
        let body = json!({
            "message": message,
            "documentation_url": format!("https://docs.github.com/{docs}"),
            "status": status.to_string(),
        });
        Self {
            status,
            ..Self::ok(body.to_string())
        }
    }

    /// 404, which also stands for "you may not know".
    pub(super) fn not_found() -> Self {
        Self::error(404, "Not Found", "rest")
    }

    /// 422 for a parameter whose value GitHub refuses.
    pub(super) fn invalid(resource: &str, field: &str) -> Self {
        Self::failed(&json!([{ "resource": resource, "field": field, "code": "invalid" }]))
    }

    /// 422 for what GitHub has a sentence of its own about.
    pub(super) fn refused(resource: &str, message: &str) -> Self {
        Self::failed(&json!([{ "resource": resource, "code": "custom", "message": message }]))
    }

    /// 422 with all that is wrong.
    pub(super) fn failed(errors: &Value) -> Self {
        let mut answer = Self::error(422, "Validation Failed", "rest");
        answer.edit(|body| body["errors"] = errors.clone());
        answer
    }

    /// The same redirect for a request that must not become a GET on its way: 307.
    pub(super) fn keeping_the_method(self) -> Self {
        if self.status != 301 {
            return self;
        }
        let mut answer = Self { status: 307, ..self };
        answer.edit(|body| body["status"] = json!("307"));
        answer
    }

    /// 301 to another address of the API.
    pub(super) fn moved(location: &str) -> Self {
        let mut answer = Self::error(
            301,
            "Moved Permanently",
            "rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
        );
        answer.edit(|body| body["url"] = json!(location));
        answer.header("Location", location)
    }

    /// 500 that names what the fake lacks; no test may cause one unnoticed.
    pub(super) fn unexpected(what: &str) -> Self {
        Self {
            unexpected: Some(what.to_owned()),
            ..Self::error(500, what, "rest")
        }
    }

    /// The primary rate limit of REST.
    pub(super) fn primary_limit(account: &str, usage: Usage) -> Self {
        debug_assert!(usage.remaining() == 0, "the limit is reached when nothing remains");
        let mut answer = Self::error(403, &limit_message(account), "rest/overview/rate-limits-for-the-rest-api");
        answer.points = 0;
        answer
    }

    /// The primary rate limit of GraphQL: a 200 that says so in its errors.
    pub(super) fn graphql_limit(account: &str) -> Self {
        let body = json!({ "errors": [{ "type": "RATE_LIMITED", "message": limit_message(account) }] });
        Self {
            points: 0,
            ..Self::ok(body.to_string())
        }
    }

    /// The secondary rate limit.
    pub(super) fn secondary_limit(status: u16, retry_after: Option<u64>) -> Self {
        const MESSAGE: &str = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let answer = if status == 200 {
            Self::ok(json!({ "errors": [{ "type": "RATE_LIMITED", "message": MESSAGE }] }).to_string())
        } else {
            Self::error(
                status,
                MESSAGE,
                "rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
            )
        };
        match retry_after {
            Some(seconds) => answer.header("Retry-After", &seconds.to_string()),
            None => answer,
        }
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Changes the JSON of the body.
    pub(super) fn edit(&mut self, edit: impl FnOnce(&mut Value)) {
        if let Ok(mut body) = serde_json::from_str(&self.body) {
            edit(&mut body);
            self.body = body.to_string();
        }
    }
}

fn limit_message(account: &str) -> String {
    if account == ANONYMOUS {
        "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit.)"
            .to_owned()
    } else {
        format!("API rate limit exceeded for user {account}.")
    }
}

/// The text that GitHub sends with a status when a fault asks for nothing else.
pub(super) fn standard_message(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Bad credentials",
        403 => "Resource not accessible by personal access token",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        451 => "Repository access blocked",
        500..=599 => "Server Error",
        _ => "Something went wrong",
    }
}
