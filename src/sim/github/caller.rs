//! Who is asking, and the rules that hold for every request.

use super::answer::Answer;
use super::app_token;
use super::incoming::Incoming;
use super::world::{ANONYMOUS, Token, World};

/// Whoever sent a request, as far as GitHub knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Caller {
    /// The token, if one was sent and it is valid.
    pub(super) token: Option<Token>,
    /// Login, `anonymous`, `unknown`, `app:SLUG` or `installation:ID`; also the account that is charged.
    pub(super) label: String,
    /// Id of the GitHub App that proved itself by its key.
    pub(super) app: Option<u64>,
    /// Why what was sent proves nothing: status and message.
    pub(super) refused: Option<(u16, &'static str)>,
}

/// API versions that GitHub takes.
const VERSIONS: [&str; 2] = ["2022-11-28", "2026-03-10"];

/// Refuses a request for REST that does not say for which version of it it was written. GitHub takes such a one as written for the oldest
/// that it has, and does otherwise the day that one ends; the fake lets nobody come to rely on that.
pub(super) fn names_its_version(incoming: &Incoming) -> Result<(), Answer> {
    let message = match incoming.header("x-github-api-version") {
        _ if incoming.is_graphql() => return Ok(()),
        Some(version) if VERSIONS.contains(&version) => return Ok(()),
        Some(version) => format!("The API version {version} is not supported."),
        None => "This request does not say which version of the API it wants: send the header X-GitHub-Api-Version.".to_owned(),
    };
    Err(Answer::error(400, &message, "rest/overview/api-versions"))
}

impl Caller {
    /// Reads the `Authorization` header.
    pub(super) fn of(incoming: &Incoming, world: &World) -> Self {
        let Some(header) = incoming.header("authorization") else {
            return Self {
                label: ANONYMOUS.to_owned(),
                ..Self::default()
            };
        };
        let (scheme, secret) = header.split_once(' ').unwrap_or((header, ""));
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
        if app_token::is_one(secret) {
            return Self::of_app(app_token::read(secret, world), world);
        }
        let token = world
            .tokens
            .iter()
            .find(|token| known && token.secret == secret && token.expires_at.is_none_or(|at| world.now() < at));
        let grant = token.and_then(|token| token.grant.as_ref());
        let installation = grant.and_then(|grant| world.installations.get(&grant.installation));
        let suspended = installation.is_some_and(|one| one.suspended.is_some());
        Self {
            label: match (grant, token) {
                (Some(grant), _) => format!("installation:{}", grant.installation),
                (None, Some(token)) => token.login.clone(),
                (None, None) => "unknown".to_owned(),
            },
            token: token.cloned(),
            app: None,
            refused: suspended.then_some((403, app_token::SUSPENDED)),
        }
    }

    fn of_app(read: Result<u64, (u16, &'static str)>, world: &World) -> Self {
        let slug = |id: &u64| world.apps.iter().find(|app| app.id == *id).map(|app| app.slug.as_str());
        Self {
            token: None,
            label: read
                .as_ref()
                .ok()
                .and_then(slug)
                .map_or_else(|| "unknown".to_owned(), |slug| format!("app:{slug}")),
            app: read.ok(),
            refused: read.err(),
        }
    }

    /// Login of who acts.
    pub(super) fn login(&self) -> &str {
        self.token.as_ref().map_or(&self.label, |token| &token.login)
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
        if let Some((status, message)) = self.refused {
            return Err(Answer::error(status, message, "rest"));
        }
        if self.token.is_none() && self.app.is_none() && self.label != ANONYMOUS {
            return Err(Answer::error(401, "Bad credentials", "rest"));
        }
        names_its_version(incoming)?;
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
