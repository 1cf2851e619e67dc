//! Who is asking, and the rules that hold for every request.

use super::answer::Answer;
use super::incoming::Incoming;
use super::world::{ANONYMOUS, Token, World};

/// Whoever sent a request, as far as GitHub knows.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The token, if one was sent and it is valid.
    pub(super) token: Option<Token>,
    /// Login, `anonymous` or `unknown`; also the account that is charged.
    pub(super) label: String,
}

/// API versions that GitHub takes.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

impl Caller {
    /// Reads the `Authorization` header.
    pub(super) fn of(incoming: &Incoming, world: &World) -> Self {
        let Some(header) = incoming.header("authorization") else {
            return Self {
                token: None,
                label: ANONYMOUS.to_owned(),
            };
        };
        let (scheme, secret) = header.split_once(' ').unwrap_or((header, ""));
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
        let token = world
            .tokens
            .iter()
            .find(|token| known && token.secret == secret && token.expires_at.is_none_or(|at| world.now() < at));
        Self {
            label: token.map_or_else(|| "unknown".to_owned(), |token| token.login.clone()),
            token: token.cloned(),
        }
    }

    /// Refuses what GitHub refuses before it looks at the path.
    pub(super) fn admit(&self, incoming: &Incoming) -> Result<(), Answer> {
        if incoming.header("user-agent").is_none_or(str::is_empty) {
            let message = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
            return Err(Answer::error(
                403,
                message,
                "rest/overview/resources-in-the-rest-api#user-agent-required",
            ));
        }
        if self.token.is_none() && self.label != ANONYMOUS {
            return Err(Answer::error(401, "Bad credentials", "rest"));
        }
        if let Some(version) = incoming.header("x-github-api-version")
            && !VERSIONS.contains(&version)
        {
            let message = format!("The API version {version} is not supported.");
            return Err(Answer::error(400, &message, "rest/overview/api-versions"));
        }
        let accept = incoming.header("accept").unwrap_or("*/*");
        if accept.contains("json") || accept.contains("*/*") {
            Ok(())
        } else {
            let message = "Unsupported 'Accept' header: Must accept 'application/json'.";
            Err(Answer::error(415, message, "rest"))
        }
    }

    /// The headers that tell a caller about its token.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = Vec::new();
        let Some(token) = &self.token else { return headers };
        if let Some(scopes) = &token.scopes {
            headers.push(("X-OAuth-Scopes".to_owned(), scopes.join(", ")));
            headers.push(("X-Accepted-OAuth-Scopes".to_owned(), "repo".to_owned()));
        }
        if let Some(at) = token.expires_at {
            let text = at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
            headers.push(("GitHub-Authentication-Token-Expiration".to_owned(), text));
        }
        headers
    }
}
